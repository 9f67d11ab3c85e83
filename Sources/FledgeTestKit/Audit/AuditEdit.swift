import FledgeCore

/// One thing that somebody with every right in the database does to the evidence, with triggers off.
struct AuditEdit: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// A value of a row.
        case edit
        case delete
        /// All rows of a table that a use case has, or all that there are.
        case empty
        case truncate
        /// A row that nobody recorded.
        case insert
        /// A row is edited, and an entry chains it as if it had always been so.
        case rechain
        /// The newest entries go, with their rows, and the head goes back.
        case cutChain
        /// The newest transitions go, and the cycle goes back with them.
        case cutHistory
        /// A use case goes, with all that there is of it.
        case useCase
        /// A row is edited, and the whole chain is made anew from what is there then.
        case rewrite
    }

    var kind: Kind
    /// What is done, for people.
    var what: String
    /// The first statement says by its rows whether anything was changed.
    var statements: [String]

    static func random(
        _ columns: [String: [CoveredColumns.Column]], useCases: [Int64], using random: inout SplitMix64
    ) -> AuditEdit {
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int(random.next(below: UInt64(elements.count)))]
        }
        let number = Int(random.next(below: 1_000_000))
        let useCase = pick(useCases)
        let kinds: [Kind] = [
            .edit, .edit, .edit, .edit, .edit, .edit, .edit, .edit, .delete, .delete, .delete, .empty, .insert,
            .rechain,
            .cutChain, .cutHistory, .useCase, .rewrite,
        ]
        // Emptying a table for all at once takes longest to undo.
        let kind = number.isMultiple(of: 50) ? .truncate : pick(kinds)
        let table = pick(CoveredColumns.names)
        func row(of table: String, where condition: String = "true") -> String {
            """
            ctid = (SELECT ctid FROM \(table) WHERE \(condition) ORDER BY ctid
                    OFFSET \(number) % greatest(1, (SELECT count(*)::int FROM \(table) WHERE \(condition))) LIMIT 1)
            """
        }
        switch kind {
        case .edit:
            let column = pick(columns[table] ?? [])
            let value = CoveredColumns.edited(column, number: number)
            // A salt says nothing where a later entry has the last word.
            let rows =
                column.name == "salts"
                ? row(
                    of: table,
                    where: """
                        sequence IN (SELECT e.sequence FROM audit_entry e WHERE e.use_case_id = audit_leaf.use_case_id
                                     AND e.kind IN ('gate', 'decision', 'release', 'revision', 'look', 'move'))
                        """) : row(of: table)
            return AuditEdit(
                kind: kind, what: "\(table).\(column.name)",
                statements: [
                    "UPDATE \(table) SET \"\(column.name)\" = \(value) WHERE \(rows) "
                        + "AND \"\(column.name)\" IS DISTINCT FROM (\(value))"
                ])
        case .delete:
            return AuditEdit(kind: kind, what: table, statements: ["DELETE FROM \(table) WHERE \(row(of: table))"])
        case .empty: return AuditEdit(kind: kind, what: table, statements: ["DELETE FROM \(table)"])
        case .truncate:
            return AuditEdit(
                kind: kind, what: table, statements: ["DELETE FROM \(table)", "TRUNCATE \(table) CASCADE"])
        case .insert: return pick(inserts.map { AuditEdit(kind: kind, what: $0, statements: [$1]) })
        case .rechain:
            let (what, edit, chain) = pick(rechainings)
            return AuditEdit(
                kind: kind, what: what,
                statements: [
                    edit.replacing("$ROW", with: row(of: what)),
                    chain.replacing("$ROW", with: row(of: what)),
                ])
        case .cutChain:
            return AuditEdit(
                kind: kind, what: "chain", statements: AuditScript.cutChain(of: useCase, by: 1 + number % 6))
        case .cutHistory:
            return AuditEdit(
                kind: kind, what: "history", statements: AuditScript.cutHistory(of: useCase, by: 1 + number % 6))
        case .useCase:
            return AuditEdit(kind: kind, what: "use case", statements: AuditScript.forget(useCase))
        case .rewrite:
            return AuditEdit(kind: kind, what: "chain", statements: AuditScript.rewrite(useCase, number: number))
        }
    }

    private static let inserts: [(String, String)] = [
        (
            "sample",
            """
            INSERT INTO sample (experiment_id, candidate_id, example_id, repeat, output, scores, prompt_tokens, cached_tokens,
                                completion_tokens, latency_us, cost_micro_dollars, from_cache)
            SELECT experiment_id, candidate_id, example_id, repeat + 500, output, scores, 1, 0, 1, 1, 1, false
            FROM sample ORDER BY ctid LIMIT 1
            """
        ),
        (
            "example",
            """
            INSERT INTO example (snapshot_id, row_number, split, group_key, inputs, expected)
            SELECT snapshot_id, row_number + 500, 'holdout', group_key, inputs, expected FROM example ORDER BY id LIMIT 1
            """
        ),
        (
            "gate",
            """
            INSERT INTO gate (cycle_id, experiment_id, candidate_id, look, verdict, result)
            SELECT cycle_id, experiment_id, candidate_id, look + 50, 'passed', result FROM gate ORDER BY id LIMIT 1
            """
        ),
        (
            "decision",
            """
            INSERT INTO decision (cycle_id, look, kind, record)
            SELECT cycle_id, look + 50, 'promote', record FROM decision ORDER BY id LIMIT 1
            """
        ),
        (
            "pointer_move",
            """
            INSERT INTO pointer_move (use_case_id, role, from_release, to_release, actor, reason)
            SELECT use_case_id, role, from_release, to_release, 'eve', reason FROM pointer_move ORDER BY id LIMIT 1
            """
        ),
        (
            "holdout_look_event",
            """
            INSERT INTO holdout_look_event (cycle_id, look, kind, reason)
            SELECT cycle_id, look, 'withdrawn', 'x' FROM holdout_look ORDER BY id LIMIT 1
            """
        ),
        (
            "training_point",
            """
            INSERT INTO training_point (training_job_id, step, loss, elapsed_seconds)
            SELECT training_job_id, step + 500, loss, elapsed_seconds + 9 FROM training_point ORDER BY ctid LIMIT 1
            """
        ),
        (
            "search_call",
            """
            INSERT INTO search_call (cycle_id, request_sha256, round, purpose, model, prompt_tokens, completion_tokens,
                                     cost_micro_dollars)
            SELECT cycle_id, translate(request_sha256, '0123456789abcdef', '123456789abcdef0'), round, purpose, model, 1, 1, 1
            FROM search_call ORDER BY ctid LIMIT 1
            """
        ),
        (
            "lost_call",
            """
            INSERT INTO lost_call (cycle_id, experiment_id, cause, calls, tokens, cost_micro_dollars, at)
            SELECT cycle_id, experiment_id, cause, 1, 1, 1, at FROM lost_call ORDER BY id LIMIT 1
            """
        ),
        (
            "label",
            """
            INSERT INTO label (use_case_id, question_sha256, item_sha256, labelled_by, verdict, item)
            SELECT use_case_id, question_sha256, item_sha256, 'eve', 'pass', item FROM label ORDER BY ctid LIMIT 1
            """
        ),
    ]

    private static let rechainings: [(String, String, String)] = [
        (
            "gate", "UPDATE gate SET verdict = 'passed', result = result || '{\"edited\": 1}' WHERE $ROW",
            """
            SELECT audit_put(c.use_case_id, 'gate', g.id::text, audit_text(g)) FROM gate g JOIN cycle c ON c.id = g.cycle_id
            WHERE g.result ? 'edited'
            """
        ),
        (
            "release", "UPDATE release SET bundle = bundle || '{\"edited\": 1}' WHERE $ROW",
            """
            SELECT audit_put(r.use_case_id, 'release', r.id::text, audit_text(r)) FROM release r WHERE r.bundle ? 'edited'
            """
        ),
        (
            "training_job", "UPDATE training_job SET long_rows = 7777 WHERE $ROW",
            """
            SELECT audit_put(c.use_case_id, 'job', j.id::text, audit_text(j)) FROM training_job j
            JOIN cycle c ON c.id = j.cycle_id WHERE j.long_rows = 7777
            """
        ),
        (
            "training_point", "UPDATE training_point SET loss = 7777 WHERE $ROW",
            """
            SELECT audit_put(2, c.use_case_id, 'curve', j.id::text, audit_curve(j.id)) FROM training_job j
            JOIN cycle c ON c.id = j.cycle_id
            WHERE EXISTS (SELECT FROM training_point p WHERE p.training_job_id = j.id AND p.loss = 7777)
            """
        ),
        (
            "search_call", "UPDATE search_call SET model = 'edited' WHERE $ROW",
            """
            SELECT audit_put(2, c.use_case_id, 'payment', audit_name(s), audit_text(s)) FROM search_call s
            JOIN cycle c ON c.id = s.cycle_id WHERE s.model = 'edited'
            """
        ),
        (
            "example", "UPDATE example SET expected = expected || ' edited' WHERE $ROW",
            """
            SELECT audit_append(s.use_case_id, 'snapshot', s.id::text, 'put', ARRAY[s.id || '/row/' || e.row_number],
                                ARRAY[x.salt], ARRAY[audit_digest(x.salt, audit_text(e))])
            FROM example e JOIN dataset_snapshot s ON s.id = e.snapshot_id
            CROSS JOIN (SELECT gen_random_uuid() AS salt OFFSET 0) AS x WHERE e.expected LIKE '% edited'
            """
        ),
        (
            "sample", "UPDATE sample SET output = output || ' edited' WHERE $ROW",
            """
            SELECT audit_append(c.use_case_id, 'experiment', s.experiment_id::text, 'put', ARRAY[audit_name(s)], ARRAY[x.salt],
                                ARRAY[audit_digest(x.salt, audit_text(s))])
            FROM sample s JOIN experiment e ON e.id = s.experiment_id JOIN cycle c ON c.id = e.cycle_id
            CROSS JOIN (SELECT gen_random_uuid() AS salt OFFSET 0) AS x WHERE s.output LIKE '% edited'
            """
        ),
    ]
}
