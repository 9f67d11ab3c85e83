import FledgeDocument

/// Whether two fields can be told apart, and whether anything learns from them.
extension DefinitionValidator {
    static func checkPreferences(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard let preferences = useCase.dataset?.preferences else {
            if useCase.fineTune?.lora.beta != nil {
                findings.warning(
                    "fine_tune.unused_beta", "beta is for preferences, and the dataset names none",
                    at: "fineTune.lora",
                    hint: "add Preferences(chosen: \"FIELD\", rejected: \"FIELD\") to Dataset, or leave beta out")
            }
            return
        }
        if preferences.chosen.isEmpty || preferences.rejected.isEmpty {
            findings.error(
                "dataset.bad_preferences", "Preferences names a field without a name", at: "dataset.preferences",
                hint: "Preferences(chosen: \"FIELD\", rejected: \"FIELD\")")
        } else if !preferences.namesTwoFields {
            findings.error(
                "dataset.bad_preferences", "the better and the worse answer are both the field \(preferences.chosen)",
                at: "dataset.preferences", hint: "name two fields")
        }
        if useCase.fineTune == nil {
            findings.warning(
                "dataset.unused_preferences", "preferences are learnt in fine-tuning, and there is no FineTune block",
                at: "dataset.preferences", hint: "add FineTune { LoRA() }, or leave Preferences out")
        }
    }
}
