import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Adapters at a vLLM server, which loads them by name out of a folder that it shares with the daemon.
///
/// Names are made of content, so none of them ever means two things. As long as adapters are loaded, the base is asked as an
/// adapter of zeros: vLLM on the CPU answers calls without an adapter with that of its last slot, where they are computed
/// beside calls with one and all slots are taken.
package actor VLLMAdapters: AdapterDelivery {
    /// What is known of the server's list of models, and since when.
    private struct Listing {
        var models: [VLLMClient.Model]
        var at: ContinuousClock.Instant

        var adapters: [VLLMClient.Model] { models.filter { $0.parent != nil } }
        func has(_ name: String) -> Bool { models.contains { $0.id == name } }
        var zero: String? { adapters.first { $0.id.hasPrefix(VLLMAdapters.zeroPrefix) }?.id }
    }

    private static let zeroPrefix = "fledge-zero-"
    /// Other daemons load adapters too: after this long the list is looked at again.
    private static let listAge = Duration.seconds(30)
    /// How many adapters stay loaded at a server that does not tell its slots.
    private static let presumedRoom = 8

    private let model: String
    private let client: VLLMClient
    private let folder: SharedAdapterFolder
    private let now: @Sendable () -> ContinuousClock.Instant
    private var listing: Listing?
    /// Where each name's folder lies, as the server sees it.
    private var paths: [String: String] = [:]
    private var zero: String?
    private var calls: [String: Int] = [:]
    private var lastUse: [String: Int] = [:]
    private var uses = 0
    private var slots: Int?

    /// - Parameter model: the base, as the server calls it.
    init(
        model: String, address: ServerAddress, folder: AdapterFolder, http: CurlClient,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.model = model
        client = VLLMClient(address: address, http: http)
        self.folder = SharedAdapterFolder(folder)
        self.now = now
    }

    package func deliver(_ adapters: [ServedAdapter]) async throws {
        for adapter in adapters {
            let name = adapter.digest.rawValue
            if paths[name] == nil {
                paths[name] = try folder.put(name) { try PEFTAdapter(adapter).copy(to: $0) }
                if zero == nil {
                    let made = try PEFTAdapter(adapter).zero()
                    let name = Self.zeroPrefix + made.digest.short
                    paths[name] = try folder.put(name) { try made.write(to: $0) }
                    zero = name
                }
            }
            try await load(name)
            try await loadZero()
        }
    }

    package func begin(_ adapter: AdapterDigest?) async throws -> AdapterRoute {
        guard let adapter else { return hold(AdapterRoute(servedName: await servedBase())) }
        // Held before it is looked for, so that nobody unloads it in between.
        let route = hold(AdapterRoute(adapter: adapter, servedName: adapter.rawValue))
        do {
            if paths[adapter.rawValue] != nil {
                try await load(adapter.rawValue)
            } else if try await list().has(adapter.rawValue) == false,
                try await list(afresh: true).has(adapter.rawValue) == false
            {
                throw ModelFailure.unknownAdapter(adapter)
            }
        } catch {
            await end(route)
            throw error
        }
        return route
    }

    package func end(_ route: AdapterRoute) async {
        guard let name = route.servedName, let count = calls[name] else { return }
        calls[name] = count > 1 ? count - 1 : nil
    }

    package func renew(_ route: AdapterRoute) async throws -> AdapterRoute? {
        guard let name = route.servedName else { return nil }
        _ = try await list(afresh: true)
        if route.adapter == nil {
            try await loadZero()
        } else if paths[name] != nil {
            try await load(name)
        } else {
            return nil
        }
        return try await begin(route.adapter)
    }

    package func loaded() async throws -> [AdapterDigest] {
        try await list(afresh: true).adapters.compactMap { Digest(rawValue: $0.id) }
            .sorted { $0.rawValue < $1.rawValue }
    }

    package nonisolated var mixes: Bool { true }

    // MARK: Calls

    private func hold(_ route: AdapterRoute) -> AdapterRoute {
        guard let name = route.servedName else { return route }
        calls[name, default: 0] += 1
        uses += 1
        lastUse[name] = uses
        return route
    }

    /// The name of the zeros while any adapter is loaded; nil for the model's own.
    private func servedBase() async -> String? {
        // A server that does not tell what it has loaded is asked by the model's name: the call itself shows what is wrong.
        guard let listing = try? await list(), !listing.adapters.isEmpty else { return nil }
        return listing.zero
    }

    // MARK: Loading

    private func list(afresh: Bool = false) async throws -> Listing {
        if !afresh, let listing, listing.at.duration(to: now()) < Self.listAge { return listing }
        let fresh = Listing(models: try await client.models(), at: now())
        listing = fresh
        return fresh
    }

    private func load(_ name: String, makesRoom: Bool = true) async throws {
        guard try await !list().has(name), let path = paths[name] else { return }
        if makesRoom { try await makeRoom() }
        try await client.load(name, path: path)
        guard let found = try await list(afresh: true).models.first(where: { $0.id == name }) else {
            throw AdapterProblem.notListed(name, base: nil, model: model)
        }
        // A base of several names is listed under each; an adapter has the first of them as its parent.
        let bases = listing?.models.filter { $0.parent == nil }.map(\.id) ?? []
        guard let parent = found.parent, parent == model || bases.contains(parent) && bases.contains(model) else {
            throw AdapterProblem.notListed(name, base: found.parent ?? "nothing", model: model)
        }
    }

    /// The base is asked under its own name where the zeros can't be loaded; the golden check finds whether that is right.
    private func loadZero() async throws {
        guard try await list().zero == nil, let zero else { return }
        do {
            try await load(zero, makesRoom: false)
        } catch let error as FledgeError where error.code.rawValue.hasPrefix("model.adapter_") {
            return
        }
    }

    /// Unloads the adapters that were longest not asked, and that no call of this daemon waits for, until one more leaves a
    /// slot spare beside the zeros.
    private func makeRoom() async throws {
        if slots == nil { slots = await client.slots() }
        let room = slots.map { max(1, $0 - 2) } ?? Self.presumedRoom
        let ours = try await list().adapters.map(\.id).filter { Digest(rawValue: $0) != nil }
        guard ours.count >= room else { return }
        let idle = ours.filter { calls[$0] == nil }.sorted { lastUse[$0, default: 0] < lastUse[$1, default: 0] }
        for name in idle.prefix(ours.count - room + 1) { try await client.unload(name) }
        _ = try await list(afresh: true)
    }
}
