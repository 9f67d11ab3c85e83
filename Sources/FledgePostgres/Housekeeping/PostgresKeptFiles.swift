import FledgeCore
import FledgeEngine
import PostgresClient

/// What the files of a state folder belong to.
enum KeptFilesStatement: String, StoredStatement {
    case identity = """
        SELECT to_char(min(applied_at) AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS.US') AS identity FROM schema_migration
        """
    // $1: intents; $2: age in microseconds. Evidence is kept as the logs of its training are.
    case jobs = """
        SELECT n.name, j.id IS NOT NULL AS is_known,
               j.id IS NOT NULL AND NOT coalesce(
                   j.state IN ('finished', 'failed', 'cancelled')
                   AND c.ended_at < now() - $2::bigint * interval '1 microsecond'
                   AND NOT EXISTS (SELECT FROM release r WHERE r.adapter = j.adapter)
                   AND NOT EXISTS (SELECT FROM gate g JOIN candidate k ON k.id = g.candidate_id
                                   WHERE g.cycle_id = j.cycle_id AND k.document->>'adapter' = j.adapter), false) AS is_named
        FROM unnest($1::text[]) AS n (name)
        LEFT JOIN training_job j ON j.intent = n.name LEFT JOIN cycle c ON c.id = j.cycle_id
        """
    // $1: digests; $2: age in microseconds.
    case adapters = """
        WITH late AS MATERIALIZED (
            SELECT id FROM cycle
            WHERE ended_at IS NULL OR ended_at >= now() - $2::bigint * interval '1 microsecond'
        ), candidates AS MATERIALIZED (
            SELECT id, document->>'adapter' AS adapter FROM candidate WHERE document->>'adapter' = ANY ($1::text[])
        )
        SELECT n.name, EXISTS (SELECT FROM adapter a WHERE a.digest = n.name)
                    OR EXISTS (SELECT FROM training_job j WHERE j.adapter = n.name) AS is_known,
               EXISTS (SELECT FROM release r
                       WHERE r.adapter = n.name OR r.bundle->'candidate'->>'adapter' = n.name)
            OR EXISTS (SELECT FROM candidates k JOIN gate g ON g.candidate_id = k.id WHERE k.adapter = n.name)
            OR EXISTS (SELECT FROM candidates k JOIN experiment_candidate x ON x.candidate_id = k.id
                       JOIN experiment e ON e.id = x.experiment_id
                       WHERE k.adapter = n.name AND e.cycle_id IN (SELECT id FROM late))
            OR EXISTS (SELECT FROM training_job j
                       WHERE j.adapter = n.name AND (j.cycle_id IN (SELECT id FROM late)
                                                     OR j.state IN ('intended', 'submitted', 'running', 'unknown')))
            OR EXISTS (SELECT FROM adapter a JOIN training_job j ON j.id = a.training_job_id
                       WHERE a.digest = n.name AND j.cycle_id IN (SELECT id FROM late)) AS is_named
        FROM unnest($1::text[]) AS n (name)
        """
}

/// Which files of a state folder the database knows.
package struct PostgresKeptFiles: KeptFilesStore {
    let database: Database

    package func identity() async throws -> String {
        guard let row = try await database.rows(KeptFilesStatement.identity).first else {
            throw FledgeError.nothingCameBack
        }
        return try row.get("identity", as: String.self)
    }

    package func standing(ofJobs intents: [String], olderThan age: Duration) async throws -> [String: KeptFile] {
        try await standing(.jobs, intents, age)
    }

    package func standing(ofAdapters adapters: [String], olderThan age: Duration) async throws -> [String: KeptFile] {
        try await standing(.adapters, adapters, age)
    }

    private func standing(
        _ statement: KeptFilesStatement, _ names: [String], _ age: Duration
    ) async throws -> [String: KeptFile] {
        var standing: [String: KeptFile] = [:]
        for row in try await database.rows(statement, [names, age.wholeMicroseconds]) {
            let isKnown = try row.get("is_known", as: Bool.self)
            let isNamed = try row.get("is_named", as: Bool.self)
            standing[try row.get("name", as: String.self)] = isNamed ? .named : isKnown ? .past : .unknown
        }
        return standing
    }
}
