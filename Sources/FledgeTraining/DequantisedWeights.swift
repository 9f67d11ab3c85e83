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

    /// Whether the weights are there and whole, with the name of the model's class, which an older version did not
    /// write.
    ///
    /// - Throws: where that can't be read. The weights are not made anew then, since another trainer may be using them.
    private func isWhole() throws(ProcessError) -> Bool {
        struct Configuration: Decodable { var architectures: [String]? }
        let content: Data?
        do throws(ProcessError) {
            content = try ForeignFile(folder.appending(path: "config.json").path)?.whole(limit: Self.largestConfig)
        } catch {
            guard error.code == .notPlain || error.code == .tooLarge else { throw error }
            return false
        }
        guard let content, let configuration = try? JSONProfile.foreign.value(Configuration.self, from: content),
            configuration.architectures?.isEmpty == false
        else { return false }
        return try WholeFile.status(of: folder.appending(path: "model.safetensors").path) != nil
    }

    /// Makes them where they are missing.
    ///
    /// A job that can't be done as asked is left to the trainer, which says why.
    ///
    /// - Returns: where the trainer reads them.
    func prepare(
        for job: JobFolder, _ installed: TrainerInstallation.Installed, _ workplace: PythonWorkplace,
        progress: @escaping @Sendable (String) -> Void, warn: @Sendable (String) -> Void
    ) async throws -> PythonWorkplace {
        if try !isWhole() {
            // The trainer of an older version locks the same file.
            let waiting: @Sendable () -> Void = { progress("waiting for another process that dequantises weights") }
            try await FileLock.holding(cache.appending(path: "\(name).lock"), waiting: waiting) { lock in
                if try isWhole() { return }
                progress("dequantising the base weights (once)")
                try await make(for: job, installed, workplace, holding: lock)
            }
        }
        return try isWhole() ? workplace.showing(folder.path, warn: warn) : workplace
    }

    private func make(
        for job: JobFolder, _ installed: TrainerInstallation.Installed, _ workplace: PythonWorkplace,
        holding lock: FileLock
    ) async throws {
        let prefix = ".making-\(name)-"
        try remove { $0.hasPrefix(prefix) }
        let making = cache.appending(path: prefix + UUID().uuidString, directoryHint: .isDirectory)
        try PrivateFolder.make(making.path)
        defer { try? remove { $0 == making.lastPathComponent } }
        try workplace.give(making.path)
        let before = try FailedRun.size(of: job.log)
        let exit = try await workplace.command(
            [
                "-B", installed.script.path, "--prepare", job.job.path, "--cache", making.path,
            ],
            sees: [.init(installed.scripts.path), .init(job.job.path), .init(making.path, isWritable: true)]
                + WeightsPlaces(base.path).all,
            environment: LocalExecutor.trainerVariables, network: .own, filter: job.filter
        ).run(logging: job.log, holding: lock)
        var said: TrainerEvents.Ending?
        do { said = try TrainerEvents.ending(of: job.log, from: Int64(clamping: before)) } catch {
            guard error.code == .badOutput else { throw error }
        }
        if exit == .exited(78), said?.code != Self.unreadable { return }
        guard exit.isSuccess else {
            throw failure(try FailedRun(exit, log: job.log, from: before), said, log: job.log)
        }
        let made = making.appending(path: name, directoryHint: .isDirectory)
        // Removes weights of an older version that are not whole.
        try remove { $0 == name }
        // The files are first moved to where the program that made them can't write, and checked then: a process of
        // that program may still run.
        guard try FileTree.take(made.path, to: folder.path, isFolder: true) else {
            throw FledgeError(
                "training.weights_failed",
                "what was made of the base weights \(base.path) is not a folder of plain files", place: job.log.path,
                hint: "its output is there; then fledge retry", exitCode: .badData)
        }
    }

    /// What the program prints where the file can't be dequantised at all.
    private static let unreadable = "training.base_not_dequantisable"

    private func failure(_ run: FailedRun, _ said: TrainerEvents.Ending?, log: URL) -> FledgeError {
        if !run.mayPass, said?.code == Self.unreadable {
            return FledgeError(
                .init(rawValue: Self.unreadable), said?.message ?? "the file can't be dequantised", place: base.path,
                hint: "name another GGUF file, or the model's folder of safetensors, with weights: .huggingFace(…)",
                exitCode: .badData)
        }
        let words = said?.message ?? run.reason
        return FledgeError(
            "training.weights_failed", "the base weights \(base.path) could not be dequantised: \(words)",
            place: log.path,
            hint: run.mayPass ? "all output is there" : "all output is there; mend that, then fledge retry",
            exitCode: run.mayPass ? .tryAgain : .software)
    }

    private func remove(_ isOld: (String) -> Bool) throws {
        guard let tree = try FileTree(cache.path) else { return }
        for entry in try tree.entries() where isOld(entry.name) { try tree.remove(entry) }
    }
}
