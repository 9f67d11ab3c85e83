import FledgeCore
import FledgeEngine
import Foundation
import ManagedProcess

/// The weights of a GGUF file as the trainer reads them: dequantised once, by a run of their own that can write nothing else,
/// and kept for all jobs.
struct DequantisedWeights {
    /// The folder that they are kept in.
    let cache: URL
    let base: BaseWeights

    /// Bytes of `config.json`, which has some thousand.
    private static let largestConfig = 4 << 20

    private var name: String { "weights-\(base.sha256.rawValue.prefix(16))" }
    var folder: URL { cache.appending(path: name, directoryHint: .isDirectory) }

    /// Whole, and with the name of the model's class, which a version before did not write.
    private var isWhole: Bool {
        struct Configuration: Decodable { var architectures: [String]? }
        guard let data = try? ForeignFile(folder.appending(path: "config.json").path)?.whole(limit: Self.largestConfig),
            let configuration = try? JSONDecoder().decode(Configuration.self, from: data)
        else { return false }
        return configuration.architectures?.isEmpty == false
            && FileManager.default.fileExists(atPath: folder.appending(path: "model.safetensors").path)
    }

    /// Makes them where they are missing.
    ///
    /// A job that can't be done as asked is left to the trainer, which says why.
    func prepare(
        for job: JobFolder, _ installed: TrainerInstallation.Installed, _ workplace: PythonWorkplace,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        if !isWhole {
            // The trainer of a version before locks the same file.
            let waiting: @Sendable () -> Void = { progress("waiting for another process that dequantises weights") }
            try await FileLock.holding(cache.appending(path: "\(name).lock"), waiting: waiting) {
                if isWhole { return }
                progress("dequantising the base weights (once)")
                try await make(for: job, installed, workplace)
            }
        }
        if isWhole { try workplace.give(folder.path) }
    }

    private func make(
        for job: JobFolder, _ installed: TrainerInstallation.Installed, _ workplace: PythonWorkplace
    ) async throws {
        let prefix = ".making-\(name)-"
        try remove { $0.hasPrefix(prefix) }
        let making = cache.appending(path: prefix + UUID().uuidString, directoryHint: .isDirectory)
        try PrivateFolder.make(making.path)
        defer { try? remove { $0 == making.lastPathComponent } }
        try workplace.give(making.path)
        let exit = try await workplace.command(
            [
                "-B", installed.script.path, "--prepare", job.job.path, "--cache", making.path,
            ],
            sees: [.init(installed.scripts.path), .init(job.job.path), .init(making.path, isWritable: true)]
                + WeightsPlaces(base.path).all,
            environment: LocalExecutor.trainerVariables, network: .own, filter: job.filter
        ).run(logging: job.log)
        if exit == .exited(78) { return }
        let made = making.appending(path: name, directoryHint: .isDirectory)
        guard exit.isSuccess else {
            throw failure("the base weights could not be dequantised: \(Sandbox.exit(exit))", job)
        }
        // One of a version before that is not whole.
        try remove { $0 == name }
        // Moved first to where what made it has no hand on it, and looked at then: something of that may still live.
        guard try FileTree.take(made.path, to: folder.path, isFolder: true) else {
            throw failure("what was made of the base weights is not a folder of plain files", job)
        }
    }

    private func failure(_ message: String, _ job: JobFolder) -> FledgeError {
        FledgeError(
            "training.weights_failed", message, place: job.log.path, hint: "its output is there", exitCode: .tryAgain)
    }

    private func remove(_ isOld: (String) -> Bool) throws {
        guard let tree = try FileTree(cache.path) else { return }
        for entry in try tree.entries() where isOld(entry.name) { try tree.remove(entry) }
    }
}
