extension GoldenCheck {
    /// What keeps the adapter from the gate; nil where nothing does.
    ///
    /// - Parameter job: whose answers `fledge jobs golden` shows.
    /// - Returns: `adapter.golden_mismatch` or `adapter.no_effect`. Neither holds a prompt or an answer.
    package func problem(of job: TrainingJobID) -> FledgeError? {
        guard prompts > 0 else {
            return FledgeError(
                Self.mismatch, "the trainer answered no golden prompt, so the adapter can't be checked",
                hint: "fledge logs \(job) shows what the training did", exitCode: .badData)
        }
        if agreeing < least { return disagreement(of: job) }
        guard differingFromBase == 0 else { return nil }
        return FledgeError(
            Self.noEffect,
            changedByTraining == 0
                ? "training has changed none of the \(prompts) golden answers: raise LoRA's epochs or learningRate, or give "
                    + "it other examples, and apply"
                : "every golden prompt gets the base model's answer: the adapter is not in effect",
            hint: "fledge logs \(job) shows what the training did", exitCode: .badData)
    }

    package static let mismatch = FledgeError.Code(rawValue: CycleState.Block.goldenMismatch)
    package static let noEffect = FledgeError.Code(rawValue: CycleState.Block.adapterWithoutEffect)

    private func disagreement(of job: TrainingJobID) -> FledgeError {
        var message =
            "served and trained answers agree on \(agreeing) of \(prompts) golden prompts; at least \(least) are asked for"
        let change: String
        if let basePrompts, let baseAgreeing {
            message += ", and the base model's agree on \(baseAgreeing) of \(basePrompts)"
            change =
                Double(baseAgreeing) < GoldenBar.floor * Double(basePrompts)
                ? "the server answers otherwise even without an adapter: give answers less room, by choices or fewer "
                    + "maxTokens, and apply"
                : "the adapter alone is served otherwise than it was trained: lower LoRA's learningRate or alpha, and apply"
        } else {
            change = "the base model was not asked: fledge retry asks it too"
        }
        return FledgeError(
            Self.mismatch, "\(message) (fledge jobs golden \(job) shows both answers); \(change)",
            hint: "fledge retry compares again, without training", exitCode: .badData)
    }
}
