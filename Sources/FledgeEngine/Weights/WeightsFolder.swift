import FledgeCore
import FledgeDocument
import Foundation
import Glibc
import ManagedProcess

/// A folder of weights as the Hugging Face hub has it.
package struct WeightsFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// The files that decide what the model answers, by name, in order: its configuration, tokenizer, chat template and
    /// safetensors.
    package var files: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter(Self.matters).filter(isPlainFile).sorted()
    }

    private static let named: Set<String> = [
        "added_tokens.json", "config.json", "generation_config.json", "merges.txt", "special_tokens_map.json",
        "vocab.json",
    ]

    /// Whether a file of this name is one of them.
    package static func matters(_ name: String) -> Bool {
        named.contains(name) || name.hasPrefix("tokenizer") || name.hasPrefix("chat_template")
            || [".model", ".safetensors", ".safetensors.index.json"].contains(where: name.hasSuffix)
    }

    private func isPlainFile(_ name: String) -> Bool {
        var status = stat()
        return stat(file(name), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Of the files that are read, in bytes; those of the largest models have some megabytes.
    private static let largestText = 64 << 20

    package func file(_ name: String) -> String { URL(filePath: path).appending(path: name).path }

    /// Everything that keeps the folder from being trained on or served; empty where nothing does.
    package var problems: [WeightsProblem] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return [WeightsProblem("\(path) does not exist", "fledge models fetch, or copy the folder there")]
        }
        guard isFolder.boolValue else {
            return [WeightsProblem("\(path) is a file", "a GGUF file is named with .gguf(\"\(path)\")")]
        }
        let names = files
        var problems: [WeightsProblem] = []
        if !names.contains("config.json") {
            problems.append(WeightsProblem("\(path) has no config.json", "the folder of the model itself is meant"))
        } else if (try? configuration())?.architectures?.first == nil {
            problems.append(
                WeightsProblem(
                    "\(file("config.json")) names no architecture",
                    "it has to be the model's own, with \"architectures\""))
        }
        if !names.contains(where: { $0 == "tokenizer.json" || $0.hasSuffix(".model") || $0 == "vocab.json" }) {
            problems.append(WeightsProblem("\(path) has no tokenizer", "copy tokenizer.json and tokenizer_config.json"))
        }
        problems += missingWeights(names)
        if !hasTemplate(names) {
            problems.append(
                WeightsProblem(
                    "\(path) has no chat template: it is no model that answers in turns",
                    "take the instruct model, or add chat_template.jinja"))
        }
        return problems
    }

    private struct Configuration: Decodable { var architectures: [String]? }
    private struct Index: Decodable { var weight_map: [String: String] }
    private struct TokenizerConfiguration: Decodable { var chat_template: Template? }
    private struct Template: Decodable {
        // A text, or a list of named ones: that it is there is all that counts.
        init(from decoder: any Decoder) throws {}
    }

    private func configuration() throws -> Configuration { try decode("config.json") }

    private func decode<Value: Decodable>(_ name: String) throws -> Value {
        // The hub's cache has links to the files.
        let real = URL(filePath: file(name)).resolvingSymlinksInPath().path
        let data = try ForeignFile(real)?.whole(limit: Self.largestText) ?? Data()
        return try JSONProfile.foreign.value(Value.self, from: data)
    }

    private func hasTemplate(_ names: [String]) -> Bool {
        if names.contains(where: { $0.hasPrefix("chat_template") }) { return true }
        let configuration: TokenizerConfiguration? = try? decode("tokenizer_config.json")
        return configuration?.chat_template != nil
    }

    private func missingWeights(_ names: [String]) -> [WeightsProblem] {
        let weights = names.filter { $0.hasSuffix(".safetensors") }
        if let name = names.first(where: { $0.hasSuffix(".safetensors.index.json") }) {
            guard let index: Index = try? decode(name) else {
                return [WeightsProblem("\(file(name)) cannot be read", "copy it again")]
            }
            let missing = Set(index.weight_map.values).subtracting(weights).sorted()
            return missing.isEmpty
                ? []
                : [WeightsProblem("\(path) lacks \(missing.joined(separator: ", "))", "copy what \(name) names")]
        }
        if !weights.isEmpty { return [] }
        let all = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let hasPickles = all.contains { $0.hasSuffix(".bin") || $0.hasSuffix(".pth") }
        return [
            WeightsProblem(
                "\(path) has no *.safetensors",
                hasPickles
                    ? "weights in .bin files run code when they are read: convert them to safetensors" : "copy them")
        ]
    }
}

/// What is wrong with weights, and what mends it.
package struct WeightsProblem: Hashable, Sendable {
    package var message: String
    package var hint: String

    package init(_ message: String, _ hint: String) {
        self.message = message
        self.hint = hint
    }
}

extension WeightsDefinition {
    /// Everything that keeps these weights from being trained on or served, as far as a look at the files tells.
    package var problems: [WeightsProblem] {
        switch self {
        case .huggingFace(let folder, _, _): return WeightsFolder(path: folder).problems
        case .gguf(let file):
            // Nothing waits for a pipe.
            let descriptor = Glibc.open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else {
                return [WeightsProblem("\(file) does not exist or cannot be read", "name a GGUF file")]
            }
            defer { close(descriptor) }
            var status = stat()
            var start = [UInt8](repeating: 0, count: 4)
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                read(descriptor, &start, start.count) == start.count, start == Array("GGUF".utf8)
            else {
                return [
                    WeightsProblem("\(file) is not a GGUF file", "a folder is named with .huggingFace(\"…\")")
                ]
            }
            return []
        }
    }
}
