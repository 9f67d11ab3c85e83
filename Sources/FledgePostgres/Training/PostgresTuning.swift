import FledgeCore
import FledgeEngine
import PostgresClient

/// Trials of sweeps, and pilots: training jobs with a run and a score.
enum TuningStatement: String, StoredStatement {
    case makeTrial = """
        INSERT INTO training_job (cycle_id, attempt, purpose, number, run, intent, executor)
        VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT (cycle_id, attempt, purpose, number) DO NOTHING
        """
    case trial = """
        SELECT id, cycle_id, attempt, intent, executor, external_id, state, log_offset, sent_at IS NOT NULL AS was_sent,
               error_code, number, run
        FROM training_job WHERE cycle_id = $1 AND attempt = $2 AND purpose = $3 AND number = $4
        """
    case openTrials = """
        SELECT id, cycle_id, attempt, intent, executor, external_id, state, log_offset, sent_at IS NOT NULL AS was_sent,
               error_code, number, run
        FROM training_job
        WHERE cycle_id = $1 AND attempt = $2 AND purpose = $3 AND state IN ('intended', 'submitted', 'running', 'unknown')
        ORDER BY number
        """
    case lastTrial = """
        SELECT coalesce(max(number), 0) AS number FROM training_job WHERE cycle_id = $1 AND attempt = $2 AND purpose = $3
        """
    // The first version of several trials at a time knows m0022.
    case daemonOfOneTrial = """
        SELECT EXISTS (SELECT FROM daemon WHERE seen_at > now() - interval '1 minute' AND coalesce(schema_version, 0) < 22)
               AS is_there
        """
    case finishTrial = """
        UPDATE training_job SET state = 'finished', score = $2, answers = $3, seconds = $4, eta_seconds = NULL, phase = NULL,
               finished_at = now()
        WHERE id = $1 AND state NOT IN ('finished', 'failed', 'cancelled')
        """
    // A run that a person's cancellation of the use case has ended counts as not begun: a pilot that is retried does it anew.
    // The history has whole milliseconds.
    case results = """
        SELECT j.run, j.score, coalesce(j.answers, 0) AS answers,
               coalesce(j.seconds, (SELECT max(p.elapsed_seconds) FROM training_point p WHERE p.training_job_id = j.id),
                        0) AS seconds
        FROM training_job j
        WHERE j.cycle_id = $1 AND j.purpose = $2
          AND (j.state = 'finished' OR (j.attempt = $3 AND j.state = 'failed')
               OR (j.attempt = $3 AND j.state = 'cancelled'
                   AND NOT EXISTS (SELECT FROM cycle c JOIN transition t ON t.use_case_id = c.use_case_id
                                   WHERE c.id = j.cycle_id AND t.cycle_id = c.id AND t.event = 'cancelled'
                                     AND t.at >= date_trunc('milliseconds', j.created_at))))
        ORDER BY j.attempt, j.number
        """
    case trialOfRun = """
        SELECT id, cycle_id, attempt, intent, executor, external_id, state, log_offset, sent_at IS NOT NULL AS was_sent,
               error_code
        FROM training_job WHERE cycle_id = $1 AND purpose = 'trial' AND state = 'finished' AND run = $2::jsonb
        ORDER BY id DESC LIMIT 1
        """
    case keepAdapter = "UPDATE training_job SET adapter = $2 WHERE id = $1 AND purpose = 'trial' AND state = 'finished'"
    case storeSweep = """
        INSERT INTO sweep (cycle_id, attempt, record) VALUES ($1, $2, $3::jsonb)
        ON CONFLICT (cycle_id, attempt) DO NOTHING
        """
    case sweeps = "SELECT record FROM sweep WHERE cycle_id = $1 ORDER BY attempt"
    case learningCurve = """
        SELECT (run->>'rows')::int AS examples, avg(score) AS score, max(answers) AS answers
        FROM training_job WHERE cycle_id = $1 AND purpose = 'pilot' AND state = 'finished' AND attempt <= $2
        GROUP BY 1 ORDER BY 1
        """
}

/// Trials and pilots, which are training jobs with a run and a score, and the records of sweeps.
package struct PostgresTuning: TuningStore {
    let database: Database

    package func openTrial(
        _ run: TrialRun, at place: TrialPlace, intent: String, executor: String
    ) async throws -> OpenTrial {
        try await database.change(
            TuningStatement.makeTrial,
            [
                place.cycle, place.attempt, place.purpose.rawValue, place.number, try JSONProfile.stored.text(of: run),
                intent,
                executor,
            ])
        let found = try await database.rows(
            TuningStatement.trial, [place.cycle, place.attempt, place.purpose.rawValue, place.number])
        guard let row = found.first else { throw FledgeError.nothingCameBack }
        return try Self.trial(in: row)
    }

    package func openTrials(
        of cycle: CycleID, purpose: TrainingPurpose, attempt: Int
    ) async throws -> [OpenTrial] {
        try await database.rows(TuningStatement.openTrials, [cycle, attempt, purpose.rawValue]).map(Self.trial)
    }

    package func trialsBegun(of cycle: CycleID, purpose: TrainingPurpose, attempt: Int) async throws -> Int {
        try await database.rows(TuningStatement.lastTrial, [cycle, attempt, purpose.rawValue]).first?
            .get("number", as: Int.self) ?? 0
    }

    private static func trial(in row: PostgresRow) throws -> OpenTrial {
        OpenTrial(
            number: try row.get("number", as: Int.self), run: try row.json("run", as: TrialRun.self),
            job: try PostgresTraining.job(in: row))
    }

    package func hasDaemonOfOneTrial() async throws -> Bool {
        try await database.rows(TuningStatement.daemonOfOneTrial).first?.get("is_there", as: Bool.self) ?? false
    }

    package func finishTrial(_ job: TrainingJobID, score: Double, answers: Int, seconds: Double) async throws {
        try await database.change(TuningStatement.finishTrial, [job, score, answers, seconds])
    }

    package func trialResults(
        of cycle: CycleID, purpose: TrainingPurpose, attempt: Int
    ) async throws -> [TrialResult] {
        try await database.rows(TuningStatement.results, [cycle, purpose.rawValue, attempt]).map { row in
            TrialResult(
                run: try row.json("run", as: TrialRun.self), score: try row.get("score", as: Double?.self),
                answers: try row.get("answers", as: Int.self), seconds: try row.get("seconds", as: Double.self))
        }
    }

    package func trialJob(of run: TrialRun, cycle: CycleID) async throws -> TrainingJob? {
        try await database.rows(TuningStatement.trialOfRun, [cycle, try JSONProfile.stored.text(of: run)]).first.map(
            PostgresTraining.job)
    }

    package func keepAdapter(_ adapter: AdapterDigest, of trial: TrainingJobID) async throws {
        try await database.change(TuningStatement.keepAdapter, [trial, adapter])
    }

    package func storeSweep(_ record: SweepRecord, cycle: CycleID, attempt: Int) async throws {
        try await database.change(
            TuningStatement.storeSweep, [cycle, attempt, try JSONProfile.stored.text(of: record)])
    }

    package func sweeps(of cycle: CycleID) async throws -> [SweepRecord] {
        try await database.rows(TuningStatement.sweeps, [cycle]).map { try $0.json("record", as: SweepRecord.self) }
    }

    package func learningCurve(of cycle: CycleID, upTo look: Int) async throws -> [LearningCurvePoint] {
        try await database.rows(TuningStatement.learningCurve, [cycle, look]).map { row in
            LearningCurvePoint(
                examples: try row.get("examples", as: Int.self), score: try row.get("score", as: Double.self),
                count: try row.get("answers", as: Int.self))
        }
    }
}
