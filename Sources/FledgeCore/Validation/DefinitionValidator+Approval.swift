import FledgeDocument

extension DefinitionValidator {
    /// A rule for approvals that are never asked for would be without effect.
    static func checkApproval(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard let production = useCase.production, production.byAnother == true, production.approval == .automatic
        else {
            return
        }
        findings.error(
            "production.no_approver", "the gate alone approves, and is nobody else than the author",
            at: "production.approval", hint: "write Approval(.manual, byAnother: true)")
    }
}
