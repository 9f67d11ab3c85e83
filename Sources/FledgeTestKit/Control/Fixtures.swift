import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Values as the daemon would send them.
package enum Fixtures {
    package static let date = Date(timeIntervalSince1970: 1_760_000_000)
    package static let digest = Digest(of: "adapter")

    /// Two rows of the holdout have a twin in training, one of them with another answer; one holds an e-mail address.
    package static var dataReport: DataReport {
        get throws {
            let texts = [
                ("my card was charged twice", "billing"), ("My card was charged twice!", "billing"),
                ("the app closes in settings", "bug"), ("the app closes in settings", "jane@example.org"),
                ("write to jane.doe@example.org please", "other"), ("where is my parcel", "delivery"),
            ]
            let rows = texts.enumerated().map {
                DatasetSplitter.Row(row: $0 + 1, group: nil, inputs: ["text": $1.0], expected: $1.1)
            }
            return try DataReport(
                name: "support", rows: rows,
                splits: [.holdout, .training, .holdout, .training, .training, .prototype],
                scan: LeakScan(rows, prompts: PromptOverlap([])),
                settled: [
                    ResolvedLeak(
                        row: 9, from: .prototype, to: nil,
                        cause: ResolvedLeak.Cause(kind: .nearDuplicate, otherRow: 3, prompt: nil))
                ], fields: AnswerFields(expected: "queue"), problems: ["row 8 has no field text"])
        }
    }

    package static func gate(
        _ verdict: Verdict, candidate: String = "few-shot/2", value: Double = 0.27, lower: Double = 0.228,
        upper: Double = 0.316
    ) -> GateResult {
        GateResult(
            candidate: Digest(of: candidate), candidateName: candidate, verdict: verdict,
            criteria: [
                CriterionResult(
                    criterion: CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8)), verdict: verdict,
                    value: value,
                    lower: lower, upper: upper, count: 300, alpha: 0.05)
            ], look: 1, looksAllowed: 3, prototypeScore: 0.3, holdoutScore: value)
    }

    package static func status(
        _ name: String = "lexical-category", stage: Stage = .fineTune, activity: Activity = .training,
        block: CycleState.Block? = nil, gate: GateResult? = nil, progress: UseCaseStatus.Progress? = nil,
        release: Int? = nil, serving: Int? = nil
    ) -> UseCaseStatus {
        UseCaseStatus(
            name: name, owner: "lexicography", revision: 1, cycle: 1,
            state: CycleState(stage: stage, activity: activity, round: 2, block: block), since: date, release: release,
            bestPrototypeScore: 0.3, bestCandidate: "few-shot/2", lastGate: gate, progress: progress, callsMade: 1234,
            costMicroDollars: 0,
            serving: release.map {
                Serving(
                    release: $0, candidate: "few-shot/2", adapter: nil, revision: 1, cycle: serving ?? 1,
                    move: ChampionMove(from: nil, to: $0, actor: "automatic", reason: "its gate passed", at: date))
            }, newestRevision: 1)
    }

    package static let progress = UseCaseStatus.Progress(what: "steps", done: 40, total: 80, rate: 1.5, etaSeconds: 27)

    package static func entry(_ sequence: Int) -> HistoryEntry {
        HistoryEntry(
            sequence: sequence, cycle: 1, at: date, event: "gate-judged", fromStage: .validation,
            fromActivity: .judging,
            toStage: .validation, toActivity: .deciding, actor: "fledged", evidence: "{}", previousHash: "", hash: "")
    }

    package static func decision(_ kind: DecisionKind) -> Decision {
        Decision(
            kind: kind, summary: "Prompting has plateaued and there are enough examples.",
            rules: [Decision.Rule(name: "plateau", holds: true, statement: "no gain over the last 2 rounds")],
            missing: [],
            evidence: DecisionEvidence(
                gate: gate(.failed), roundScores: [0.3, 0.3], roundsMaximum: 4, plateauRounds: 2,
                plateauMinimumGain: 0.01,
                isBudgetSpent: false, trainingExamples: 2000, minimumTrainingExamples: 100, mayFineTune: true,
                trainingsDone: 0))
    }

    package static let explanation = Explanation(
        status: status(stage: .production, activity: .live, gate: gate(.passed), release: 1),
        gates: [
            gate(.failed), gate(.passed, candidate: "few-shot/2+lora", value: 0.86, lower: 0.823, upper: 0.892),
        ], decisions: [decision(.fineTune)], releases: [], isHistoryIntact: true)

    package static func job(hasEnded: Bool) -> TrainingJobView {
        TrainingJobView(
            id: TrainingJobID(42), useCase: "triage", cycle: 1, intent: "triage-cycle1-training1-ab", executor: "local",
            externalID: nil, state: hasEnded ? .finished : .running, steps: 120, totalSteps: 400, loss: nil,
            validationLoss: nil, tokensPerSecond: nil, etaSeconds: nil, adapter: nil, goldenAgreement: nil,
            errorCode: nil, errorMessage: nil, createdAt: date, finishedAt: hasEnded ? date : nil)
    }

    package static let golden = GoldenCheck([
        GoldenAnswers(prompt: "Oak.", trained: "tree", served: " tree\n", servedBase: "leaf", trainedBase: "leaf"),
        GoldenAnswers(
            prompt: "Ash.\nTree or fire?", trained: "tree", served: "fire\u{1B}[2J", servedBase: "fire",
            trainedBase: "tree"),
    ])

    package static let ledger = HoldoutLedger(
        useCase: "lexical-category",
        looks: [
            HoldoutLook(
                cycle: 1, look: 1, purpose: "gate", candidate: digest, candidateName: "few-shot/2",
                examplesSHA256: digest, examples: 300, share: 0.5, alpha: 0.025, verdict: .failed, at: date)
        ], looksAllowed: 2,
        budget: HoldoutBudget(
            spent: (1...300).map { .init(example: ExampleID($0), share: 0.5, looks: 1) },
            validation: ValidationDefinition(
                require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))], holdoutLooks: 2)))

    package static let scores = [
        CandidateScore(
            experiment: ExperimentID(7), cycle: 1, purpose: .gate, round: 2, candidate: Digest(of: "few-shot/2+lora"),
            name: "few-shot/2+lora", model: "smollm2-135m-instruct", adapter: digest, demonstrations: 0, score: 0.86,
            samples: 300, errors: 0, promptTokens: 9000, completionTokens: 900, medianLatencySeconds: 0.12,
            costMicroDollars: 0)
    ]
}
