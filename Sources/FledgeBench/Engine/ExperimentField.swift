import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient

/// One use case with an open experiment: candidates and the examples to score them on.
struct ExperimentField: Sendable {
    let store: PostgresStores
    let cycle: CycleID
    private(set) var candidates: [Candidate]
    let examples: [Example]

    let model: ModelDefinition
    static let metric = MetricDefinition.accuracy

    static func make(
        pool: PostgresPool, candidates: Int, examples: Int, model name: String = "stub"
    ) async throws -> ExperimentField {
        try await UseCaseField(pool: pool).add(1, .experimenting, prefix: "calls")
        try await pool.execute(
            """
            INSERT INTO example (snapshot_id, row_number, split, group_key, inputs, expected)
            SELECT s.id, n, 'prototype', n::text, jsonb_build_object('text', 'Message ' || n || ': where is my invoice?'),
                   'billing' FROM dataset_snapshot s, generate_series(1, $1::int) AS n
            """, [examples])
        let store = PostgresStores(pool: pool, logger: DurableServer.fixture.logger)
        guard let useCase = try await store.useCase(named: "calls-0000001"),
            let cycle = try await store.currentCycle(of: useCase)
        else { throw FledgeError("bench.lost", "the use case is not in the database") }
        return ExperimentField(
            store: store, cycle: cycle.id,
            candidates: (1...candidates).map { number in
                Candidate(
                    name: "plain/\(number)", system: "Name the team. Wording \(number).", user: "{{text}}",
                    demonstrations: [], model: name,
                    decoding: DecodingDefinition(maxTokens: 8, choices: .none), choices: nil)
            },
            examples: try await store.examples(of: cycle.snapshot, in: .prototype),
            model: ModelDefinition(name: name, endpoint: .local))
    }

    var calls: Int { candidates.count * examples.count }

    /// Gives every candidate so many demonstrations: a long beginning that its questions share.
    mutating func demonstrate(_ count: Int) {
        for index in candidates.indices {
            candidates[index].demonstrations = (1...count).map {
                Demonstration(
                    inputs: [
                        "text": "Wording \(index + 1): message \($0) asks where last month's invoice is to be found."
                    ],
                    output: "billing")
            }
        }
    }

    /// Asks every candidate about every example, as an experiment does.
    ///
    /// - Parameter seed: nil for the order in which the engine asks: a candidate's questions one after the other.
    func score(with server: any ModelServer, round: Int = 1, shuffledBy seed: UInt64? = nil) async throws
        -> ExperimentID
    {
        let experiment = try await store.openExperiment(
            cycle: cycle, purpose: .search, round: round, candidates: candidates, origins: [:],
            plannedCalls: calls)
        var planned = candidates.flatMap { candidate in
            let id = candidate.id
            return examples.map { PlannedCall(candidate: candidate, candidateID: id, example: $0, repeat: 0) }
        }
        if let seed {
            var random = SplitMix64(seed: seed)
            planned.shuffle(using: &random)
        }
        try await CompletionRunner(
            experiments: store, server: server, model: model, metrics: [Self.metric], primary: Self.metric
        ).run(planned, experiment: experiment.id)
        return experiment.id
    }

    /// Samples in the database whose answer was right.
    func right(in experiment: ExperimentID) async throws -> Int {
        try await store.samples(of: experiment).count { $0.scores["primary"] == 1 }
    }
}
