import FledgeDocument

extension DefinitionValidator {
    /// What the use case may spend, and how many calls its models take at once.
    static func checkLimits(_ useCase: UseCaseDefinition, _ isKnownZone: (String) -> Bool, _ findings: inout Findings) {
        if let spend = useCase.spend { check(spend, useCase, isKnownZone, &findings) }
        for (index, model) in useCase.models.enumerated() {
            if model.callsAtOnce != nil, model.endpoint.isLocal {
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
        if spend.costMicroDollars == nil, spend.calls == nil, spend.tokens == nil {
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
