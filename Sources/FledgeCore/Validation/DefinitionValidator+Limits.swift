import FledgeDocument

extension DefinitionValidator {
    /// What the use case may spend, and how many calls its models take at once.
    static func checkLimits(_ useCase: UseCaseDefinition, _ isKnownZone: (String) -> Bool, _ findings: inout Findings) {
        if let spend = useCase.spend { check(spend, useCase, isKnownZone, &findings) }
        for (index, model) in useCase.models.enumerated() {
            guard let places = model.callsAtOnce else { continue }
            if !(1...100_000).contains(places) {
                findings.error(
                    "models.bad_at_once", "\(model.name) takes \(places) calls at once", at: "models[\(index)]",
                    hint: "1 to 100000; leave atOnce out to find out what the server bears")
            } else if model.endpoint.isLocal {
                findings.warning(
                    "models.local_at_once", "atOnce says nothing about a local model: every daemon has its own server",
                    at: "models[\(index)]", hint: "leave atOnce out")
            }
        }
    }

    private static func check(
        _ spend: SpendDefinition, _ useCase: UseCaseDefinition, _ isKnownZone: (String) -> Bool,
        _ findings: inout Findings
    ) {
        let bounds = [
            ("cost", spend.costMicroDollars), ("calls", spend.calls.map(Int64.init)),
            ("tokens", spend.tokens.map(Int64.init)),
        ]
        for case (let name, let value?) in bounds where value <= 0 {
            findings.error("spend.not_positive", "the cap on \(name) is not above zero", at: "spend", hint: nil)
        }
        if bounds.allSatisfy({ $0.1 == nil }) {
            findings.error(
                "spend.no_cap", "Spend caps nothing", at: "spend", hint: "Spend(.dollars(50), per: .month), for example"
            )
        }
        if let zone = spend.zone, !isKnownZone(zone) {
            findings.error(
                "spend.unknown_zone", "\(zone) is not the IANA name of a time zone", at: "spend",
                hint: ZoneName.hint(for: zone))
        }
        guard spend.costMicroDollars != nil else { return }
        for (index, model) in useCase.models.enumerated() where model.price == nil && !model.endpoint.isLocal {
            findings.warning(
                "spend.no_price", "\(model.name) has no price, so its calls count as free", at: "models[\(index)]",
                hint: "price: .perMillionTokens(prompt: .cents(15), completion: .cents(60))")
        }
    }
}
