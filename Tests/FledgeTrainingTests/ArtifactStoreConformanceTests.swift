import FledgeCore
import FledgeEngine
import FledgeTestKit
import FledgeTraining
import Foundation
import Synchronization
import Testing

@Suite("What callers of artifact stores rely on", .timeLimit(.minutes(5)))
struct ArtifactStoreConformanceTests {
    /// - Parameter wrap: what stands before the store, with the folder that it keeps adapters in.
    private static func breach(
        of promise: ArtifactStorePromise, wrap: (FileArtifactStore, String) -> any ArtifactStore = { store, _ in store }
    ) async throws -> String? {
        try await TemporaryDirectory.with { directory in
            func store(_ name: String) -> any ArtifactStore {
                let folder = "\(directory)/\(name)"
                return wrap(FileArtifactStore(directory: folder), folder)
            }
            return await promise.breach(
                in: ArtifactStoreScene(
                    store: store("store"), restarted: store("store"), elsewhere: store("elsewhere"), folder: directory))
        }
    }

    @Test("the store of folders keeps it", arguments: ArtifactStorePromise.allCases)
    func files(promise: ArtifactStorePromise) async throws {
        #expect(try await Self.breach(of: promise) == nil)
    }

    @Test("a store without adapters tells every one as missing")
    func none() async throws {
        #expect(try await Self.breach(of: .tellsMissing) { _, _ in NoArtifacts() } == nil)
    }

    @Test("a broken promise is found", arguments: ArtifactStorePromise.allCases)
    func broken(promise: ArtifactStorePromise) async throws {
        let breach = try await Self.breach(of: promise) { BrokenStore(store: $0, folder: $1, breaks: promise) }
        #expect(breach != nil)
    }
}

/// Breaks one promise.
private final class BrokenStore: ArtifactStore {
    let store: FileArtifactStore
    let folder: String
    let breaks: ArtifactStorePromise
    /// Where the last adapter came from.
    private let source = Mutex("")

    init(store: FileArtifactStore, folder: String, breaks: ArtifactStorePromise) {
        self.store = store
        self.folder = folder
        self.breaks = breaks
    }

    func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts {
        source.withLock { $0 = directory }
        if breaks == .refusesUnsound {
            let taken = ExpectedAdapter(rank: 2, alpha: 4, baseSHA256: Digest(of: "the base weights"))
            return try await store.store(adapterAt: directory, expecting: taken)
        }
        var facts = try await told { try await store.store(adapterAt: directory, expecting: lora) }
        switch breaks {
        case .saysWhatItTook: facts.sizeBytes += 1
        case .keepsOnce: facts.digest = Digest(of: directory)
        default: break
        }
        return facts
    }

    func directory(of adapter: AdapterDigest) async throws -> String {
        switch breaks {
        case .ownsACopy: source.withLock { $0 }
        case .isFoundAgain: throw FledgeError("adapter.missing", "it is not there")
        case .tellsMissing, .tellsDamage: "\(folder)/\(adapter.rawValue)"
        default: try await told { try await store.directory(of: adapter) }
        }
    }

    private func told<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch is CancellationError where breaks == .endsWhenCancelled {
            throw FledgeError("adapter.corrupted", "it is not what was stored")
        }
    }
}
