import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation

extension StoreWrite {
    /// Every write of every store but those of the queue and of money, which go by leases and numbers of their own: their
    /// tests race them.
    static let all = cycles + experiments + gates + trainings + releases + others

    private static let cycles = [
        StoreWrite("CycleStore.apply") { scene in
            { "\(try await scene.store.apply(StoresFixture.submission("other")).revision)" }
        },
        StoreWrite("CycleStore.openCycle") { scene in
            let useCase = try await scene.fixture.useCase("other")
            return { "\(try await scene.store.openCycle(for: useCase, actor: "ada").id)" }
        },
        StoreWrite("CycleStore.record", twice: .refused("cycle.conflict")) { scene in
            let transition = try StoresFixture.transition(scene.cycle, .roundFinished)
            return {
                try await scene.store.record(transition, finishing: nil)
                return ""
            }
        },
    ]

    private static let experiments = [
        StoreWrite("ExperimentStore.openExperiment") { scene in
            {
                let made = try await scene.store.openExperiment(
                    cycle: scene.cycle.id, purpose: .search, round: 1, candidates: [scene.candidate], plannedCalls: 1)
                return "\(made)"
            }
        },
        .plain("ExperimentStore.register") { try await $0.store.register(StoresFixture.candidate("new")) },
        .plain("ExperimentStore.write") { scene in
            let samples = scene.examples.map { StoresFixture.sample(scene.candidate, $0.id) }
            try await scene.store.write(
                SampleBatch(
                    experiment: scene.experiment.id, samples: samples, answers: [Digest(of: "request"): completion]))
        },
        StoreWrite("ExperimentStore.forgetUnanswered") { scene in
            var sample = StoresFixture.sample(scene.candidate, scene.examples[0].id, output: nil)
            sample.isUnanswered = true
            try await scene.store.write(SampleBatch(experiment: scene.experiment.id, samples: [sample], answers: [:]))
            return {
                try await scene.store.forgetUnanswered(in: scene.experiment.id)
                return ""
            }
        },
        .plain("ExperimentStore.finishExperiment") { try await $0.store.finishExperiment($0.experiment.id) },
        .plain("SearchStore.record") { scene in
            try await scene.store.record(
                SearchCall(
                    cycle: scene.cycle.id, round: 1, purpose: .reflect, model: "small", request: Digest(of: "question"),
                    completion: completion, promptTokens: 4, completionTokens: 2, costMicroDollars: 3))
        },
        .plain("SearchStore.recordFinding") {
            try await $0.store.recordFinding(SearchFinding(isBudgetSpent: true), experiment: $0.experiment.id)
        },
        .plain("JudgeStore.recordLost", twice: .counts) {
            try await $0.store.recordLost(
                SpendAmount(calls: 1, tokens: 2, costMicroDollars: 3), cycle: $0.cycle.id, because: "judge.unreadable")
        },
        .plain("JudgeStore.write(answer)") { scene in
            let answer = JudgedAnswer(
                item: Digest(of: "item"), verdict: JudgeRating(score: 1, ground: .judged), calls: 1, promptTokens: 10,
                completionTokens: 5, costMicroDollars: 7)
            try await scene.store.write(
                answer, of: Digest(of: "judge"), metric: "judged:right", cycle: scene.cycle.id, answers: [:])
        },
        StoreWrite("JudgeStore.write(scores)") { scene in
            var sample = StoresFixture.sample(scene.candidate, scene.examples[0].id)
            sample.scores = [:]
            try await scene.store.write(SampleBatch(experiment: scene.experiment.id, samples: [sample], answers: [:]))
            let score = JudgedScore(candidate: scene.candidate.id, example: scene.examples[0].id, score: 1)
            return {
                try await scene.store.write(
                    [score], metric: "judged:right", isPrimary: true, experiment: scene.experiment.id)
                return ""
            }
        },
        .plain("JudgeStore.write(labels)") { scene in
            let item = JudgedItem(inputs: ["text": "a"], answer: "b", expected: "b")
            try await scene.store.write(
                [PersonLabel(item: item, verdict: .pass, labelledBy: "ada", at: Date(timeIntervalSince1970: 1))],
                useCase: scene.cycle.useCase, question: Digest(of: "question"))
        },
    ]

    private static let gates = [
        .plain("DecisionStore.storeGate") {
            try await $0.store.storeGate(
                StoresFixture.gate($0.candidate), cycle: $0.cycle.id, experiment: $0.experiment.id)
        },
        StoreWrite("DecisionStore.storeDecision") { scene in
            let evidence = DecisionEvidence(
                gate: StoresFixture.gate(scene.candidate), roundScores: [0.25], roundsMaximum: 3, plateauRounds: nil,
                plateauMinimumGain: 0.01, isBudgetSpent: false, trainingExamples: 1, minimumTrainingExamples: 100,
                mayFineTune: true, trainingsDone: 0)
            let decision = Decision(kind: .needsData, summary: "s", rules: [], missing: ["rows"], evidence: evidence)
            return {
                try await scene.store.storeDecision(decision, cycle: scene.cycle.id, look: 1)
                return ""
            }
        },
        .plain("HoldoutStore.recordLook") { try await look($0) },
        StoreWrite("HoldoutStore.withdrawLook") { scene in
            try await look(scene)
            return {
                try await scene.store.withdrawLook(cycle: scene.cycle.id, look: 1, because: "no answers")
                return ""
            }
        },
    ]

    private static func look(_ scene: Scene) async throws {
        try await scene.store.recordLook(
            cycle: scene.cycle.id, look: 1, candidate: scene.candidate.id, examples: scene.examples.map(\.id),
            share: 0.5,
            alpha: 0.05)
    }

    static let completion = Completion(
        text: "red", finishReason: "stop", promptTokens: 4, cachedTokens: 0, completionTokens: 2,
        latencyMicroseconds: 9)
}
