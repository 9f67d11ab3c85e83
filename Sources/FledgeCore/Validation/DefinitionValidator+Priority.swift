import FledgeDocument

extension DefinitionValidator {
    static func checkPriority(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard let priority = useCase.priority, !WorkPriority.range.contains(priority) else { return }
        findings.error(
            "definition.bad_priority", "a priority of \(priority) is out of range", at: "priority",
            hint:
                "\(WorkPriority.range.lowerBound) (as without it) to \(WorkPriority.range.upperBound); each step is worth a minute of waiting"
        )
    }
}
