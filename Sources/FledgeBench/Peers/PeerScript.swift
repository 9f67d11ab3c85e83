import FledgeCore
import FledgeTestKit
import Foundation
import ManagedProcess

/// A peer's script under `Tests/Peers/`, run in an environment of its own.
struct PeerScript: Sendable {
    let peer: String
    let script: String

    /// Runs the script on a task and reads the object that it prints last.
    ///
    /// - Parameter directory: where the task's file is put; nil for one of its own.
    /// - Throws: `bench.peer_missing` away from the package's folder, `bench.peer_failed` with the script's last words.
    func run<Answer: Decodable & Sendable>(
        _ task: some Encodable & Sendable, in directory: String? = nil, as: Answer.Type, timeout: Duration
    ) async throws -> Answer {
        guard let directory else {
            return try await TemporaryDirectory.with { directory in
                try await run(task, in: directory, as: Answer.self, timeout: timeout)
            }
        }
        let runner = "Tests/Peers/run"
        guard FileManager.default.isExecutableFile(atPath: runner) else {
            throw FledgeError(
                "bench.peer_missing", "there is no \(runner) here", hint: "run FledgeBench in the package's folder",
                exitCode: .usage)
        }
        let file = directory + "/\(script).json"
        try JSONEncoder().encode(task).write(to: URL(filePath: file))
        let result = try await Command("./" + runner, [peer, script, file]).run(timeout: timeout, outputLimit: 1 << 24)
        guard result.exit.isSuccess, let line = result.output.split(separator: "\n").last else {
            throw FledgeError(
                "bench.peer_failed", "\(peer)/\(script) ended with \(result.exit): \(result.errorOutput.suffix(400))",
                exitCode: .unavailable)
        }
        return try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
    }
}
