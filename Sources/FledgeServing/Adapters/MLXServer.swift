import FledgeEngine
import Foundation

/// mlx-lm has files of its own, and takes the folder in a field of the request.
struct MLXServer: AdapterReader {
    var suffix: String { "-mlx" }

    /// With another adapter it reads the whole model anew.
    var mixes: Bool { false }

    func check() async throws -> Bool { true }

    func write(_ adapter: PEFTAdapter, to target: URL) throws { try adapter.writeMLX(to: target) }

    func route(to adapter: ServedAdapter, at path: String) -> AdapterRoute {
        AdapterRoute(adapter: adapter.digest, path: path)
    }
}
