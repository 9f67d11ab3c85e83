import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation
import Glibc
import Testing

@Suite("The artifact store")
struct FileArtifactStoreTests {
    @Test("an adapter is a folder named after its digest, and nothing is left beside it, whether it is new or mended")
    func place() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            for _ in 1...2 {
                let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
                let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/store")
                #expect(names == [facts.digest.rawValue])
                let stored = try await store.directory(of: facts.digest)
                #expect(stored == "\(directory)/store/\(facts.digest)")
                try FileManager.default.removeItem(atPath: stored + "/adapter.gguf")
            }
        }
    }

    @Test("who asks for a model's weights, and is cancelled, does not wait until they are read")
    func cancelledWeights() async throws {
        try await TemporaryDirectory.with { directory in
            try Data("weights".utf8).write(to: URL(filePath: directory + "/model.gguf"))
            let catalog = ServingCatalog(cache: URL(filePath: directory + "/cache"), logger: TrainingJob.logger)
            let model = ModelDefinition(
                name: "own", endpoint: .localWeights(.gguf(file: directory + "/model.gguf"), gpuLayers: nil))
            #expect(try await catalog.weights(of: model).sha256 == Digest(of: "weights"))
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await #expect(throws: CancellationError.self) { try await catalog.weights(of: model) }
            }
            await task.value
        }
    }

    @Test("an adapter of an architecture that llama.cpp does not serve is kept without a file for it")
    func notConverted() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            try FileManager.default.removeItem(at: adapter.file("adapter.gguf"))
            try adapter.write(
                "adapter_config.json",
                Data(#"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["c_attn", "fc_out"]}"#.utf8))
            try adapter.weigh([
                .init("base_model.model.transformer.h.0.attn.c_attn.lora_A.weight", [2, 8]),
                .init("base_model.model.transformer.h.0.attn.c_attn.lora_B.weight", [8, 2]),
            ])
            let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            #expect(facts.targetModules == ["c_attn", "fc_out"])
            let stored = try await store.directory(of: facts.digest)
            #expect(!FileManager.default.fileExists(atPath: stored + "/adapter.gguf"))
        }
    }

    @Test(
        "an adapter that is not sound is refused with its code, and leaves nothing behind",
        arguments: HostileAdapter.all)
    func hostile(_ hostile: HostileAdapter) async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            try hostile.change(adapter)
            let error = await #expect(throws: FledgeError.self) {
                try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            }
            #expect(error?.code == hostile.code, "\(error?.message ?? "")")
            let left = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/store")) ?? []
            #expect(left == [])
        }
    }

    @Test("what is kept is closed to others, whatever the rights of what was copied")
    func closed() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            for name in try FileManager.default.contentsOfDirectory(atPath: adapter.folder.path) {
                #expect(chmod(adapter.file(name).path, 0o666) == 0)
            }
            let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            let stored = try await store.directory(of: facts.digest)
            let names = try FileManager.default.contentsOfDirectory(atPath: stored)
            for path in [directory + "/store", stored] + names.map({ "\(stored)/\($0)" }) {
                var status = stat()
                #expect(lstat(path, &status) == 0 && status.st_mode & 0o077 == 0, "\(path)")
            }
        }
    }

    @Test("a link on the way to an adapter is not followed, whose files would be another's")
    func links() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            #expect(symlink(directory, directory + "/way") == 0)
            #expect(symlink(adapter.folder.path, directory + "/adapter") == 0)
            for path in ["\(directory)/way/\(adapter.folder.lastPathComponent)", directory + "/adapter"] {
                let error = await #expect(throws: FledgeError.self) {
                    try await store.store(adapterAt: path, expecting: SoundAdapter.expected)
                }
                #expect(error?.code == "adapter.unexpected_file", "\(path)")
            }
        }
    }

    @Test("values that fill more than one piece of a file are all looked at, and zeros take no room")
    func large() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            for (place, value) in [(599_999, Float.nan), (0, 0)] {
                let adapter = try SoundAdapter(in: directory)
                var values = [Float](repeating: 0, count: 600_000)
                values[place] = value
                try adapter.weigh([
                    .init(SoundAdapter.lowered, [2, 300_000], values: values), .init(SoundAdapter.raised, [8, 2]),
                ])
                if value.isNaN {
                    let error = await #expect(throws: FledgeError.self) {
                        try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
                    }
                    #expect(error?.code == "adapter.not_finite")
                } else {
                    let facts = try await store.store(
                        adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
                    let file = "adapter_model.safetensors"
                    let stored = try await store.directory(of: facts.digest) + "/" + file
                    #expect(try Data(contentsOf: URL(filePath: stored)) == Data(contentsOf: adapter.file(file)))
                    var status = stat()
                    #expect(stat(stored, &status) == 0 && Int(status.st_blocks) * 512 < 2_000_000)
                }
            }
        }
    }

    @Test("a stored adapter that can't be read at this moment is not taken for a corrupted one")
    func exhausted() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory.make()
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            try await ExhaustedFiles.during {
                let stored = await #expect(throws: FledgeError.self) { try await store.directory(of: facts.digest) }
                try #require(stored?.code == .fileUnread && stored?.exitCode == .tryAgain)
                let new = await #expect(throws: FledgeError.self) {
                    try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
                }
                try #require(new?.code == .fileUnread)
            }
            _ = try await store.directory(of: facts.digest)
            try TemporaryDirectory.remove(directory)
        }
    }
}
