import FledgeCore
import FledgeDocument
import FledgeEngine
import Testing

@Suite struct ServerDirectoryTests {
    @Test("a local server begins with the adapters in use, and is then asked for no more than a candidate needs")
    func adapters() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let adapter = Digest(of: "adapter")
            let models = ServerDirectory(stores: fixture.store, catalog: fixture.models, artifacts: fixture.training)
            let local = ModelDefinition(name: "small", endpoint: .local)
            let before = fixture.models.loads.count
            _ = try await models.server(for: local, adapter: nil)
            _ = try await models.server(for: local, adapter: nil)
            _ = try await models.server(for: local, adapter: adapter)
            #expect(fixture.models.loads.dropFirst(before) == [[adapter], [], [adapter]])
        }
    }
}
