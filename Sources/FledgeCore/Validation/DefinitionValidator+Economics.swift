import FledgeDocument

extension DefinitionValidator {
    static func checkEconomics(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard useCase.costs != nil else { return }
        if useCase.fineTune == nil {
            findings.warning(
                "costs.unused", "costs of tuning are given, and there is no FineTune block", at: "costs",
                hint: "add FineTune { … }, or leave Costs out")
        }
    }
}
