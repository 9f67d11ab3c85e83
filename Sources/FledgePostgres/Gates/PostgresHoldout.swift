import FledgeCore
import FledgeEngine
import Foundation
import PostgresClient

/// The ledger of looks at the holdout. Its rows are never changed, except that a look may be withdrawn.
enum HoldoutStatement: String, StoredStatement {
    case spent = """
        SELECT e.id, coalesce(sum(l.share), 0)::float8 AS share, count(l.id) FILTER (WHERE l.share > 0) AS looks
        FROM cycle c JOIN example e ON e.snapshot_id = c.snapshot_id AND e.split = 'holdout'
        LEFT JOIN holdout_look l ON l.use_case_id = c.use_case_id AND e.content_key = ANY (l.examples)
                                    AND NOT (l.cycle_id = c.id AND l.look = coalesce($2, 0))
                                    AND NOT is_look_withdrawn(l.cycle_id, l.look)
        WHERE c.id = $1 GROUP BY e.id, e.row_number ORDER BY e.row_number
        """
    // An example is known again by what is asked and what is right: see the generated column `example.content_key`.
    case spentOnRows = """
        SELECT a.place AS id, coalesce(sum(l.share), 0)::float8 AS share, count(l.id) FILTER (WHERE l.share > 0) AS looks
        FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS a (inputs, expected, place)
        LEFT JOIN holdout_look l ON l.use_case_id = $1
             AND ('x' || left(md5(a.inputs::jsonb::text || chr(30) || a.expected), 16))::bit(64)::bigint = ANY (l.examples)
        GROUP BY a.place ORDER BY a.place
        """
    case earlierShare = """
        WITH wanted AS (
            SELECT array_agg(DISTINCT content_key ORDER BY content_key) AS keys FROM example WHERE id = ANY ($2::bigint[])
        )
        SELECT max(l.share) AS share FROM cycle c JOIN holdout_look l ON l.use_case_id = c.use_case_id
        WHERE c.id = $1 AND l.candidate_id = $3 AND l.examples = (SELECT keys FROM wanted)
              AND NOT (l.cycle_id = c.id AND l.look = $4) AND NOT is_look_withdrawn(l.cycle_id, l.look)
        """
    case record = """
        WITH wanted AS (
            SELECT array_agg(DISTINCT content_key ORDER BY content_key) AS keys FROM example WHERE id = ANY ($4::bigint[])
        )
        INSERT INTO holdout_look (use_case_id, cycle_id, look, purpose, candidate_id, examples, examples_sha256, share, alpha)
        SELECT c.use_case_id, c.id, $2, 'gate', $3, w.keys, encode(sha256(array_to_string(w.keys, ',')::bytea), 'hex'), $5, $6
        FROM cycle c CROSS JOIN wanted w WHERE c.id = $1
        ON CONFLICT (cycle_id, look) DO NOTHING
        """
    // A look that was withdrawn and is begun again counts again.
    case retake = """
        INSERT INTO holdout_look_event (cycle_id, look, kind, reason)
        SELECT $1, $2, 'taken', '' WHERE is_look_withdrawn($1, $2)
        """
    case withdraw = """
        INSERT INTO holdout_look_event (cycle_id, look, kind, reason)
        SELECT l.cycle_id, l.look, 'withdrawn', $3 FROM holdout_look l
        WHERE l.cycle_id = $1 AND l.look = $2 AND NOT is_look_withdrawn($1, $2)
          AND NOT EXISTS (SELECT FROM gate g WHERE g.cycle_id = $1 AND g.look = $2)
        """
    case looks = """
        SELECT c.number AS cycle, l.look, l.purpose, l.candidate_id, l.examples_sha256, cardinality(l.examples) AS examples,
               l.share, l.alpha, l.at, g.verdict, is_look_withdrawn(l.cycle_id, l.look) AS is_withdrawn, coalesce(g.result->>'candidateName', d.document->>'name', '') AS name
        FROM holdout_look l JOIN cycle c ON c.id = l.cycle_id JOIN candidate d ON d.id = l.candidate_id
        LEFT JOIN gate g ON g.cycle_id = l.cycle_id AND g.look = l.look
        WHERE l.use_case_id = $1 ORDER BY l.id
        """
}

/// The ledger of looks at the holdout.
package struct PostgresHoldout: HoldoutStore {
    let database: Database

    package func holdoutSpent(cycle: CycleID, exceptLook look: Int?) async throws -> [HoldoutBudget.Spent] {
        try await database.rows(HoldoutStatement.spent, [cycle, look]).map { row in
            HoldoutBudget.Spent(
                example: try row.get("id", as: ExampleID.self), share: try row.get("share", as: Double.self),
                looks: try row.get("looks", as: Int.self))
        }
    }

    package func holdoutSpent(on rows: [SnapshotRow], of useCase: UseCaseID) async throws -> [HoldoutBudget.Spent] {
        let inputs = try rows.map { try JSONProfile.stored.text(of: $0.inputs) }
        return try await database.rows(HoldoutStatement.spentOnRows, [useCase, inputs, rows.map(\.expected)]).map {
            row in
            HoldoutBudget.Spent(
                example: try row.get("id", as: ExampleID.self), share: try row.get("share", as: Double.self),
                looks: try row.get("looks", as: Int.self))
        }
    }

    package func earlierShare(
        of candidate: CandidateID, on examples: [ExampleID], cycle: CycleID, exceptLook look: Int
    ) async throws -> Double? {
        try await database.rows(
            HoldoutStatement.earlierShare, [cycle, examples.map(\.rawValue), candidate, look]
        ).first?.get("share", as: Double?.self)
    }

    package func recordLook(
        cycle: CycleID, look: Int, candidate: CandidateID, examples: [ExampleID], share: Double, alpha: Double
    ) async throws {
        let statements = [
            PostgresStatement(
                HoldoutStatement.record, [cycle, look, candidate, examples.map(\.rawValue), share, alpha]),
            PostgresStatement(HoldoutStatement.retake, [cycle, look]),
        ]
        try await database.transaction { connection in _ = try await connection.pipeline(statements) }
    }

    package func withdrawLook(cycle: CycleID, look: Int, because reason: String) async throws {
        try await database.change(HoldoutStatement.withdraw, [cycle, look, reason])
    }

    package func looks(of useCase: UseCaseID) async throws -> [HoldoutLook] {
        try await database.rows(HoldoutStatement.looks, [useCase]).map { row in
            HoldoutLook(
                cycle: try row.get("cycle", as: Int.self), look: try row.get("look", as: Int.self),
                purpose: try row.get("purpose", as: String.self),
                candidate: try row.get("candidate_id", as: CandidateID.self),
                candidateName: try row.get("name", as: String.self),
                examplesSHA256: try row.get("examples_sha256", as: Digest.self),
                examples: try row.get("examples", as: Int.self), share: try row.get("share", as: Double.self),
                alpha: try row.get("alpha", as: Double.self),
                verdict: try row.get("verdict", as: String?.self).flatMap(Verdict.init(rawValue:)),
                at: try row.get("at", as: Date.self), isWithdrawn: try row.get("is_withdrawn", as: Bool.self))
        }
    }
}
