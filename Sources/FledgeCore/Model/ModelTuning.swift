import FledgeDocument

extension ModelDefinition {
    /// The weights that an adapter of this model is trained on; nil for a packaged model, whose weights its server knows, and
    /// for one whose weights are not named.
    package var trainingWeights: WeightsDefinition? {
        if case .localWeights(let weights, _) = endpoint { weights } else { weights }
    }

    /// Why no adapter of this model can be trained and served; nil where one can.
    package var tuningObstacle: TuningObstacle? {
        switch endpoint {
        case .local, .localWeights: nil
        case .openAICompatible, .azureOpenAI:
            TuningObstacle(
                reason: "\(name) is served where no adapter can be loaded",
                hint: "name a model with at: .local, or with at: .vLLM(…, adapters: .folder(…))")
        case .adapterServer(let server, _, _, let adapters):
            if adapters == nil {
                TuningObstacle(
                    reason: "\(name)'s server is told no folder for adapters",
                    hint: "at: .\(server.rawValue)(\"…\", adapters: .folder(\"/mnt/adapters\"))")
            } else if weights == nil {
                TuningObstacle(
                    reason: "it is not said where the weights of \(name) lie",
                    hint: "Model(\"\(name)\", at: …, weights: .huggingFace(\"/models/…\"))")
            } else {
                nil
            }
        }
    }
}

/// What keeps a model from being tuned, and what would mend it.
package struct TuningObstacle: Hashable, Sendable {
    package let reason: String
    package let hint: String
}

extension UseCaseDefinition {
    /// The models that adapters can be trained for: the one that `FineTune` names, or all that allow it.
    package var tunableModels: [ModelDefinition] {
        models.filter { $0.tuningObstacle == nil && (fineTune?.model ?? $0.name) == $0.name }
    }

    /// The model that is tuned: the one that prompts did best on among those that can be tuned; where `FineTune` names one,
    /// that one, also when no prompt was tried on it. Nil where there is none.
    ///
    /// - Parameter ranked: the models of the prompts, best prompt first.
    package func tunedModel(ranked: [String]) -> ModelDefinition? {
        let tunable = tunableModels
        let best = ranked.lazy.compactMap { name in tunable.first { $0.name == name } }.first
        return best ?? (fineTune?.model == nil ? nil : tunable.first)
    }
}
