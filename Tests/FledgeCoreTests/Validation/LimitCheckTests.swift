import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("What check knows of caps and limits") struct LimitCheckTests {
    private static func diagnostics(_ useCase: UseCase) -> [Diagnostic] {
        DefinitionValidator.diagnostics(
            for: useCase.document,
            dataset: DatasetFacts(error: nil, rowCount: 10, fields: ["text"], labels: 2, problems: [], path: "d.jsonl"),
            isKnownZone: { $0 == "Europe/Berlin" }, isRegularExpression: { _ in true })
    }

    @Test(
        "a cap or limit that says nothing, or nonsense, is refused with its code",
        arguments: [
            (Spend(per: .day), "spend.no_cap"), (Spend(.dollars(0), per: .day), "spend.not_positive"),
            (Spend(calls: -1, per: .day), "spend.not_positive"),
            (Spend(calls: 5, per: .day, in: "Mars/Olympus"), "spend.unknown_zone"),
        ])
    func refuses(spend: Spend, code: String) {
        let found = Self.diagnostics(UseCase("u") { spend }).filter { $0.severity == .error }.map(\.code)
        #expect(found.contains(code))
    }

    @Test("no calls at once are refused, and a paid model without a price is told")
    func models() {
        let found = Self.diagnostics(
            UseCase("u") {
                Spend(.dollars(5), per: .week)
                Models {
                    Model("a", at: .openAICompatible("https://models.example/v1"), atOnce: 0)
                    Model("b", at: .local, atOnce: 4)
                }
            }
        ).map(\.code)
        #expect(found.contains("models.bad_at_once") && found.contains("models.local_at_once"))
        #expect(found.filter { $0 == "spend.no_price" }.count == 1)
    }
}
