import FledgeDocument

extension DefinitionValidator {
    static func checkJudges(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        var known: [String: JudgeDefinition] = [:]
        for (place, criterion) in judgedCriteria(useCase) {
            guard let judge = criterion.metric.judge else { continue }
            check(judge, of: useCase, at: place, &findings)
            if let earlier = known[judge.name], earlier != judge {
                findings.error(
                    "judge.conflict", "\(judge.name) is judged in two ways", at: place,
                    hint: "give both criteria the same model, rubric, reference and labels, or another name")
            }
            known[judge.name] = judge
        }
        for (index, comparison) in (useCase.validation?.comparisons ?? []).enumerated()
        where comparison.kind != .cheaper && (comparison.metric ?? useCase.primaryMetric).judge != nil {
            findings.error(
                "judge.compared", "the champion is not compared by a model's word, which is not corrected there",
                at: "validation.comparisons[\(index)]", hint: "name another metric with on:")
        }
        let required = useCase.validation?.require ?? []
        let isAlone = !required.contains { $0.metric.isQuality && $0.metric.judge == nil }
        if isAlone, let index = required.firstIndex(where: { $0.metric.judge != nil }),
            let judge = required[index].metric.judge
        {
            findings.warning(
                "judge.alone", "nothing but a model's judgement says whether answers are good",
                at: "validation.require[\(index)]",
                hint:
                    "nothing is promoted until \(judge.labelsNeeded) answers are labelled: fledge label \(useCase.name) "
                    + "--metric \(judge.name)")
        }
    }

    private static func judgedCriteria(_ useCase: UseCaseDefinition) -> [(place: String, CriterionDefinition)] {
        var found: [(String, CriterionDefinition)] = []
        for (index, alternative) in (useCase.promptPrototype?.advance ?? []).enumerated() {
            for (number, condition) in alternative.conditions.enumerated() {
                guard case .criterion(let criterion) = condition else { continue }
                found.append(("promptPrototype.advance[\(index)].conditions[\(number)]", criterion))
            }
        }
        for (index, criterion) in (useCase.validation?.require ?? []).enumerated() {
            found.append(("validation.require[\(index)]", criterion))
        }
        return found.filter { $0.1.metric.judge != nil }
    }

    private static func check(
        _ judge: JudgeDefinition, of useCase: UseCaseDefinition, at place: String, _ findings: inout Findings
    ) {
        if !isJudgeName(judge.name) {
            findings.error(
                "judge.bad_name", "\"\(judge.name)\" is not a name for what is judged", at: place,
                hint: "a word in lower-case letters, digits and hyphens, such as helpful")
        }
        if AnswerText.trimmed(judge.rubric).isEmpty {
            findings.error(
                "judge.empty_rubric", "the rubric of \(judge.name) is empty", at: place,
                hint: "say in a few sentences what an answer must do to pass, and what makes it fail")
        }
        if let model = useCase.models.first(where: { $0.name == judge.model }) {
            if model.isTried != false {
                findings.warning(
                    "judge.own_answers", "\(judge.model) judges answers that it gave itself", at: place,
                    hint: "models favour their own answers: judge with another one, Model(\"…\", at: …, tried: false)")
            }
        } else {
            findings.error(
                "judge.unknown_model", "\(judge.name) is judged by \(judge.model), which is no model of this use case",
                at: place,
                hint: Suggestion.hint(
                    for: judge.model, among: useCase.models.map(\.name),
                    else: "add Model(\"\(judge.model)\", at: …, tried: false) to the Models block"))
        }
        if let labels = judge.labels, labels < JudgeDefinition.fewestLabels {
            findings.error(
                "judge.few_labels", "\(labels) labels cannot show how far a judge can be trusted", at: place,
                hint: "at least \(JudgeDefinition.fewestLabels); \(JudgeDefinition.usualLabels) unless said")
        }
    }

    private static func isJudgeName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x61...0x7A).contains(first), name.utf8.count <= 40 else { return false }
        return name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
