import FledgeCore
import FledgeDocument

/// Evaluates a candidate on the holdout: the only place that looks at it.
package struct GateHandler: WorkHandler {
    private let stores:
        any CycleStore & ExperimentStore & JudgeStore & DecisionStore & HoldoutStore & ReleaseStore & StatusStore
    private let models: ServerDirectory
    private let audit: EvidenceAudit

    package init(
        stores: any CycleStore & ExperimentStore & JudgeStore & DecisionStore & HoldoutStore & ReleaseStore
            & StatusStore, models: ServerDirectory, audit: EvidenceAudit
    ) {
        self.stores = stores
        self.models = models
        self.audit = audit
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .judgeGate(let candidateID, let look)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.workableCycle(id)
        // The evidence is verified before a look at the holdout is spent.
        try await audit.require(cycle.useCase, name: cycle.definition.name, cycle: id)
        if let known = try await stores.gates(of: id).first(where: { $0.look == look }) {
            return .event(.gateJudged(known.verdict, candidateID))
        }
        let candidate = try await stores.candidate(candidateID)
        let guardian = HoldoutGuard(stores: stores)
        let permit = try await guardian.permit(candidateID, of: cycle, look: look)
        let champion = try await champion(for: cycle)
        let plan = try evidence(candidate, champion, permit, of: cycle, samples: []).plan
        let experiment = try await stores.openExperiment(
            cycle: id, purpose: .gate, round: look, candidates: [candidate] + (plan.champion.map { [$0] } ?? []),
            plannedCalls: plan.calls.count + plan.championCalls.count)
        // The look is recorded before the first answer: a look that a crash cuts off has been taken.
        try await guardian.record(permit, candidateID, of: cycle, look: look)
        var evidence: GateEvidence
        do {
            // Examples whose answer never came are asked again, since the cause may be gone.
            try await stores.forgetUnanswered(in: experiment.id)
            try await ask(plan, experiment: experiment.id, of: cycle)
            evidence = try self.evidence(
                candidate, champion, permit, of: cycle, samples: try await stores.samples(of: experiment.id))
            try refuseMissing(evidence, look: look)
        } catch let error as FledgeError {
            // Nobody has learnt anything of the holdout: a look without a verdict spends nothing.
            try await stores.withdrawLook(cycle: id, look: look, because: error.code.rawValue)
            throw error
        }
        try await stores.finishExperiment(experiment.id)
        evidence.calibrations = try await JudgeCalibrator(stores: stores, models: models).calibrations(for: cycle)
        let result = try await judge(evidence, permit, of: cycle, look: look)
        // Everything else passed, and the look is taken: once the labels are there, the same answers are evaluated again.
        if let waiting = result.waitsForCalibration { throw waiting }
        try await audit.require(cycle.useCase, name: cycle.definition.name, cycle: id)
        try await stores.storeGate(result, cycle: id, experiment: experiment.id)
        await audit.note(cycle.useCase, name: cycle.definition.name)
        return .event(.gateJudged(result.verdict, candidateID))
    }

    /// The verdict of a look that was made, from the samples in the database: asks no model and stores nothing.
    func result(of candidateID: CandidateID, in cycle: Cycle, look: Int) async throws -> GateResult {
        guard let experiment = try await stores.experiment(cycle: cycle.id, purpose: .gate, round: look),
            let recorded = try await stores.gates(of: cycle.id).first(where: { $0.look == look })
        else {
            throw FledgeError("gate.no_experiment", "the experiment of look \(look) is not in the database")
        }
        let candidate = try await stores.candidate(candidateID)
        let samples = try await stores.samples(of: experiment.id)
        // Every example that the look used was asked once; the others had no error budget left.
        let used = Set(samples.filter { $0.candidate == candidateID && $0.repeat == 0 }.map(\.example))
        let examples = try await stores.examples(of: cycle.snapshot, in: .holdout).filter { used.contains($0.id) }
        let champion = try await recorded.champion.asyncMap { try await stores.candidate($0) }
        let looks = cycle.definition.validation?.holdoutLooks ?? ValidationDefinition().holdoutLooks
        let permit = HoldoutGuard.Permit(
            examples: examples, share: recorded.share ?? 1 / Double(max(1, looks)), ledgerLook: recorded.ledgerLook,
            leftOut: recorded.examplesLeftOut ?? 0, spends: 0)
        var evidence = try evidence(candidate, champion, permit, of: cycle, samples: samples)
        evidence.calibrations = JudgeCalibrator.recorded(in: recorded, of: cycle)
        return try await judge(evidence, permit, of: cycle, look: look)
    }

    /// - Throws: `gate.answers_missing`: the gate's verdict would be `error`.
    private func refuseMissing(_ evidence: GateEvidence, look: Int) throws {
        let limit = MissingTally.limit(of: evidence.definition)
        let (subject, answers) = evidence.missing
        guard answers.share > limit else { return }
        throw answers.error(
            "gate.answers_missing", of: "look \(look) at the holdout is not judged and spends nothing. \(subject.name)",
            limit: limit)
    }

    /// Asks every question of the plan that has no sample yet, and then the judges.
    private func ask(_ plan: GatePlan, experiment: ExperimentID, of cycle: Cycle) async throws {
        let done = Set(
            try await stores.samples(of: experiment).map {
                Key(candidate: $0.candidate, example: $0.example, repeat: $0.repeat)
            })
        for (candidate, calls) in [(plan.candidate, plan.calls), (plan.champion, plan.championCalls)] {
            guard let candidate else { continue }
            let open = calls.filter {
                !done.contains(Key(candidate: $0.candidateID, example: $0.example.id, repeat: $0.repeat))
            }
            guard !open.isEmpty else { continue }
            try await models.runner(for: candidate, of: cycle).run(open, experiment: experiment)
        }
        // A crash may have come between the last answer and its verdict.
        for judge in try models.judges(of: cycle) { try await judge.run(experiment) }
    }

    /// What production uses, where the definition compares with it or evaluates slices.
    private func champion(for cycle: Cycle) async throws -> Candidate? {
        let validation = cycle.definition.validation
        guard !(validation?.comparisons ?? []).isEmpty || validation?.slices != nil else { return nil }
        return try await stores.releases(of: cycle.useCase).first(where: \.isChampion)?.bundle.candidate
    }

    private func evidence(
        _ candidate: Candidate, _ champion: Candidate?, _ permit: HoldoutGuard.Permit, of cycle: Cycle,
        samples: [Sample]
    ) throws -> GateEvidence {
        let problem = champion.flatMap { self.problem(with: $0, in: cycle.definition) }
        let plan = try GatePlan(
            candidate: candidate, champion: problem == nil && champion?.id != candidate.id ? champion : nil,
            examples: permit.examples, definition: cycle.definition)
        return GateEvidence(
            plan: plan, definition: cycle.definition, share: permit.share, champion: champion?.id,
            championProblem: problem, samples: samples)
    }

    private func problem(with champion: Candidate, in definition: UseCaseDefinition) -> String? {
        definition.models.contains { $0.name == champion.model }
            ? nil
            : "the champion's model \(champion.model) is not in the Models block, so it cannot be asked"
    }

    private func judge(
        _ evidence: GateEvidence, _ permit: HoldoutGuard.Permit, of cycle: Cycle, look: Int
    ) async throws -> GateResult {
        let candidate = evidence.plan.candidate
        let candidateID = candidate.id
        let (criteria, comparisons, slices) =
            (try evidence.criteria(), try evidence.comparisons(), try evidence.slices())
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let chosen = try await stage.scored(upTo: .max).flatMap(\.scored).first { $0.candidate.id == candidateID }
        let compared = try await AdapterScores.score(of: candidate, in: cycle, stores: stores)
        return GateResult(
            candidate: candidateID, candidateName: candidate.name,
            verdict: GateEvaluator.verdict(of: criteria, comparisons: comparisons ?? [], slices: slices ?? []),
            criteria: criteria, look: look,
            looksAllowed: cycle.definition.validation?.holdoutLooks ?? ValidationDefinition().holdoutLooks,
            prototypeScore: chosen?.score ?? compared, holdoutScore: evidence.holdoutScore, comparisons: comparisons,
            slices: slices, ledgerLook: permit.ledgerLook, examplesLeftOut: permit.leftOut == 0 ? nil : permit.leftOut,
            share: permit.share, champion: evidence.champion)
    }

    private struct Key: Hashable {
        var candidate: CandidateID
        var example: ExampleID
        var `repeat`: Int
    }
}
