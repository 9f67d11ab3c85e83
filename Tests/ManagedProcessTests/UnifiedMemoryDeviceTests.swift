import Foundation
import Glibc
import ManagedProcess
import Testing

@Suite("NVIDIA's device for shared memory")
struct UnifiedMemoryDeviceTests {
    /// A folder of devices, and one for the program that makes one more of them.
    private func with(
        _ devices: [String], program: String? = nil, variables: [String: String] = [:],
        _ body: (UnifiedMemoryDevice, String) async throws -> Void
    ) async throws {
        let folder = "/tmp/fledge-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["dev", "bin"] { try PrivateFolder.make("\(folder)/\(name)") }
        for device in devices { try Data().write(to: URL(filePath: "\(folder)/dev/\(device)")) }
        if let program {
            let file = folder + "/bin/nvidia-modprobe"
            try Data("#!/bin/sh\n\(program)\n".replacing("DEV", with: folder + "/dev").utf8).write(
                to: URL(filePath: file))
            chmod(file, 0o755)
        }
        let all = variables.merging(["PATH": folder + "/bin"]) { $1 }
        try await body(UnifiedMemoryDevice(folder: folder + "/dev", variables: all), folder + "/dev/nvidia-uvm")
    }

    private static let gpu = ["nvidia0", "nvidiactl"]

    @Test(
        "it is missing where there is a GPU that needs it, and nowhere else",
        arguments: [
            (gpu, [:], true), (gpu + ["nvidia-modeset"], ["CUDA_VISIBLE_DEVICES": "0"], true),
            (gpu + ["nvidia-uvm"], [:], false),
            // A container that shows its host's driver, one without a GPU of its own, and a chip with a GPU in it.
            ([], [:], false), (["nvidiactl"], [:], false), (["nvidia-caps", "nvidiactl"], [:], false),
            (gpu + ["nvmap"], [:], false), (["dri", "kfd"], [:], false),
            (gpu, ["CUDA_VISIBLE_DEVICES": ""], false), (gpu, ["CUDA_VISIBLE_DEVICES": "-1"], false),
        ] as [([String], [String: String], Bool)])
    func missing(devices: [String], variables: [String: String], isMissing: Bool) async throws {
        try await with(devices, program: "exit 1", variables: variables) { device, _ in
            #expect(device.isMissing == isMissing)
            if !isMissing { try await device.make() }
        }
    }

    @Test("the driver's own program makes it")
    func made() async throws {
        try await with(Self.gpu, program: #"[ "$*" = "-u -c=0" ] && : >DEV/nvidia-uvm"#) { device, path in
            try await device.make()
            #expect(FileManager.default.fileExists(atPath: path) && !device.isMissing)
        }
    }

    @Test(
        "where it can't be made, that is said with what to do, and nothing computes on the processor unseen",
        arguments: [
            (nil, "is not installed"), ("echo 'no rights' >&2; exit 1", "exit status 1: no rights"),
            ("exit 0", "did not make it"),
        ])
    func refused(program: String?, words: String) async throws {
        try await with(Self.gpu, program: program) { device, path in
            let error = await #expect(throws: ProcessError.self) { try await device.make() }
            #expect(error?.code == .deviceMissing && error?.message.contains(words) == true)
            #expect(error?.message.contains(path) == true && error?.hint?.contains("nvidia-modprobe -u -c=0") == true)
        }
    }
}
