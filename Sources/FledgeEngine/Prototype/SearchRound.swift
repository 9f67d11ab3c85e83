import FledgeCore
import FledgeDocument

/// One round of a search: its candidates are proposed, checked, and raced on the prototype split.
///
/// All that it decides follows from what is recorded, so that a daemon that was killed goes on where it was.
struct SearchRound: Sendable {
    let round: Int
    let search: SearchDefinition
    let stage: PrototypeStage
    let stores: any CycleStore & ExperimentStore & SearchStore
    let models: ServerDirectory

    func run() async throws {
        let earlier = try await stage.scored(upTo: round - 1)
        let experiment: Experiment
        if let known = try await stores.experiment(cycle: stage.cycle.id, purpose: .search, round: round) {
            experiment = known
        } else {
            experiment = try await open(earlier)
        }
        guard !experiment.isFinished else { return }
        // Examples whose answer never came are asked again, since the cause may be gone.
        try await stores.forgetUnanswered(in: experiment.id)
        var finding = try await stores.findings(of: stage.cycle.id)[round] ?? SearchFinding()
        let incumbent = PromptSearch.ranked(earlier.flatMap(\.scored)).first?.candidate
        if let baseline = incumbent ?? experiment.candidates.first {
            try await decide(experiment, baseline: baseline, isKnown: incumbent != nil, earlier, &finding)
        }
        try await stores.recordFinding(finding, experiment: experiment.id)
        try await stage.refuseUnscored(round: round)
        try await stores.finishExperiment(experiment.id)
    }

    // MARK: Candidates

    private func open(_ earlier: [PrototypeStage.Round]) async throws -> Experiment {
        let caller = SearchCaller(stage: stage, stores: stores, models: models)
        let reflector = SearchReflection(round: round, stage: stage, stores: stores, models: models, caller: caller)
        var knowledge = stage.knowledge(earlier)
        if round > 1, search.demonstrations?.isBootstrapped == true {
            knowledge.answers = try await reflector.rightAnswers(knowing: knowledge)
        }
        var proposals = stage.planner.proposals(round: round, knowing: knowledge, search: search)
        if round > 1, let reflection = search.reflection {
            proposals += try await reflector.proposals(reflection, knowing: knowledge)
        }
        var examples: [Example] = []
        for split in DatasetSplit.allCases {
            examples += try await stores.examples(of: stage.cycle.snapshot, in: split)
        }
        let declared = stage.planner.declared()
        let check = try CopyCheck(proposals.map(\.candidate), declared: declared, examples: examples)
        var finding = SearchFinding()
        var accepted: [Proposal] = []
        var seen = knowledge.tried
        for proposal in proposals {
            let candidate = proposal.candidate
            if let reason = check.refusal(of: candidate) {
                finding.refused.append(
                    .init(name: candidate.name, operation: proposal.origin.operation, reason: reason))
            } else if seen.insert(candidate.id).inserted {
                accepted.append(proposal)
            }
        }
        let kept = earlier.contains { !$0.scored.isEmpty } ? 1 : 0
        let schedule = RaceSchedule(
            candidates: accepted.count + kept, examples: stage.split.scored.count, kept: 1, known: kept)
        let experiment = try await stores.openExperiment(
            cycle: stage.cycle.id, purpose: .search, round: round, candidates: accepted.map(\.candidate),
            origins: Dictionary(accepted.map { ($0.candidate.id, $0.origin) }) { first, _ in first },
            plannedCalls: schedule.calls)
        try await stores.recordFinding(finding, experiment: experiment.id)
        return experiment
    }

    // MARK: The race

    private func decide(
        _ experiment: Experiment, baseline: Candidate, isKnown: Bool, _ earlier: [PrototypeStage.Round],
        _ finding: inout SearchFinding
    ) async throws {
        let caller = SearchCaller(stage: stage, stores: stores, models: models)
        let before = try await spentBefore(experiment)
        let order = ExampleOrder.stratified(
            stage.split.scored, seed: stage.cycle.definition.dataset?.split?.seed ?? 0)
        let baselineID = baseline.id
        _ = try await caller.score([], among: [baseline], experiment: experiment.id)
        if !isKnown {
            guard let found = try await headroom(of: baseline, order, experiment, caller) else {
                finding.isBudgetSpent = true
                return
            }
            finding.headroom = found
            guard found.hasRoom else { return }
        }
        let ids = Self.ordered(experiment.candidates, baseline: baseline)
        let race = Race(
            candidates: ids, kept: [baselineID], known: isKnown ? 1 : 0, examples: order.map(\.id),
            families: PromptSearch.families(of: experiment.candidates + [baseline]),
            maximumCalls: StageBudget(stage.prototype.budget).remainingCalls(after: before))
        var standing = try await scores(of: experiment, earlier).standing(in: race)
        while case .score(let calls) = standing.step {
            guard try await caller.score(calls, among: experiment.candidates + [baseline], experiment: experiment.id)
            else {
                finding.isBudgetSpent = true
                break
            }
            standing = try await scores(of: experiment, earlier).standing(in: race)
        }
        let all = try await scores(of: experiment, earlier)
        finding.pareto = ParetoBound(all.scores.filter { ids.contains($0.key) })
        finding.race = saving(standing, race, made: all, isKnown: isKnown)
    }

    /// Asks whether there is anything to gain over the baseline, before any other candidate is scored.
    ///
    /// The baseline is in the race anyway: its first answers cost nothing more, and the later ones are asked for only as long
    /// as it may turn out to be good enough.
    ///
    /// - Returns: nil when the budget ended it.
    private func headroom(
        of baseline: Candidate, _ order: [Example], _ experiment: Experiment, _ caller: SearchCaller
    ) async throws -> Headroom? {
        let definition = stage.cycle.definition
        let metric = definition.primaryMetric
        let criteria = definition.validation?.require ?? []
        let id = baseline.id
        var asked = 0
        while true {
            asked = min(order.count, asked + Self.headroomBlock)
            let known = try await scores(of: experiment, [])
            let missing = order.prefix(asked).map { Race.Call(candidate: id, example: $0.id) }
                .filter { !known.holds($0) }
            guard try await caller.score(missing, among: [baseline], experiment: experiment.id) else { return nil }
            try await stage.refuseHopeless(id, round: round)
            let scores = try await scores(of: experiment, []).scores[id] ?? [:]
            let first = order.prefix(asked).compactMap { scores[$0.id] }
            let isSettled = Headroom.isSettled(
                baseline: baseline, scores: first, of: order.count, metric: metric, criteria: criteria)
            if isSettled || asked == order.count {
                return Headroom(baseline: baseline, scores: first, metric: metric, criteria: criteria)
            }
        }
    }

    private static let headroomBlock = 8

    /// What a race may look at.
    private struct Known {
        var scores: Race.Scores
        /// Questions that were asked and have no score.
        var unread: Set<Race.Call>

        func standing(in race: Race) throws -> Race.Standing { try race.standing(scores, unread: unread) }

        func holds(_ call: Race.Call) -> Bool {
            scores[call.candidate]?[call.example] != nil || unread.contains(call)
        }
    }

    /// The scores of this round, and all of earlier ones.
    private func scores(of experiment: Experiment, _ earlier: [PrototypeStage.Round]) async throws -> Known {
        var known = Known(
            scores: stage.knowledge(earlier).scores, unread: earlier.reduce(into: []) { $0.formUnion($1.unread) })
        for sample in try await stores.samples(of: experiment.id) {
            if sample.isUnreadInRace {
                known.unread.insert(Race.Call(candidate: sample.candidate, example: sample.example))
            } else {
                known.scores[sample.candidate, default: [:]][sample.example] = sample.scores["primary"] ?? 0
            }
        }
        return known
    }

    /// What the cycle had used when the experiment began: the race's plan must not change with what it uses itself.
    private func spentBefore(_ experiment: Experiment) async throws -> StageBudget.Spent {
        let spent = try await stores.spend(of: stage.cycle.id)
        let own = try await stores.samples(of: experiment.id).filter { !$0.fromCache }
        return StageBudget.Spent(
            calls: spent.calls - own.count,
            tokens: spent.tokens - own.reduce(0) { $0 + $1.promptTokens + $1.completionTokens },
            costMicroDollars: spent.costMicroDollars - own.reduce(0) { $0 + $1.costMicroDollars })
    }

    /// The baseline first, then those with the same beginning next to each other, so that a server finds it in its cache;
    /// shorter prompts before longer ones.
    private static func ordered(_ candidates: [Candidate], baseline: Candidate) -> [CandidateID] {
        struct Place {
            var model: String
            var system: String
            var length: Int
            var prefix: String
            var id: CandidateID
        }
        let places = candidates.filter { $0.id != baseline.id }.map { candidate in
            let prefix = candidate.messages(for: [:]).dropLast().map(\.content).joined(separator: "\n")
            return Place(
                model: candidate.model, system: candidate.system ?? "", length: prefix.utf8.count, prefix: prefix,
                id: candidate.id)
        }
        let sorted = places.sorted {
            ($0.model, $0.system, $0.length, $0.prefix, $0.id.rawValue)
                < ($1.model, $1.system, $1.length, $1.prefix, $1.id.rawValue)
        }
        return [baseline.id] + sorted.map(\.id)
    }

    private func saving(_ standing: Race.Standing, _ race: Race, made known: Known, isKnown: Bool)
        -> SearchFinding.Saving
    {
        let racing = race.candidates.dropFirst(isKnown ? 1 : 0)
        let unread = Dictionary(grouping: known.unread, by: \.candidate).mapValues(\.count)
        var winner: CandidateID?
        if case .finished(let id) = standing.step { winner = id }
        return SearchFinding.Saving(
            candidates: race.candidates.count, examples: race.examples.count,
            calls: racing.reduce(0) { $0 + (known.scores[$1]?.count ?? 0) + (unread[$1] ?? 0) },
            exhaustiveCalls: racing.count * race.examples.count, winner: winner, dropped: standing.dropped)
    }
}
