import FledgeCore
import FledgeEngine
import Foundation
import Logging
import ManagedProcess

/// Converts Hugging Face folders with llama.cpp's own converter, which knows every architecture that llama.cpp serves: in a
/// sandbox that shows the weights, as the user that the file is for.
package struct LlamaCppConverter: WeightsConverter {
    private let trainer: TrainerInstallation
    private let cache: URL
    private let folder: URL
    private let logger: Logger

    package init(cacheDirectory: URL, logger: Logger = Logger(label: "converter")) {
        self.logger = logger
        cache = cacheDirectory
        trainer = TrainerInstallation(cacheDirectory: cacheDirectory)
        folder = cacheDirectory.appending(path: "models", directoryHint: .isDirectory)
    }

    package func gguf(
        of weights: String, sha256: Digest, progress: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let name = URL(filePath: weights).lastPathComponent
        let target = folder.appending(path: "\(name)-\(sha256.short)-q8_0.gguf")
        if FileManager.default.fileExists(atPath: target.path) { return target.path }
        let installed = try await trainer.prepare(progress: progress)
        do {
            let waiting: @Sendable () -> Void = { progress("waiting for another process that converts \(name)") }
            return try await FileLock.holding(folder.appending(path: "\(sha256.short).lock"), waiting: waiting) {
                lock in
                if FileManager.default.fileExists(atPath: target.path) { return target.path }
                progress("converting \(name) for llama.cpp")
                try await convert(weights, to: target, installed, holding: lock)
                return target.path
            }
        } catch let error as ProcessError {
            throw FledgeError(error)
        }
    }

    private func convert(
        _ weights: String, to target: URL, _ installed: TrainerInstallation.Installed, holding lock: FileLock
    ) async throws {
        let warn: @Sendable (String) -> Void = { [logger] in logger.warning("\($0)", metadata: ["part": "converter"]) }
        var workplace = try await PythonWorkplace.prepare(installed.environment, as: .server, warn: warn)
        let places = WeightsPlaces(weights)
        // What lies in the cache is closed like all that the daemon makes.
        if weights.hasPrefix(cache.path + "/") { try workplace.open(weights) }
        workplace = try await workplace.reaching(places.read, through: [folder.path], warn: warn)
        try await places.check(in: workplace, for: "the converter of weights")
        let log = folder.appending(path: target.lastPathComponent + ".log")
        try? FileManager.default.removeItem(at: log)
        let prefix = ".making-\(target.lastPathComponent)-"
        try remove { $0.hasPrefix(prefix) }
        let making = folder.appending(path: prefix + UUID().uuidString, directoryHint: .isDirectory)
        let filter = folder.appending(path: making.lastPathComponent + ".bpf")
        try PrivateFolder.make(making.path)
        defer { try? remove { $0.hasPrefix(making.lastPathComponent) } }
        try workplace.give(making.path)
        let made = making.appending(path: target.lastPathComponent)
        let exit = try await workplace.command(
            [
                installed.converters.appending(path: "convert_hf_to_gguf.py").path, weights, "--outtype", "q8_0",
                "--outfile", made.path,
            ], sees: places.all + [.init(making.path, isWritable: true)], environment: ["HF_HUB_OFFLINE": "1"],
            network: .own, filter: filter
        ).run(logging: log, holding: lock)
        guard exit.isSuccess else {
            let run = try FailedRun(exit, log: log)
            let last = run.reason
            if run.mayPass {
                throw FledgeError(
                    "model.conversion_stopped", "the conversion of \(weights) for llama.cpp was cut off: \(last)",
                    place: log.path, hint: "all output is there")
            }
            throw FledgeError(
                "model.not_convertible", "llama.cpp cannot serve \(weights): \(last)", place: log.path,
                hint: "serve it with vLLM: at: .vLLM(\"http://…/v1\", adapters: …), weights: .huggingFace(…)")
        }
        // The file is first moved to where the converter can't write, and checked then: a process of the converter's
        // may still run.
        guard try FileTree.take(made.path, to: target.path) else {
            throw ProcessError(
                .fileSystem, "the converter has left no file that could be \(target.path)",
                hint: "Its output is \(log.path).")
        }
        try? FileManager.default.removeItem(at: log)
    }

    private func remove(_ isOld: (String) -> Bool) throws {
        guard let tree = try FileTree(folder.path) else { return }
        for entry in try tree.entries() where isOld(entry.name) { try tree.remove(entry) }
    }
}
