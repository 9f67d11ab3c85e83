import FledgeCore
import FledgeDocument

/// Computes a decision's evidence from the samples in the database.
///
/// Only what had been recorded by that look counts, so that the evidence of a look can be computed again later,
/// whatever came after it.
struct DecisionEvidenceReader: Sendable {
    /// How far a cycle had come when it was decided.
    struct Standing: Sendable {
        /// Prompt rounds run.
        var rounds: Int
        /// Training jobs started.
        var trainings: Int
    }

    let stores: any CycleStore & ExperimentStore & SearchStore & TrainingStore & TuningStore & StatusStore

    func evidence(for gate: GateResult, earlier gates: [GateResult], of cycle: Cycle, at standing: Standing)
        async throws
        -> DecisionEvidence
    {
        let definition = cycle.definition
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let rounds = try await stage.scored(upTo: standing.rounds)
        let all = PromptSearch.ranked(rounds.flatMap(\.scored))
        let plateau = stage.prototype.advance.flatMap(\.conditions).compactMap { condition in
            if case .plateau(let rounds, let gain) = condition { (rounds, gain) } else { nil }
        }.first
        let samples = try await Samples(of: cycle.id, look: gate.look, at: standing, stores: stores)
        let isCutShort = try await stores.findings(of: cycle.id)
            .contains { $0.key <= standing.rounds && $0.value.isBudgetSpent }
        let training = min(
            try await stores.examples(of: cycle.snapshot, in: .training).count,
            definition.fineTune?.trainingExamples ?? .max)
        let candidate = try await stores.candidate(gate.candidate)
        let pass = gates.last { $0.look < gate.look && $0.verdict == .passed && $0.candidate != gate.candidate }
        let costs = CallCosts(definition: definition, samples: samples)
        var evidence = DecisionEvidence(
            gate: gate, roundScores: PrototypeStage.bestOfRounds(rounds),
            roundsMaximum: stage.prototype.rounds?.maximum ?? PromptSearch.defaultRounds,
            plateauRounds: plateau?.0, plateauMinimumGain: plateau?.1 ?? 0,
            isBudgetSpent: isCutShort || StageBudget(stage.prototype.budget).isSpent(by: samples.spent),
            trainingExamples: training,
            minimumTrainingExamples: definition.fineTune?.minimumExamples ?? FineTuneDefinition().minimumExamples,
            mayFineTune: definition.fineTune != nil, trainingsDone: standing.trainings,
            hasNothingNewToTry: !stage.hasVariations(after: rounds),
            roundsRun: standing.rounds)
        let points = try await stores.learningCurve(of: cycle.id, upTo: gate.look)
        evidence.learningCurve = points.isEmpty ? nil : points
        evidence.gain = gain(of: rounds, last: plateau?.0 ?? 1, samples)
        evidence.headroom = headroom(all, first: rounds.first, samples)
        let jobs =
            standing.trainings > 0
            ? try await stores.jobs(useCase: definition.name).filter { $0.cycle == cycle.number } : []
        if gate.verdict != .passed { evidence.gap = gap(candidate, all, samples) }
        if definition.fineTune != nil {
            evidence.economics = try await economics(
                of: candidate, all: all, stage: stage, jobs: jobs, samples, costs)
        }
        if standing.trainings > 0 {
            evidence.longRows = longRows(of: jobs, cycle: cycle, trainings: standing.trainings)
            let scores = try await AdapterScores(
                of: cycle.id, attempt: standing.trainings, limit: MissingTally.limit(of: definition), stores: stores)
            evidence.adapterPrompts = scores.ranked.map {
                .init(
                    name: $0.candidate.name, demonstrations: $0.candidate.demonstrations.count, score: $0.score,
                    examples: scores.examples)
            }
        }
        if candidate.adapter == nil, let tuned = definition.tunedModel(ranked: all.map(\.candidate.model))?.name,
            tuned != candidate.model
        {
            evidence.otherTunedModel = tuned
        }
        if let pass {
            evidence.earlierPass = .init(
                candidate: pass.candidate, name: pass.candidateName, look: pass.look,
                costPerCall: costs.measured(try await stores.candidate(pass.candidate)))
        }
        return evidence
    }

    /// How many rows were too long for the training that made the candidate's adapter.
    private func longRows(
        of jobs: [TrainingJobView], cycle: Cycle, trainings: Int
    ) -> DecisionEvidence.LongRows? {
        guard let lora = cycle.definition.fineTune?.lora else { return nil }
        let made = jobs.filter { $0.purpose != .pilot && $0.adapter != nil }
        return made.prefix(trainings).last?.longRows.map {
            DecisionEvidence.LongRows(
                count: $0, limit: lora.sequenceLength ?? LoRADefinition.usualSequenceLength,
                areTruncated: lora.tooLong == .truncate)
        }
    }

    // MARK: Prompts

    /// The best of the last rounds against the best before them.
    private func gain(of rounds: [PrototypeStage.Round], last: Int, _ samples: Samples) -> PairedGain? {
        guard last >= 1, rounds.count > last,
            let before = PromptSearch.ranked(rounds.dropLast(last).flatMap(\.scored)).first,
            let latest = PromptSearch.ranked(rounds.suffix(last).flatMap(\.scored)).first
        else { return nil }
        return paired(before.candidate, latest.candidate, samples)
    }

    private func paired(_ before: Candidate, _ latest: Candidate, _ samples: Samples) -> PairedGain? {
        PairedGain(
            before: (before.name, samples.scores[before.id] ?? [:]),
            latest: (latest.name, samples.scores[latest.id] ?? [:]))
    }

    private func headroom(
        _ ranked: [PromptSearch.Scored], first: PrototypeStage.Round?, _ samples: Samples
    ) -> PromptHeadroom? {
        guard let best = ranked.first,
            let plainest = first?.scored.first(where: { $0.candidate.demonstrations.isEmpty }) ?? first?.scored.first
        else { return nil }
        // The examples are shuffled: a test by betting depends on the order, which must not follow from the values, as
        // the data file's order may.
        var random = SplitMix64(seed: 7)
        let scores = (samples.scores[best.candidate.id] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            .shuffled(using: &random)
        let isRate = scores.allSatisfy { $0 == 0 || $0 == 1 }
        let bounds =
            isRate
            ? Bounds.clopperPearson(successes: scores.count { $0 == 1 }, trials: scores.count, alpha: 0.05)
            : Bounds.betting(scores, alpha: 0.05)
        return PromptHeadroom(
            baseline: plainest.candidate.name, baselineScore: plainest.score, best: best.candidate.name,
            bestScore: best.score, examples: scores.count, bestUpper: bounds.upper)
    }

    /// Signs of a behaviour or a knowledge gap, from the answers at the gate and from prompts with and without
    /// demonstrations.
    private func gap(_ candidate: Candidate, _ ranked: [PromptSearch.Scored], _ samples: Samples) -> GapEvidence {
        let bare = ranked.first { $0.candidate.demonstrations.isEmpty }
        let shown = ranked.first { !$0.candidate.demonstrations.isEmpty }
        return GapEvidence(
            answers: samples.judged.map {
                (
                    text: $0.output, isValid: ($0.scores[MetricDefinition.validOutput.name] ?? 0) >= 0.5,
                    isRight: ($0.scores["primary"] ?? 0) >= 0.5
                )
            },
            labels: candidate.choices?.count,
            demonstrationGain: bare.flatMap { bare in
                shown.flatMap { paired(bare.candidate, $0.candidate, samples) }
            })
    }

    // MARK: Costs

    private func economics(
        of candidate: Candidate, all: [PromptSearch.Scored], stage: PrototypeStage, jobs: [TrainingJobView],
        _ samples: Samples, _ costs: CallCosts
    ) async throws -> Economics {
        let definition = stage.cycle.definition
        let prompted = candidate.adapter == nil ? candidate : all.first?.candidate
        let promptedPerCall = prompted.flatMap { costs.measured($0) }
        let isTuned = candidate.adapter != nil
        let tunedPerCall =
            isTuned
            ? costs.measured(candidate, at: definition.costs?.tunedPrice)
            : prompted.flatMap { prompted in
                costs.withoutDemonstrations(
                    prompted, on: stage.split.scored,
                    tuned: definition.tunedModel(ranked: all.map(\.candidate.model))?.name)
            }
        var seconds: [Double] = []
        // Trials and pilots were paid for as well as the run that made the adapter.
        for job in jobs {
            if let elapsed = try await stores.points(of: job.id).map(\.elapsedSeconds).max() { seconds.append(elapsed) }
        }
        let compared = definition.fineTune?.adapterPrompts ?? AdapterRound.defaultCount
        let reckoned = (definition.fineTune ?? FineTuneDefinition()).reckonedSeconds(costs: definition.costs)
        return Economics(
            callsPerPeriod: (definition.forecast?.calls).map(Double.init), period: definition.forecast?.period,
            horizonPeriods: definition.forecast.map {
                Double($0.horizon.count) * $0.horizon.unit.days / $0.period.days
            },
            perLabel: (definition.costs?.perLabelMicroDollars).map(Double.init),
            perTrainingHour: (definition.costs?.perTrainingHourMicroDollars).map(Double.init),
            trainingHours: (seconds.isEmpty ? reckoned : seconds.reduce(0, +)) / 3600,
            isTrainingMeasured: !seconds.isEmpty,
            evaluationCalls: samples.judgedCalls + (compared > 1 ? compared * stage.split.scored.count : 0),
            promptedPerCall: promptedPerCall, tunedPerCall: tunedPerCall, isTunedMeasured: isTuned)
    }
}

extension DecisionEvidenceReader {
    /// The samples that a decision rests on.
    struct Samples: Sendable {
        /// The primary metric by candidate and example, on the prototype split.
        var scores: [CandidateID: [ExampleID: Double]] = [:]
        /// The gate's first answers that were scored.
        var judged: [Sample] = []
        /// The gate's calls, repeats included.
        var judgedCalls = 0
        /// Tokens by candidate, over every call that was made.
        var tokens: [CandidateID: (prompt: Int, completion: Int, calls: Int)] = [:]
        var spent = StageBudget.Spent(calls: 0, tokens: 0, costMicroDollars: 0)

        init(
            of cycle: CycleID, look: Int, at standing: Standing,
            stores: any CycleStore & ExperimentStore & SearchStore & TrainingStore & TuningStore & StatusStore
        ) async throws {
            for experiment in try await stores.searches(of: cycle) where experiment.round <= standing.rounds {
                let samples = try await stores.samples(of: experiment.id)
                for sample in samples where sample.repeat == 0 {
                    guard let score = sample.score(of: "primary") else { continue }
                    scores[sample.candidate, default: [:]][sample.example] = score
                }
                count(samples)
            }
            for number in stride(from: 1, through: look, by: 1) {
                guard let gate = try await stores.experiment(cycle: cycle, purpose: .gate, round: number) else {
                    continue
                }
                let samples = try await stores.samples(of: gate.id)
                if number == look {
                    // An experiment of a gate holds the champion's samples as well, where the gate compared with it:
                    // only the candidate's count here.
                    let candidate = gate.candidates.first?.id
                    judged = samples.filter {
                        $0.repeat == 0 && $0.candidate == candidate && $0.score(of: "primary") != nil
                    }
                    judgedCalls = samples.count
                }
                count(samples)
            }
            for attempt in stride(from: 1, through: standing.trainings, by: 1) {
                guard let round = try await stores.experiment(cycle: cycle, purpose: .adapter, round: attempt) else {
                    continue
                }
                count(try await stores.samples(of: round.id))
            }
        }

        private mutating func count(_ samples: [Sample]) {
            for sample in samples {
                if sample.output != nil, !sample.isUsagePresumed {
                    let known = tokens[sample.candidate] ?? (0, 0, 0)
                    tokens[sample.candidate] = (
                        known.prompt + sample.promptTokens, known.completion + sample.completionTokens, known.calls + 1
                    )
                }
                guard !sample.fromCache else { continue }
                spent.calls += 1
                spent.tokens += sample.promptTokens + sample.completionTokens
                spent.costMicroDollars += sample.costMicroDollars
            }
        }
    }
}
