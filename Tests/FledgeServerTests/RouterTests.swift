import FledgeAPI
import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
@_spi(Internal) import Hummingbird
import Testing

@testable import FledgeServer
@testable import Hummingbird

@Suite("The daemon's routes")
struct RouterTests {
    private static let doors = ["socket", "network"]

    private func router(_ door: String, _ directory: String) async throws -> Router<ControlContext> {
        let network = try ControlServer.Network(host: "127.0.0.1", port: 0, token: "settings-5f0c9d3e7a1b48c2")
        let hosts = HostNames(listening: "127.0.0.1", others: [])
        return ControlRouter.make(
            api: MemoryControlAPI(),
            door: door == "socket" ? .socket : .network(TokenBook(network: network, store: nil), hosts),
            probes: ControlProbes(), spool: try await SubmissionSpool(in: directory + "/uploads"))
    }

    @Test("every route is an endpoint and every endpoint a route, on either door", arguments: Self.doors)
    func routes(door: String) async throws {
        try await TemporaryDirectory.with { directory in
            var routes: Set<String> = []
            try await router(door, directory).trie.forEach { node in
                guard let value = node.value else { return }
                for method in value.methods.keys { routes.insert("\(method.rawValue) \(value.path)") }
            }
            let endpoints = Endpoints.all.map { "\($0.facts.method.rawValue) \(RouterPath($0.facts.path))" }
            #expect(routes == Set(endpoints))
        }
    }
}
