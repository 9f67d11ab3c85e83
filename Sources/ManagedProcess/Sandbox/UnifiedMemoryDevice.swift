import Foundation
import Glibc

/// The device of NVIDIA's driver by which a program shares its memory with a GPU. The driver makes it only when the first
/// program asks for it, by a program that a sandbox has not: without it CUDA finds no GPU, and trains on the processor.
package struct UnifiedMemoryDevice: Sendable {
    private let folder: String
    private let variables: [String: String]

    package init(folder: String = "/dev", variables: [String: String] = ProcessInfo.processInfo.environment) {
        self.folder = folder
        self.variables = variables
    }

    private func has(_ name: String) -> Bool { access("\(folder)/\(name)", F_OK) == 0 }

    /// Whether there is a GPU that can't be used for want of it: that another program could see its host's driver is no GPU.
    package var isMissing: Bool {
        // Who hides the GPUs trains on the processor knowingly. NVIDIA's chips with a GPU in them share memory as they are.
        if ["", "-1", "NoDevFiles"].contains(variables["CUDA_VISIBLE_DEVICES"]) || has("nvmap") { return false }
        guard !has("nvidia-uvm"), has("nvidiactl") else { return false }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.contains { $0.hasPrefix("nvidia") && UInt16($0.dropFirst("nvidia".count)) != nil }
    }

    /// Has it made where it is missing.
    ///
    /// - Throws: ``ProcessError/Code/deviceMissing`` where that can't be done here.
    package func make() async throws {
        guard isMissing else { return }
        let folders = (variables["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
        let program: String? = folders.map { "\($0)/nvidia-modprobe" }.first { access($0, X_OK) == 0 }
        var words = "nvidia-modprobe, which makes it, is not installed"
        if let program {
            let result = try await Command(program, ["-u", "-c=0"], inheritsEnvironment: false).run(
                timeout: .seconds(30))
            if !isMissing { return }
            let said = result.errorOutput.split(separator: "\n").last.map { ": \($0.prefix(300))" } ?? ""
            words = "nvidia-modprobe did not make it (\(result.exit)\(said))"
        }
        throw ProcessError(
            .deviceMissing,
            "\(folder)/nvidia-uvm is missing, and without it the GPUs can't be used: \(words)", hint: Self.todo)
    }

    package static let todo =
        "Run nvidia-modprobe -u -c=0 as root, or give the container /dev/nvidia-uvm; CUDA_VISIBLE_DEVICES=-1 computes on "
        + "the processor."
}
