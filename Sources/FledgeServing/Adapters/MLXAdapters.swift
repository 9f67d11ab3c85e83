import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Adapters at a server of mlx-lm, which takes the folder of one with each call.
package actor MLXAdapters: AdapterDelivery {
    private let folder: SharedAdapterFolder
    private var paths: [AdapterDigest: String] = [:]

    package init(folder: AdapterFolder) { self.folder = SharedAdapterFolder(folder) }

    package func deliver(_ adapters: [ServedAdapter]) async throws {
        for adapter in adapters where paths[adapter.digest] == nil {
            paths[adapter.digest] = try folder.put("\(adapter.digest.rawValue)-mlx") {
                try PEFTAdapter(adapter).writeMLX(to: $0)
            }
        }
    }

    package func begin(_ adapter: AdapterDigest?) async throws -> AdapterRoute {
        guard let adapter else { return AdapterRoute() }
        guard let path = paths[adapter] else { throw ModelFailure.unknownAdapter(adapter) }
        return AdapterRoute(adapter: adapter, path: path)
    }

    package func end(_ route: AdapterRoute) async {}

    /// Nothing is loaded for good, so nothing can be lost: the folder itself is not seen there.
    package func renew(_ route: AdapterRoute) async throws -> AdapterRoute? {
        guard let path = route.path else { return nil }
        throw AdapterProblem.notSeen(path, says: nil)
    }

    /// The server doesn't tell: these are what calls can name.
    package func loaded() async throws -> [AdapterDigest] { paths.keys.sorted { $0.rawValue < $1.rawValue } }

    /// With another adapter the server reads the whole model anew.
    package nonisolated var mixes: Bool { false }
}
