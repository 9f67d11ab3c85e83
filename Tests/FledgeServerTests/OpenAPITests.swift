import FledgeAPI
import FledgeCore
import FledgeTestKit
import Testing

@Suite("The OpenAPI document")
struct OpenAPITests {
    @Test("docs/openapi.json is made from the endpoints; FLEDGE_RECORD=1 writes it anew")
    func committed() throws {
        #expect(try RecordedPage.committed("docs/openapi.json", made: OpenAPIDocument.text) == OpenAPIDocument.text)
    }

    @Test("every endpoint has a name of its own, a summary, and codes of the catalogue")
    func endpoints() throws {
        let all = Endpoints.all.map(\.facts)
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(Set(all.map { "\($0.method) \($0.path)" }).count == all.count)
        for endpoint in Endpoints.all {
            #expect(!endpoint.facts.summary.isEmpty && !endpoint.facts.summary.hasSuffix("."))
            for code in endpoint.errors(hasBody: true) {
                #expect(ErrorCatalogue.entry(of: code) != nil, "\(endpoint.facts.name): \(code.rawValue)")
            }
        }
    }

    @Test("every reference leads to a schema, and every schema is referred to")
    func references() throws {
        let document = SchemaCheck(try OpenAPIDocument.document)
        var referred: Set<String> = []
        document.eachReference { referred.insert($0) }
        #expect(referred == Set(document.schemas.keys))
    }

    @Test(
        "an enumeration lists its values",
        arguments: [
            ("WorkState", WorkState.allCases.map(\.rawValue)), ("Stage", Stage.allCases.map(\.rawValue)),
            ("AccessScope", AccessScope.allCases.map(\.rawValue)), ("Verdict", Verdict.allCases.map(\.rawValue)),
        ])
    func enumerations(name: String, values: [String]) throws {
        let schema = SchemaCheck(try OpenAPIDocument.document).schemas[name]
        #expect(schema == .object(["enum": .array(values.map(JSONValue.text)), "type": .text("string")]))
    }

    @Test("what the daemon answers fits the schema of its endpoint")
    func answers() throws {
        let document = SchemaCheck(try OpenAPIDocument.document)
        try document.check(
            [Fixtures.status(gate: Fixtures.gate(.failed), progress: Fixtures.progress, release: 1)],
            of: Endpoints.statuses)
        try document.check([Fixtures.entry(1)], of: Endpoints.history)
        try document.check(Fixtures.explanation, of: Endpoints.explanation)
        try document.check(Fixtures.explanation.decisions[0], of: Endpoints.decision)
        try document.check(try Fixtures.dataReport, of: Endpoints.dataReport)
        try document.check(Fixtures.ledger, of: Endpoints.holdout)
        try document.check(Fixtures.scores, of: Endpoints.experiments)
        try document.check([Fixtures.job(hasEnded: true)], of: Endpoints.jobs)
        try document.check(Fixtures.golden, of: Endpoints.golden)
        try document.check(Fixtures.labelSheet, of: Endpoints.labelSheet)
        try document.check([Fixtures.judgeStatus], of: Endpoints.judges)
        try document.check(Fixtures.auditReport, of: Endpoints.auditReport)
        try document.check(Fixtures.auditHashes, of: Endpoints.auditHashes)
        try document.check([Fixtures.brokenAdapter], of: Endpoints.championAdapters)
        try document.check(Readiness([.init(name: "database", problem: "gone")]), of: Endpoints.readiness)
        try document.check(try OpenAPIDocument.document, of: Endpoints.openAPI)
    }

    @Test("a value that doesn't fit is found")
    func misfits() throws {
        let document = SchemaCheck(try OpenAPIDocument.document)
        let status = try #require(document.schemas["Readiness"])
        let right: JSONValue = .object(["isReady": .bool(true), "parts": .array([])])
        #expect(document.misfit(right, status) == nil)
        #expect(document.misfit(.object(["parts": .array([])]), status) != nil)
        #expect(document.misfit(.object(["isReady": .text("yes"), "parts": .array([])]), status) != nil)
        #expect(document.misfit(.object(["isReady": .bool(true), "parts": .array([.bool(true)])]), status) != nil)
        let more: JSONValue = .object(["isReady": .bool(true), "parts": .array([]), "more": .null])
        #expect(document.misfit(more, status) != nil)
    }
}
