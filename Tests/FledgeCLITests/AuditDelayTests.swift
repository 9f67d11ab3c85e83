import FledgeCore
import FledgeEngine
import Foundation
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("A webhook of the evidence that is behind")
struct AuditDelayTests {
    private static func status(_ delay: AuditDelay?) -> DaemonStatus {
        DaemonStatus(
            version: "1", processID: 7, startedAt: Fixtures.date, stateDirectory: "/s", database: "d", dueWork: 0,
            leasedWork: 0, auditDelay: delay)
    }

    @Test("is told by the daemon's status, and is a problem for doctor once a try has failed")
    func told() {
        let problem = FledgeError("audit.webhook_failed", "it answered with status 500", hint: "see its log")
        let failed = AuditDelay(useCases: 3, since: Fixtures.date, problem: problem)
        let waiting = AuditDelay(useCases: 1, since: Fixtures.date, problem: nil)
        #expect(DaemonText.status(Self.status(failed)).contains("webhook   heads of 3 use cases not sent, since "))
        #expect(DaemonText.status(Self.status(failed)).contains("it answered with status 500"))
        #expect(!DaemonText.status(Self.status(nil)).contains("webhook"))
        #expect(Doctor.findings(of: Self.status(nil), on: "here").map(\.part) == ["daemon"])
        #expect(Doctor.findings(of: Self.status(waiting), on: "here").map(\.part) == ["daemon"])
        let findings = Doctor.findings(of: Self.status(failed), on: "here")
        #expect(findings.map(\.part) == ["daemon", "webhook"] && findings[1].state == .problem)
        #expect(findings[1].todo == "see its log" && findings[1].exitStatus == .unavailable)
    }
}
