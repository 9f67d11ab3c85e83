import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation

extension StoreWrite {
    static let trainings =
        [
            StoreWrite("TrainingStore.openJob") { scene in { "\(try await job(scene))" } },
            ofJob("TrainingStore.recordSubmission") { try await $0.store.recordSubmission($1.id, externalID: "x-1") },
            ofJob("TrainingStore.record") { scene, job in
                let point = TrainingPoint(
                    step: 1, loss: 2, validationLoss: nil, tokensPerSecond: 50, elapsedSeconds: 1)
                let update = TrainingUpdate(
                    state: .running, points: [point], totalSteps: 10, etaSeconds: 8, log: ["one"], offset: 100)
                try await scene.store.record(update, job: job.id)
            },
            ofJob("TrainingStore.finishJob") { scene, job in
                let error = FledgeError("training.diverged", "it did")
                try await scene.store.finishJob(job.id, state: .failed, adapter: nil, error: error)
            },
            StoreWrite("TrainingStore.reopenJob") { scene in
                let job = try await job(scene)
                try await scene.store.recordSubmission(job.id, externalID: "x-1")
                let error = FledgeError("adapter.golden_mismatch", "2 of 10")
                try await scene.store.finishJob(job.id, state: .failed, adapter: nil, error: error)
                return {
                    try await scene.store.reopenJob(job.id)
                    return ""
                }
            },
            ofJob("TrainingStore.storeAdapter") { scene, job in
                let golden = GoldenCheck(prompts: 10, agreeing: 9, differingFromBase: 8, bar: 0.6, differences: [])
                try await scene.store.storeAdapter(facts, job: job.id, base: Digest(of: "base"), golden: golden)
            },
            ofJob("TrainingStore.setPhase") { try await $0.store.setPhase(.waiting, of: $1.id) },
            ofJob("JobSettling.markSent") { try await $0.store.markSent($1.id) },
            ofJob("JobSettling.markUnknown") { try await $0.store.markUnknown($1.id) },
            StoreWrite("JobSettling.settle", twice: .refused("job.not_unknown")) { scene in
                let job = try await job(scene)
                try await scene.store.markUnknown(job.id)
                return { "\(try await scene.store.settle(job.id, as: .failed, actor: "ada"))" }
            },
            StoreWrite("TuningStore.openTrial") { scene in { "\(try await trial(scene))" } },
            StoreWrite("TuningStore.finishTrial") { scene in
                let trial = try await trial(scene)
                try await scene.store.recordSubmission(trial.job.id, externalID: "x-1")
                return {
                    try await scene.store.finishTrial(trial.job.id, score: 0.5, answers: 20, seconds: 3)
                    return ""
                }
            },
            StoreWrite("TuningStore.keepAdapter") { scene in
                let trial = try await trial(scene)
                let golden = GoldenCheck(prompts: 10, agreeing: 9, differingFromBase: 8, bar: 0.6, differences: [])
                try await scene.store.storeAdapter(facts, job: trial.job.id, base: Digest(of: "base"), golden: golden)
                try await scene.store.recordSubmission(trial.job.id, externalID: "x-1")
                try await scene.store.finishTrial(trial.job.id, score: 0.5, answers: 20, seconds: 3)
                return {
                    try await scene.store.keepAdapter(facts.digest, of: trial.job.id)
                    return ""
                }
            },
            StoreWrite("TuningStore.storeSweep") { scene in
                let plan = SuccessiveHalving(
                    SweepDefinition(learningRates: [5e-4], costMicroDollars: 5_000_000), base: LoRADefinition(),
                    costs: nil, resource: .share(of: 40), runLimitSeconds: 60)
                guard let run = plan.next(after: []) else { throw Missing() }
                let results = [TrialResult(run: run, score: 0.8, answers: 20, seconds: 30)]
                guard let best = plan.best(of: results) else { throw Missing() }
                let record = SweepRecord(
                    metric: "accuracy", plan: plan, isCrossValidated: false, results: results, chosen: best)
                return {
                    try await scene.store.storeSweep(record, cycle: scene.cycle.id, attempt: 1)
                    return ""
                }
            },
        ]

    private static let facts = AdapterFacts(
        digest: Digest(of: "adapter"), rank: 8, alpha: 16, targetModules: ["q_proj"], sizeBytes: 9)
    private static let run = TrialRun(
        trial: 1, setting: TrialSetting(LoRADefinition()), rung: 0, fold: nil, seed: 1, rows: 50, limitSeconds: 60)

    private static func job(_ scene: Scene) async throws -> TrainingJob {
        try await scene.store.openJob(cycle: scene.cycle.id, attempt: 1, intent: "colour-1-1", executor: "local")
    }

    private static func trial(_ scene: Scene) async throws -> OpenTrial {
        let place = TrialPlace(cycle: scene.cycle.id, attempt: 1, purpose: .trial, number: 1)
        return try await scene.store.openTrial(run, at: place, intent: "trial-1", executor: "local")
    }

    private static func ofJob(
        _ description: String, _ write: @escaping @Sendable (Scene, TrainingJob) async throws -> Void
    ) -> StoreWrite {
        StoreWrite(description) { scene in
            let job = try await job(scene)
            return {
                try await write(scene, job)
                return ""
            }
        }
    }
}
