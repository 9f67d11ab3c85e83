import FledgeCore
import FledgeEngine
import PostgresClient

/// Candidates, experiments, samples and the response cache.
enum ExperimentStatement: String, StoredStatement {
    case makeExperiment = """
        INSERT INTO experiment (cycle_id, purpose, round, planned_calls) VALUES ($1, $2, $3, $4)
        ON CONFLICT (cycle_id, purpose, round) DO NOTHING RETURNING id
        """
    case makeCandidates = """
        INSERT INTO candidate (id, document)
        SELECT g.id, g.document::jsonb FROM unnest($1::text[], $2::text[]) AS g (id, document) ORDER BY g.id
        ON CONFLICT (id) DO NOTHING
        """
    case placeCandidates = """
        INSERT INTO experiment_candidate (experiment_id, candidate_id, position, name, operation, parents)
        SELECT $1, g.id, g.place - 1, g.name, g.operation, string_to_array(g.parents, ' ')
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
             AS g (id, name, operation, parents, place)
        ON CONFLICT (experiment_id, candidate_id) DO NOTHING
        """
    case experiment = """
        SELECT id, cycle_id, purpose, round, finished_at IS NOT NULL AS is_finished
        FROM experiment WHERE cycle_id = $1 AND purpose = $2 AND round = $3
        """
    case searches = """
        SELECT id, cycle_id, purpose, round, finished_at IS NOT NULL AS is_finished
        FROM experiment WHERE cycle_id = $1 AND purpose = 'search' ORDER BY round
        """
    case candidates = """
        SELECT p.experiment_id, p.name, c.document FROM experiment_candidate p JOIN candidate c ON c.id = p.candidate_id
        WHERE p.experiment_id = ANY ($1::bigint[]) ORDER BY p.experiment_id, p.position
        """
    case candidate = "SELECT document FROM candidate WHERE id = $1"
    case samples = """
        SELECT s.candidate_id, s.example_id, s.repeat, s.output, s.error_code, s.scores, s.prompt_tokens, s.cached_tokens,
               s.completion_tokens, s.latency_us, s.cost_micro_dollars, s.from_cache, s.shortfall,
               s.is_unanswered OR s.error_code IS NOT NULL AS is_unanswered, s.is_usage_presumed
        FROM sample s JOIN experiment_candidate p USING (experiment_id, candidate_id)
        WHERE s.experiment_id = $1 ORDER BY p.position, s.example_id, s.repeat
        """
    case cachedAnswers = """
        SELECT request_sha256, response FROM response_cache WHERE request_sha256 = ANY ($1::text[])
        """
    case lockExperiment = "SELECT id FROM experiment WHERE id = $1 FOR NO KEY UPDATE"
    case writeSamples = """
        WITH given AS (
            SELECT * FROM unnest($2::text[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::int[],
                                 $9::int[], $10::int[], $11::bigint[], $12::bigint[], $13::boolean[], $14::text[],
                                 $15::boolean[], $16::boolean[])
            AS g (candidate_id, example_id, repeat, output, error_code, scores, prompt_tokens, cached_tokens,
                  completion_tokens, latency_us, cost_micro_dollars, from_cache, shortfall, is_unanswered,
                  is_usage_presumed)
        ), written AS (
            INSERT INTO sample (experiment_id, candidate_id, example_id, repeat, output, error_code, scores, prompt_tokens,
                                cached_tokens, completion_tokens, latency_us, cost_micro_dollars, from_cache, shortfall,
                                is_unanswered, is_usage_presumed, at)
            SELECT $1, candidate_id, example_id, repeat, output, error_code, scores::jsonb, prompt_tokens, cached_tokens,
                   completion_tokens, latency_us, cost_micro_dollars, from_cache, shortfall, is_unanswered,
                   is_usage_presumed, clock_timestamp() FROM given
            ON CONFLICT (experiment_id, candidate_id, example_id, repeat) DO NOTHING
            RETURNING candidate_id, CASE WHEN repeat = 0 THEN (scores->>'primary')::float8 END AS score, is_unanswered,
                      prompt_tokens, completion_tokens, cost_micro_dollars, from_cache,
                      is_usage_presumed AND NOT from_cache AS is_presumed
        ), totals AS (
            SELECT candidate_id, count(*) AS samples, count(*) FILTER (WHERE is_unanswered) AS errors,
                   coalesce(sum(score), 0) AS score_sum, count(*) FILTER (WHERE is_presumed) AS presumed_calls,
                   coalesce(sum(prompt_tokens + completion_tokens) FILTER (WHERE is_presumed), 0) AS presumed_tokens,
                   coalesce(sum(cost_micro_dollars) FILTER (WHERE is_presumed), 0) AS presumed_cost,
                   count(score) AS score_count, sum(prompt_tokens) AS prompt_tokens,
                   sum(completion_tokens) AS completion_tokens, count(*) FILTER (WHERE NOT from_cache) AS paid_calls,
                   coalesce(sum(prompt_tokens + completion_tokens) FILTER (WHERE NOT from_cache), 0) AS paid_tokens,
                   coalesce(sum(cost_micro_dollars) FILTER (WHERE NOT from_cache), 0) AS paid_cost
            FROM written GROUP BY candidate_id
        )
        UPDATE experiment_candidate p SET
            samples = p.samples + t.samples, errors = p.errors + t.errors, score_sum = p.score_sum + t.score_sum,
            score_count = p.score_count + t.score_count, prompt_tokens = p.prompt_tokens + t.prompt_tokens,
            completion_tokens = p.completion_tokens + t.completion_tokens, paid_calls = p.paid_calls + t.paid_calls,
            paid_tokens = p.paid_tokens + t.paid_tokens,
            paid_cost_micro_dollars = p.paid_cost_micro_dollars + t.paid_cost,
            presumed_calls = p.presumed_calls + t.presumed_calls,
            presumed_tokens = p.presumed_tokens + t.presumed_tokens,
            presumed_cost_micro_dollars = p.presumed_cost_micro_dollars + t.presumed_cost
        FROM totals t WHERE p.experiment_id = $1 AND p.candidate_id = t.candidate_id
        """
    // What was paid for the removed samples stays paid: it is moved to the table of calls that belong to no sample.
    case forgetUnanswered = """
        WITH gone AS (
            DELETE FROM sample WHERE experiment_id = $1 AND (is_unanswered OR error_code IS NOT NULL)
            RETURNING candidate_id, CASE WHEN repeat = 0 THEN (scores->>'primary')::float8 END AS score,
                      coalesce(error_code, shortfall, 'empty') AS cause, is_unanswered OR error_code IS NOT NULL AS is_error,
                      prompt_tokens, completion_tokens, cost_micro_dollars, from_cache,
                      is_usage_presumed AND NOT from_cache AS is_presumed, at
        ), lost AS (
            INSERT INTO lost_call (cycle_id, experiment_id, cause, calls, tokens, cost_micro_dollars, at)
            SELECT e.cycle_id, e.id, g.cause, count(*), sum(g.prompt_tokens + g.completion_tokens),
                   sum(g.cost_micro_dollars), max(g.at)
            FROM gone g JOIN experiment e ON e.id = $1 WHERE NOT g.from_cache GROUP BY e.cycle_id, e.id, g.cause
        ), totals AS (
            SELECT candidate_id, count(*) AS samples, count(*) FILTER (WHERE is_error) AS errors,
                   coalesce(sum(score), 0) AS score_sum, count(score) AS score_count,
                   sum(prompt_tokens) AS prompt_tokens, sum(completion_tokens) AS completion_tokens,
                   count(*) FILTER (WHERE NOT from_cache) AS paid_calls,
                   coalesce(sum(prompt_tokens + completion_tokens) FILTER (WHERE NOT from_cache), 0) AS paid_tokens,
                   coalesce(sum(cost_micro_dollars) FILTER (WHERE NOT from_cache), 0) AS paid_cost,
                   count(*) FILTER (WHERE is_presumed) AS presumed_calls,
                   coalesce(sum(prompt_tokens + completion_tokens) FILTER (WHERE is_presumed), 0) AS presumed_tokens,
                   coalesce(sum(cost_micro_dollars) FILTER (WHERE is_presumed), 0) AS presumed_cost
            FROM gone GROUP BY candidate_id
        )
        UPDATE experiment_candidate p SET
            samples = p.samples - t.samples, errors = p.errors - t.errors, score_sum = p.score_sum - t.score_sum,
            score_count = p.score_count - t.score_count, prompt_tokens = p.prompt_tokens - t.prompt_tokens,
            completion_tokens = p.completion_tokens - t.completion_tokens, paid_calls = p.paid_calls - t.paid_calls,
            paid_tokens = p.paid_tokens - t.paid_tokens,
            paid_cost_micro_dollars = p.paid_cost_micro_dollars - t.paid_cost,
            presumed_calls = p.presumed_calls - t.presumed_calls,
            presumed_tokens = p.presumed_tokens - t.presumed_tokens,
            presumed_cost_micro_dollars = p.presumed_cost_micro_dollars - t.presumed_cost
        FROM totals t WHERE p.experiment_id = $1 AND p.candidate_id = t.candidate_id
        """
    case writeAnswers = """
        INSERT INTO response_cache (request_sha256, response)
        SELECT g.request, g.response::jsonb FROM unnest($1::text[], $2::text[]) AS g (request, response) ORDER BY g.request
        ON CONFLICT (request_sha256) DO NOTHING
        """
    case finishExperiment = "UPDATE experiment SET finished_at = now() WHERE id = $1 AND finished_at IS NULL"
    case spend = """
        SELECT coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(tokens), 0)::bigint AS tokens,
               coalesce(sum(cost_micro_dollars), 0)::bigint AS cost
        FROM cycle_payment WHERE cycle_id = $1
        """
}

/// Experiments with their samples, and the response cache.
package struct PostgresExperiments: ExperimentStore {
    let database: Database

    package func openExperiment(
        cycle: CycleID, purpose: ExperimentPurpose, round: Int, candidates: [Candidate],
        origins: [CandidateID: CandidateOrigin], plannedCalls: Int
    ) async throws -> Experiment {
        let keys = candidates.map(\.id)
        let ids = keys.map(\.rawValue)
        let operations = keys.map { origins[$0]?.operation ?? "declared" }
        let parents = keys.map { (origins[$0]?.parents ?? []).map(\.rawValue).joined(separator: " ") }
        let documents = try candidates.map { try JSONProfile.stored.text(of: $0) }
        try await database.transaction { connection in
            let made = try await connection.rows(
                ExperimentStatement.makeExperiment, [cycle, purpose.rawValue, round, plannedCalls])
            // The statement returns no row where the experiment exists already, with the candidates that it was made
            // with.
            guard let id = try made.first?.get("id", as: ExperimentID.self) else { return }
            try await connection.pipeline([
                PostgresStatement(ExperimentStatement.makeCandidates, [ids, documents]),
                PostgresStatement(
                    ExperimentStatement.placeCandidates, [id, ids, candidates.map(\.name), operations, parents]),
            ])
        }
        guard let experiment = try await experiment(cycle: cycle, purpose: purpose, round: round) else {
            throw FledgeError.nothingCameBack
        }
        return experiment
    }

    package func experiment(cycle: CycleID, purpose: ExperimentPurpose, round: Int) async throws -> Experiment? {
        try await experiments(in: database.rows(ExperimentStatement.experiment, [cycle, purpose.rawValue, round])).first
    }

    package func searches(of cycle: CycleID) async throws -> [Experiment] {
        try await experiments(in: database.rows(ExperimentStatement.searches, [cycle]))
    }

    private func experiments(in found: [PostgresRow]) async throws -> [Experiment] {
        let ids = try found.map { try $0.get("id", as: Int64.self) }
        var candidates: [Int64: [Candidate]] = [:]
        for row in try await database.rows(ExperimentStatement.candidates, [ids]) {
            var candidate = try row.json("document", as: Candidate.self)
            // A candidate of the same content may have another name in another experiment.
            candidate.name = try row.get("name", as: String.self)
            candidates[try row.get("experiment_id", as: Int64.self), default: []].append(candidate)
        }
        return try zip(found, ids).map { row, id in
            Experiment(
                id: ExperimentID(id), cycle: try row.get("cycle_id", as: CycleID.self),
                purpose: try row.choice("purpose", as: ExperimentPurpose.self),
                round: try row.get("round", as: Int.self),
                candidates: candidates[id] ?? [], isFinished: try row.get("is_finished", as: Bool.self))
        }
    }

    package func candidate(_ id: CandidateID) async throws -> Candidate {
        guard let row = try await database.rows(ExperimentStatement.candidate, [id]).first else {
            throw FledgeError("candidate.unknown", "there is no candidate \(id.short)")
        }
        return try row.json("document", as: Candidate.self)
    }

    package func register(_ candidate: Candidate) async throws {
        try await database.change(
            ExperimentStatement.makeCandidates, [[candidate.id.rawValue], [try JSONProfile.stored.text(of: candidate)]])
    }

    package func samples(of experiment: ExperimentID) async throws -> [Sample] {
        try await database.rows(ExperimentStatement.samples, [experiment]).map { row in
            // There may be a million rows.
            try Task.checkCancellation()
            return Sample(
                candidate: try row.get("candidate_id", as: CandidateID.self),
                example: try row.get("example_id", as: ExampleID.self), repeat: try row.get("repeat", as: Int.self),
                output: try row.get("output", as: String?.self), errorCode: try row.get("error_code", as: String?.self),
                scores: try row.json("scores", as: [String: Double].self),
                promptTokens: try row.get("prompt_tokens", as: Int.self),
                cachedTokens: try row.get("cached_tokens", as: Int.self),
                completionTokens: try row.get("completion_tokens", as: Int.self),
                latencyMicroseconds: try row.get("latency_us", as: Int64.self),
                costMicroDollars: try row.get("cost_micro_dollars", as: Int64.self),
                fromCache: try row.get("from_cache", as: Bool.self),
                shortfall: try row.get("shortfall", as: String?.self).flatMap(AnswerShortfall.init(rawValue:)),
                isUnanswered: try row.get("is_unanswered", as: Bool.self),
                isUsagePresumed: try row.get("is_usage_presumed", as: Bool.self))
        }
    }

    package func forgetUnanswered(in experiment: ExperimentID) async throws {
        let statements = [
            PostgresStatement(ExperimentStatement.lockExperiment, [experiment]),
            PostgresStatement(ExperimentStatement.forgetUnanswered, [experiment]),
            PostgresStatement(JudgeStatement.forgetUnread, [experiment]),
        ]
        try await database.transaction { connection in _ = try await connection.pipeline(statements) }
    }

    package func cachedAnswers(for requests: [Digest]) async throws -> [Digest: Completion] {
        if requests.isEmpty { return [:] }
        var answers: [Digest: Completion] = [:]
        for row in try await database.rows(ExperimentStatement.cachedAnswers, [requests.map(\.rawValue)]) {
            answers[try row.get("request_sha256", as: Digest.self)] = try row.json("response", as: Completion.self)
        }
        return answers
    }

    package func write(_ batch: SampleBatch) async throws {
        if batch.samples.isEmpty && batch.answers.isEmpty { return }
        let samples = batch.samples
        let scores = samples.map(\.storedScores)
        // The lock lets the writers of one experiment take turns, so that its totals cannot deadlock.
        let statements = [
            PostgresStatement(ExperimentStatement.lockExperiment, [batch.experiment]),
            PostgresStatement(
                ExperimentStatement.writeSamples,
                [
                    batch.experiment, samples.map(\.candidate.rawValue), samples.map(\.example.rawValue),
                    samples.map(\.repeat), PostgresArray(samples.map { $0.output?.storable }),
                    PostgresArray(samples.map(\.errorCode)), scores, samples.map(\.promptTokens),
                    samples.map(\.cachedTokens), samples.map(\.completionTokens), samples.map(\.latencyMicroseconds),
                    samples.map(\.costMicroDollars), samples.map(\.fromCache),
                    PostgresArray(samples.map { $0.shortfall?.rawValue }), samples.map(\.isUnanswered),
                    samples.map(\.isUsagePresumed),
                ]),
            Self.writeAnswers(batch.answers),
        ]
        let charging = PostgresSpend.charge(batch.charges)
        try await database.transaction { connection in _ = try await connection.pipeline(statements + charging) }
    }

    /// What puts new answers into the response cache.
    static func writeAnswers(_ answers: [Digest: Completion]) -> PostgresStatement {
        let answers = answers.sorted { $0.key.rawValue < $1.key.rawValue }
        let responses = answers.map(\.value.storedJSON)
        return PostgresStatement(ExperimentStatement.writeAnswers, [answers.map(\.key.rawValue), responses])
    }

    package func finishExperiment(_ id: ExperimentID) async throws {
        try await database.change(ExperimentStatement.finishExperiment, [id])
    }

    package func spend(of cycle: CycleID) async throws -> CycleSpend {
        guard let row = try await database.rows(ExperimentStatement.spend, [cycle]).first else {
            throw FledgeError.nothingCameBack
        }
        return CycleSpend(
            calls: try row.get("calls", as: Int.self), tokens: try row.get("tokens", as: Int.self),
            costMicroDollars: try row.get("cost", as: Int64.self))
    }
}
