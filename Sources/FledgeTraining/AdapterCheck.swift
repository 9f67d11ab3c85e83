import FledgeCore
import FledgeEngine
import Foundation

/// Looks an adapter's folder over before it is stored: known plain files alone, sound safetensors, the right base and rank.
struct AdapterCheck {
    /// Everything that an adapter's folder may hold.
    static let fileNames = ["adapter.gguf", "adapter_config.json", "adapter_model.safetensors", "fledge.json"]
    /// An adapter of an architecture that llama.cpp's converter does not know has no `adapter.gguf`.
    private static let required = ["adapter_config.json", "adapter_model.safetensors", "fledge.json"]

    let folder: URL

    func check(expecting expected: ExpectedAdapter) throws -> AdapterFacts {
        try checkFiles()
        let config = try config()
        let base = try base()
        guard base.baseSHA256 == expected.baseSHA256.rawValue else {
            throw refusal("adapter.wrong_base", "the adapter was trained on other base weights")
        }
        guard config.r == expected.rank, config.lora_alpha == expected.alpha else {
            throw refusal(
                "adapter.wrong_rank",
                "the adapter has rank \(config.r) and alpha \(config.lora_alpha), not \(expected.rank) and \(expected.alpha)"
            )
        }
        let tensors = try SafetensorsFile(folder.appending(path: "adapter_model.safetensors")).tensors()
        guard !tensors.isEmpty else { throw refusal("adapter.empty", "the adapter has no tensors") }
        for tensor in tensors { try check(tensor, rank: config.r, modules: config.target_modules) }
        try checkPairs(tensors.map(\.name))
        try checkConverted()
        let size = Self.fileNames.reduce(Int64(0)) { $0 + Int64(Self.size(of: folder.appending(path: $1))) }
        return AdapterFacts(
            digest: try digest(), rank: config.r, alpha: config.lora_alpha,
            targetModules: config.target_modules.sorted(),
            sizeBytes: size)
    }

    /// SHA-256 over each file's name and content hash, in the names' order.
    ///
    /// - Throws: also `CancellationError`: an adapter may have gigabytes.
    func digest() throws -> AdapterDigest {
        var lines: [String] = []
        for name in Self.fileNames {
            let file = folder.appending(path: name)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            guard let data = try? Data(contentsOf: file, options: .mappedIfSafe) else {
                throw refusal("adapter.unreadable", "\(name) cannot be read")
            }
            lines.append("\(name) \(try Digest(ofLong: data))")
        }
        return Digest(of: lines.joined(separator: "\n"))
    }

    /// Whether the folder still holds what the digest was made of, and nothing beside it.
    func isIntact(_ expected: AdapterDigest) throws(CancellationError) -> Bool {
        do {
            try checkFiles()
            return try digest() == expected
        } catch let error as CancellationError {
            throw error
        } catch {
            return false
        }
    }

    private func checkFiles() throws(FledgeError) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
            throw refusal("adapter.missing", "there is no such folder")
        }
        for name in names.sorted() {
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
            guard attributes?[.type] as? FileAttributeType == .typeRegular else {
                throw refusal("adapter.unexpected_file", "\(name) is not a plain file")
            }
            guard Self.fileNames.contains(name) else {
                throw refusal(
                    "adapter.unexpected_file", "\(name) has no place in an adapter: only safetensors weights are taken")
            }
        }
        for name in Self.required where !names.contains(name) {
            throw refusal("adapter.incomplete", "\(name) is missing")
        }
    }

    private struct Config: Decodable {
        var r: Int
        var lora_alpha: Double
        var target_modules: [String]
        var peft_type: String
    }

    private struct Base: Decodable {
        var baseSHA256: String
    }

    private func config() throws(FledgeError) -> Config {
        guard let data = try? Data(contentsOf: folder.appending(path: "adapter_config.json")),
            let config = try? JSONDecoder().decode(Config.self, from: data), config.peft_type == "LORA", config.r >= 1
        else { throw refusal("adapter.bad_config", "adapter_config.json is not that of a LoRA adapter") }
        return config
    }

    private func base() throws(FledgeError) -> Base {
        guard let data = try? Data(contentsOf: folder.appending(path: "fledge.json")),
            let base = try? JSONDecoder().decode(Base.self, from: data)
        else { throw refusal("adapter.bad_config", "fledge.json does not name the base weights") }
        return base
    }

    private func check(_ tensor: SafetensorsFile.Tensor, rank: Int, modules: [String]) throws(FledgeError) {
        let parts = tensor.name.split(separator: ".")
        guard tensor.shape.count == 2, let side = parts.first(where: { $0 == "lora_A" || $0 == "lora_B" }),
            parts.contains(where: { modules.contains(String($0)) })
        else { throw refusal("adapter.unexpected_tensor", "\(tensor.name) is not part of a LoRA on the named modules") }
        guard tensor.shape[side == "lora_A" ? 0 : 1] == rank else {
            throw refusal(
                "adapter.wrong_shape", "\(tensor.name) has shape \(tensor.shape), which does not fit rank \(rank)")
        }
        guard tensor.isFinite else {
            throw refusal("adapter.not_finite", "\(tensor.name) holds values that are not finite")
        }
    }

    /// Every lora_A has its lora_B.
    private func checkPairs(_ names: [String]) throws(FledgeError) {
        let known = Set(names)
        for name in names {
            let other =
                name.contains("lora_A")
                ? name.replacingOccurrences(of: "lora_A", with: "lora_B")
                : name.replacingOccurrences(of: "lora_B", with: "lora_A")
            guard known.contains(other) else { throw refusal("adapter.incomplete", "\(name) has no \(other)") }
        }
    }

    /// The file for the local server, where there is one, is a GGUF file at least.
    private func checkConverted() throws(FledgeError) {
        let file = folder.appending(path: "adapter.gguf")
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        guard let data = try? Data(contentsOf: file, options: .mappedIfSafe), data.starts(with: Array("GGUF".utf8))
        else {
            throw refusal("adapter.bad_gguf", "adapter.gguf is not a GGUF file")
        }
    }

    private func refusal(_ code: FledgeError.Code, _ message: String) -> FledgeError {
        FledgeError(code, message, place: folder.path, hint: "train again: fledge retry NAME", exitCode: .badData)
    }

    private static func size(of file: URL) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0
    }
}
