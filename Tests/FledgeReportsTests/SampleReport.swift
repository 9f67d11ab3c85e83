import FledgeCore
import FledgeDocument
import Foundation

/// A report with everything in it, the same at every run; `text` may be replaced to put hostile text everywhere.
struct SampleReport {
    var text: (String) -> String = { $0 }

    private let start = Date(timeIntervalSince1970: 1_795_000_000)
    private func at(_ minutes: Double) -> Date { start.addingTimeInterval(minutes * 60) }

    private let prompted = Digest(of: "few-shot")
    private let tuned = Digest(of: "tuned")
    private let adapter = Digest(of: "adapter")

    var report: PromotionReport {
        PromotionReport(from: at(-10_080), to: at(30), fledgeVersion: "0.1.0", useCases: [fineTuned, blocked])
    }

    private func accuracy(_ value: Double, _ lower: Double, _ upper: Double, _ verdict: Verdict) -> CriterionResult {
        CriterionResult(
            criterion: .init(metric: .accuracy, bound: .atLeast(0.8)), verdict: verdict, value: value, lower: lower,
            upper: upper,
            count: 300, alpha: 0.025, countNeeded: verdict == .inconclusive ? 640 : nil)
    }

    private func gate(_ candidate: CandidateID, _ name: String, _ result: CriterionResult, look: Int, prototype: Double)
        -> GateResult
    {
        GateResult(
            candidate: candidate, candidateName: text(name), verdict: result.verdict,
            criteria: [
                result,
                .init(
                    criterion: .init(metric: .consistency(repeats: 3, examples: 60), bound: .atLeast(0.95)),
                    verdict: .passed, value: 0.99, lower: 0.96, upper: 1, count: 60, alpha: 0.025),
                .init(
                    criterion: .init(metric: .latency(percentile: .p95), bound: .atMost(2)), verdict: .passed,
                    value: 0.64, lower: 0.58, upper: 0.71, count: 300, alpha: 0.025, detail: text("measured end to end")
                ),
            ], look: look, looksAllowed: 2, prototypeScore: prototype, holdoutScore: result.value)
    }

    private func score(
        _ name: String, _ round: Int, _ value: Double?, id: CandidateID, adapter: AdapterDigest? = nil, shots: Int = 0
    ) -> CandidateScore {
        CandidateScore(
            experiment: .init(Int64(round)), cycle: 1, purpose: .search, round: round, candidate: id, name: text(name),
            model: text("smollm2-135m-instruct"), adapter: adapter, demonstrations: shots, score: value, samples: 200,
            errors: 0,
            promptTokens: 21_400, completionTokens: 800, medianLatencySeconds: 0.21, costMicroDollars: 0)
    }

    private var fineTuned: UseCaseReport {
        let failed = gate(prompted, "few-shot/2", accuracy(0.27, 0.22, 0.33, .failed), look: 1, prototype: 0.31)
        let passed = gate(tuned, "few-shot/2 + adapter", accuracy(0.86, 0.82, 0.90, .passed), look: 2, prototype: 0.88)
        let decision = Decision(
            kind: .fineTune,
            summary: text("Prompting has plateaued below the bar, and there are enough examples to train on."),
            rules: [
                .init(
                    name: text("criteria unmet"), holds: true,
                    statement: text("accuracy 0.27 [0.22, 0.33] is below 0.80")),
                .init(name: text("plateau"), holds: true, statement: text("2 rounds gained less than 0.01")),
                .init(name: text("budget left"), holds: false, statement: text("3,960 of 4,000 calls are spent")),
            ], missing: [text("cost of a wrong answer")],
            evidence: .init(
                gate: failed, roundScores: [0.15, 0.31, 0.31], roundsMaximum: 4, plateauRounds: 2,
                plateauMinimumGain: 0.01,
                isBudgetSpent: false, trainingExamples: 1500, minimumTrainingExamples: 200, mayFineTune: true,
                trainingsDone: 0),
            missingInputs: [.init(name: text("forecast"), supply: text("Forecast(calls: 40_000, per: .month)"))],
            flipPoints: [
                .init(
                    input: "bar:accuracy", now: 0.8, at: 0.22, step: 0.001, kind: .promote,
                    statement: text("promote if the bar on accuracy were 0.220 or less"))
            ], rulesVersion: 2, number: 2)
        let candidate = Candidate(
            name: text("few-shot/2 + adapter"), system: "secret system prompt", user: "{{gloss}}", demonstrations: [],
            model: text("smollm2-135m-instruct"), decoding: .init(temperature: 0, maxTokens: 8), choices: nil,
            adapter: adapter)
        let move = ChampionMove(
            from: nil, to: 1, actor: text("automatic"), reason: text("its gate passed"), at: at(9))
        let release = Release(
            id: .init(1), number: 1, cycle: 1,
            bundle: .init(
                useCase: text("lexical-category"), candidate: candidate, modelRevision: "b179c952aa00",
                definitionRevision: 1,
                definitionSHA256: Digest(of: "definition"), dataSHA256: Digest(of: "data"), gate: passed, decision: nil,
                approvedBy: text("automatic")), createdAt: at(9), isChampion: true, moves: [move])
        let job = TrainingJobView(
            id: .init(1), useCase: text("lexical-category"), cycle: 1, intent: "i", executor: text("local"),
            externalID: nil, state: .finished,
            steps: 76, totalSteps: 76, loss: 0.31, validationLoss: 0.52, tokensPerSecond: 487, etaSeconds: nil,
            adapter: adapter,
            goldenAgreement: 0.97, errorCode: nil, errorMessage: nil, createdAt: at(5), finishedAt: at(7))
        let points = (0...19).map { index -> TrainingPoint in
            let step = Double(index * 4)
            return TrainingPoint(
                step: index * 4, loss: 0.3 + 2.4 * exp(-step / 16),
                validationLoss: index % 5 == 4 ? 0.5 + 1.9 * exp(-step / 15) : nil,
                tokensPerSecond: 487, elapsedSeconds: 1 + step * 0.7)
        }
        return UseCaseReport(
            status: .init(
                name: text("lexical-category"), owner: text("lexicography"), revision: 1, cycle: 1,
                state: .init(stage: .production, activity: .live, round: 3, looks: 2, trainings: 1, candidate: tuned),
                since: at(9),
                release: 1, bestPrototypeScore: 0.88, bestCandidate: text("few-shot/2 + adapter"), lastGate: passed,
                progress: nil,
                callsMade: 4260, costMicroDollars: 1_250_000,
                serving: .init(
                    release: 1, candidate: text("few-shot/2 + adapter"), adapter: adapter, revision: 1, cycle: 1,
                    move: move), newestRevision: 1),
            purpose: text("Name the category of a word from its dictionary gloss."),
            history: [
                entry(1, 0, "started", (.promptPrototype, .none), (.promptPrototype, .experimenting)),
                entry(2, 3, "candidate-chosen", (.promptPrototype, .experimenting), (.validation, .judging)),
                entry(3, 5, "decided-fine-tune", (.validation, .deciding), (.fineTune, .training)),
                entry(4, 9, "release-made", (.validation, .releasing), (.production, .live)),
            ],
            gates: [failed, passed], decisions: [decision],
            candidates: [
                score("zero-shot", 1, 0.0, id: Digest(of: "z")), score("labels", 1, 0.15, id: Digest(of: "l")),
                score("few-shot", 2, 0.27, id: Digest(of: "f"), shots: 8),
                score("few-shot/2", 2, 0.31, id: prompted, shots: 8),
                score("few-shot/3", 3, nil, id: Digest(of: "n"), shots: 8),
                score("few-shot/2 + adapter", 3, 0.88, id: tuned, adapter: adapter, shots: 8),
            ],
            trainings: [.init(job: job, points: points)], releases: [release],
            nextSteps: [text("Watch production for drift."), text("fledge release export lexical-category 1")],
            audit: AuditHead(
                entries: 34, hash: Digest(of: "head").rawValue, transitions: 9,
                historyHash: Digest(of: "history").rawValue))
    }

    private var blocked: UseCaseReport {
        let result = gate(prompted, "labels", accuracy(0.81, 0.76, 0.85, .inconclusive), look: 1, prototype: 0.84)
        return UseCaseReport(
            status: .init(
                name: text("support-triage"), owner: nil, revision: 2, cycle: 1,
                state: .init(
                    stage: .validation, activity: .deciding, round: 2, looks: 1, candidate: prompted,
                    block: .init(code: text("needs-data"), message: text("the decision asks for more data"))),
                since: at(20), release: nil, bestPrototypeScore: 0.84, bestCandidate: text("labels"), lastGate: result,
                progress: nil,
                callsMade: 900, costMicroDollars: 2_400),
            purpose: nil, history: [], gates: [result], decisions: [],
            candidates: [score("labels", 1, 0.84, id: prompted)], trainings: [],
            releases: [], nextSteps: [])
    }

    private func entry(
        _ sequence: Int, _ minutes: Double, _ event: String, _ from: (Stage, Activity), _ to: (Stage, Activity)
    ) -> HistoryEntry {
        HistoryEntry(
            sequence: sequence, cycle: 1, at: at(minutes), event: text(event), fromStage: from.0, fromActivity: from.1,
            toStage: to.0,
            toActivity: to.1, actor: text("engine"), evidence: "{}", previousHash: "", hash: "")
    }
}
