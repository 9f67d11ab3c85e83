import FledgeCore
import FledgeEngine
import Foundation
import PostgresClient

/// The statements behind what the control API shows of use cases.
enum StatusStatement: String, StoredStatement {
    // One row a use case, a page at a time in the order of their names. Everything is reached through an index, and samples
    // are looked at only for the last seconds of an experiment under way. A name has small letters, digits and hyphens.
    case statuses = """
        SELECT u.name, v.number AS revision, newest.document->'useCase'->>'owner' AS owner,
               newest.document->'useCase'->>'purpose' AS purpose, newest.number AS newest_revision, c.id AS cycle_id,
               coalesce(c.number, 0) AS cycle, c.state, coalesce(c.updated_at, v.applied_at, u.created_at) AS since,
               champion.number AS release, champion.adapter AS champion_adapter,
               champion.bundle->'candidate'->>'name' AS champion_name,
               (champion.bundle->>'definitionRevision')::int AS champion_revision,
               (SELECT number FROM cycle WHERE id = champion.cycle_id) AS champion_cycle,
               NOT EXISTS (SELECT FROM cycle r WHERE r.use_case_id = u.id AND r.stage = 'retired'
                           AND r.ended_at >= p.moved_at) AS is_serving,
               moved.actor AS moved_by, moved.reason AS moved_for, moved.at AS moved_at,
               (SELECT number FROM release WHERE id = moved.from_release) AS moved_from, gate.result AS gate, coalesce(paid.calls, 0)::bigint AS calls,
               coalesce(paid.cost, 0)::bigint AS cost, best.score AS best_score, best.name AS best_name,
               open.purpose AS open_purpose, open.round AS open_round, open.planned_calls, open.done, recent.samples AS recent,
               recent.seconds AS recent_seconds, job.attempt, job.purpose AS job_purpose,
               job.number, job.total_steps, job.eta_seconds, point.step,
               point.elapsed_seconds, job.phase, turn.state AS turn_state, turn.error_code AS turn_error
        FROM (SELECT id, name, created_at FROM use_case
              WHERE name COLLATE "C" >= coalesce($1, '') AND name COLLATE "C" <= coalesce($1, '~')
                AND name COLLATE "C" > coalesce($2, '')
              ORDER BY name COLLATE "C" LIMIT $3) u
        LEFT JOIN LATERAL (SELECT * FROM cycle WHERE use_case_id = u.id ORDER BY number DESC LIMIT 1) c ON true
        LEFT JOIN LATERAL (SELECT id, number, document FROM definition_revision WHERE use_case_id = u.id
                           ORDER BY number DESC LIMIT 1) newest ON true
        LEFT JOIN definition_revision v ON v.id = coalesce(c.revision_id, newest.id)
        LEFT JOIN release_pointer p ON p.use_case_id = u.id AND p.role = 'champion'
        LEFT JOIN release champion ON champion.id = p.release_id
        LEFT JOIN LATERAL (SELECT m.actor, m.reason, m.at, m.from_release FROM pointer_move m
                           WHERE m.use_case_id = p.use_case_id AND m.role = 'champion'
                           ORDER BY m.id DESC LIMIT 1) moved ON true
        LEFT JOIN LATERAL (SELECT result FROM gate WHERE cycle_id = c.id ORDER BY look DESC LIMIT 1) gate ON true
        LEFT JOIN LATERAL (SELECT sum(p.calls) AS calls, sum(p.cost_micro_dollars) AS cost
                           FROM cycle_payment p WHERE p.cycle_id = c.id) paid ON true
        LEFT JOIN LATERAL (SELECT k.score_sum / k.score_count AS score, k.name
                           FROM experiment e JOIN experiment_candidate k ON k.experiment_id = e.id
                           WHERE e.cycle_id = c.id AND e.purpose = 'search' AND k.score_count > 0
                           -- Who dropped out of a race was scored on fewer examples: its score compares with nobody's.
                           ORDER BY k.score_count DESC, 1 DESC, e.round, k.position LIMIT 1) best ON true
        LEFT JOIN LATERAL (SELECT e.id, e.purpose, e.round, e.planned_calls,
                                  (SELECT coalesce(sum(k.samples), 0) FROM experiment_candidate k
                                   WHERE k.experiment_id = e.id)::bigint AS done
                           FROM experiment e WHERE e.cycle_id = c.id AND e.finished_at IS NULL
                             AND e.purpose = CASE WHEN c.activity = 'judging' THEN 'gate'
                                             WHEN c.activity IN ('training', 'deciding') THEN 'teacher'
                                             WHEN c.activity <> 'experimenting' THEN NULL
                                             WHEN c.stage = 'fine-tune' THEN 'adapter' ELSE 'search' END
                           ORDER BY e.id DESC LIMIT 1) open ON true
        LEFT JOIN LATERAL (SELECT count(*) AS samples, extract(epoch FROM now() - min(s.at))::float8 AS seconds
                           FROM sample s WHERE s.experiment_id = open.id AND s.at > now() - interval '20 seconds') recent
                  ON true
        LEFT JOIN LATERAL (SELECT id, attempt, purpose, number, total_steps, eta_seconds, phase
                           FROM training_job j
                           WHERE j.cycle_id = c.id AND c.activity IN ('training', 'deciding')
                             AND j.state IN ('intended', 'submitted', 'running')
                             -- A job of an attempt that was given up may be open until the next attempt ends it.
                             AND (j.purpose = 'pilot') = (c.activity = 'deciding')
                             AND j.attempt = CASE c.activity WHEN 'deciding' THEN (c.state->>'looks')::int
                                             ELSE (c.state->>'trainings')::int END
                           -- Of trials side by side, one that is at work.
                           ORDER BY j.phase IS NOT DISTINCT FROM 'waiting', j.id DESC LIMIT 1) job ON true
        LEFT JOIN LATERAL (SELECT t.step, t.elapsed_seconds FROM training_point t WHERE t.training_job_id = job.id
                           ORDER BY t.step DESC LIMIT 1) point ON true
        LEFT JOIN LATERAL (SELECT w.state, w.error_code FROM work_item w
                           WHERE w.cycle_id = c.id AND w.state IN ('queued', 'leased') AND w.kind <> 'notify'
                           ORDER BY w.state DESC LIMIT 1) turn ON true
        ORDER BY u.name COLLATE "C"
        """
    case experiments = """
        SELECT e.id, c.number AS cycle, e.purpose, e.round, k.candidate_id, k.name, d.document->>'model' AS model,
               d.document->>'adapter' AS adapter, jsonb_array_length(d.document->'demonstrations') AS demonstrations,
               -- What a look that came to no verdict saw of the holdout is nobody's to see.
               CASE WHEN e.purpose <> 'gate' OR EXISTS (SELECT FROM gate g WHERE g.cycle_id = c.id AND g.look = e.round)
                    THEN k.score_sum / nullif(k.score_count, 0) END AS score,
               k.score_count AS samples, CASE WHEN k.errors > 0 THEN missing_causes(e.id, k.candidate_id) END AS causes,
               k.samples AS asked, k.presumed_calls, k.errors, k.prompt_tokens,
               k.completion_tokens, latency.median, k.paid_cost_micro_dollars AS cost, k.operation,
               array_to_string(k.parents, ' ') AS parents, e.finding
        FROM cycle c JOIN experiment e ON e.cycle_id = c.id JOIN experiment_candidate k ON k.experiment_id = e.id
        JOIN candidate d ON d.id = k.candidate_id
        LEFT JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY s.latency_us) / 1e6 AS median FROM sample s
                           WHERE s.experiment_id = e.id AND s.candidate_id = k.candidate_id AND s.output IS NOT NULL)
                  latency ON true
        WHERE c.use_case_id = $1 ORDER BY c.number, e.id, k.position
        """
    case missing = """
        SELECT e.purpose, e.round, k.candidate_id, k.name, k.samples AS asked, m.causes
        FROM experiment e JOIN experiment_candidate k ON k.experiment_id = e.id
        CROSS JOIN LATERAL missing_causes(e.id, k.candidate_id) AS m (causes)
        WHERE e.cycle_id = $1 AND k.errors > 0 AND m.causes IS NOT NULL ORDER BY e.id, k.position
        """
    case jobs = """
        SELECT j.id, u.name AS use_case, c.number AS cycle, j.intent, j.executor, j.external_id, j.state,
               last.step, last.elapsed_seconds, j.total_steps, loss.loss, validation.validation_loss, last.tokens_per_second, j.eta_seconds,
               j.adapter, (a.golden->>'agreeing')::float8 / nullif((a.golden->>'prompts')::float8, 0) AS agreement,
               j.error_code, j.error_message, j.created_at, j.finished_at, j.purpose, j.run, j.score, j.answers,
               j.row_count, j.long_rows,
               -- Whose use case stands still waits for no place.
               CASE WHEN j.state IN ('intended', 'submitted', 'running')
                         AND (j.phase <> 'waiting' OR c.block_code IS NULL AND c.ended_at IS NULL)
                    THEN j.phase END AS phase
        FROM training_job j JOIN cycle c ON c.id = j.cycle_id JOIN use_case u ON u.id = c.use_case_id
        LEFT JOIN adapter a ON a.digest = j.adapter
        LEFT JOIN LATERAL (SELECT step, tokens_per_second, elapsed_seconds FROM training_point p WHERE p.training_job_id = j.id
                           ORDER BY step DESC LIMIT 1) last ON true
        LEFT JOIN LATERAL (SELECT loss FROM training_point p WHERE p.training_job_id = j.id AND loss IS NOT NULL
                           ORDER BY step DESC LIMIT 1) loss ON true
        LEFT JOIN LATERAL (SELECT validation_loss FROM training_point p
                           WHERE p.training_job_id = j.id AND validation_loss IS NOT NULL
                           ORDER BY step DESC LIMIT 1) validation ON true
        WHERE $1::text IS NULL OR u.name = $1 ORDER BY j.id
        """
}

/// What people are shown of use cases, experiments and training jobs.
package struct PostgresStatus: StatusStore {
    let database: Database

    package func statuses(useCase: String?) async throws -> [UseCaseStatus] {
        try await standings(useCase: useCase).map(\.status)
    }

    package func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus] {
        try await standings(useCase: nil, after: name, limit: limit).map(\.status)
    }

    /// A status, with the figures that only reports show.
    struct Standing: Sendable {
        var status: UseCaseStatus
        var purpose: String?
        var newestRevision: Int
        var cycle: CycleID?
    }

    /// - Parameter limit: nil for all.
    func standings(useCase: String?, after name: String? = nil, limit: Int? = nil) async throws -> [Standing] {
        let found = try await database.rows(StatusStatement.statuses, [useCase, name, limit]).map { row in
            Standing(
                status: try Self.status(in: row), purpose: try row.get("purpose", as: String?.self),
                newestRevision: try row.get("newest_revision", as: Int?.self) ?? 0,
                cycle: try row.get("cycle_id", as: CycleID?.self))
        }
        if let useCase, found.isEmpty { throw FledgeError.unknownUseCase(useCase) }
        return found
    }

    private static func status(in row: PostgresRow) throws -> UseCaseStatus {
        UseCaseStatus(
            name: try row.get("name", as: String.self), owner: try row.get("owner", as: String?.self),
            revision: try row.get("revision", as: Int?.self) ?? 0, cycle: try row.get("cycle", as: Int.self),
            state: try row.json("state", as: CycleState?.self) ?? .new, since: try row.get("since", as: Date.self),
            release: try row.get("release", as: Int?.self),
            bestPrototypeScore: try row.get("best_score", as: Double?.self),
            bestCandidate: try row.get("best_name", as: String?.self),
            lastGate: try row.json("gate", as: GateResult?.self),
            progress: try progress(in: row), callsMade: try row.get("calls", as: Int.self),
            costMicroDollars: try row.get("cost", as: Int64.self), serving: try serving(in: row),
            newestRevision: try row.get("newest_revision", as: Int?.self))
    }

    /// Nil before the first release, and where the use case was retired after its champion was moved last.
    private static func serving(in row: PostgresRow) throws -> Serving? {
        guard let release = try row.get("release", as: Int?.self), try row.get("is_serving", as: Bool.self),
            let actor = try row.get("moved_by", as: String?.self)
        else { return nil }
        return Serving(
            release: release, candidate: try row.get("champion_name", as: String.self),
            adapter: try row.get("champion_adapter", as: AdapterDigest?.self),
            revision: try row.get("champion_revision", as: Int.self),
            cycle: try row.get("champion_cycle", as: Int.self),
            move: ChampionMove(
                from: try row.get("moved_from", as: Int?.self), to: release, actor: actor,
                reason: try row.get("moved_for", as: String.self), at: try row.get("moved_at", as: Date.self)))
    }

    /// The phase that an experiment under way is in, in a few words; nil while the use case is paused.
    private static func phase(in row: PostgresRow, done: Int, total: Int) throws -> String? {
        if try row.json("state", as: CycleState?.self)?.isPaused == true { return nil }
        if try row.get("turn_state", as: String?.self) == "queued" {
            return try row.get("turn_error", as: String?.self) == nil ? "waiting for a place" : "waiting to try again"
        }
        // An answer that a judge has to read is a sample before the judge is asked.
        return done < total ? "calls" : "judging"
    }

    private static func progress(in row: PostgresRow) throws -> UseCaseStatus.Progress? {
        if let round = try row.get("open_round", as: Int?.self) {
            let what =
                switch try row.choice("open_purpose", as: ExperimentPurpose.self) {
                case .search: "prompt round \(round)"
                case .gate: "holdout look \(round)"
                case .adapter: "prompts on adapter \(round)"
                case .teacher: "the teacher's answers"
                }
            let total = try row.get("planned_calls", as: Int.self)
            let done = try row.get("done", as: Int.self)
            let recent = try row.get("recent", as: Int.self)
            // The first second of a figure says more about when it was asked for than about the rate.
            let seconds = max(try row.get("recent_seconds", as: Double?.self) ?? 0, 1)
            let rate = recent > 0 ? Double(recent) / seconds : nil
            return UseCaseStatus.Progress(
                what: what, done: done, total: total,
                rate: rate,
                etaSeconds: rate.map { Double(max(0, total - done)) / $0 },
                phase: try phase(in: row, done: done, total: total), unit: "call")
        }
        guard let attempt = try row.get("attempt", as: Int?.self) else { return nil }
        let phase = try row.get("phase", as: String?.self).flatMap(TrainingPhase.init)
        let total = try row.get("total_steps", as: Int?.self) ?? 0
        guard total > 0 || phase != nil else { return nil }
        let step = try row.get("step", as: Int?.self) ?? 0
        let elapsed = try row.get("elapsed_seconds", as: Double?.self) ?? 0
        let rate = step > 0 && elapsed > 0 ? Double(step) / elapsed : nil
        let what = try Self.work(in: row, attempt: attempt)
        guard phase == nil || phase == .training else {
            return UseCaseStatus.Progress(
                what: what, done: step, total: total, rate: nil, etaSeconds: nil, phase: phase?.words, unit: "step")
        }
        return UseCaseStatus.Progress(
            what: what, done: step, total: total, rate: rate,
            etaSeconds: try row.get("eta_seconds", as: Double?.self) ?? rate.map { Double(max(0, total - step)) / $0 },
            unit: "step")
    }

    private static func work(in row: PostgresRow, attempt: Int) throws -> String {
        let number = try row.get("number", as: Int.self)
        return switch try row.choice("job_purpose", as: TrainingPurpose.self) {
        case .final: "training \(attempt)"
        case .trial: "trial \(number)"
        case .pilot: "pilot \(number)"
        }
    }

    package func experiments(useCase: UseCaseID) async throws -> [CandidateScore] {
        var names: [CandidateID: String] = [:]
        return try await database.rows(StatusStatement.experiments, [useCase]).map { row in
            let candidate = try row.get("candidate_id", as: CandidateID.self)
            let name = try row.get("name", as: String.self)
            names[candidate] = name
            let parents = try row.get("parents", as: String.self).split(separator: " ")
                .compactMap { CandidateID(rawValue: String($0)) }
            let operation = try row.get("operation", as: String.self)
            return CandidateScore(
                experiment: try row.get("id", as: ExperimentID.self), cycle: try row.get("cycle", as: Int.self),
                purpose: try row.choice("purpose", as: ExperimentPurpose.self),
                round: try row.get("round", as: Int.self),
                candidate: candidate, name: name,
                model: try row.get("model", as: String.self), adapter: try row.get("adapter", as: AdapterDigest?.self),
                demonstrations: try row.get("demonstrations", as: Int.self),
                score: try row.get("score", as: Double?.self),
                samples: try row.get("samples", as: Int.self), errors: try row.get("errors", as: Int.self),
                promptTokens: try row.get("prompt_tokens", as: Int.self),
                completionTokens: try row.get("completion_tokens", as: Int.self),
                medianLatencySeconds: try row.get("median", as: Double?.self),
                costMicroDollars: try row.get("cost", as: Int64.self),
                lineage: CandidateLineage(
                    operation: operation, parents: parents, parentNames: parents.map { names[$0] ?? $0.short }),
                note: try row.json("finding", as: SearchFinding?.self)?.note(on: candidate),
                missing: try row.get("causes", as: String?.self) == nil ? nil : Self.missing(in: row),
                presumedCalls: try row.get("presumed_calls", as: Int.self).nonZero)
        }
    }

    package func missingAnswers(of cycle: CycleID) async throws -> [MissingFinding] {
        try await database.rows(StatusStatement.missing, [cycle]).map { row in
            MissingFinding(
                purpose: try row.choice("purpose", as: ExperimentPurpose.self),
                round: try row.get("round", as: Int.self), id: try row.get("candidate_id", as: CandidateID.self),
                candidate: try row.get("name", as: String.self), answers: try Self.missing(in: row))
        }
    }

    private static func missing(in row: PostgresRow) throws -> MissingTally {
        MissingTally(
            causes: try row.json("causes", as: [String: Int].self).map { .init(code: $0.key, count: $0.value) },
            asked: try row.get("asked", as: Int.self))
    }

    private func longRows(in row: PostgresRow) throws -> LongRowCount? {
        guard let rows = try row.get("row_count", as: Int?.self), let long = try row.get("long_rows", as: Int?.self)
        else { return nil }
        return LongRowCount(long: long, rows: rows)
    }

    package func jobs(useCase: String?) async throws -> [TrainingJobView] {
        try await database.rows(StatusStatement.jobs, [useCase]).map { row in
            TrainingJobView(
                id: try row.get("id", as: TrainingJobID.self), useCase: try row.get("use_case", as: String.self),
                cycle: try row.get("cycle", as: Int.self), intent: try row.get("intent", as: String.self),
                executor: try row.get("executor", as: String.self),
                externalID: try row.get("external_id", as: String?.self),
                state: try row.choice("state", as: TrainingJobState.self), steps: try row.get("step", as: Int?.self),
                totalSteps: try row.get("total_steps", as: Int?.self), loss: try row.get("loss", as: Double?.self),
                validationLoss: try row.get("validation_loss", as: Double?.self),
                tokensPerSecond: try row.get("tokens_per_second", as: Double?.self),
                etaSeconds: try row.get("eta_seconds", as: Double?.self),
                adapter: try row.get("adapter", as: AdapterDigest?.self),
                goldenAgreement: try row.get("agreement", as: Double?.self),
                errorCode: try row.get("error_code", as: String?.self),
                errorMessage: try row.get("error_message", as: String?.self),
                createdAt: try row.get("created_at", as: Date.self),
                finishedAt: try row.get("finished_at", as: Date?.self),
                purpose: try row.choice("purpose", as: TrainingPurpose.self),
                run: try row.json("run", as: TrialRun?.self),
                score: try row.get("score", as: Double?.self), answers: try row.get("answers", as: Int?.self),
                phase: try row.get("phase", as: String?.self).flatMap(TrainingPhase.init)?.words,
                secondsPerStep: try secondsPerStep(in: row), longRows: try longRows(in: row))
        }
    }

    private func secondsPerStep(in row: PostgresRow) throws -> Double? {
        guard let step = try row.get("step", as: Int?.self), step > 0 else { return nil }
        return try row.get("elapsed_seconds", as: Double?.self).map { $0 / Double(step) }
    }
}

extension Int {
    /// Nil for 0.
    fileprivate var nonZero: Int? { self == 0 ? nil : self }
}
