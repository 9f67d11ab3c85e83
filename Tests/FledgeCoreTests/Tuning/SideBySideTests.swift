import FledgeCore
import FledgeDocument
import Testing

@Suite("Trials side by side")
struct SideBySideTests {
    private static let workers = [1, 2, 4, 8]
    private static let space = SweepDefinition(
        ranks: [4, 8, 16, 32], learningRates: [1e-4, 5e-4, 1e-3, 5e-3], epochs: [1, 2, 3], trials: 24)
    private static let runLimit = 3600

    enum Examples: CaseIterable {
        case share, folds

        var resource: SuccessiveHalving.Resource {
            switch self {
            case .share: .share(of: 1000)
            case .folds: .folds([40, 41, 40, 39, 40])
            }
        }
    }

    private static func plan(_ sweep: SweepDefinition, _ examples: Examples) -> SuccessiveHalving {
        SuccessiveHalving(
            sweep, base: LoRADefinition(), costs: nil, resource: examples.resource, runLimitSeconds: runLimit)
    }

    /// A number in 0..<1 that a run and a seed decide.
    private static func draw(_ run: TrialRun, _ seed: UInt64) -> Double {
        let place = UInt64(run.trial) &* 1009 &+ UInt64(run.rung) &* 101 &+ UInt64(run.fold ?? 50) &* 11 &+ run.seed
        var random = SplitMix64(seed: place &* 7919 &+ seed)
        return random.nextUnit()
    }

    /// In proportion to the work, times a factor between the two.
    private static func seconds(_ run: TrialRun, _ seed: UInt64, _ least: Double, _ most: Double) -> Double {
        Double(run.rows * run.setting.epochs) * 0.1 * (least + (most - least) * draw(run, seed))
    }

    /// Of no two trials the same, on any rung.
    private static func merit(_ run: TrialRun) -> Double {
        var random = SplitMix64(seed: UInt64(run.trial))
        return random.nextUnit()
    }

    private static func simulated(
        _ sweep: SweepDefinition, _ examples: Examples, workers: Int, seed: UInt64, least: Double = 0.5,
        most: Double = 1.5, score: @escaping (TrialRun) -> Double? = { Self.merit($0) }
    ) -> SimulatedWorkers.Outcome {
        SimulatedWorkers(
            plan: plan(sweep, examples), count: workers, seconds: { Self.seconds($0, seed, least, most) }, score: score
        ).work()
    }

    @Test("no run is given twice, and each worker has one", arguments: workers, Examples.allCases)
    func once(workers: Int, examples: Examples) {
        var sweep = Self.space
        sweep.seeds = [3, 4]
        for seed in 1...5 as ClosedRange<UInt64> {
            let outcome = Self.simulated(sweep, examples, workers: workers, seed: seed)
            let runs = outcome.begun.map { [$0.trial, $0.rung, $0.fold ?? -1, Int($0.seed)] }
            #expect(Set(runs).count == runs.count && outcome.results.count == runs.count)
            #expect(outcome.most == workers)
        }
    }

    @Test(
        "a budget is kept to whatever the runs take, and one that is large enough holds no worker up",
        arguments: workers, [10, 60, 300, 1500, 6000])
    func budget(workers: Int, limit: Int) {
        var sweep = Self.space
        sweep.limitSeconds = limit
        for seed in 1...6 as ClosedRange<UInt64> {
            for examples in Examples.allCases {
                let outcome = Self.simulated(sweep, examples, workers: workers, seed: seed, least: 0.1, most: 5)
                #expect(outcome.spent <= Double(limit))
                #expect(!outcome.begun.isEmpty)
                if limit == 6000 { #expect(outcome.most == workers) }
            }
        }
    }

    @Test("scores that time does not change choose the same setting as one worker's", arguments: workers)
    func sameChoice(workers: Int) throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            for examples in Examples.allCases {
                var sweep = Self.space
                sweep.seed = seed
                let plan = Self.plan(sweep, examples)
                let one = Self.simulated(sweep, examples, workers: 1, seed: seed)
                let many = Self.simulated(sweep, examples, workers: workers, seed: seed)
                let best = try #require(plan.best(of: many.results))
                #expect(best.trial == plan.best(of: one.results)?.trial)
                #expect(best.rung == plan.rungs.count - 1)
            }
        }
    }

    @Test("the more workers, the sooner it is over", arguments: Examples.allCases, 1...10 as ClosedRange<UInt64>)
    func sooner(examples: Examples, seed: UInt64) {
        let one = Self.simulated(Self.space, examples, workers: 1, seed: seed)
        #expect(abs(one.wall - one.spent) < 1e-6)
        for workers in Self.workers.dropFirst() {
            #expect(Self.simulated(Self.space, examples, workers: workers, seed: seed).wall < one.wall)
        }
    }

    @Test(
        "one worker's runs are those of before, to the second that each may take", arguments: Examples.allCases,
        [nil, 40, 400, 3000, 20_000] as [Int?])
    func oneWorker(examples: Examples, limit: Int?) {
        for seed in 1...4 as ClosedRange<UInt64> {
            var sweep = Self.space
            sweep.trials = 12
            sweep.seed = seed
            sweep.seeds = seed.isMultiple(of: 2) ? [5, 6] : []
            sweep.limitSeconds = limit
            let plan = Self.plan(sweep, examples)
            let before = OneAtATime(sweep, of: plan, resource: examples.resource, limit: Self.runLimit)
            let outcome = Self.simulated(sweep, examples, workers: 1, seed: seed, least: 0.1, most: 5) { run in
                Self.draw(run, seed &+ 99) < 0.1 ? nil : Self.draw(run, seed)
            }
            for place in outcome.results.indices {
                #expect(before.next(after: Array(outcome.results[..<place])) == outcome.begun[place])
            }
            #expect(before.next(after: outcome.results) == nil)
        }
    }

    // MARK: One decision at a time

    /// Three settings, and rungs of 50 and 100 examples, to which one in two goes on.
    private static func small(_ change: (inout SweepDefinition) -> Void = { _ in }) -> SuccessiveHalving {
        var sweep = SweepDefinition(ranks: [4, 8, 16], trials: 3, reduction: 2)
        change(&sweep)
        return SuccessiveHalving(
            sweep, base: LoRADefinition(), costs: nil, resource: .share(of: 100), runLimitSeconds: 60)
    }

    private static func result(_ run: TrialRun, _ score: Double?) -> TrialResult {
        TrialResult(run: run, score: score, answers: 100, seconds: 10)
    }

    @Test("a promotion looks at ended results alone")
    func promotions() throws {
        let halves = Self.small()
        #expect(halves.rungs == [50, 100])
        var running: [TrialRun] = []
        while let run = halves.next(after: [], running: running, atOnce: 8) { running.append(run) }
        #expect(running.map(\.trial) == [1, 2, 3] && running.map(\.rung) == [0, 0, 0])

        let first = Self.result(running[0], 0.5)
        #expect(halves.next(after: [first], running: [running[1], running[2]], atOnce: 8) == nil)
        let second = Self.result(running[1], 0.6)
        let promoted = try #require(halves.next(after: [first, second], running: [running[2]], atOnce: 8))
        #expect(promoted.trial == 2 && promoted.rung == 1)
        #expect(halves.next(after: [first, second], running: [running[2], promoted], atOnce: 8) == nil)
        // Better than the one that went on: it goes on too.
        let third = Self.result(running[2], 0.7)
        let later = try #require(halves.next(after: [first, second, third], running: [promoted], atOnce: 8))
        #expect(later.trial == 3 && later.rung == 1)
        // Worse: nobody else goes.
        #expect(
            halves.next(after: [first, second, Self.result(running[2], 0.4)], running: [promoted], atOnce: 8) == nil)
    }

    @Test("a rung of too few for a quota waits for those at work on it before it sends its best one on")
    func lastOfARung() throws {
        let thirds = SuccessiveHalving(
            SweepDefinition(ranks: [4, 8], trials: 2), base: LoRADefinition(), costs: nil, resource: .share(of: 300),
            runLimitSeconds: 60)
        #expect(thirds.rungs == [100, 300])
        let one = try #require(thirds.next(after: [], atOnce: 2))
        let other = try #require(thirds.next(after: [], running: [one], atOnce: 2))
        #expect(thirds.next(after: [Self.result(one, 0.9)], running: [other], atOnce: 2) == nil)
        let last = try #require(thirds.next(after: [Self.result(one, 0.5), Self.result(other, 0.9)], atOnce: 2))
        #expect(last.trial == other.trial && last.rung == 1)
    }

    @Test("the parts of one trial run beside each other, and none of them once one has failed")
    func parts() throws {
        let plan = Self.small { $0.seeds = [3, 4, 5] }
        let first = try #require(plan.next(after: [], atOnce: 4))
        let second = try #require(plan.next(after: [], running: [first], atOnce: 4))
        #expect([first.trial, second.trial] == [1, 1] && [first.seed, second.seed] == [3, 4])
        let third = try #require(plan.next(after: [Self.result(first, 0.5)], running: [second], atOnce: 4))
        #expect(third.trial == 1 && third.seed == 5)
        let other = try #require(plan.next(after: [Self.result(first, nil)], running: [second], atOnce: 4))
        #expect(other.trial == 2)
        #expect(plan.next(after: [Self.result(first, nil), Self.result(second, 0.5)], atOnce: 4)?.trial == 2)
    }

    @Test("what is under way counts with the most that it may take; the first takes all until something is known")
    func shares() throws {
        let plan = Self.small { $0.limitSeconds = 50 }
        let first = try #require(plan.next(after: [], atOnce: 2))
        #expect(first.limitSeconds == 50)
        #expect(plan.next(after: [], running: [first], atOnce: 2) == nil)
        let ended = [Self.result(first, 0.5)]
        let second = try #require(plan.next(after: ended, atOnce: 2))
        #expect(second.limitSeconds == 20)
        let third = try #require(plan.next(after: ended, running: [second], atOnce: 2))
        #expect(third.limitSeconds == 20)
        // The same run as ended and as under way counts once.
        #expect(plan.next(after: ended, running: [first, second], atOnce: 2) == third)
    }

    /// Six settings, and rungs of 50 and 100 examples, to which one in two goes on, in so many seconds.
    private static func tight(_ limit: Int) -> SuccessiveHalving {
        small {
            $0.learningRates = [1e-3, 2e-3]
            $0.trials = 6
            $0.limitSeconds = limit
        }
    }

    @Test("a promotion that fits once others have ended keeps less urgent trials from its seconds")
    func setAside() throws {
        // Of runs of 10 seconds each, two have ended, and a third is under way.
        func begin(_ plan: SuccessiveHalving) throws -> (ended: [TrialResult], running: TrialRun) {
            let first = try #require(plan.next(after: [], atOnce: 2))
            let ended = [Self.result(first, 0.5)]
            let second = try #require(plan.next(after: ended, atOnce: 2))
            let third = try #require(plan.next(after: ended, running: [second], atOnce: 2))
            return (ended + [Self.result(second, 0.6)], third)
        }
        let plan = Self.tight(55)
        let (ended, running) = try begin(plan)
        #expect(running.trial == 3 && running.limitSeconds == 23)
        #expect(plan.next(after: ended, running: [running], atOnce: 2) == nil)
        let promoted = try #require(plan.next(after: ended + [Self.result(running, 0.4)], atOnce: 2))
        #expect(promoted.trial == 2 && promoted.rung == 1 && promoted.limitSeconds == 25)

        // Ten seconds more are enough for both: another trial begins, with what the promotion leaves.
        let larger = Self.tight(65)
        let (done, other) = try begin(larger)
        let fresh = try #require(larger.next(after: done, running: [other], atOnce: 2))
        #expect(fresh.trial == 4 && fresh.rung == 0 && fresh.limitSeconds == 15)

        // Nobody waits for a promotion that will not fit.
        let smaller = Self.tight(42)
        let (all, last) = try begin(smaller)
        let another = try #require(smaller.next(after: all, running: [last], atOnce: 2))
        #expect(another.trial == 4 && another.rung == 0 && another.limitSeconds == 10)
    }

    @Test(
        "where one worker sees a setting in full, several do that have seconds enough, too", arguments: [2, 3, 4, 6],
        [55, 65, 75, 85, 95, 200])
    func topRung(workers: Int, limit: Int) {
        let plan = Self.tight(limit)
        func best(_ count: Int) -> Int? {
            let outcome = SimulatedWorkers(
                plan: plan, count: count, seconds: { Double($0.rows) / 5 }, score: { Self.merit($0) }
            ).work()
            #expect(outcome.spent <= Double(limit))
            return plan.best(of: outcome.results)?.rung
        }
        #expect(best(1) == 1 && best(workers) == 1)
    }

    @Test("a pilot's runs are independent: each is given out once")
    func pilot() {
        let plan = PilotPlan(
            PilotDefinition(sizes: [50, 100], seeds: [1, 2]), base: LoRADefinition(), runLimitSeconds: 9)
        var running: [TrialRun] = []
        while let run = plan.next(after: [], running: running) { running.append(run) }
        #expect(running == plan.runs)
        #expect(plan.next(after: [Self.result(running[0], nil)], running: Array(running[1...])) == nil)
    }
}
