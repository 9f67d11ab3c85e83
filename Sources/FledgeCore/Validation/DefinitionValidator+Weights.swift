import FledgeDocument

extension DefinitionValidator {
    /// Where models' weights lie: whether anything is there is seen where the files are.
    static func checkWeights(_ model: ModelDefinition, at place: String, _ findings: inout Findings) {
        if case .localWeights = model.endpoint, model.weights != nil {
            findings.error(
                "models.two_weights", "the weights are named twice", at: place,
                hint: "at: .local(weights: …) says it already")
        }
        if case .local = model.endpoint, model.weights != nil {
            findings.error(
                "models.two_weights", "a packaged model brings its own weights", at: place,
                hint: "at: .local(weights: …) serves weights of yours")
        }
        var paths = [("the weights", model.trainingWeights?.path)]
        if case .adapterServer(_, _, _, let adapters?) = model.endpoint {
            paths.append(("the adapters' folder", adapters.path))
            paths.append(("the adapters' folder as the server sees it", adapters.asSeenByServer))
        }
        for case (let what, let path?) in paths where !path.hasPrefix("/") {
            findings.error(
                "models.relative_path", "the path of \(what), \"\(path)\", is not absolute", at: place,
                hint: "the daemon has a working directory of its own: write it from / on")
        }
        if case .localWeights(_, .first(let count)) = model.endpoint, count < 0 {
            findings.error(
                "models.bad_layers", "gpuLayers is below zero", at: place, hint: "gpuLayers: .all, or .first(20)")
        }
    }

    /// Whose answers are learnt, and whether there will be any.
    private static func checkTeacher(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard let name = useCase.fineTune?.teacher else { return }
        guard let model = useCase.models.first(where: { $0.name == name }) else {
            findings.error(
                "fine_tune.unknown_teacher", "no model of the Models block is named \(name)", at: "fineTune.teacher",
                hint: Suggestion.hint(
                    for: name, among: useCase.models.map(\.name),
                    else: "models: \(useCase.models.map(\.name).joined(separator: ", "))"))
            return
        }
        if model.isTried == false {
            findings.error(
                "fine_tune.untried_teacher", "\(name) teaches, and no prompt is tried on it", at: "fineTune.teacher",
                hint: "leave tried: false out: its best prompt is what the teacher is asked with")
        }
    }

    /// Which model is tuned, and whether it can be.
    static func checkTuned(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard let fineTune = useCase.fineTune, !useCase.models.isEmpty else { return }
        checkTeacher(useCase, &findings)
        guard let name = fineTune.model else {
            if useCase.tunableModels.isEmpty {
                let reasons = useCase.models.compactMap(\.tuningObstacle)
                findings.warning(
                    "fine_tune.no_local_model",
                    "none of the models can be tuned: \(reasons.map(\.reason).joined(separator: "; "))",
                    at: "fineTune", hint: reasons.first?.hint)
            }
            return
        }
        guard let model = useCase.models.first(where: { $0.name == name }) else {
            findings.error(
                "fine_tune.unknown_model", "no model of the Models block is named \(name)", at: "fineTune.model",
                hint: Suggestion.hint(
                    for: name, among: useCase.models.map(\.name),
                    else: "models: \(useCase.models.map(\.name).joined(separator: ", "))"))
            return
        }
        if let obstacle = model.tuningObstacle {
            findings.error(
                "fine_tune.not_tunable", "\(name) cannot be tuned: \(obstacle.reason)", at: "fineTune.model",
                hint: obstacle.hint)
        }
    }
}
