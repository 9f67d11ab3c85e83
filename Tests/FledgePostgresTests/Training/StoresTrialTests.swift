import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("Trials in PostgreSQL")
struct StoresTrialTests {
    private static func run(_ trial: Int, fold: Int? = nil, batchSize: Int? = nil) -> TrialRun {
        var setting = TrialSetting(LoRADefinition())
        setting.batchSize = batchSize
        return TrialRun(trial: trial, setting: setting, rung: 0, fold: fold, seed: 1, rows: 50, limitSeconds: 60)
    }

    @Test("trials that have not ended are found under their numbers with their runs, in the order they were begun in")
    func open() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            func open(_ run: TrialRun, _ number: Int, attempt: Int = 1) async throws -> OpenTrial {
                let place = TrialPlace(cycle: cycle.id, attempt: attempt, purpose: .trial, number: number)
                return try await store.openTrial(
                    run, at: place, intent: "trial\(attempt)-\(number)", executor: "local")
            }
            let second = try await open(Self.run(2, fold: 1, batchSize: 16), 2)
            let first = try await open(Self.run(1, fold: 0), 1)
            _ = try await open(Self.run(3), 1, attempt: 2)
            #expect(try await store.openTrials(of: cycle.id, purpose: .trial, attempt: 1) == [first, second])
            #expect(second.number == 2 && second.run == Self.run(2, fold: 1, batchSize: 16))
            #expect(try await store.openTrials(of: cycle.id, purpose: .pilot, attempt: 1) == [])

            // Whoever comes to a place that is taken gets the trial that is there, with its own run.
            #expect(try await open(Self.run(7), 1) == first)

            try await store.recordSubmission(first.job.id, externalID: "x-1")
            try await store.recordSubmission(second.job.id, externalID: "x-2")
            let known = try await store.openTrials(of: cycle.id, purpose: .trial, attempt: 1)
            #expect(known.map(\.job.externalID) == ["x-1", "x-2"])
            try await store.finishTrial(second.job.id, score: 0.5, answers: 20, seconds: 3)
            let left = try await store.openTrials(of: cycle.id, purpose: .trial, attempt: 1)
            #expect(left.map(\.number) == [1])
            let results = try await store.trialResults(of: cycle.id, purpose: .trial, attempt: 1)
            #expect(results == [TrialResult(run: second.run, score: 0.5, answers: 20, seconds: 3)])
            try await store.finishJob(
                first.job.id, state: .failed, adapter: nil, error: FledgeError("training.diverged", "it did"))
            #expect(try await store.openTrials(of: cycle.id, purpose: .trial, attempt: 1) == [])
            #expect(try await store.trialJob(of: second.run, cycle: cycle.id)?.id == second.job.id)
        }
    }

    @Test("a cancelled run has ended, unless a person cancelled the use case's work while it was under way")
    func cancelled() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            func cancel(_ number: Int) async throws {
                let place = TrialPlace(cycle: cycle.id, attempt: 1, purpose: .pilot, number: number)
                let trial = try await store.openTrial(
                    Self.run(number), at: place, intent: "pilot\(number)", executor: "local")
                try await store.finishJob(trial.job.id, state: .cancelled, adapter: nil, error: nil)
            }
            func ended() async throws -> [Int] {
                try await store.trialResults(of: cycle.id, purpose: .pilot, attempt: 1).map(\.run.trial)
            }
            try await cancel(1)
            #expect(try await ended() == [1])
            let stopped = try await fixture.advance(cycle, by: .cancelled)
            #expect(try await ended() == [])
            try await fixture.advance(stopped, by: .retried)
            try await cancel(2)
            #expect(try await ended() == [2])
            #expect(try await store.trialsBegun(of: cycle.id, purpose: .pilot, attempt: 1) == 2)
            #expect(try await store.trialsBegun(of: cycle.id, purpose: .trial, attempt: 1) == 0)
        }
    }

    @Test("a daemon of a version that knows one trial at a time is known for a minute after it was seen")
    func earlierDaemon() async throws {
        try await StoresFixture.run { fixture in
            #expect(try await !fixture.store.hasDaemonOfOneTrial())
            for (seconds, schema, isThere) in [(90, 21, false), (10, 22, false), (20, 21, true)] {
                _ = try await fixture.pool.query(
                    """
                    INSERT INTO daemon (worker, host, process_id, seen_at, schema_version)
                    VALUES ('w' || $1::int, 'h', 1, now() - $1::int * interval '1 second', $2)
                    """, [seconds, schema])
                #expect(try await fixture.store.hasDaemonOfOneTrial() == isThere)
            }
        }
    }

    @Test("of trials side by side, status tells of one that is at work rather than of one that waits for a place")
    func status() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            var cycle = try await fixture.startedCycle()
            let candidate = StoresFixture.candidate("few-shot")
            try await store.register(candidate)
            for event in [
                CycleEvent.candidateChosen(candidate.id), .gateJudged(.failed, candidate.id), .decisionMade(.fineTune),
            ] {
                cycle = try await fixture.advance(cycle, by: event)
            }
            for number in 1...2 {
                let place = TrialPlace(cycle: cycle.id, attempt: 1, purpose: .trial, number: number)
                let trial = try await store.openTrial(
                    Self.run(number), at: place, intent: "trial1-\(number)", executor: "local")
                try await store.setPhase(number == 1 ? .preparing : .waiting, of: trial.job.id)
            }
            #expect(try await store.statuses(useCase: "colour")[0].progress?.what == "trial 1")
        }
    }
}
