import FledgeCore
import FledgeEngine
import Foundation
import Glibc
import ManagedProcess

/// Checks a folder that holds an adapter and that only this process writes to: known plain files, sound safetensors,
/// the right base and rank.
struct AdapterCheck {
    /// Everything that an adapter's folder may hold.
    static let fileNames = ["adapter.gguf", "adapter_config.json", "adapter_model.safetensors", "fledge.json"]
    /// An adapter of an architecture that llama.cpp's converter does not know has no `adapter.gguf`.
    private static let required = ["adapter_config.json", "adapter_model.safetensors", "fledge.json"]
    /// Bytes of all files together: rank 512, the highest there is, on all matrices of a model of 70 billion weights takes
    /// 27 GB, and as much again for the local server.
    static let largest: Int64 = 64 << 30
    /// Bytes of `adapter_config.json` and of `fledge.json`, which have some hundred.
    static let largestText = 1 << 20

    let folder: URL
    /// What errors name: the folder that this is a copy of.
    var place: String?

    func check(expecting expected: ExpectedAdapter) throws -> AdapterFacts {
        let size = try Self.names(in: try opened(), place ?? folder.path).values.reduce(0, +)
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
        let weights = SafetensorsFile(folder.appending(path: "adapter_model.safetensors"))
        let tensors = try weights.places()
        guard !tensors.isEmpty else { throw refusal("adapter.empty", "the adapter has no tensors") }
        let modules = Set(config.target_modules)
        for tensor in tensors { try check(tensor, rank: config.r, modules: modules) }
        if let name = try weights.firstNotFinite(of: tensors) {
            throw refusal("adapter.not_finite", "\(name) holds values that are not finite")
        }
        try checkPairs(tensors.map(\.name))
        try checkConverted()
        return AdapterFacts(
            digest: try digest(), rank: config.r, alpha: config.lora_alpha,
            targetModules: config.target_modules.sorted(),
            sizeBytes: size)
    }

    /// SHA-256 over each file's name and content hash, in the names' order.
    func digest() throws -> AdapterDigest {
        let tree = try opened()
        var lines: [String] = []
        for name in Self.fileNames {
            do throws(ProcessError) {
                guard let file = try tree.file(name) else { continue }
                let digest = try Digest(ofPieces: { take throws(ProcessError) in
                    try file.pieces(from: 0) { piece in
                        take(piece)
                        return !Task.isCancelled
                    }
                })
                lines.append("\(name) \(digest)")
            } catch { throw Self.failure(error, place ?? folder.path) }
            try CancellationPoint.check()
        }
        return Digest(of: lines.joined(separator: "\n"))
    }

    /// Whether the folder still holds what the digest was made of, and nothing beside it.
    ///
    /// - Throws: `CancellationError`; `adapter.unreadable`, or `file.unread` where that may pass, where that can't be read,
    ///   which says nothing about what it holds.
    func isIntact(_ expected: AdapterDigest) throws -> Bool {
        do {
            _ = try Self.names(in: try opened(), folder.path)
            return try digest() == expected
        } catch let error as FledgeError where error.code != .adapterUnreadable && error.code != .fileUnread {
            return false
        }
    }

    /// The error for a file of a stored adapter that can't be read; a refusal where the entry is no file of an
    /// adapter's.
    static func failure(_ error: ProcessError, _ place: String) -> FledgeError {
        switch (error.code, error.number) {
        case (.tooLarge, _): refusal(.badOutput, error.message, place)
        case (.notPlain, _), (_, nil), (_, ENOTDIR?), (_, ELOOP?):
            refusal("adapter.unexpected_file", error.message, place)
        default:
            FledgeError(
                unread: error, "adapter.unreadable", "the adapter can't be read", place: place,
                hint: "let the daemon read it: look at its owner and its permissions")
        }
    }

    private func opened() throws(FledgeError) -> FileTree {
        do {
            // The folder may belong to any user, as after a restored backup, and links are followed: only the content
            // counts here.
            let real = folder.resolvingSymlinksInPath().path
            if let tree = try FileTree(withoutLinks: real) { return tree }
        } catch { throw Self.failure(error, place ?? folder.path) }
        throw refusal("adapter.missing", "there is no such folder")
    }

    /// The files of an adapter's folder, whoever's it is, with their sizes.
    ///
    /// - Throws: for anything but the known files, as plain ones, and for more bytes than they can have.
    static func names(in tree: FileTree, _ place: String) throws(FledgeError) -> [String: Int64] {
        func refusal(_ code: FledgeError.Code, _ message: String) -> FledgeError {
            Self.refusal(code, message, place)
        }
        let found: [FileTree.Entry]
        // Other entries are not listed, however many there are.
        do { found = try tree.entries(atMost: fileNames.count + 1) } catch { throw failure(error, place) }
        var sizes: [String: Int64] = [:]
        for entry in found {
            guard fileNames.contains(entry.name) else {
                throw refusal(
                    "adapter.unexpected_file",
                    "\(entry.name) has no place in an adapter: only safetensors weights are taken")
            }
            do { sizes[entry.name] = try tree.file(entry.name)?.size } catch  where error.code == .notPlain {
                throw refusal("adapter.unexpected_file", "\(entry.name) is not a plain file")
            } catch { throw failure(error, place) }
        }
        for name in required where sizes[name] == nil { throw refusal("adapter.incomplete", "\(name) is missing") }
        for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
            let most = name.hasSuffix(".json") ? Int64(clamping: largestText) : largest
            guard size <= most else {
                throw refusal(.badOutput, "\(name) has \(size) bytes; at most \(most) are taken")
            }
        }
        let sum = sizes.values.reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
        guard sum <= largest else {
            throw refusal(.badOutput, "the adapter's files have \(sum) bytes; at most \(largest) are taken")
        }
        return sizes
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
        guard let data = try text("adapter_config.json"),
            let config = try? JSONProfile.foreign.value(Config.self, from: data), config.peft_type == "LORA",
            config.r >= 1
        else { throw refusal("adapter.bad_config", "adapter_config.json is not that of a LoRA adapter") }
        return config
    }

    /// Nil where there is no such file.
    private func text(_ name: String) throws(FledgeError) -> Data? {
        do { return try ForeignFile(folder.appending(path: name).path)?.whole(limit: Self.largestText) } catch {
            throw Self.failure(error, place ?? folder.path)
        }
    }

    private func base() throws(FledgeError) -> Base {
        guard let data = try text("fledge.json"),
            let base = try? JSONProfile.foreign.value(Base.self, from: data)
        else { throw refusal("adapter.bad_config", "fledge.json does not name the base weights") }
        return base
    }

    private func check(_ tensor: SafetensorsFile.Place, rank: Int, modules: Set<String>) throws(FledgeError) {
        let parts = tensor.name.split(separator: ".")
        guard tensor.shape.count == 2, let side = parts.first(where: { $0 == "lora_A" || $0 == "lora_B" }),
            parts.contains(where: { modules.contains(String($0)) })
        else { throw refusal("adapter.unexpected_tensor", "\(tensor.name) is not part of a LoRA on the named modules") }
        guard tensor.shape[side == "lora_A" ? 0 : 1] == rank else {
            throw refusal(
                "adapter.wrong_shape", "\(tensor.name) has shape \(tensor.shape), which does not fit rank \(rank)")
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
        var start = Data()
        do {
            guard let file = try ForeignFile(folder.appending(path: "adapter.gguf").path) else { return }
            try file.pieces(from: 0) {
                start.append(contentsOf: $0.prefix(4))
                return false
            }
        } catch { throw Self.failure(error, place ?? folder.path) }
        guard start == Data("GGUF".utf8) else {
            throw refusal("adapter.bad_gguf", "adapter.gguf is not a GGUF file")
        }
    }

    private func refusal(_ code: FledgeError.Code, _ message: String) -> FledgeError {
        Self.refusal(code, message, place ?? folder.path)
    }

    static func refusal(_ code: FledgeError.Code, _ message: String, _ place: String) -> FledgeError {
        FledgeError(
            code, InertText.line(message), place: place, hint: "train again: fledge retry NAME", exitCode: .badData)
    }
}
