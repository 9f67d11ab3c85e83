import FledgeCore
import FledgeEngine
import PostgresClient

/// What is known of the submissions of training jobs to their executors.
enum IntentStatement: String, StoredStatement {
    case markSent = """
        UPDATE training_job SET sent_at = now() WHERE id = $1 AND state IN ('intended', 'submitted', 'running', 'unknown')
        """
    case markUnknown = "UPDATE training_job SET state = 'unknown' WHERE id = $1 AND state = 'intended'"
    case settle = """
        UPDATE training_job SET
            state = CASE $2 WHEN 'not-submitted' THEN 'intended' WHEN 'running' THEN 'submitted' ELSE 'failed' END,
            external_id = coalesce($3, external_id), sent_at = CASE WHEN $2 = 'not-submitted' THEN NULL ELSE sent_at END,
            settled_as = $2, settled_by = $4, settled_at = now(),
            error_code = CASE WHEN $2 = 'failed' THEN 'training.settled_failed' END,
            error_message = CASE WHEN $2 = 'failed' THEN $5 END,
            finished_at = CASE WHEN $2 = 'failed' THEN now() END
        WHERE id = $1 AND state = 'unknown' RETURNING cycle_id
        """
    case state = "SELECT state FROM training_job WHERE id = $1"
}

/// What is known of the submissions of training jobs to their executors.
package struct PostgresIntents: JobSettling {
    let database: Database

    package func markSent(_ job: TrainingJobID) async throws {
        try await database.change(IntentStatement.markSent, [job])
    }

    package func markUnknown(_ job: TrainingJobID) async throws {
        try await database.change(IntentStatement.markUnknown, [job])
    }

    package func settle(_ job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws -> CycleID {
        var external: String?
        if case .running(let id) = settlement { external = id }
        let words = "\(actor) settled this job as \(settlement.name)"
        return try await database.transaction(isRepeatable: false) { connection in
            let settled = try await connection.rows(
                IntentStatement.settle, [job, settlement.name, external?.storable, actor, words])
            guard let row = settled.first else {
                guard let found = try await connection.rows(IntentStatement.state, [job]).first else {
                    throw FledgeError(
                        "job.unknown", "there is no training job \(job)", hint: "fledge jobs")
                }
                throw FledgeError(
                    "job.not_unknown",
                    "job \(job) is \(try found.get("state", as: String.self)): nothing is to be settled",
                    hint: "only a job whose state is unknown waits for a person")
            }
            try await connection.change(TrainingStatement.addLog, [job, [words]])
            return try row.get("cycle_id", as: CycleID.self)
        }
    }
}
