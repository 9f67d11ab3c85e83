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
    @Test("a sound adapter is kept once, under its digest, with its facts")
    func sound() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            #expect(facts.rank == 2)
            #expect(facts.alpha == 4)
            #expect(facts.targetModules == ["q_proj"])
            let names = try FileManager.default.contentsOfDirectory(atPath: adapter.folder.path).sorted()
            #expect(try facts.sizeBytes == names.reduce(0) { try $0 + Int64(Data(contentsOf: adapter.file($1)).count) })

            let copy = try SoundAdapter(in: directory)
            #expect(
                try await store.store(adapterAt: copy.folder.path, expecting: SoundAdapter.expected).digest
                    == facts.digest)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory + "/store") == [facts.digest.rawValue])
            let stored = try await store.directory(of: facts.digest)
            #expect(try FileManager.default.contentsOfDirectory(atPath: stored).sorted() == names)
        }
    }

    @Test("looking at an adapter ends with the task that does it: it is neither stored nor called corrupted")
    func cancelled() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            let other = FileArtifactStore(directory: directory + "/other")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await #expect(throws: CancellationError.self) { try await store.directory(of: facts.digest) }
                await #expect(throws: CancellationError.self) {
                    try await other.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
                }
            }
            await task.value
            #expect((try? FileManager.default.contentsOfDirectory(atPath: directory + "/other")) ?? [] == [])
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

    @Test(
        "one changed byte in any file of a stored adapter is found",
        arguments: [
            "adapter.gguf", "adapter_config.json", "adapter_model.safetensors", "fledge.json",
        ])
    func corrupted(_ name: String) async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            let file = URL(filePath: try await store.directory(of: facts.digest)).appending(path: name)
            var content = try Data(contentsOf: file)
            content[content.count / 2] ^= 1
            try content.write(to: file)
            let error = await #expect(throws: FledgeError.self) { try await store.directory(of: facts.digest) }
            #expect(error?.code == "adapter.corrupted")
        }
    }

    @Test("a file that was put beside a stored adapter's own is found")
    func added() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory + "/store")
            let adapter = try SoundAdapter(in: directory)
            let facts = try await store.store(adapterAt: adapter.folder.path, expecting: SoundAdapter.expected)
            let folder = URL(filePath: try await store.directory(of: facts.digest))
            try Data([0x80]).write(to: folder.appending(path: "adapter_model.bin"))
            let error = await #expect(throws: FledgeError.self) { try await store.directory(of: facts.digest) }
            #expect(error?.code == "adapter.corrupted")
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

    @Test("an adapter that was never stored is missing")
    func missing() async throws {
        try await TemporaryDirectory.with { directory in
            let store = FileArtifactStore(directory: directory)
            let error = await #expect(throws: FledgeError.self) { try await store.directory(of: Digest(of: "nothing")) }
            #expect(error?.code == "adapter.missing")
        }
    }
}
