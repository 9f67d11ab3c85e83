/// The columns that the chain covers, by their tables.
package enum CoveredColumns {
    package struct Column: Sendable {
        var table: String
        package var name: String
        var type: String

        package init(table: String, name: String, type: String) {
            self.table = table
            self.name = name
            self.type = type
        }
    }

    /// Tables with their covered columns. What is not here are times and totals that no decision rests on.
    package static let tables: [String: [String]] = [
        "use_case": ["name", "id"],
        "definition_revision": [
            "id", "use_case_id", "number", "document", "source_text", "sha256", "snapshot_id", "applied_by",
            "applied_at",
        ],
        "dataset_snapshot": ["sha256", "source_path", "row_count", "created_at"],
        "example": ["row_number", "split", "group_key", "inputs", "expected", "chosen", "rejected", "fields"],
        "settled_leak": ["row_number", "cause", "other_row", "prompt"],
        "cycle": [
            "number", "revision_id", "snapshot_id", "stage", "state", "is_paused", "block_code", "ended_at",
        ],
        "experiment": ["purpose", "round", "planned_calls", "created_at", "finished_at", "finding"],
        "experiment_candidate": [
            "candidate_id", "position", "name", "operation", "parents", "samples", "paid_calls",
            "paid_tokens", "paid_cost_micro_dollars",
        ],
        "candidate": ["id", "document"],
        "sample": [
            "candidate_id", "example_id", "repeat", "output", "scores", "prompt_tokens", "cached_tokens",
            "completion_tokens", "latency_us", "cost_micro_dollars", "from_cache", "at", "shortfall", "is_unanswered",
            "is_usage_presumed",
        ],
        "gate": ["id", "cycle_id", "experiment_id", "candidate_id", "look", "verdict", "result", "judged_at"],
        "decision": ["id", "cycle_id", "look", "kind", "record", "at"],
        "holdout_look": [
            "id", "use_case_id", "cycle_id", "look", "candidate_id", "examples", "examples_sha256", "share", "alpha",
            "at",
        ],
        "holdout_look_event": ["id", "cycle_id", "look", "kind", "reason", "at"],
        "sweep": ["cycle_id", "attempt", "record", "at"],
        "training_job": [
            "attempt", "intent", "executor", "external_id", "adapter", "run", "score", "answers", "seconds",
            "row_count", "long_rows", "created_at",
        ],
        "training_point": [
            "training_job_id", "step", "loss", "validation_loss", "tokens_per_second", "elapsed_seconds",
        ],
        "search_call": [
            "cycle_id", "request_sha256", "round", "purpose", "model", "prompt_tokens", "completion_tokens",
            "cost_micro_dollars", "at",
        ],
        "lost_call": ["cycle_id", "experiment_id", "cause", "calls", "tokens", "cost_micro_dollars", "at"],
        "adapter": ["digest", "training_job_id", "base_sha256", "facts", "golden"],
        "judge_verdict": [
            "judge_sha256", "item_sha256", "cycle_id", "metric", "score", "replies", "calls", "prompt_tokens",
            "completion_tokens", "cost_micro_dollars", "at",
        ],
        "label": ["question_sha256", "item_sha256", "labelled_by", "verdict", "item", "labelled_at"],
        "release": ["use_case_id", "number", "cycle_id", "candidate_id", "adapter", "bundle", "created_at"],
        "pointer_move": ["id", "use_case_id", "from_release", "to_release", "actor", "reason", "at"],
        "release_pointer": ["release_id"],
        "transition": [
            "use_case_id", "cycle_id", "sequence", "event", "from_stage", "from_activity", "to_stage", "to_activity",
            "actor", "evidence", "at", "previous_hash", "hash",
        ],
        "audit_entry": [
            "use_case_id", "sequence", "kind", "subject", "change", "format", "leaf_count", "digest",
            "history_sequence",
            "history_hash", "is_adopted", "at_microseconds", "note", "previous_hash", "hash",
        ],
        "audit_leaf": ["use_case_id", "sequence", "leaves", "digests", "salts"],
        "audit_head": ["use_case_id", "sequence", "hash"],
    ]

    package static let names = tables.keys.sorted()

    /// Those of them that daemons have to change, with what changes them. An UPDATE of any other is refused to all.
    package static let changing: [String: [String: String]] = [
        "cycle": [
            "revision_id": "a newer revision is adopted, and chained", "stage": "a transition", "state": "a transition",
            "is_paused": "a transition", "block_code": "a transition", "ended_at": "a transition, or a new cycle",
        ],
        "experiment": ["finding": "what a round found is written when the round is over, and chained"],
        "experiment_candidate": [
            "samples": "a total of samples as they come", "paid_calls": "a total", "paid_tokens": "a total",
            "paid_cost_micro_dollars": "a total",
        ],
        "training_job": [
            "external_id": "a submission", "adapter": "its end, or a trial's choice", "score": "its end",
            "answers": "its end", "seconds": "its end", "row_count": "the trainer's word",
            "long_rows": "the trainer's word",
        ],
        "training_point": [
            "loss": "who follows a training writes a point anew", "validation_loss": "the same",
            "tokens_per_second": "the same", "elapsed_seconds": "the same",
        ],
        "adapter": ["golden": "a golden check again"],
        "label": ["verdict": "a person's second word", "labelled_at": "the same"],
        "release_pointer": ["release_id": "a move of the champion, which is chained"],
        "audit_head": ["sequence": "every entry", "hash": "every entry"],
    ]

    /// A cycle that stands elsewhere, or has done something else.
    private static func editedState(_ number: Int) -> String {
        switch number % 6 {
        case 0: "jsonb_set(state, '{stage}', '\"retired\"')"
        case 1: "jsonb_set(state, '{candidate}', to_jsonb(repeat('0', 64)))"
        case 2: "jsonb_set(state, '{isPaused}', to_jsonb(NOT (state->>'isPaused')::boolean))"
        case let rest:
            "jsonb_set(state, '{\(["round", "looks", "trainings"][rest - 3])}', to_jsonb(\(number + 100)))"
        }
    }

    /// Another value for a column, in SQL.
    ///
    /// - Parameter number: makes one edit differ from another.
    package static func edited(_ column: Column, number: Int) -> String {
        let name = "\"\(column.name)\""
        switch (column.table, column.name) {
        case ("gate", "verdict"): return "CASE \(name) WHEN 'passed' THEN 'failed' ELSE 'passed' END"
        case ("decision", "kind"): return "CASE \(name) WHEN 'promote' THEN 'stop' ELSE 'promote' END"
        case ("label", "verdict"): return "CASE \(name) WHEN 'pass' THEN 'fail' ELSE 'pass' END"
        case ("example", "split"): return "CASE \(name) WHEN 'holdout' THEN 'training' ELSE 'holdout' END"
        case ("experiment", "purpose"): return "CASE \(name) WHEN 'search' THEN 'teacher' ELSE 'search' END"
        case ("holdout_look_event", "kind"): return "CASE \(name) WHEN 'taken' THEN 'withdrawn' ELSE 'taken' END"
        case ("settled_leak", "cause"):
            return "CASE \(name) WHEN 'same-group' THEN 'prompt' ELSE 'same-group' END"
        case ("audit_entry", "change"): return "CASE \(name) WHEN 'put' THEN 'drop' ELSE 'put' END"
        case ("experiment_candidate", "paid_calls"): return "greatest(0, \(name) - \(1 + number % 3))"
        case ("search_call", "purpose"): return "CASE \(name) WHEN 'merge' THEN 'reflect' ELSE 'merge' END"
        case ("cycle", "state"): return editedState(number)
        case ("cycle", "stage"): return "'retired'"
        case ("cycle", "ended_at"): return "CASE WHEN \(name) IS NULL THEN now() END"
        default: break
        }
        switch column.type {
        case "text":
            return """
                CASE WHEN \(name) ~ '^[0-9a-f]{64}$' THEN translate(\(name), '0123456789abcdef', '123456789abcdef0')
                     ELSE coalesce(\(name), '') || 'x' END
                """
        case "integer", "bigint": return "coalesce(\(name), 0) + \(1 + number % 5)"
        case "double precision": return "CASE \(name) WHEN 0 THEN 0.125 ELSE \(name) / 2 END"
        case "boolean": return "NOT \(name)"
        case "timestamp with time zone": return "\(name) + interval '\(1 + number % 1000) milliseconds'"
        case "jsonb":
            if number.isMultiple(of: 2) {
                return """
                    CASE jsonb_typeof(\(name)) WHEN 'object' THEN \(name) || jsonb_build_object('edited', \(number))
                    WHEN 'array' THEN \(name) || to_jsonb(\(number)) ELSE to_jsonb(\(number)) END
                    """
            }
            // One of the members that are there.
            return """
                CASE WHEN jsonb_typeof(\(name)) = 'object' AND \(name) <> '{}' THEN
                jsonb_set(\(name), ARRAY[(SELECT k FROM jsonb_object_keys(\(name)) AS k ORDER BY k
                    OFFSET \(number) % (SELECT count(*)::int FROM jsonb_object_keys(\(name))) LIMIT 1)], '"edited"')
                ELSE to_jsonb(\(number)) END
                """
        case "text[]": return "array_append(\(name), 'edited')"
        case "bigint[]": return "array_append(\(name), \(number)::bigint)"
        case "bytea[]": return "ARRAY[sha256('\(number)')] || \(name)[2:]"
        case "uuid[]": return "ARRAY[gen_random_uuid()] || \(name)[2:]"
        default: return name
        }
    }
}
