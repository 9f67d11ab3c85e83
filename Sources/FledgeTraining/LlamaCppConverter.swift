import FledgeCore
import FledgeEngine
import Foundation
import ManagedProcess

/// Converts Hugging Face folders with llama.cpp's own converter, which knows every architecture that llama.cpp serves.
package struct LlamaCppConverter: WeightsConverter {
    private let trainer: TrainerInstallation
    private let folder: URL

    package init(cacheDirectory: URL) {
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
                if FileManager.default.fileExists(atPath: target.path) { return target.path }
                progress("converting \(name) for llama.cpp")
                try await convert(weights, to: target, installed)
                return target.path
            }
        } catch let error as ProcessError {
            throw FledgeError(
                .init(rawValue: error.code.rawValue), error.message, hint: error.hint, exitCode: .unavailable)
        }
    }

    private func convert(_ weights: String, to target: URL, _ installed: TrainerInstallation.Installed) async throws {
        let partial = target.appendingPathExtension("part")
        let log = folder.appending(path: target.lastPathComponent + ".log")
        try? FileManager.default.removeItem(at: log)
        let exit = try await installed.environment.command(
            [
                installed.converters.appending(path: "convert_hf_to_gguf.py").path, weights, "--outtype", "q8_0",
                "--outfile", partial.path,
            ], environment: ["HF_HUB_OFFLINE": "1"]
        ).run(logging: log)
        guard exit.isSuccess else {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            let last = text.split(separator: "\n").last.map(String.init) ?? "\(exit)"
            throw FledgeError(
                "model.not_convertible", "llama.cpp cannot serve \(weights): \(last)", place: log.path,
                hint: "serve it with vLLM: at: .vLLM(\"http://…/v1\", adapters: …), weights: .huggingFace(…)",
                exitCode: .configuration)
        }
        try FileManager.default.moveItem(at: partial, to: target)
        try? FileManager.default.removeItem(at: log)
    }
}
