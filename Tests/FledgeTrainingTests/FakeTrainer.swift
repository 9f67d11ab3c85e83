import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Testing

@testable import FledgeTraining
@testable import ManagedProcess

/// A program in the place of the trainer, in the real sandbox, with a folder of its own.
struct FakeTrainer {
    /// One environment without packages for all of these programs.
    private static let environment = Task {
        let folder = "/tmp/fledge-fake-trainer-\(getpid())"
        try PrivateFolder.make(folder)
        atexit { try? TemporaryDirectory.remove("/tmp/fledge-fake-trainer-\(getpid())") }
        let result = try await Command(
            "/bin/sh", ["-c", "umask 077; exec python3 -m venv --without-pip \"$0\"", folder + "/environment"]
        ).run(timeout: .seconds(120))
        try #require(result.exit.isSuccess, "\(result.errorOutput)")
        return PythonEnvironment(directory: URL(filePath: folder + "/environment", directoryHint: .isDirectory))
    }

    let directory: String
    let executor: LocalExecutor
    /// The same in a daemon that was started anew.
    let restarted: LocalExecutor
    var base: String { directory + "/base" }
    var weights: BaseWeights { BaseWeights(path: base, sha256: Digest(of: "weights")) }
    var specification: TrainingSpec { TrainingJob.specification(of: weights) }

    func job(_ intent: String) -> String { "\(directory)/jobs/\(intent)" }

    /// Those whose arguments name this folder, and that have not ended.
    var processes: [Int32] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return all.filter { process in
            let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return process != getpid() && String(decoding: words, as: UTF8.self).contains(directory)
        }
    }

    /// - Parameters:
    ///   - program: the trainer's script.
    ///   - path: where bubblewrap is looked for; nil for where it is.
    static func with(
        _ program: String, path: String? = nil, baseIsFile: Bool = false,
        patience: TrainerShell.Patience = TrainerShell.Patience(), _ body: (FakeTrainer) async throws -> Void
    ) async throws {
        let environment = try await Self.environment.value
        try await TrainingJob.withDirectory { directory in
            let scripts = URL(filePath: directory + "/scripts", directoryHint: .isDirectory)
            try PrivateFolder.make(scripts.path)
            let script = scripts.appending(path: "train.py")
            try PrivateFile.write(Data(program.utf8), to: script.path)
            var variables = ProcessInfo.processInfo.environment
            variables["PATH"] = path ?? variables["PATH"]
            let executors = (1...2).map { _ in
                LocalExecutor(
                    jobsDirectory: directory + "/jobs", cacheDirectory: directory + "/cache",
                    logger: TrainingJob.logger, variables: variables,
                    installed: TrainerInstallation.Installed(environment: environment, script: script),
                    patience: patience)
            }
            let trainer = FakeTrainer(directory: directory, executor: executors[0], restarted: executors[1])
            if baseIsFile {
                try Data("weights".utf8).write(to: URL(filePath: trainer.base))
                chmod(trainer.base, 0o644)
            } else {
                try FileManager.default.createDirectory(atPath: trainer.base, withIntermediateDirectories: false)
                chmod(trainer.base, 0o755)
            }
            try await body(trainer)
        }
    }
}
