import FledgeCore
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("Judges' verdicts in PostgreSQL")
struct StoresJudgeTests {
    private static let judge = Digest(of: "judge")
    private static let metric = "judged:right"
    private static let candidate = StoresFixture.candidate("zero-shot")

    @Test("an answer that was judged in vain has no score, is no longer open, and is open again once that is forgotten")
    func inVain() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            let experiment = try await store.openExperiment(
                cycle: cycle.id, purpose: .search, round: 1, candidates: [Self.candidate], plannedCalls: 2)
            let examples = try await store.examples(of: cycle.snapshot, in: .prototype).prefix(2).map(\.id)
            try #require(examples.count == 2)
            var samples = examples.map { StoresFixture.sample(Self.candidate, $0) }
            // The mark of a pattern stays: nothing asks for it again.
            let pattern = Sample.unread("regular-expression:(a+)+b")
            for index in samples.indices { samples[index].scores = ["valid-output": 1, pattern: 1] }
            try await store.write(SampleBatch(experiment: experiment.id, samples: samples, answers: [:]))
            #expect(try await store.unjudged(in: experiment.id, metric: Self.metric).count == 2)
            let scores = zip(examples, [nil, 1]).map {
                JudgedScore(candidate: Self.candidate.id, example: $0, score: $1)
            }
            for score in scores {
                try await store.write([score], metric: Self.metric, isPrimary: true, experiment: experiment.id)
            }
            #expect(try await store.unjudged(in: experiment.id, metric: Self.metric).isEmpty)
            let judged = try await store.samples(of: experiment.id)
            #expect(judged.map { $0.score(of: "primary") } == [nil, 1])
            #expect(judged.map { $0.isUnread(by: Self.metric) } == [true, false])
            let totals = try await fixture.pool.query("SELECT score_sum, score_count FROM experiment_candidate")
            #expect(try totals[0].get("score_sum", as: Double.self) == 1)
            #expect(try totals[0].get("score_count", as: Int.self) == 1)

            try await store.forgetUnanswered(in: experiment.id)
            #expect(try await store.unjudged(in: experiment.id, metric: Self.metric).map(\.example) == [examples[0]])
            try await store.write(
                [JudgedScore(candidate: Self.candidate.id, example: examples[0], score: 0)], metric: Self.metric,
                isPrimary: true, experiment: experiment.id)
            let again = try await store.samples(of: experiment.id)
            #expect(again.map { $0.score(of: "primary") } == [0, 1])
            #expect(again.allSatisfy { $0.scores[pattern] == 1 && !$0.isUnread(by: Self.metric) })
        }
    }

    @Test("an unreadable reply that the version before kept is no verdict, and the one that comes after it is paid for")
    func before() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            let items = [Digest(of: "unreadable"), Digest(of: "readable")]
            for (item, ground) in zip(items, ["unreadable", "judged"]) {
                _ = try await fixture.pool.query(
                    """
                    INSERT INTO judge_verdict (judge_sha256, item_sha256, cycle_id, metric, score, ground, replies, calls,
                                               prompt_tokens, completion_tokens, cost_micro_dollars)
                    VALUES ($1, $2, $3, $4, 0, $5, '{}', 1, 10, 5, 7)
                    """, [Self.judge, item, cycle.id, Self.metric, ground])
            }
            #expect(try await Array(store.verdicts(of: Self.judge, on: items).keys) == [items[1]])
            let readings = try await store.readings(of: cycle.id)
            #expect(readings == [JudgeReadings(judge: "right", asked: 2, unreadable: 1)])
            for item in items {
                let answer = JudgedAnswer(
                    item: item, verdict: JudgeRating(score: 1, ground: .judged), calls: 1, promptTokens: 10,
                    completionTokens: 5, costMicroDollars: 7)
                try await store.write(answer, of: Self.judge, metric: Self.metric, cycle: cycle.id, answers: [:])
            }
            #expect(try await fixture.rowCount("judge_verdict") == 2)
            #expect(try await store.spend(of: cycle.id).calls == 3)
        }
    }
}
