import Foundation
import Glibc

/// Tries whether this machine can make a sandbox.
extension Sandbox {
    /// The outcome of a trial.
    package enum Trial: Hashable, Sendable {
        case made
        /// This machine makes none, however often it is asked: it lacks bubblewrap, or namespaces are forbidden.
        case impossible(String)
        /// None was made this time, for a cause that may pass, or that isn't known.
        case failed(String)

        package var isImpossible: Bool { if case .impossible = self { true } else { false } }
    }

    /// Whether this machine makes no sandbox, however often it is asked.
    package static func isImpossible(environment: [String: String]) async -> Bool {
        guard let sandbox = Sandbox(environment: environment) else { return true }
        return await sandbox.trial().isImpossible
    }

    /// Tries the sandbox of definitions, and that of programs which live long, with the system's programs and nothing else.
    package func trial() async -> Trial {
        let limits = Limits(memoryBytes: 1 << 30, processorSeconds: 5, fileBytes: 0, allowsProcesses: false)
        let filter = URL(filePath: NSTemporaryDirectory()).appending(path: "fledge-\(UUID().uuidString).bpf")
        defer { unlink(filter.path) }
        let program = ["/bin/sh", "-c", ":"]
        do {
            for probe in [
                try command(program, places: [], directory: "/", limits: limits, filter: nil),
                try lastingCommand(
                    program, places: [], directory: "/", environment: [:], network: .own, filter: filter),
            ] {
                let result = try await probe.run(timeout: .seconds(10))
                if result.exit.isSuccess { continue }
                let words = Self.words(of: result)
                return Self.isLasting(result.errorOutput) ? .impossible(words) : .failed(words)
            }
            return .made
        } catch {
            return .failed((error as? ProcessError)?.message ?? "\(error)")
        }
    }

    /// What a program that failed says of it, in one line.
    static func words(of result: Command.Result) -> String {
        if let obstacle = obstacle(in: result.errorOutput) { return obstacle }
        let last = result.errorOutput.split(whereSeparator: \.isNewline).last
        return last.map { String($0.prefix(300)) } ?? "\(exit(result.exit))"
    }

    /// Whether bubblewrap's words, or setpriv's, say what the kernel forbids or hasn't got. What the machine has too little
    /// of just now (processes, memory, space) is told otherwise.
    ///
    /// - Parameter zeros: whether the machine has a limit on namespaces that is zero.
    static func isLasting(
        _ errorOutput: String, zeros: Bool = Sandbox.allowsNoNamespaces()
    ) -> Bool {
        guard let words = obstacle(in: errorOutput) else { return false }
        let causes = [
            "Operation not permitted", "Permission denied", "Invalid argument", "Function not implemented",
            "Operation not supported",
        ]
        let facts = [
            "No permissions", "does not support", "nknown option", "nrecognized option", "Unexpected capabilities",
        ]
        if causes.contains(where: { words.hasSuffix(": " + $0) }) || facts.contains(where: words.contains) {
            return true
        }
        return zeros && ["max_*_namespaces", "No space left on device"].contains(where: words.contains)
    }

    /// Whether the machine forbids one of the kinds of namespaces that a sandbox needs, by a limit of zero.
    static func allowsNoNamespaces(folder: String = "/proc/sys/user") -> Bool {
        ["user", "mnt", "pid", "net", "ipc", "uts"].contains { kind in
            let text = try? String(contentsOfFile: "\(folder)/max_\(kind)_namespaces", encoding: .utf8)
            return text?.trimmingCharacters(in: .whitespacesAndNewlines) == "0"
        }
    }
}
