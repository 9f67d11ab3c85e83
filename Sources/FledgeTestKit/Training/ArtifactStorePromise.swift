import FledgeCore
import FledgeEngine
import Foundation

/// What callers of an artifact store rely on, whatever it keeps adapters in. Each implementation's tests try every
/// promise that they can make a scene for:
///
/// ```swift
/// @Test("the store keeps what its callers rely on", arguments: ArtifactStorePromise.allCases)
/// func conforms(promise: ArtifactStorePromise) async throws {
///     #expect(await promise.breach(in: scene()) == nil)
/// }
/// ```
package enum ArtifactStorePromise: String, Sendable, CaseIterable, CustomStringConvertible {
    case saysWhatItTook = "what was stored is told with its rank, alpha, modules and size"
    case keepsOnce = "the same content, at the same moment or later, is one adapter in one folder"
    case ownsACopy = "an adapter is taken as a copy: the folder it came from is left as it is, and may go"
    case isFoundAgain = "a stored adapter is found by a daemon that was started anew"
    case tellsMissing = "an adapter that was never stored is told as missing"
    case tellsDamage = "a file that was changed, removed or added is found, and storing the adapter again mends it"
    case refusesUnsound = "what doesn't fit, or is no adapter, is refused by its code, and isn't kept"
    case endsWhenCancelled = "a caller that is cancelled is told nothing about the adapter, and nothing is kept"

    package var description: String { rawValue }

    private struct Breach: Error {
        let words: String
    }

    /// - Parameter scene: a new one, in which nothing was stored yet.
    /// - Returns: how the promise is broken; nil where it is kept.
    package func breach(in scene: ArtifactStoreScene) async -> String? {
        do {
            switch self {
            case .saysWhatItTook: try await Self.facts(scene)
            case .keepsOnce: try await Self.once(scene)
            case .ownsACopy: try await Self.copy(scene)
            case .isFoundAgain: try await Self.found(scene)
            case .tellsMissing: try await Self.missing(Digest(of: "nothing"), in: scene)
            case .tellsDamage: try await Self.damage(scene)
            case .refusesUnsound: try await Self.refusal(scene)
            case .endsWhenCancelled: try await Self.cancellation(scene)
            }
            return nil
        } catch let breach as Breach {
            return breach.words
        } catch {
            return "it throws \(error)"
        }
    }

    private static func require(_ condition: Bool, _ words: @autoclosure () -> String) throws {
        if !condition { throw Breach(words: words()) }
    }

    /// - Parameter code: what the body has to throw.
    private static func require<Value: Sendable>(
        _ code: FledgeError.Code, _ body: () async throws -> Value
    ) async throws {
        let came: String
        do { came = "\(try await body())" } catch let error as FledgeError where error.code == code { return } catch {
            came = "\(error)"
        }
        throw Breach(words: "not \(code.rawValue), but \(came)")
    }

    private static func stored(_ path: String, in store: any ArtifactStore) async throws -> AdapterFacts {
        try await store.store(adapterAt: path, expecting: ArtifactStoreScene.expected)
    }

    private static func facts(_ scene: ArtifactStoreScene) async throws {
        let path = try scene.adapter()
        let facts = try await stored(path, in: scene.store)
        let size = try ArtifactStoreScene.files(in: path).values.reduce(0) { $0 + $1.count }
        let expected = ArtifactStoreScene.expected
        try require(
            facts.rank == expected.rank && facts.alpha == expected.alpha && facts.targetModules == ["q_proj"]
                && facts.sizeBytes == Int64(size), "of \(size) bytes it says \(facts)")
    }

    private static func once(_ scene: ArtifactStoreScene) async throws {
        let (path, copy) = (try scene.adapter(), try scene.adapter())
        async let one = stored(path, in: scene.store)
        async let other = stored(copy, in: scene.restarted)
        let (first, second) = (try await one, try await other)
        let third = try await stored(copy, in: scene.store)
        try require(first == second && first == third, "it says \(first), \(second) and \(third)")
        let different = try await stored(try scene.adapter("second"), in: scene.store)
        try require(different.digest != first.digest, "other content has the digest \(first.digest) as well")
        let folder = try await scene.store.directory(of: first.digest)
        let again = try await scene.restarted.directory(of: first.digest)
        try require(folder == again, "it is in \(folder) and in \(again)")
    }

    private static func copy(_ scene: ArtifactStoreScene) async throws {
        let path = try scene.adapter()
        let before = try ArtifactStoreScene.files(in: path)
        let facts = try await stored(path, in: scene.store)
        let after = try ArtifactStoreScene.files(in: path)
        try require(after == before, "the folder it came from holds \(after.keys.sorted())")
        try TemporaryDirectory.remove(path)
        let kept = try ArtifactStoreScene.files(in: try await scene.store.directory(of: facts.digest))
        try require(kept == before, "it keeps \(kept.mapValues(\.count)) of \(before.mapValues(\.count))")
    }

    private static func found(_ scene: ArtifactStoreScene) async throws {
        let path = try scene.adapter()
        let facts = try await stored(path, in: scene.store)
        let kept = try ArtifactStoreScene.files(in: try await scene.restarted.directory(of: facts.digest))
        let made = try ArtifactStoreScene.files(in: path)
        try require(kept == made, "it keeps \(kept.mapValues(\.count)) of \(made.mapValues(\.count))")
    }

    private static func missing(_ adapter: AdapterDigest, in scene: ArtifactStoreScene) async throws {
        for store in [scene.store, scene.restarted] {
            try await require("adapter.missing") { try await store.directory(of: adapter) }
        }
    }

    private static func damage(_ scene: ArtifactStoreScene) async throws {
        let path = try scene.adapter()
        let sound = try ArtifactStoreScene.files(in: path)
        let facts = try await stored(path, in: scene.store)
        var changes: [(name: String, content: Data?)] = [
            ("adapter_config.json", nil), ("adapter_model.bin", Data([0x80])),
        ]
        for (name, content) in sound {
            var changed = content
            changed[changed.count / 2] ^= 1
            changes.append((name, changed))
        }
        for change in changes {
            let folder = try await scene.store.directory(of: facts.digest)
            let file = URL(filePath: folder).appending(path: change.name)
            if let content = change.content {
                try content.write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
            for store in [scene.store, scene.restarted] {
                try await require("adapter.corrupted") { try await store.directory(of: facts.digest) }
            }
            let again = try await stored(path, in: scene.store)
            try require(again == facts, "stored again, it is \(again)")
            let mended = try ArtifactStoreScene.files(in: try await scene.restarted.directory(of: facts.digest))
            try require(mended == sound, "stored again, it holds \(mended.mapValues(\.count))")
        }
    }

    private static func refusal(_ scene: ArtifactStoreScene) async throws {
        let path = try scene.adapter()
        let digest = try await stored(path, in: scene.elsewhere).digest
        let expected = ArtifactStoreScene.expected
        let others: [(FledgeError.Code, ExpectedAdapter)] = [
            ("adapter.wrong_rank", ExpectedAdapter(rank: 4, alpha: expected.alpha, baseSHA256: expected.baseSHA256)),
            ("adapter.wrong_rank", ExpectedAdapter(rank: expected.rank, alpha: 8, baseSHA256: expected.baseSHA256)),
            (
                "adapter.wrong_base",
                ExpectedAdapter(rank: expected.rank, alpha: expected.alpha, baseSHA256: Digest(of: "other weights"))
            ),
        ]
        for (code, other) in others {
            try await require(code) { try await scene.store.store(adapterAt: path, expecting: other) }
        }
        try await require("adapter.missing") { try await stored(path + "-none", in: scene.store) }
        let strange = URL(filePath: path).appending(path: "adapter_model.bin")
        try Data([0x80]).write(to: strange)
        try await require("adapter.unexpected_file") { try await stored(path, in: scene.store) }
        try FileManager.default.removeItem(at: strange)
        try await missing(digest, in: scene)
    }

    private static func cancellation(_ scene: ArtifactStoreScene) async throws {
        let first = try await stored(try scene.adapter(), in: scene.store)
        let path = try scene.adapter("second")
        let second = try await stored(path, in: scene.elsewhere)
        let came = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var came: [String] = []
            do { came.append(try await scene.store.directory(of: first.digest)) } catch is CancellationError {} catch {
                came.append("\(error)")
            }
            do { came.append("\(try await stored(path, in: scene.store))") } catch is CancellationError {} catch {
                came.append("\(error)")
            }
            return came
        }.value
        try require(came.isEmpty, "a caller that is cancelled is told \(came)")
        try await missing(second.digest, in: scene)
    }
}
