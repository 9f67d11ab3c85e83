import FledgeAPI
import FledgeCore
import FledgeDocument
import Foundation
import Testing

/// What goes over the wire stays as it is: a command line of an earlier version talks to a later daemon, and the other
/// way round.
@Suite("Requests on the wire")
struct WireTests {
    private static func sent<Asked, Answer>(
        _ endpoint: Endpoint<Asked, Answer>, _ asked: Asked
    ) throws -> (name: String, line: String, body: String) {
        let parts = try endpoint.parts(of: asked)
        let body = parts.body.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = "\(endpoint.facts.method.rawValue) \(endpoint.target(of: parts))"
        return (endpoint.facts.name, line, body)
    }

    private static let named = NamedRequest(name: "triage")
    private static let job = TrainingJobID(42)

    /// Every endpoint, with what is sent for it.
    private static var all: [(sent: (name: String, line: String, body: String), line: String, body: String)] {
        get throws {
            let empty = EmptyRequest()
            return try [
                (
                    sent(Endpoints.statuses, PageRequest(limit: PageLimit(1000), after: "a b")),
                    "GET /v1/use-cases?limit=1000&after=a%20b", ""
                ),
                (sent(Endpoints.status, NamedRequest(name: "a/b?c#d")), "GET /v1/use-cases/a%2Fb%3Fc%23d", ""),
                (sent(Endpoints.history, NamedRequest(name: "")), "GET /v1/use-cases/%20/history", ""),
                (sent(Endpoints.explanation, named), "GET /v1/use-cases/triage/explanation", ""),
                (
                    sent(Endpoints.decision, DecisionRequest(name: "triage", number: 3)),
                    "GET /v1/use-cases/triage/decisions/3", ""
                ),
                (sent(Endpoints.replay, named), "GET /v1/use-cases/triage/replay", ""),
                (sent(Endpoints.dataReport, named), "GET /v1/use-cases/triage/data", ""),
                (sent(Endpoints.holdout, named), "GET /v1/use-cases/triage/holdout", ""),
                (sent(Endpoints.experiments, named), "GET /v1/use-cases/triage/experiments", ""),
                (
                    sent(
                        Endpoints.command,
                        NamedBodyRequest(name: "triage", CommandRequest(command: .reject(reason: "slow"), actor: ""))),
                    "POST /v1/use-cases/triage/commands",
                    #"{"actor":"","command":{"reject":{"reason":"slow"}}}"#
                ),
                (sent(Endpoints.releases, named), "GET /v1/use-cases/triage/releases", ""),
                (
                    sent(
                        Endpoints.rollback,
                        NamedBodyRequest(name: "triage", RollbackRequest(number: 2, actor: "a", reason: "r"))),
                    "POST /v1/use-cases/triage/rollback", #"{"actor":"a","number":2,"reason":"r"}"#
                ),
                (
                    sent(Endpoints.export, ExportRequest(name: "triage", number: nil)),
                    "GET /v1/use-cases/triage/export", ""
                ),
                (
                    sent(Endpoints.export, ExportRequest(name: "triage", number: 4)),
                    "GET /v1/use-cases/triage/export?number=4", ""
                ),
                (sent(Endpoints.exportToFolder, named), "POST /v1/use-cases/triage/export", ""),
                (
                    sent(
                        Endpoints.labelSheet,
                        LabelSheetRequest(name: "triage", count: 7, actor: "user:ada", metric: "tone")),
                    "GET /v1/use-cases/triage/labels?count=7&actor=user%3Aada&metric=tone", ""
                ),
                (
                    sent(
                        Endpoints.label,
                        NamedBodyRequest(name: "triage", LabelRequest(metric: nil, entries: [], actor: "a"))),
                    "POST /v1/use-cases/triage/labels", #"{"actor":"a","entries":[]}"#
                ),
                (sent(Endpoints.judges, named), "GET /v1/use-cases/triage/judges", ""),
                (sent(Endpoints.jobs, ListRequest(useCase: nil)), "GET /v1/jobs", ""),
                (sent(Endpoints.jobs, ListRequest(useCase: "triage")), "GET /v1/jobs?use-case=triage", ""),
                (
                    sent(
                        Endpoints.settlement,
                        NumberedBodyRequest(job, SettlementRequest(settlement: .running(externalID: "x"), actor: "a"))),
                    "POST /v1/jobs/42/settlement", #"{"actor":"a","settlement":{"running":{"externalID":"x"}}}"#
                ),
                (sent(Endpoints.jobLog, NumberedRequest(job)), "GET /v1/jobs/42/log", ""),
                (sent(Endpoints.golden, NumberedRequest(job)), "GET /v1/jobs/42/golden", ""),
                (
                    sent(Endpoints.openWork, WorkRequest(states: [.dead, .queued], limit: 5, useCase: "triage")),
                    "GET /v1/work?states=dead-queued&limit=5&use-case=triage", ""
                ),
                (
                    sent(
                        Endpoints.retryWork, NumberedBodyRequest(WorkItemID(7), WorkRetryRequest(actor: "a"))),
                    "POST /v1/work/7/retry", #"{"actor":"a"}"#
                ),
                (sent(Endpoints.spend, ListRequest(useCase: "triage")), "GET /v1/spend?use-case=triage", ""),
                (sent(Endpoints.reports, ListRequest(useCase: nil)), "GET /v1/reports", ""),
                (
                    sent(Endpoints.reportNow, BodyRequest(ReportNowRequest(useCase: "triage", formats: [.html]))),
                    "POST /v1/reports", #"{"formats":["html"],"useCase":"triage"}"#
                ),
                (sent(Endpoints.auditedNames, empty), "GET /v1/audit", ""),
                (sent(Endpoints.auditReport, named), "GET /v1/audit/triage", ""),
                (sent(Endpoints.auditHashes, named), "GET /v1/audit/triage/hashes", ""),
                (sent(Endpoints.championAdapters, empty), "GET /v1/champions/adapters", ""),
                (sent(Endpoints.caller, empty), "GET /v1/caller", ""),
                (sent(Endpoints.tokens, empty), "GET /v1/tokens", ""),
                (
                    sent(
                        Endpoints.createToken,
                        BodyRequest(TokenRequest(name: "x", grant: AccessGrant(scopes: [.read]), seconds: 60))),
                    "POST /v1/tokens", #"{"grant":{"scopes":["read"]},"name":"x","seconds":60}"#
                ),
                (sent(Endpoints.revokeToken, NamedRequest(name: "x")), "POST /v1/tokens/x/revoke", ""),
                (sent(Endpoints.daemonStatus, empty), "GET /v1/daemon", ""),
                (sent(Endpoints.models, empty), "GET /v1/models", ""),
                (sent(Endpoints.openAPI, empty), "GET /v1/openapi.json", ""),
                (sent(Endpoints.liveness, empty), "GET /livez", ""),
                (sent(Endpoints.readiness, empty), "GET /readyz", ""),
                (sent(Endpoints.metrics, empty), "GET /metrics", ""),
                (sent(Endpoints.statusPage, empty), "GET /", ""),
            ]
        }
    }

    @Test("every endpoint is asked with the method, path, query and body that it has always had")
    func requests() throws {
        for (sent, line, body) in try Self.all {
            #expect(sent.line == line)
            #expect(sent.body == body, "\(line)")
        }
        // Definitions are sent piece by piece, as a header and the files behind it.
        let definitions = [Endpoints.plan.facts, Endpoints.apply.facts]
        #expect(definitions.map(\.path) == ["/v1/definitions/plan", "/v1/definitions/apply"])
        #expect(definitions.allSatisfy { $0.method == .post })
        let asked = Set(try Self.all.map(\.sent.name)).union(definitions.map(\.name))
        #expect(asked == Set(Endpoints.all.map(\.facts.name)))
    }

    @Test("a request is read as it was sent")
    func roundTrip() throws {
        let work = WorkRequest(states: [.leased], limit: 3, useCase: "a b")
        #expect(try Endpoints.openWork.request(from: Endpoints.openWork.parts(of: work)) == work)
        let sheet = LabelSheetRequest(name: "triage", count: 9, actor: "grace", metric: nil)
        #expect(try Endpoints.labelSheet.request(from: Endpoints.labelSheet.parts(of: sheet)) == sheet)
        let rollback = NamedBodyRequest(name: "triage", RollbackRequest(number: 2, actor: "a", reason: "r"))
        let read = try Endpoints.rollback.request(from: Endpoints.rollback.parts(of: rollback))
        #expect(read.name == rollback.name && read.body == rollback.body)
        let retry = NumberedBodyRequest(WorkItemID(7), WorkRetryRequest(actor: "a"))
        #expect(try Endpoints.retryWork.request(from: Endpoints.retryWork.parts(of: retry)).identifier == WorkItemID(7))
    }

    @Test("what a client of before leaves out, or writes in its own way, is read as before")
    func leniency() throws {
        let all = try Endpoints.statuses.request(from: RequestParts())
        #expect(all == PageRequest(limit: nil, after: nil))
        let work = try Endpoints.openWork.request(
            from: RequestParts(fields: [("states", ""), ("limit", "many"), ("unknown", "1")]))
        #expect(work.states?.states == [] && work.limit?.value == nil && work.useCase == nil)
        let long = try Endpoints.statuses.request(from: RequestParts(fields: [("limit", "999999")]))
        #expect(long.limit?.value == PageLimit.largest)
    }

    @Test(
        "a parameter that can't be read is refused with its own code",
        arguments: [("0", "request.bad_limit"), ("-1", "request.bad_limit"), ("x", "request.bad_limit")])
    func badLimit(text: String, code: String) {
        let error = #expect(throws: FledgeError.self) {
            try Endpoints.statuses.request(from: RequestParts(fields: [("limit", text)]))
        }
        #expect(error?.code.rawValue == code)
        let number = #expect(throws: ParameterError.self) {
            try Endpoints.export.request(from: RequestParts(fields: [("name", "a"), ("number", "x")]))
        }
        #expect(number?.key == "number")
        let state = #expect(throws: FledgeError.self) {
            try Endpoints.openWork.request(from: RequestParts(fields: [("states", "done")]))
        }
        #expect(state?.code == "work.unknown_state")
    }
}
