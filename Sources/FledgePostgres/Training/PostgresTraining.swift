import FledgeCore
import FledgeEngine
import PostgresClient

/// Training jobs, their curves and logs, and adapters.
enum TrainingStatement: String, StoredStatement {
    case makeJob = """
        INSERT INTO training_job (cycle_id, attempt, intent, executor) VALUES ($1, $2, $3, $4)
        ON CONFLICT (cycle_id, attempt, purpose, number) DO NOTHING
        """
    case job = """
        SELECT id, cycle_id, attempt, intent, executor, external_id, state, log_offset, sent_at IS NOT NULL AS was_sent,
               error_code
        FROM training_job WHERE cycle_id = $1 AND attempt = $2 AND purpose = 'final'
        """
    case openJobsBefore = """
        SELECT id, cycle_id, attempt, intent, executor, external_id, state, log_offset, sent_at IS NOT NULL AS was_sent,
               error_code
        FROM training_job
        WHERE cycle_id = $1 AND purpose = $2 AND attempt < $3 AND state IN ('intended', 'submitted', 'running', 'unknown')
        ORDER BY id
        """
    // A new external job has a log of its own, which is read from its beginning.
    case recordSubmission = """
        UPDATE training_job SET log_offset = CASE WHEN external_id IS DISTINCT FROM $2 THEN 0 ELSE log_offset END,
               external_id = $2, state = CASE WHEN state = 'running' THEN state ELSE 'submitted' END
        WHERE id = $1 AND state IN ('intended', 'submitted', 'running', 'unknown')
        """
    case lockJob = "SELECT log_offset FROM training_job WHERE id = $1 FOR UPDATE"
    case moveJob = """
        UPDATE training_job SET log_offset = greatest(log_offset, $2), total_steps = coalesce($3, total_steps),
               eta_seconds = $4, phase = coalesce($5, phase),
               row_count = coalesce($6, row_count), long_rows = coalesce($7, long_rows),
               state = CASE WHEN state = 'submitted' THEN 'running' ELSE state END
        WHERE id = $1
        """
    case addPoints = """
        INSERT INTO training_point AS p (training_job_id, step, loss, validation_loss, tokens_per_second, elapsed_seconds)
        SELECT $1, g.step, g.loss, g.validation_loss, g.tokens_per_second, g.elapsed_seconds
        FROM unnest($2::int[], $3::float8[], $4::float8[], $5::float8[], $6::float8[])
            AS g (step, loss, validation_loss, tokens_per_second, elapsed_seconds)
        ON CONFLICT (training_job_id, step) DO UPDATE SET
            loss = coalesce(EXCLUDED.loss, p.loss),
            validation_loss = coalesce(EXCLUDED.validation_loss, p.validation_loss),
            tokens_per_second = coalesce(EXCLUDED.tokens_per_second, p.tokens_per_second),
            elapsed_seconds = EXCLUDED.elapsed_seconds
        """
    case addLog = """
        INSERT INTO training_log (training_job_id, line)
        SELECT $1, g.line FROM unnest($2::text[]) WITH ORDINALITY AS g (line, place) ORDER BY g.place
        """
    case finishJob = """
        UPDATE training_job SET state = $2, adapter = coalesce($3, adapter), error_code = $4, error_message = $5,
               eta_seconds = NULL, phase = NULL,
               finished_at = CASE WHEN $2 IN ('finished', 'failed', 'cancelled') THEN now() END
        WHERE id = $1 AND state NOT IN ('finished', 'failed', 'cancelled')
        """
    case reopenJob = """
        UPDATE training_job SET state = 'running', phase = 'preparing', error_code = NULL, error_message = NULL,
               finished_at = NULL
        WHERE id = $1 AND state = 'failed' AND external_id IS NOT NULL AND error_code = ANY ($2::text[])
        """
    case setPhase = """
        UPDATE training_job SET phase = $2 WHERE id = $1 AND state IN ('intended', 'submitted', 'running')
          AND phase IS DISTINCT FROM $2
        """
    case storeAdapter = """
        INSERT INTO adapter (digest, training_job_id, base_sha256, facts, golden) VALUES ($1, $2, $3, $4::jsonb, $5::jsonb)
        ON CONFLICT (digest) DO UPDATE SET golden = EXCLUDED.golden WHERE adapter.golden IS DISTINCT FROM EXCLUDED.golden
        """
    // Two jobs that made the same adapter share one row of the table.
    case golden = """
        SELECT golden FROM adapter
        WHERE training_job_id = $1 OR digest = (SELECT adapter FROM training_job WHERE id = $1)
        ORDER BY created_at DESC LIMIT 1
        """
    case runningJob = """
        SELECT id, cycle_id, attempt, intent, executor, external_id, state, log_offset, sent_at IS NOT NULL AS was_sent,
               error_code
        FROM training_job WHERE cycle_id = $1 AND state IN ('intended', 'submitted', 'running')
        ORDER BY id DESC LIMIT 1
        """
    case points = """
        SELECT step, loss, validation_loss, tokens_per_second, elapsed_seconds
        FROM training_point WHERE training_job_id = $1 ORDER BY step
        """
    case log = "SELECT line FROM training_log WHERE training_job_id = $1 ORDER BY id"
}

/// Training jobs, their curves and logs, and adapters.
package struct PostgresTraining: TrainingStore {
    let database: Database

    package func openJob(cycle: CycleID, attempt: Int, intent: String, executor: String) async throws -> TrainingJob {
        try await database.change(TrainingStatement.makeJob, [cycle, attempt, intent, executor])
        guard let row = try await database.rows(TrainingStatement.job, [cycle, attempt]).first else {
            throw FledgeError.nothingCameBack
        }
        return try Self.job(in: row)
    }

    package func openJobs(
        of cycle: CycleID, purpose: TrainingPurpose, before attempt: Int
    ) async throws -> [TrainingJob] {
        try await database.rows(TrainingStatement.openJobsBefore, [cycle, purpose.rawValue, attempt]).map(Self.job)
    }

    package func recordSubmission(_ job: TrainingJobID, externalID: String) async throws {
        try await database.change(TrainingStatement.recordSubmission, [job, externalID])
    }

    package func record(_ update: TrainingUpdate, job: TrainingJobID) async throws {
        let points = Self.merged(update.points)
        try await database.transaction { connection in
            guard let row = try await connection.rows(TrainingStatement.lockJob, [job]).first else {
                throw FledgeError("job.unknown", "there is no training job \(job)")
            }
            // The same stretch of the log may be read twice, by a daemon that died before it could say so.
            let isNew = try row.get("log_offset", as: Int64.self) < update.offset
            var batch = [
                PostgresStatement(
                    TrainingStatement.moveJob,
                    [
                        job, update.offset, update.totalSteps, update.etaSeconds, update.phase?.rawValue,
                        update.longRows?.rows, update.longRows?.long,
                    ])
            ]
            if isNew && !points.isEmpty {
                batch.append(
                    PostgresStatement(
                        TrainingStatement.addPoints,
                        [
                            job, points.map(\.step), PostgresArray(points.map(\.loss)),
                            PostgresArray(points.map(\.validationLoss)), PostgresArray(points.map(\.tokensPerSecond)),
                            points.map(\.elapsedSeconds),
                        ]))
            }
            if isNew && !update.log.isEmpty {
                batch.append(PostgresStatement(TrainingStatement.addLog, [job, update.log.map(\.storable)]))
            }
            try await connection.pipeline(batch)
        }
    }

    /// Joins the points of one step into one: a trainer may report a step's loss and its validation loss separately.
    private static func merged(_ points: [TrainingPoint]) -> [TrainingPoint] {
        var byStep: [Int: TrainingPoint] = [:]
        for point in points {
            let earlier = byStep[point.step]
            byStep[point.step] = TrainingPoint(
                step: point.step, loss: point.loss ?? earlier?.loss,
                validationLoss: point.validationLoss ?? earlier?.validationLoss,
                tokensPerSecond: point.tokensPerSecond ?? earlier?.tokensPerSecond, elapsedSeconds: point.elapsedSeconds
            )
        }
        return byStep.values.sorted { $0.step < $1.step }
    }

    package func finishJob(
        _ job: TrainingJobID, state: TrainingJobState, adapter: AdapterDigest?, error: FledgeError?
    ) async throws {
        try await database.change(
            TrainingStatement.finishJob,
            [job, state.rawValue, adapter, error?.code.rawValue, error?.message.storable])
    }

    package func reopenJob(_ job: TrainingJobID) async throws {
        try await database.change(TrainingStatement.reopenJob, [job, CycleState.Block.goldenChecks])
    }

    package func setPhase(_ phase: TrainingPhase?, of job: TrainingJobID) async throws {
        try await database.change(TrainingStatement.setPhase, [job, phase?.rawValue])
    }

    package func golden(of job: TrainingJobID) async throws -> GoldenCheck? {
        try await database.rows(TrainingStatement.golden, [job]).first?.json("golden", as: GoldenCheck.self)
    }

    package func storeAdapter(
        _ facts: AdapterFacts, job: TrainingJobID, base: Digest, golden: GoldenCheck
    ) async throws {
        try await database.change(
            TrainingStatement.storeAdapter,
            [facts.digest, job, base, try JSONProfile.stored.text(of: facts), try JSONProfile.stored.text(of: golden)])
    }

    package func runningJob(of cycle: CycleID) async throws -> TrainingJob? {
        try await database.rows(TrainingStatement.runningJob, [cycle]).first.map(Self.job)
    }

    package func points(of job: TrainingJobID) async throws -> [TrainingPoint] {
        try await database.rows(TrainingStatement.points, [job]).map { row in
            TrainingPoint(
                step: try row.get("step", as: Int.self), loss: try row.get("loss", as: Double?.self),
                validationLoss: try row.get("validation_loss", as: Double?.self),
                tokensPerSecond: try row.get("tokens_per_second", as: Double?.self),
                elapsedSeconds: try row.get("elapsed_seconds", as: Double.self))
        }
    }

    package func log(of job: TrainingJobID) async throws -> [String] {
        try await database.rows(TrainingStatement.log, [job]).map { try $0.get("line", as: String.self) }
    }

    static func job(in row: PostgresRow) throws -> TrainingJob {
        TrainingJob(
            id: try row.get("id", as: TrainingJobID.self), cycle: try row.get("cycle_id", as: CycleID.self),
            attempt: try row.get("attempt", as: Int.self), intent: try row.get("intent", as: String.self),
            executor: try row.get("executor", as: String.self),
            externalID: try row.get("external_id", as: String?.self),
            state: try row.choice("state", as: TrainingJobState.self),
            offset: try row.get("log_offset", as: Int64.self), wasSent: try row.get("was_sent", as: Bool.self),
            errorCode: try row.get("error_code", as: String?.self))
    }
}
