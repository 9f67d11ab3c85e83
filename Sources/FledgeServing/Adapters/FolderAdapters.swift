import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Adapters at a server that is told the folder of one with each call, and that nobody tells to load or unload any.
package actor FolderAdapters: AdapterDelivery {
    /// The server may be started anew with another base: after this long it is looked at again.
    private static let checkAge = Duration.seconds(30)

    private let server: any AdapterReader
    private let folder: SharedAdapterFolder
    private let now: @Sendable () -> ContinuousClock.Instant
    /// When the server last told its base; nil where it has not.
    private var checkedAt: ContinuousClock.Instant?
    private var routes: [AdapterDigest: AdapterRoute] = [:]
    /// Where each folder lies, as the server sees it.
    private var paths: [AdapterDigest: String] = [:]

    init(
        server: any AdapterReader, folder: AdapterFolder,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.server = server
        self.folder = SharedAdapterFolder(folder)
        self.now = now
    }

    package func deliver(_ adapters: [ServedAdapter]) async throws {
        try await check()
        for adapter in adapters where routes[adapter.digest] == nil {
            let path = try folder.put(adapter.digest.rawValue + server.suffix) {
                try server.write(PEFTAdapter(adapter), to: $0)
            }
            paths[adapter.digest] = path
            routes[adapter.digest] = server.route(to: adapter, at: path)
        }
    }

    package func begin(_ adapter: AdapterDigest?) async throws -> AdapterRoute {
        try await check()
        guard let adapter else { return AdapterRoute() }
        guard let route = routes[adapter] else { throw ModelFailure.unknownAdapter(adapter) }
        return route
    }

    package func end(_ route: AdapterRoute) async {}

    /// Nothing is loaded for good, so nothing can be lost: the folder itself is not seen there.
    package func renew(_ route: AdapterRoute) async throws -> AdapterRoute? {
        guard let adapter = route.adapter, let path = paths[adapter] else { return nil }
        throw AdapterProblem.notSeen(path, says: nil)
    }

    /// The server doesn't tell: these are what calls can name.
    package func loaded() async throws -> [AdapterDigest] { paths.keys.sorted { $0.rawValue < $1.rawValue } }

    package nonisolated var mixes: Bool { server.mixes }

    private func check() async throws {
        if let checkedAt, checkedAt.duration(to: now()) <= Self.checkAge { return }
        if try await server.check() { checkedAt = now() }
    }
}
