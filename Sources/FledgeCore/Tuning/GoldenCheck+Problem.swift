extension GoldenCheck {
    /// What keeps the adapter from the gate; nil where nothing does.
    ///
    /// - Parameter job: whose answers `fledge jobs golden` shows.
    /// - Returns: `adapter.golden_mismatch`, `adapter.no_effect` or `adapter.base_disturbed`. None holds a prompt or an answer.
    package func problem(of job: TrainingJobID) -> FledgeError? {
        guard prompts > 0 else {
            return FledgeError(
                Self.mismatch, "the trainer answered no golden prompt, so the adapter can't be checked",
                hint: "fledge logs \(job) shows what the training did", exitCode: .badData)
        }
        if let text {
            if !TextBar.passes(text, base: baseText) || partsMoreOften { return parting(text, of: job) }
        } else if agreeing < least {
            return disagreement(of: job)
        }
        guard differingFromBase == 0 || hasLostEffect else {
            return likelihood?.figures?.problem(of: job) ?? mixed?.problem
        }
        return FledgeError(
            Self.noEffect,
            changedByTraining == 0
                ? "training has changed none of the \(prompts) golden answers: raise LoRA's epochs or learningRate, or give "
                    + "it other examples, and apply"
                : "\(prompts - differingFromBase) of \(prompts) golden prompts get the base model's answer: the adapter is "
                    + "not in effect",
            hint: "fledge logs \(job) shows what the training did", exitCode: .badData)
    }

    package static let mismatch = FledgeError.Code(rawValue: CycleState.Block.goldenMismatch)
    package static let noEffect = FledgeError.Code(rawValue: CycleState.Block.adapterWithoutEffect)

    /// Whether most of what training has changed is served as the base answers it.
    private var hasLostEffect: Bool {
        guard let changedInBoth, let changedByTraining else { return false }
        return 2 * changedInBoth < changedByTraining
    }

    /// Whether fewer answers agree to their end than the base's do: an adapter that learnt the same otherwise begins alike.
    private var partsMoreOften: Bool {
        guard let basePrompts, let baseAgreeing else { return false }
        return FisherExact.fewer(agreeing, of: prompts, than: baseAgreeing, of: basePrompts) < TextBar.alpha
    }

    private func parting(_ text: TextAgreement, of job: TrainingJobID) -> FledgeError {
        func share(_ text: TextAgreement) -> String { "\((text.share * 1000).rounded() / 10) %" }
        var message =
            "served and trained answers agree on \(share(text)) of \(text.words) words up to the first difference; at least "
            + "\(Int(saturating: TextBar.floor * 100)) % are asked for"
        if let baseText, let baseAgreeing {
            message += ", and the base model's agree on \(share(baseText))"
            message += "; to their end agree \(agreeing) of \(prompts), and \(baseAgreeing) of \(basePrompts ?? 0)"
        }
        let isBase = baseText.map { $0.share < TextBar.floor } ?? false
        return FledgeError(
            Self.mismatch,
            "\(message) (fledge jobs golden \(job) shows both answers); "
                + (isBase
                    ? "the server answers otherwise even without an adapter: it has other weights, another chat template or "
                        + "coarser quantisation than the trainer's base"
                    : "the adapter that is served is not the one that was trained, or not all of it"),
            hint: "fledge retry compares again, without training", exitCode: .badData)
    }

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
