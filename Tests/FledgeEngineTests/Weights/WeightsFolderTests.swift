import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Testing

@Suite("Folders of weights")
struct WeightsFolderTests {
    private static let sound = [
        "config.json": #"{"architectures": ["AnyForCausalLM"]}"#, "tokenizer.json": "{}",
        "tokenizer_config.json": #"{"chat_template": "{{ messages }}"}"#, "model.safetensors": "…",
    ]

    private static func problems(_ files: [String: String]) async throws -> [String] {
        try await TemporaryDirectory.with { directory in
            for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: directory + "/" + name)) }
            return WeightsFolder(path: directory).problems.map {
                $0.message.replacingOccurrences(of: directory, with: "FOLDER")
            }
        }
    }

    @Test("a folder with configuration, tokenizer, template and safetensors has no problem")
    func soundFolder() async throws {
        #expect(try await Self.problems(Self.sound) == [])
    }

    @Test(
        "what a folder lacks is told",
        arguments: [
            ("config.json", "FOLDER has no config.json"), ("tokenizer.json", "FOLDER has no tokenizer"),
            ("model.safetensors", "FOLDER has no *.safetensors"),
            ("tokenizer_config.json", "FOLDER has no chat template: it is no model that answers in turns"),
        ])
    func lacking(_ name: String, _ problem: String) async throws {
        var files = Self.sound
        files[name] = nil
        #expect(try await Self.problems(files) == [problem])
    }

    @Test("an empty folder's problems are told all at once")
    func empty() async throws { #expect(try await Self.problems([:]).count == 4) }

    @Test("a part that the index names and that is not there is named")
    func sharded() async throws {
        var files = Self.sound
        files["model.safetensors"] = nil
        files["model-1.safetensors"] = "…"
        files["model.safetensors.index.json"] =
            #"{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}"#
        #expect(try await Self.problems(files) == ["FOLDER lacks model-2.safetensors"])
    }

    @Test(
        "a pipe in the place of a file is not waited for, and of a file without end no more is read than may be",
        arguments: ["config.json", "tokenizer_config.json", "model.safetensors.index.json"], [true, false])
    func endless(_ name: String, isPipe: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            for (name, text) in Self.sound { try Data(text.utf8).write(to: URL(filePath: directory + "/" + name)) }
            let file = directory + "/" + name
            if isPipe {
                unlink(file)
                #expect(mkfifo(file, 0o600) == 0)
            } else {
                try Data(Self.sound[name, default: "{}"].utf8).write(to: URL(filePath: file))
                #expect(truncate(file, 1 << 40) == 0)
            }
            // A pipe that nothing else asks for is as if it were not there.
            let isMissed = !isPipe || Self.sound[name] != nil
            #expect(WeightsFolder(path: directory).problems.isEmpty != isMissed)
        }
    }

    @Test("a folder that is not there, a file for a folder, a folder for a file, and a file of another kind are told")
    func otherKinds() async throws {
        try await TemporaryDirectory.with { directory in
            try Data("GGUF…".utf8).write(to: URL(filePath: directory + "/w.gguf"))
            try Data("PK…".utf8).write(to: URL(filePath: directory + "/w.zip"))
            let folder = { WeightsDefinition.huggingFace(folder: directory + $0, repository: nil, revision: nil) }
            #expect(WeightsDefinition.gguf(file: directory + "/w.gguf").problems == [])
            #expect(WeightsDefinition.gguf(file: directory + "/w.zip").problems.count == 1)
            #expect(WeightsDefinition.gguf(file: directory).problems.count == 1)
            #expect(folder("/none").problems.count == 1)
            #expect(
                folder("/w.gguf").problems.first?.hint == "a GGUF file is named with .gguf(\"\(directory)/w.gguf\")")
        }
    }
}

@Suite("What identifies weights")
struct WeightsDigestTests {
    @Test("a file that can't be read is not left out of what identifies the weights")
    func unreadableFile() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = directory + "/model"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: URL(filePath: folder + "/config.json"))
            let digests = WeightsDigest(cache: URL(filePath: directory + "/cache"))
            let weights = WeightsDefinition.huggingFace(folder: folder, repository: nil, revision: nil)
            _ = try digests.digest(of: weights)
            #expect(symlink(folder + "/model.safetensors", folder + "/model.safetensors") == 0)
            let error = #expect(throws: FledgeError.self) { try digests.digest(of: weights) }
            #expect(error?.code == "model.weights_unreadable")
        }
    }

    @Test("a file's digest is its SHA-256, a folder's that of the list of its files that matter")
    func values() async throws {
        try await TemporaryDirectory.with { directory in
            let digests = WeightsDigest(cache: URL(filePath: directory + "/cache"))
            let folder = directory + "/model"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in ["config.json", "model.safetensors", "README.md", "tokenizer.json"] {
                try Data(name.utf8).write(to: URL(filePath: folder + "/" + name))
            }
            #expect(
                try digests.digest(of: .gguf(file: folder + "/config.json")) == Digest(of: "config.json"))
            let list = ["config.json", "model.safetensors", "tokenizer.json"].map { "\(Digest(of: $0))  \($0)\n" }
            let expected = Digest(of: list.joined())
            let weights = WeightsDefinition.huggingFace(folder: folder, repository: nil, revision: nil)
            #expect(try digests.digest(of: weights) == expected)
            // Once more, from what was kept; then changed.
            #expect(try digests.digest(of: weights) == expected)
            try Data("other".utf8).write(to: URL(filePath: folder + "/config.json"))
            #expect(try digests.digest(of: weights) != expected)
        }
    }

    @Test("reading weights ends with the task that reads them, and nothing is kept of it")
    func cancelled() async throws {
        try await TemporaryDirectory.with { directory in
            let digests = WeightsDigest(cache: URL(filePath: directory + "/cache"))
            try Data("weights".utf8).write(to: URL(filePath: directory + "/model.gguf"))
            let result = await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return Result { try digests.digest(of: .gguf(file: directory + "/model.gguf")) }
            }.value
            #expect(throws: CancellationError.self) { try result.get() }
            #expect(!FileManager.default.fileExists(atPath: directory + "/cache"))
            #expect(try digests.digest(of: .gguf(file: directory + "/model.gguf")) == Digest(of: "weights"))
        }
    }

    @Test("weights that cannot be read are an error of the configuration")
    func missing() async throws {
        try await TemporaryDirectory.with { directory in
            let digests = WeightsDigest(cache: URL(filePath: directory + "/cache"))
            let error = #expect(throws: FledgeError.self) { try digests.digest(of: .gguf(file: directory + "/none")) }
            #expect(error?.code == "model.weights_missing" && error?.exitCode == .configuration)
        }
    }
}
