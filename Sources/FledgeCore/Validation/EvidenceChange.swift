import FledgeDocument

/// Which edits of a definition ask for new evidence, and so start a cycle, and which do not.
///
/// Everything counts as evidence but what is named here: a block that is added to the language later counts until somebody
/// says that it does not. Not evidence are the purpose, the owner, reports, the priority, the cap on spending, the approval
/// (a rule for what comes after the evidence), a model's key, where its adapters are put and the calls that its server
/// takes at once. A price is evidence where something is held against it: a criterion or a comparison of costs, a budget in
/// money, a forecast.
package enum EvidenceChange {
    /// Whether what was shown for `old` says nothing about `new`. The data itself is not looked at: see its snapshot.
    package static func isNeeded(from old: UseCaseDefinition, to new: UseCaseDefinition) -> Bool {
        let hasPrices = weighsCosts(old) || weighsCosts(new)
        return evidence(of: old, hasPrices: hasPrices) != evidence(of: new, hasPrices: hasPrices)
    }

    /// The definition with nothing in it that is no evidence.
    private static func evidence(of definition: UseCaseDefinition, hasPrices: Bool) -> UseCaseDefinition {
        var evidence = definition
        evidence.purpose = nil
        evidence.owner = nil
        evidence.reports = []
        evidence.priority = nil
        evidence.spend = nil
        evidence.production = nil
        evidence.models = definition.models.map { self.evidence(of: $0, hasPrices: hasPrices) }
        return evidence
    }

    static func evidence(of model: ModelDefinition, hasPrices: Bool) -> ModelDefinition {
        var evidence = model
        evidence.callsAtOnce = nil
        if !hasPrices { evidence.price = nil }
        evidence.endpoint = self.evidence(of: model.endpoint)
        return evidence
    }

    private static func evidence(of endpoint: ModelEndpoint) -> ModelEndpoint {
        switch endpoint {
        case .local, .localWeights: endpoint
        case .openAICompatible(let url, _): .openAICompatible(url: url, key: nil)
        case .azureOpenAI(let url, let deployment, let apiVersion, _):
            .azureOpenAI(url: url, deployment: deployment, apiVersion: apiVersion, key: nil)
        case .adapterServer(let server, let url, _, _): .adapterServer(server, url: url, key: nil, adapters: nil)
        }
    }

    /// Whether anything in the definition is held against what calls cost.
    static func weighsCosts(_ definition: UseCaseDefinition) -> Bool {
        let advance = (definition.promptPrototype?.advance ?? []).flatMap(\.conditions).compactMap { condition in
            if case .criterion(let criterion) = condition { criterion.metric } else { nil }
        }
        let metrics = advance + (definition.validation?.require ?? []).map(\.metric)
        let comparisons = definition.validation?.comparisons ?? []
        return metrics.contains { $0.kind == .costPerThousandCalls } || comparisons.contains { $0.kind == .cheaper }
            || definition.promptPrototype?.budget?.costMicroDollars != nil || definition.forecast != nil
    }
}
