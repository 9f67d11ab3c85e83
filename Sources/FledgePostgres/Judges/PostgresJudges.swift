import FledgeCore
import FledgeEngine
import Foundation
import PostgresClient

/// Judges' ratings, and people's labels.
enum JudgeStatement: String, StoredStatement {
    case unjudged = """
        SELECT s.candidate_id, s.example_id, s.output, e.inputs, e.expected
        FROM sample s JOIN experiment_candidate p USING (experiment_id, candidate_id) JOIN example e ON e.id = s.example_id
        WHERE s.experiment_id = $1 AND s.repeat = 0 AND s.output IS NOT NULL AND NOT s.is_unanswered
              AND NOT s.scores ?| ARRAY[$2::text, 'unread:' || $2]
        ORDER BY p.position, s.example_id
        """
    case searchAnswers = """
        SELECT s.output, e.inputs, e.expected
        FROM experiment x JOIN sample s ON s.experiment_id = x.id JOIN example e ON e.id = s.example_id
        WHERE x.cycle_id = $1 AND x.purpose = 'search' AND s.repeat = 0 AND s.output IS NOT NULL
        """
    case verdicts = """
        SELECT item_sha256, score, ground, finding FROM judge_verdict
        WHERE judge_sha256 = $1 AND item_sha256 = ANY ($2::text[]) AND ground <> 'unreadable'
        """
    // An older daemon kept replies that could not be read among the ratings. Samples are looked through only where some
    // could not be read.
    case readings = """
        SELECT metric, sum(asked)::bigint AS asked, sum(unreadable)::bigint AS unreadable FROM (
            SELECT metric, count(*) AS asked, count(*) FILTER (WHERE ground = 'unreadable') AS unreadable FROM judge_verdict
            WHERE cycle_id = $1 AND ground IN ('judged', 'orders-disagree', 'unreadable') GROUP BY metric
            UNION ALL
            SELECT substr(k.key, length('unread:') + 1), count(DISTINCT (s.example_id, s.output)),
                   count(DISTINCT (s.example_id, s.output))
            FROM experiment x JOIN sample s ON s.experiment_id = x.id CROSS JOIN LATERAL jsonb_object_keys(s.scores) AS k (key)
            WHERE x.cycle_id = $1 AND k.key LIKE 'unread:judged:%'
                  AND EXISTS (SELECT FROM lost_call l WHERE l.cycle_id = $1 AND l.cause = 'judge.unreadable')
            GROUP BY 1
        ) r GROUP BY metric ORDER BY metric
        """
    // Where an older daemon has kept a reply that could not be read, the rating that came later stays in the response
    // cache alone, and its calls are kept apart.
    case writeVerdict = """
        WITH written AS (
            INSERT INTO judge_verdict (judge_sha256, item_sha256, cycle_id, metric, score, ground, finding, replies, calls,
                                       prompt_tokens, completion_tokens, cost_micro_dollars)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12)
            ON CONFLICT (judge_sha256, item_sha256) DO NOTHING
        )
        INSERT INTO lost_call (cycle_id, cause, calls, tokens, cost_micro_dollars, at)
        SELECT $3, 'judge.unreadable', $9, $10 + $11, $12, clock_timestamp() FROM judge_verdict
        WHERE judge_sha256 = $1 AND item_sha256 = $2 AND ground = 'unreadable' AND $9 > 0
        """
    case writeLost = """
        INSERT INTO lost_call (cycle_id, cause, calls, tokens, cost_micro_dollars, at)
        VALUES ($1, $2, $3, $4, $5, clock_timestamp())
        """
    case writeScores = """
        WITH given AS (
            SELECT * FROM unnest($4::text[], $5::bigint[], $6::float8[]) AS g (candidate_id, example_id, score)
        ), changed AS (
            UPDATE sample s
            SET scores = s.scores || CASE WHEN g.score IS NULL THEN jsonb_build_object('unread:' || $2::text, 1)
                                          WHEN $3 THEN jsonb_build_object($2::text, g.score, 'primary', g.score)
                                          ELSE jsonb_build_object($2::text, g.score) END
            FROM given g
            WHERE s.experiment_id = $1 AND s.candidate_id = g.candidate_id AND s.example_id = g.example_id
                  AND s.repeat = 0 AND NOT s.scores ? $2
            RETURNING s.candidate_id, g.score
        )
        UPDATE experiment_candidate p SET score_sum = p.score_sum + t.score, score_count = p.score_count + t.count
        FROM (SELECT candidate_id, coalesce(sum(score), 0) AS score, count(score) AS count FROM changed
              GROUP BY candidate_id) t
        WHERE $3 AND p.experiment_id = $1 AND p.candidate_id = t.candidate_id
        """
    case forgetUnread = """
        UPDATE sample s
        SET scores = (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(s.scores) e
                      WHERE e.key NOT LIKE 'unread:judged:%')
        WHERE s.experiment_id = $1 AND s.repeat = 0
              AND EXISTS (SELECT FROM jsonb_object_keys(s.scores) AS k (key) WHERE k.key LIKE 'unread:judged:%')
        """
    case writeLabels = """
        INSERT INTO label (use_case_id, question_sha256, item_sha256, labelled_by, verdict, item, labelled_at)
        SELECT $1, $2, g.item_sha256, g.labelled_by, g.verdict, g.item::jsonb, g.labelled_at
        FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
             AS g (item_sha256, labelled_by, verdict, item, labelled_at)
        ORDER BY g.item_sha256
        ON CONFLICT (use_case_id, question_sha256, item_sha256, labelled_by)
        DO UPDATE SET verdict = excluded.verdict, labelled_at = excluded.labelled_at
        WHERE (label.verdict, label.labelled_at) IS DISTINCT FROM (excluded.verdict, excluded.labelled_at)
        """
    case labels = """
        SELECT item, verdict, labelled_by, labelled_at FROM label WHERE use_case_id = $1 AND question_sha256 = $2
        ORDER BY labelled_at, item_sha256
        """
}

/// What judges and people say of answers.
package struct PostgresJudges: JudgeStore {
    let database: Database

    package func unjudged(in experiment: ExperimentID, metric: String) async throws -> [UnjudgedSample] {
        try await database.rows(JudgeStatement.unjudged, [experiment, metric]).map { row in
            UnjudgedSample(
                candidate: try row.get("candidate_id", as: CandidateID.self),
                example: try row.get("example_id", as: ExampleID.self), item: try Self.item(in: row))
        }
    }

    package func searchAnswers(of cycle: CycleID) async throws -> [JudgedItem] {
        try await database.rows(JudgeStatement.searchAnswers, [cycle]).map(Self.item)
    }

    private static func item(in row: PostgresRow) throws -> JudgedItem {
        JudgedItem(
            inputs: try row.json("inputs", as: [String: String].self), answer: try row.get("output", as: String.self),
            expected: try row.get("expected", as: String.self))
    }

    package func verdicts(of judge: Digest, on items: [Digest]) async throws -> [Digest: JudgeRating] {
        if items.isEmpty { return [:] }
        var verdicts: [Digest: JudgeRating] = [:]
        for row in try await database.rows(JudgeStatement.verdicts, [judge, items.map(\.rawValue)]) {
            verdicts[try row.get("item_sha256", as: Digest.self)] = JudgeRating(
                score: try row.get("score", as: Double.self),
                ground: try row.choice("ground", as: JudgeRating.Ground.self),
                finding: try row.get("finding", as: String?.self).flatMap(JudgeGuard.Finding.init(rawValue:)))
        }
        return verdicts
    }

    package func readings(of cycle: CycleID) async throws -> [JudgeReadings] {
        try await database.rows(JudgeStatement.readings, [cycle]).map { row in
            let metric = try row.get("metric", as: String.self)
            return JudgeReadings(
                judge: metric.hasPrefix("judged:") ? String(metric.dropFirst("judged:".count)) : metric,
                asked: try row.get("asked", as: Int.self), unreadable: try row.get("unreadable", as: Int.self))
        }
    }

    package func write(
        _ answer: JudgedAnswer, of judge: Digest, metric: String, cycle: CycleID, answers: [Digest: Completion]
    ) async throws {
        let replies = answer.replies.mapValues { reply in
            var reply = reply
            reply.reason = reply.reason.storable
            return reply
        }
        let statements = [
            PostgresExperiments.writeAnswers(answers),
            PostgresStatement(
                JudgeStatement.writeVerdict,
                [
                    judge, answer.item, cycle, metric, answer.verdict.score, answer.verdict.ground.rawValue,
                    answer.verdict.finding?.rawValue, try JSONProfile.stored.text(of: replies), answer.calls,
                    answer.promptTokens, answer.completionTokens, answer.costMicroDollars,
                ]),
        ]
        let charging = PostgresSpend.charge(answer.charges)
        try await database.transaction { connection in _ = try await connection.pipeline(statements + charging) }
    }

    package func recordLost(_ paid: SpendAmount, cycle: CycleID, because cause: String) async throws {
        try await database.change(
            JudgeStatement.writeLost, [cycle, cause, paid.calls, paid.tokens, paid.costMicroDollars])
    }

    package func write(_ scores: [JudgedScore], metric: String, isPrimary: Bool, experiment: ExperimentID) async throws
    {
        if scores.isEmpty { return }
        let statements = [
            PostgresStatement(ExperimentStatement.lockExperiment, [experiment]),
            PostgresStatement(
                JudgeStatement.writeScores,
                [
                    experiment, metric, isPrimary, scores.map(\.candidate.rawValue), scores.map(\.example.rawValue),
                    PostgresArray(scores.map(\.score)),
                ]),
        ]
        try await database.transaction { connection in _ = try await connection.pipeline(statements) }
    }

    package func write(_ labels: [PersonLabel], useCase: UseCaseID, question: Digest) async throws {
        if labels.isEmpty { return }
        try await database.change(
            JudgeStatement.writeLabels,
            [
                useCase, question, labels.map(\.item.id.rawValue), labels.map(\.labelledBy),
                labels.map(\.verdict.rawValue),
                try labels.map { try JSONProfile.stored.text(of: $0.item) }, labels.map(\.at),
            ])
    }

    package func labels(of useCase: UseCaseID, question: Digest) async throws -> [PersonLabel] {
        try await database.rows(JudgeStatement.labels, [useCase, question]).map { row in
            PersonLabel(
                item: try row.json("item", as: JudgedItem.self),
                verdict: try row.choice("verdict", as: PersonAnswer.self),
                labelledBy: try row.get("labelled_by", as: String.self), at: try row.get("labelled_at", as: Date.self))
        }
    }
}
