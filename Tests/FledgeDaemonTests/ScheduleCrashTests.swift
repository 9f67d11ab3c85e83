import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@Suite("A report schedule and a daemon that dies", .timeLimit(.minutes(15)))
struct ScheduleCrashTests {
    @Test("SIGKILL in the slot leaves it unfired, and the next start fires it once, by the latest slot that was missed")
    func killedInTheSlot() async throws {
        try await CountingModelServer.with { server in
            try await TestDaemon.with { daemon in
                var request = try CrashUseCase.prompted(server: server.base, in: daemon.data)
                request.document.useCase.reports = [
                    ReportScheduleDefinition(recurrence: .daily, time: "00:00", zone: "UTC", formats: [.json])
                ]
                _ = try await daemon.client.apply(request)
                let isPlanned = try await eventually {
                    try await daemon.number(
                        "SELECT count(*)::int AS n FROM report_schedule WHERE next_slot > now()") == 1
                }
                try #require(isPlanned)
                // Three slots were missed; the latest is caught up.
                try await daemon.database.execute(
                    "UPDATE report_schedule SET next_slot = next_slot - interval '3 days'")
                try await daemon.kill(whenItWritesTo: "schedule_slot", within: .seconds(30))
                #expect(try await daemon.number("SELECT count(*)::int AS n FROM schedule_slot") == 0)
                #expect(
                    try await daemon.number(
                        "SELECT count(*)::int AS n FROM report_schedule WHERE next_slot < now()") == 1)
                try await daemon.start()
                let isWritten = try await eventually {
                    try await daemon.number("SELECT count(*)::int AS n FROM report") == 1
                }
                #expect(isWritten)
                try await daemon.kill()
                try await daemon.start()
                #expect(try await daemon.number("SELECT count(*)::int AS n FROM schedule_slot") == 1)
                #expect(
                    try await daemon.number(
                        "SELECT count(*)::int AS n FROM schedule_slot WHERE slot > now() - interval '1 day'") == 1)
                #expect(try await daemon.number("SELECT count(*)::int AS n FROM report") == 1)
                #expect(
                    try await daemon.number(
                        "SELECT count(*)::int AS n FROM report_schedule WHERE next_slot > now()") == 1)
            }
        }
    }
}
