import FledgeCore
import FledgeDocument

/// Asks a teacher about the training examples, with its best prompt: an adapter then learns its answers.
///
/// The answers are an experiment of the cycle: paid and cached like others, and asked once, whatever is trained on them.
package struct TeacherRunner: Sendable {
    private let stores: any CycleStore & ExperimentStore & StatusStore
    private let models: ServerDirectory

    package init(stores: any CycleStore & ExperimentStore & StatusStore, models: ServerDirectory) {
        self.stores = stores
        self.models = models
    }

    /// The plan with the teacher's answers; as it is where the definition names no teacher.
    ///
    /// - Throws: `answers.missing` where more answers did not come than the definition allows; `training.no_teacher` where no
    ///   prompt was scored on the teacher; what asking it throws.
    func teach(_ plan: TrainingPlan, of cycle: Cycle) async throws -> TrainingPlan {
        guard let teacher = plan.fineTune.teacher else { return plan }
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let ranked = PromptSearch.ranked(try await stage.scored(upTo: .max).flatMap(\.scored))
        guard let best = ranked.first(where: { $0.candidate.model == teacher })?.candidate else {
            throw FledgeError(
                "training.no_teacher", "no prompt was scored on the teacher \(teacher)",
                hint: "give the prototype stage a larger Budget, or name another teacher")
        }
        let experiment = try await stores.openExperiment(
            cycle: cycle.id, purpose: .teacher, round: 1, candidates: [best], plannedCalls: plan.examples.count)
        let candidate = experiment.candidates.first ?? best
        let limit = MissingTally.limit(of: cycle.definition)
        // Answers that pilots and decisions have learnt from stay as they are: what never came of them is not asked again.
        let isEnough = MissingTally(try await stores.samples(of: experiment.id)).share <= limit
        if !experiment.isFinished || !isEnough {
            try await stores.forgetUnanswered(in: experiment.id)
            let done = Set(try await stores.samples(of: experiment.id).map(\.example))
            let open = plan.examples.filter { !done.contains($0.id) }
                .map { PlannedCall(candidate: candidate, candidateID: candidate.id, example: $0, repeat: 0) }
            if !open.isEmpty {
                try await models.runner(for: candidate, of: cycle).run(open, experiment: experiment.id)
            }
            try await stores.finishExperiment(experiment.id)
        }
        let samples = try await stores.samples(of: experiment.id)
        let missing = MissingTally(samples)
        guard missing.share <= limit else {
            throw missing.error("answers.missing", of: candidate.name, limit: limit)
        }
        return try plan.taught(Self.lessons(in: samples, choices: candidate.choices))
    }

    /// The answers that teach something: those that came, and that are labels where labels are asked for.
    static func lessons(in samples: [Sample], choices: [String]?) -> [ExampleID: String] {
        let labels = choices.map(Set.init)
        var lessons: [ExampleID: String] = [:]
        for sample in samples where !sample.isUnanswered {
            let answer = AnswerText.trimmed(sample.output ?? "")
            if !answer.isEmpty, labels?.contains(answer) ?? true { lessons[sample.example] = answer }
        }
        return lessons
    }
}
