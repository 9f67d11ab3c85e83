import FledgeTestKit
import FledgeTraining
import Foundation
import ManagedProcess
import Testing

/// The trainer's own tests, in Python, on small models with random weights: whole jobs in one process.
@Suite("The trainer's scripts", .serialized)
struct TrainerScriptTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    @Test("on bases of several architectures, jobs and templates, they do what they promise")
    func scripts() async throws {
        let trainer = TrainerInstallation(cacheDirectory: URL(filePath: TrainingJob.cache))
        let installed = try await trainer.prepare { _ in }
        try await TemporaryDirectory.with { directory in
            let kinds = ["llama", "qwen2", "qwen3", "gemma", "mistral", "gpt2"]
            let made = try await python(
                installed, [Self.fixtures.appending(path: "models.py").path, directory] + kinds, models: directory)
            try #require(made.exit.isSuccess, "\(made.errorOutput.suffix(2000))")
            // Each on a core of its own.
            async let jobs = python(installed, ["-m", "unittest", "test_jobs"], models: directory)
            async let others = python(
                installed, ["-m", "unittest", "test_chat", "test_bases", "test_golden"], models: directory)
            for result in try await [jobs, others] {
                #expect(result.exit.isSuccess, "\(result.errorOutput.suffix(6000))")
            }
        }
    }

    private func python(
        _ installed: TrainerInstallation.Installed, _ arguments: [String], models: String
    ) async throws -> Command.Result {
        try await Command(
            installed.python.path, ["-B"] + arguments,
            environment: [
                "FLEDGE_MODELS": models, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore",
                "PYTHONPATH": installed.script.deletingLastPathComponent().path + ":" + Self.fixtures.path,
            ]
        ).run(timeout: .seconds(900))
    }
}
