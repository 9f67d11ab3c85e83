import FledgeDocument

extension DefinitionValidator {
    /// Numbers out of their range, and texts that nothing can be done with: whatever no other check has told.
    static func checkValues(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        for fault in DefinitionFault.all(in: useCase) where !findings.hasTold(fault.code, at: fault.path) {
            findings.error(fault.code, fault.message, at: fault.path, hint: fault.hint)
        }
    }
}
