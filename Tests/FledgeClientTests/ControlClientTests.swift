import FledgeClient
import FledgeCore
import FledgeTestKit
import Testing

@Suite("The client of the control API")
struct ControlClientTests {
    @Test("without a daemon the client says how to start one: exit 69")
    func notRunning() async throws {
        try await TemporaryDirectory.with { directory in
            let client = ControlClient(socket: directory + "/s.sock")
            let error = await #expect(throws: FledgeError.self) { try await client.statuses(name: nil) }
            #expect(error?.code == "daemon.not_running")
            #expect(error?.exitCode == .unavailable)
            #expect(error?.hint == "fledge daemon start")
        }
    }
}
