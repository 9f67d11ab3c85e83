import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Testing

@testable import FledgeCLI

@Suite("What the command line prints of trials")
struct TrialTextTests {
    private static let setting = TrialSetting(
        rank: 16, learningRate: 2e-3, dropout: 0, epochs: 1, layers: .upperHalf)

    private static func job(_ run: TrialRun?, purpose: TrainingPurpose, score: Double?) -> TrainingJobView {
        TrainingJobView(
            id: TrainingJobID(7), useCase: "parity", cycle: 1, intent: "i", executor: "local", externalID: "i",
            state: score == nil ? .running : .finished, steps: 3, totalSteps: 12, loss: 0.5, validationLoss: nil,
            tokensPerSecond: 480.4, etaSeconds: 42, adapter: nil, goldenAgreement: nil, errorCode: nil,
            errorMessage: nil, createdAt: Date(timeIntervalSince1970: 0), finishedAt: nil, purpose: purpose, run: run,
            score: score, answers: score == nil ? nil : 40)
    }

    @Test("trials show their setting, rung, score, rate and time left; other jobs stand beside them")
    func jobs() {
        let run = TrialRun(trial: 2, setting: Self.setting, rung: 1, fold: 3, seed: 1, rows: 160, limitSeconds: 60)
        let lines = WorkText.jobs([
            Self.job(run, purpose: .trial, score: 0.825), Self.job(run, purpose: .trial, score: nil),
            Self.job(nil, purpose: .final, score: nil),
        ]).split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init) }
        #expect(
            lines[1] == [
                "7", "parity", "trial", "2", "finished", "16", "0.002", "0.0", "1", "upperHalf", "2", "4", "160",
                "0.825", "3/12", "0.500", "480", "–", "–",
            ])
        #expect(lines[2].suffix(5) == ["0.500", "480", "42", "s", "–"])
        #expect(lines[3].contains("final") && lines[3].count { $0 == "–" } == 10)
    }

    @Test("batch size and weight decay have columns where a sweep names them, and are no part of other tables")
    func namedBySweep() {
        func words(_ run: TrialRun) -> [[String]] {
            let table = WorkText.jobs([
                Self.job(run, purpose: .trial, score: 0.825), Self.job(nil, purpose: .final, score: nil),
            ])
            return table.split(separator: "\n").map { line in line.split(separator: " ").map(String.init) }
        }
        var run = TrialRun(trial: 2, setting: Self.setting, rung: 0, fold: nil, seed: 1, rows: 160, limitSeconds: 60)
        #expect(!words(run)[0].contains("BATCH") && !words(run)[0].contains("DECAY"))
        run.setting.batchSize = 32
        #expect(Array(words(run)[0][9...11]) == ["LAYERS", "BATCH", "RUNG"])
        run.setting.weightDecay = 0.1
        #expect(Array(words(run)[0][9...12]) == ["LAYERS", "BATCH", "DECAY", "RUNG"])
        #expect(Array(words(run)[1][9...12]) == ["upperHalf", "32", "0.1", "1"])
        #expect(words(run)[2].count { $0 == "–" } == 12)
    }

    @Test("a sweep lists its trials, the best first, and says which was chosen and what all cost")
    func sweep() throws {
        let plan = SuccessiveHalving(
            SweepDefinition(learningRates: [5e-4, 1e-3], costMicroDollars: 5_000_000), base: LoRADefinition(),
            costs: CostsDefinition(perTrainingHourMicroDollars: 3_600_000), resource: .share(of: 40),
            runLimitSeconds: 60)
        var results: [TrialResult] = []
        while let run = plan.next(after: results) {
            results.append(
                TrialResult(
                    run: run, score: run.setting.learningRate == 1e-3 ? 0.8 : 0.6, answers: 20, seconds: 30))
        }
        let best = try #require(plan.best(of: results))
        let record = SweepRecord(
            metric: "accuracy", plan: plan, isCrossValidated: false, results: results, chosen: best)
        let lines = TrialText.sweep(record)
        #expect(
            lines[0] == "Sweep over 2 settings, ranked by accuracy: 2 jobs, 1 min 00 s, $0.06; rungs of 40 examples")
        #expect(lines[2].contains("0.800") && lines[2].hasSuffix("chosen"))
        #expect(lines[2].contains("rank 8, learning rate 0.001, dropout 0.05, 3 epochs, all layers"))
        #expect(lines[3].contains("0.600") && !lines[3].contains("chosen"))
    }
}
