import FledgeCore
import FledgeDocument
import Testing

@Suite struct SuccessiveHalvingTests {
    private static let space = SweepDefinition(
        ranks: [4, 8, 16, 32], learningRates: [1e-4, 5e-4, 1e-3, 5e-3], dropouts: [0, 0.1], epochs: [1, 2, 3],
        trials: 32)

    /// A landscape with one top: rank 16, learning rate 1e-3, two epochs or more. Fewer rows blur it.
    private static func score(_ run: TrialRun, full: Int) -> Double {
        var score = 0.9
        score -= abs(Double(run.setting.rank) - 16) / 100
        score -= run.setting.learningRate == 1e-3 ? 0 : run.setting.learningRate == 5e-4 ? 0.05 : 0.3
        score -= run.setting.epochs == 1 ? 0.1 : 0
        var noise = SplitMix64(seed: UInt64(run.trial) &* 31 &+ run.seed &+ UInt64(run.rows))
        let share = Double(run.rows) / Double(full)
        return score + (Double(noise.next(below: 1000)) / 1000 - 0.5) * 0.04 / share.squareRoot()
    }

    private static func run(
        _ plan: SuccessiveHalving, from earlier: [TrialResult] = [], atMost count: Int = .max,
        secondsPerRow: Double = 0.1, score: (TrialRun) -> Double?
    ) -> [TrialResult] {
        var results = earlier
        while results.count < count, let run = plan.next(after: results) {
            let needed = Double(run.rows * run.setting.epochs) * secondsPerRow
            results.append(
                TrialResult(
                    run: run, score: score(run), answers: 100, seconds: min(needed, Double(run.limitSeconds))))
        }
        return results
    }

    private static let costs = CostsDefinition(perTrainingHourMicroDollars: 3_600_000)

    private static func plan(
        _ sweep: SweepDefinition = space, resource: SuccessiveHalving.Resource = .share(of: 1000)
    ) -> SuccessiveHalving {
        SuccessiveHalving(
            sweep, base: LoRADefinition(), costs: costs, resource: resource, runLimitSeconds: 3600)
    }

    @Test("the best of a known landscape is found within tolerance, with about half of the work", arguments: 1...20)
    func landscape(seed: Int) throws {
        var sweep = Self.space
        sweep.seed = UInt64(seed)
        let plan = Self.plan(sweep)
        let results = Self.run(plan) { Self.score($0, full: 1000) }
        let best = try #require(plan.best(of: results))
        func truth(_ setting: TrialSetting) -> Double {
            let run = TrialRun(trial: 1, setting: setting, rung: 0, fold: nil, seed: 1, rows: 1, limitSeconds: 1)
            return Self.score(run, full: 1)
        }
        let top = plan.settings.map(truth).max() ?? 1
        #expect(truth(best.setting) >= top - 0.1)
        #expect(best.rung == plan.rungs.count - 1)
        let work = results.reduce(0) { $0 + $1.run.rows * $1.run.setting.epochs }
        let exhaustive = plan.settings.reduce(0) { $0 + 1000 * $1.epochs }
        #expect(Double(work) < 0.55 * Double(exhaustive))
    }

    @Test("rungs grow by the reduction, and at most one in that many goes on")
    func rungs() {
        let plan = Self.plan()
        #expect(plan.rungs == [112, 334, 1000])
        let results = Self.run(plan) { Self.score($0, full: 1000) }
        let counts = plan.rungs.indices.map { rung in results.count { $0.run.rung == rung } }
        #expect(counts[0] == 32)
        #expect(counts[1] == 10)
        #expect(counts[2] == 3)
        #expect(Set(results.map { [$0.run.trial, $0.run.rung] }).count == results.count)
    }

    @Test("a budget in time or money is never exceeded", arguments: [1, 30, 100, 400, 2000], [1, 7])
    func budget(seconds: Int, seed: UInt64) {
        var sweep = Self.space
        sweep.seed = seed
        sweep.limitSeconds = seconds
        var results = Self.run(Self.plan(sweep)) { Self.score($0, full: 1000) }
        #expect(results.reduce(0) { $0 + $1.seconds } <= Double(seconds))
        #expect(!results.isEmpty)
        sweep.limitSeconds = nil
        sweep.costMicroDollars = Int64(seconds) * 1000
        results = Self.run(Self.plan(sweep)) { Self.score($0, full: 1000) }
        let spent = results.reduce(0) { $0 + $1.seconds }
        #expect(spent <= Double(seconds))
        #expect((TuningBudget(sweep, costs: Self.costs).microDollars(for: spent) ?? .max) <= Int64(seconds) * 1000)
    }

    @Test("a sweep that is taken up again goes on as it would have", arguments: [1, 5, 17, 33, 40])
    func resumption(after count: Int) throws {
        let whole = Self.run(Self.plan()) { Self.score($0, full: 1000) }
        let first = Self.run(Self.plan(), atMost: count) { Self.score($0, full: 1000) }
        #expect(Self.run(Self.plan(), from: first) { Self.score($0, full: 1000) } == whole)
    }

    @Test("under cross-validation a promotion adds folds, and the scores of all of them count")
    func folds() throws {
        var sweep = Self.space
        sweep.trials = 9
        let plan = Self.plan(sweep, resource: .folds([40, 40, 40, 40, 40]))
        #expect(plan.rungs == [1, 2, 5])
        let results = Self.run(plan) { run in
            #expect(run.rows == 160)
            return run.setting.learningRate == 1e-3 ? 0.8 : 0.5
        }
        let best = try #require(plan.best(of: results))
        let own = results.filter { $0.run.trial == best.trial }
        #expect(own.compactMap(\.run.fold).sorted() == [0, 1, 2, 3, 4])
        #expect(best.answers == 500)
        #expect(best.setting.learningRate == 1e-3)
    }

    @Test("every seed is trained, and equal scores are settled by the time that they took")
    func seedsAndTies() throws {
        let sweep = SweepDefinition(ranks: [4, 8], epochs: [1, 2], seeds: [3, 4])
        let plan = Self.plan(sweep, resource: .share(of: 40))
        #expect(plan.rungs == [40])
        let results = Self.run(plan) { _ in 0.5 }
        #expect(results.count == 8)
        for trial in 1...4 { #expect(results.filter { $0.run.trial == trial }.map(\.run.seed) == [3, 4]) }
        let best = try #require(plan.best(of: results))
        #expect(best.setting.epochs == 1)
        #expect(best.answers == 200)
    }

    @Test("a failed run puts its trial out, and where all fail there is no best")
    func failures() throws {
        let sweep = SweepDefinition(learningRates: [1e-3, 1e-2, 1e-1], trials: 3)
        let plan = Self.plan(sweep, resource: .share(of: 200))
        let results = Self.run(plan) { $0.setting.learningRate == 1e-3 ? 0.6 : nil }
        #expect(plan.best(of: results)?.setting.learningRate == 1e-3)
        #expect(plan.best(of: results)?.rung == plan.rungs.count - 1)
        #expect(plan.outcomes(of: results).map { $0.score != nil } == [true, false, false])
        #expect(plan.best(of: Self.run(plan) { _ in nil }) == nil)
    }

    @Test("the definition's own setting is tried first where the space holds it, and no setting twice")
    func settings() {
        let base = LoRADefinition()
        var sweep = SweepDefinition(ranks: [4, 8, 16], learningRates: [5e-4, 1e-3], trials: 100)
        #expect(SweepSpace(sweep, base: base).settings(atMost: 100, seed: 1).count == 6)
        #expect(SweepSpace(sweep, base: base).settings(atMost: 3, seed: 1).first == TrialSetting(base))
        sweep.dropouts = [0, 0.1]
        let drawn = SweepSpace(sweep, base: base).settings(atMost: 5, seed: 9)
        #expect(Set(drawn).count == 5)
        #expect(drawn == SweepSpace(sweep, base: base).settings(atMost: 5, seed: 9))
        #expect(drawn != SweepSpace(sweep, base: base).settings(atMost: 5, seed: 10))
    }

    @Test("another rank keeps the ratio of alpha to rank")
    func alpha() {
        var setting = TrialSetting(LoRADefinition(rank: 8, alpha: 16))
        setting.rank = 32
        let applied = setting.applied(to: LoRADefinition(rank: 8, alpha: 16), seed: 5)
        #expect(applied.rank == 32 && applied.alpha == 64 && applied.seed == 5)
    }

    @Test("a pilot runs every size with every seed once, the smallest first")
    func pilot() {
        let plan = PilotPlan(
            PilotDefinition(sizes: [50, 100], seeds: [1, 2]), base: LoRADefinition(), runLimitSeconds: 9)
        var results: [TrialResult] = []
        while let run = plan.next(after: results) {
            results.append(TrialResult(run: run, score: nil, answers: 0, seconds: 1))
        }
        #expect(results.map(\.run.rows) == [50, 50, 100, 100])
        #expect(results.map(\.run.seed) == [1, 2, 1, 2])
    }
}
