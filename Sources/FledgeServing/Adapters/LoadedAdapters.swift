import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Adapters at a server that loads them by name, while it runs, out of a folder that it shares with the daemon.
///
/// Names are made of content, so none of them ever means two things. Where the server needs it, the base is asked as an
/// adapter of zeros as long as adapters are loaded.
package actor LoadedAdapters: AdapterDelivery {
    /// What is known of the server's list of models, and since when.
    private struct Listing {
        var models: [ListedModel]
        var at: ContinuousClock.Instant

        var adapters: [ListedModel] { models.filter { $0.parent != nil } }
        func has(_ name: String) -> Bool { models.contains { $0.id == name } }
        var zero: String? { adapters.first { $0.id.hasPrefix(LoadedAdapters.zeroPrefix) }?.id }
    }

    private static let zeroPrefix = "fledge-zero-"
    /// Other daemons load adapters too: after this long the list is looked at again.
    private static let listAge = Duration.seconds(30)
    /// How many adapters stay loaded at a server that does not tell how many it takes.
    private static let presumedRoom = 8

    private let model: String
    private let server: any AdapterLoader
    private let folder: SharedAdapterFolder
    private let now: @Sendable () -> ContinuousClock.Instant
    private var listing: Listing?
    /// Where each name's folder lies, as the server sees it.
    private var paths: [String: String] = [:]
    private var zero: String?
    private var calls: [String: Int] = [:]
    private var lastUse: [String: Int] = [:]
    private var uses = 0
    private var room: Int?

    /// - Parameter model: the base, as the server calls it.
    init(
        model: String, server: any AdapterLoader, folder: AdapterFolder,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.model = model
        self.server = server
        self.folder = SharedAdapterFolder(folder)
        self.now = now
    }

    package func deliver(_ adapters: [ServedAdapter]) async throws {
        for adapter in adapters {
            let name = adapter.digest.rawValue
            if paths[name] == nil {
                paths[name] = try folder.put(name) { try PEFTAdapter(adapter).copy(to: $0) }
                if zero == nil, server.masksBase {
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
        let name = adapter.rawValue
        let route = hold(AdapterRoute(adapter: adapter, servedName: server.servedName(of: name, base: model)))
        do {
            if paths[name] != nil {
                try await load(name)
            } else if try await list().has(name) == false, try await list(afresh: true).has(name) == false {
                throw ModelFailure.unknownAdapter(adapter)
            }
        } catch {
            await end(route)
            throw error
        }
        return route
    }

    package func end(_ route: AdapterRoute) async {
        guard let name = Self.loadedName(of: route), let count = calls[name] else { return }
        calls[name] = count > 1 ? count - 1 : nil
    }

    package func renew(_ route: AdapterRoute) async throws -> AdapterRoute? {
        guard let name = Self.loadedName(of: route) else { return nil }
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

    /// The name under which what the call asks for was loaded; nil for the base under its own.
    private static func loadedName(of route: AdapterRoute) -> String? { route.adapter?.rawValue ?? route.servedName }

    private func hold(_ route: AdapterRoute) -> AdapterRoute {
        guard let name = Self.loadedName(of: route) else { return route }
        calls[name, default: 0] += 1
        uses += 1
        lastUse[name] = uses
        return route
    }

    /// The name of the zeros while any adapter is loaded; nil for the model's own.
    private func servedBase() async -> String? {
        // A server that does not tell what it has loaded is asked by the model's name: the call itself shows what is wrong.
        guard server.masksBase, let listing = try? await list(), !listing.adapters.isEmpty else { return nil }
        return listing.zero
    }

    // MARK: Loading

    private func list(afresh: Bool = false) async throws -> Listing {
        if !afresh, let listing, listing.at.duration(to: now()) < Self.listAge { return listing }
        let fresh = Listing(models: try await server.models(), at: now())
        listing = fresh
        return fresh
    }

    private func load(_ name: String, makesRoom: Bool = true) async throws {
        guard try await !list().has(name), let path = paths[name] else { return }
        if makesRoom { try await makeRoom() }
        try await server.load(name, path: path)
        guard let found = try await list(afresh: true).models.first(where: { $0.id == name }) else {
            throw AdapterProblem.notListed(name, base: nil, model: model, hint: server.unlistedHint)
        }
        // A base of several names is listed under each; an adapter has the first of them as its parent.
        let bases = listing?.models.filter { $0.parent == nil }.map(\.id) ?? []
        guard let parent = found.parent, parent == model || bases.contains(parent) && bases.contains(model) else {
            throw AdapterProblem.notListed(
                name, base: found.parent ?? "nothing", model: model, hint: server.unlistedHint)
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

    /// Unloads the adapters that were longest not asked, and that no call of this daemon waits for, until there is room for
    /// one more.
    private func makeRoom() async throws {
        if room == nil { room = await server.room() }
        let room = room ?? Self.presumedRoom
        // Others' adapters take places too; ours alone may go.
        let loaded = try await list().adapters.map(\.id).filter { !$0.hasPrefix(Self.zeroPrefix) }
        guard loaded.count >= room else { return }
        let idle = loaded.filter { Digest(rawValue: $0) != nil && calls[$0] == nil }
            .sorted { lastUse[$0, default: 0] < lastUse[$1, default: 0] }
        // A call may have taken one up while another was unloaded.
        for name in idle.prefix(loaded.count - room + 1) where calls[name] == nil { try await server.unload(name) }
        _ = try await list(afresh: true)
    }
}
