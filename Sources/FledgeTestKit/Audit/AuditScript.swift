/// Statements of somebody who knows how the chain is made.
package enum AuditScript {
    /// Takes the newest entries away with the rows that they are of, and sets the head back.
    static func cutChain(of useCase: Int64, by count: Int) -> [String] {
        let cut = "(SELECT max(sequence) - \(count) FROM audit_entry WHERE use_case_id = \(useCase))"
        let gone = """
            SELECT l.leaf FROM audit_entry e JOIN audit_leaf a USING (use_case_id, sequence)
            CROSS JOIN LATERAL unnest(a.leaves) AS l (leaf)
            WHERE e.use_case_id = \(useCase) AND e.sequence > \(cut) AND e.kind =
            """
        let tables = [
            ("gate", "gate"), ("decision", "decision"), ("look", "holdout_look"), ("look-event", "holdout_look_event"),
            ("release", "release"), ("move", "pointer_move"), ("job", "training_job"), ("sweep", "sweep"),
        ]
        return [
            "DELETE FROM training_point WHERE training_job_id::text IN (\(gone) 'curve')",
            "DELETE FROM lost_call WHERE 'lost/' || id IN (\(gone) 'payment')",
            """
            DELETE FROM search_call
            WHERE 'search/' || cycle_id || '/' || left(request_sha256, 16) IN (\(gone) 'payment')
            """,
        ] + tables.map { "DELETE FROM \($1) WHERE id::text IN (\(gone) '\($0)')" } + [
            """
            DELETE FROM label WHERE left(question_sha256, 16) || '/' || left(item_sha256, 16) || '/'
            || left(encode(sha256(convert_to(labelled_by, 'UTF8')), 'hex'), 16) IN (\(gone) 'label')
            """,
            """
            DELETE FROM judge_verdict WHERE left(judge_sha256, 16) || '/' || left(item_sha256, 16) IN (\(gone) 'verdict')
            """,
            """
            UPDATE release_pointer SET release_id = (SELECT to_release FROM pointer_move WHERE use_case_id = \(useCase)
                ORDER BY id DESC LIMIT 1)
            WHERE use_case_id = \(useCase) AND EXISTS (SELECT FROM pointer_move WHERE use_case_id = \(useCase))
            """,
            "DELETE FROM audit_leaf WHERE use_case_id = \(useCase) AND sequence > \(cut)",
            "DELETE FROM audit_entry WHERE use_case_id = \(useCase) AND sequence > \(cut)",
            """
            UPDATE audit_head h SET (sequence, hash) = (SELECT e.sequence, e.hash FROM audit_entry e
                WHERE e.use_case_id = \(useCase) ORDER BY e.sequence DESC LIMIT 1)
            WHERE h.use_case_id = \(useCase)
            """,
        ]
    }

    /// Takes the newest transitions away, and puts the cycle where the last one that is left leads to.
    static func cutHistory(of useCase: Int64, by count: Int) -> [String] {
        [
            """
            DELETE FROM transition WHERE use_case_id = \(useCase) AND sequence >
                (SELECT max(sequence) - \(count) FROM transition WHERE use_case_id = \(useCase))
            """,
            """
            UPDATE cycle c SET stage = t.to_stage, activity = t.to_activity,
                state = state || jsonb_build_object('stage', t.to_stage, 'activity', t.to_activity)
            FROM (SELECT * FROM transition WHERE use_case_id = \(useCase) ORDER BY sequence DESC LIMIT 1) AS t
            WHERE c.id = t.cycle_id
            """,
        ]
    }

    /// Takes a use case away, as if it had never been.
    static func forget(_ useCase: Int64) -> [String] {
        let cycles = "(SELECT id FROM cycle WHERE use_case_id = \(useCase))"
        let experiments = "(SELECT id FROM experiment WHERE cycle_id IN \(cycles))"
        let snapshots = "(SELECT id FROM dataset_snapshot WHERE use_case_id = \(useCase))"
        return [
            "DELETE FROM sample WHERE experiment_id IN \(experiments)",
            "DELETE FROM experiment_candidate WHERE experiment_id IN \(experiments)",
        ]
            + [
                "gate", "decision", "holdout_look_event", "sweep", "judge_verdict", "search_call", "lost_call",
                "experiment",
            ].map { "DELETE FROM \($0) WHERE cycle_id IN \(cycles)" }
            + [
                """
                DELETE FROM training_point
                WHERE training_job_id IN (SELECT id FROM training_job WHERE cycle_id IN \(cycles))
                """,
                "DELETE FROM adapter WHERE training_job_id IN (SELECT id FROM training_job WHERE cycle_id IN \(cycles))",
                "DELETE FROM training_job WHERE cycle_id IN \(cycles)",
                "DELETE FROM example WHERE snapshot_id IN \(snapshots)",
                "DELETE FROM settled_leak WHERE snapshot_id IN \(snapshots)",
            ]
            + [
                "holdout_look", "label", "release_pointer", "pointer_move", "release", "transition", "cycle",
                "definition_revision", "dataset_snapshot", "audit_leaf", "audit_entry", "audit_head",
            ].map { "DELETE FROM \($0) WHERE use_case_id = \(useCase)" }
            + ["DELETE FROM use_case WHERE id = \(useCase)"]
    }

    /// Edits a sample, and makes the whole chain anew from what is there.
    static func rewrite(_ useCase: Int64, number: Int) -> [String] {
        [
            """
            UPDATE sample SET output = 'edited \(number)' WHERE ctid = (SELECT s.ctid FROM sample s
                JOIN experiment e ON e.id = s.experiment_id JOIN cycle c ON c.id = e.cycle_id
                WHERE c.use_case_id = \(useCase) ORDER BY s.ctid LIMIT 1)
            """
        ] + chainAnew(useCase)
    }

    /// Makes the whole chain anew from what is there.
    package static func chainAnew(_ useCase: Int64) -> [String] {
        let cycles = "(SELECT id FROM cycle WHERE use_case_id = \(useCase))"
        func put(_ kind: String, _ table: String, _ name: String = "t.id::text", of rows: String) -> String {
            "SELECT audit_put(\(useCase), '\(kind)', \(name), audit_text(t)) FROM \(table) t WHERE \(rows)"
        }
        let ofUseCase = "t.use_case_id = \(useCase)"
        let ofCycle = "t.cycle_id IN \(cycles)"
        return [
            "DELETE FROM audit_leaf WHERE use_case_id = \(useCase)",
            "DELETE FROM audit_entry WHERE use_case_id = \(useCase)",
            "DELETE FROM audit_head WHERE use_case_id = \(useCase)",
            "SELECT audit_snapshot(id) FROM dataset_snapshot WHERE use_case_id = \(useCase)",
            put("revision", "definition_revision", of: ofUseCase), put("cycle", "cycle", of: ofUseCase),
            "SELECT audit_experiment(id) FROM experiment WHERE finished_at IS NOT NULL AND cycle_id IN \(cycles)",
            put("look", "holdout_look", of: ofUseCase), put("look-event", "holdout_look_event", of: ofCycle),
            put("gate", "gate", of: ofCycle), put("decision", "decision", of: ofCycle),
            put("sweep", "sweep", of: ofCycle),
            put("job", "training_job", of: "\(ofCycle) AND t.state IN ('finished', 'failed', 'cancelled')"),
            put(
                "adapter", "adapter", "left(t.digest, 16)",
                of: "t.training_job_id IN (SELECT id FROM training_job WHERE cycle_id IN \(cycles))"),
            """
            SELECT audit_put(2, \(useCase), 'curve', t.id::text, audit_curve(t.id)) FROM training_job t
            WHERE \(ofCycle) AND t.state IN ('finished', 'failed', 'cancelled')
            """,
            "SELECT audit_put(2, \(useCase), 'payment', audit_name(t), audit_text(t)) FROM search_call t WHERE \(ofCycle)",
            "SELECT audit_put(2, \(useCase), 'payment', audit_name(t), audit_text(t)) FROM lost_call t WHERE \(ofCycle)",
            put("verdict", "judge_verdict", "audit_name(t)", of: ofCycle),
            put("label", "label", "audit_name(t)", of: ofUseCase), put("release", "release", of: ofUseCase),
            put("move", "pointer_move", of: ofUseCase),
        ]
    }
}
