/// The chain of evidence, as it is verified.
///
/// The columns that a row's digest covers are listed here, and a second time in the functions of the migration that
/// write the chain. A database whose functions were replaced can so not vouch for itself. A test compares the two
/// lists.
enum AuditStatement: String, StoredStatement {
    case chain = """
        SELECT use_case_id, sequence, kind, subject, change, format, leaf_count, digest, history_sequence, history_hash,
               is_adopted, at_microseconds, note, previous_hash, hash
        FROM audit_entry WHERE use_case_id = $1 AND sequence > $2 ORDER BY sequence
        """
    case head = """
        SELECT coalesce(e.sequence, 0) AS entries, coalesce(e.hash, repeat('0', 64)) AS hash,
               coalesce(t.sequence, 0) AS transitions, coalesce(t.hash, repeat('0', 64)) AS history_hash
        FROM (SELECT $1::bigint AS id) u
        LEFT JOIN LATERAL (SELECT sequence, hash FROM audit_entry WHERE use_case_id = u.id
                           ORDER BY sequence DESC LIMIT 1) e ON true
        LEFT JOIN LATERAL (SELECT sequence, hash FROM transition WHERE use_case_id = u.id
                           ORDER BY sequence DESC LIMIT 1) t ON true
        """
    case hashes = """
        SELECT (SELECT hash FROM audit_entry WHERE use_case_id = $1 AND sequence = $2) AS entry,
               (SELECT hash FROM transition WHERE use_case_id = $1 AND sequence = $3) AS transition
        """
    // Reads a limited number of rows at a time, since the first look after an upgrade goes through all of them.
    case places = """
        SELECT least($1::bigint + 50000, coalesce((SELECT max(id) FROM audit_entry), 0)) AS entry,
               least($2::bigint + 50000, coalesce((SELECT max(id) FROM transition), 0)) AS transition
        """
    case growth = """
        WITH grown AS (
            SELECT use_case_id FROM audit_entry WHERE id > $1 AND id <= $3
            UNION SELECT use_case_id FROM transition WHERE id > $2 AND id <= $4
        )
        SELECT u.id, u.name, coalesce(e.sequence, 0) AS entries, coalesce(e.hash, repeat('0', 64)) AS hash,
               coalesce(t.sequence, 0) AS transitions, coalesce(t.hash, repeat('0', 64)) AS history_hash
        FROM grown g JOIN use_case u ON u.id = g.use_case_id
        LEFT JOIN LATERAL (SELECT sequence, hash FROM audit_entry WHERE use_case_id = u.id
                           ORDER BY sequence DESC LIMIT 1) e ON true
        LEFT JOIN LATERAL (SELECT sequence, hash FROM transition WHERE use_case_id = u.id
                           ORDER BY sequence DESC LIMIT 1) t ON true
        ORDER BY u.id
        """
    case names = "SELECT name FROM use_case ORDER BY name COLLATE \"C\""
    case championAdapters = """
        SELECT u.name, r.number, r.adapter FROM release_pointer p JOIN release r ON r.id = p.release_id
        JOIN use_case u ON u.id = p.use_case_id
        WHERE p.role = 'champion' AND r.adapter IS NOT NULL ORDER BY u.name COLLATE "C"
        """
    // What is chained and what is there; of one cycle, also what is chained and nowhere.
    case subjects = """
        SELECT n.kind, n.id::text AS subject FROM (
            SELECT DISTINCT kind, CASE WHEN subject ~ '^[0-9]{1,18}$' THEN subject::bigint END AS id FROM audit_entry
            WHERE use_case_id = $1 AND kind IN ('snapshot', 'experiment')
            UNION SELECT 'snapshot', s.id FROM dataset_snapshot s WHERE s.use_case_id = $1
            UNION SELECT 'experiment', e.id FROM cycle c JOIN experiment e ON e.cycle_id = c.id
            WHERE c.use_case_id = $1 AND e.finished_at IS NOT NULL
        ) n
        WHERE n.id IS NOT NULL AND ($2::bigint IS NULL OR CASE n.kind
            WHEN 'experiment' THEN coalesce((SELECT e.cycle_id = $2 FROM experiment e WHERE e.id = n.id), true)
            ELSE coalesce((SELECT s.id = c.snapshot_id FROM dataset_snapshot s JOIN cycle c ON c.id = $2
                           WHERE s.id = n.id), true) END)
        ORDER BY n.kind DESC, n.id
        """
    // $2: the subjects of the snapshots and experiments that are looked at; $3: the cycle whose samples are counted and whose
    // trainings are looked at, null for those of all.
    //
    // Totals of samples that are all there are what the samples add up to. Of one that was erased, or that retention took, only
    // the chain knows that there was one: then totals may be more by so many. How many went of an experiment that was never over,
    // or of one that was chained after they had gone, nobody knows.
    case links = """
        WITH last AS (SELECT sequence, hash FROM audit_entry WHERE use_case_id = $1 ORDER BY sequence DESC LIMIT 1),
        gone AS MATERIALIZED (
            SELECT DISTINCT e.change, e.subject AS experiment, split_part(l.leaf, '/', 1) AS candidate,
                   CASE WHEN l.leaf ~ '^[0-9a-f]{16}/[0-9]{1,18}/[0-9]{1,9}$'
                        THEN split_part(l.leaf, '/', 2)::bigint END AS example,
                   CASE WHEN l.leaf ~ '^[0-9a-f]{16}/[0-9]{1,18}/[0-9]{1,9}$' THEN split_part(l.leaf, '/', 3)::int END AS repeat
            FROM audit_entry e JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
            CROSS JOIN LATERAL unnest(a.leaves) AS l (leaf)
            WHERE e.use_case_id = $1 AND e.kind = 'experiment' AND e.change IN ('drop', 'erased')
                  AND 'experiment ' || e.subject = ANY ($2::text[])
        )
        SELECT 'leaves' AS link, e.sequence::text AS subject
        FROM audit_entry e LEFT JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
        WHERE e.use_case_id = $1
              AND (e.kind NOT IN ('snapshot', 'experiment') OR e.kind || ' ' || e.subject = ANY ($2::text[]))
              AND (e.digest IS DISTINCT FROM (
                       SELECT encode(sha256(convert_to(string_agg(l.leaf || ':' || coalesce(encode(l.digest, 'hex'), '-'),
                                                                  E'\\n' ORDER BY l.place), 'UTF8')), 'hex')
                       FROM unnest(a.leaves, a.digests) WITH ORDINALITY AS l (leaf, digest, place))
                   OR cardinality(a.leaves) <> e.leaf_count OR cardinality(a.salts) <> e.leaf_count)
        UNION ALL
        SELECT 'orphan', a.sequence::text FROM audit_leaf a
        WHERE a.use_case_id = $1 AND NOT EXISTS (SELECT FROM audit_entry e WHERE e.use_case_id = $1
                                                 AND e.sequence = a.sequence)
        UNION ALL
        SELECT 'head', coalesce((SELECT sequence FROM last), 0)::text
        WHERE (SELECT (h.sequence, h.hash) FROM audit_head h WHERE h.use_case_id = $1)
              IS DISTINCT FROM (SELECT (sequence, hash) FROM last)
        UNION ALL
        SELECT 'champion', coalesce((SELECT r.number::text FROM release_pointer p JOIN release r ON r.id = p.release_id
                                     WHERE p.use_case_id = $1 AND p.role = 'champion'), '–')
        WHERE (SELECT release_id FROM release_pointer WHERE use_case_id = $1 AND role = 'champion')
              IS DISTINCT FROM (SELECT to_release FROM pointer_move WHERE use_case_id = $1 AND role = 'champion'
                                ORDER BY id DESC LIMIT 1)
        UNION ALL
        SELECT 'cycle', c.number::text FROM cycle c
        LEFT JOIN LATERAL (SELECT to_stage, to_activity FROM transition t
                           WHERE t.use_case_id = c.use_case_id AND t.cycle_id = c.id
                           ORDER BY t.sequence DESC LIMIT 1) t ON true
        WHERE c.use_case_id = $1 AND (c.stage <> coalesce(t.to_stage, 'prompt-prototype')
                                      OR c.activity <> coalesce(t.to_activity, 'none')
                                      OR c.stage IS DISTINCT FROM c.state->>'stage'
                                      OR c.activity IS DISTINCT FROM c.state->>'activity'
                                      OR to_jsonb(c.is_paused) IS DISTINCT FROM c.state->'isPaused'
                                      OR c.block_code IS DISTINCT FROM c.state->'block'->>'code'
                                      OR (c.ended_at IS NOT NULL) <> (c.stage = 'retired' OR EXISTS (
                                          SELECT FROM cycle n WHERE n.use_case_id = $1 AND n.number > c.number)))
        UNION ALL
        SELECT 'rewritten', e.sequence::text
        FROM audit_entry e JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
        JOIN experiment x ON x.id = CASE WHEN e.subject ~ '^[0-9]{1,18}$' THEN e.subject::bigint END
        WHERE e.use_case_id = $1 AND e.kind = 'experiment' AND e.change <> 'erased' AND a.leaves <> '{experiment}'
              AND ($3::bigint IS NULL OR x.cycle_id = $3)
              AND x.purpose IN ('search', 'gate', 'adapter')
              AND EXISTS (
                  SELECT FROM audit_entry d JOIN audit_leaf b ON b.use_case_id = d.use_case_id AND b.sequence = d.sequence
                  WHERE d.use_case_id = $1 AND d.kind IN ('gate', 'decision') AND d.change = 'put' AND NOT d.is_adopted
                        AND d.sequence < e.sequence
                        AND d.sequence > (SELECT min(f.sequence) FROM audit_entry f WHERE f.use_case_id = $1
                                          AND f.kind = 'experiment' AND f.subject = e.subject)
                        AND b.leaves[1] IN (
                            SELECT g.id::text FROM gate g
                            WHERE d.kind = 'gate' AND g.cycle_id = x.cycle_id AND g.experiment_id = x.id
                            UNION ALL SELECT k.id::text FROM decision k WHERE d.kind = 'decision' AND k.cycle_id = x.cycle_id))
        UNION ALL
        SELECT 'rewritten', e.sequence::text
        FROM audit_entry e
        JOIN training_job j ON j.id = CASE WHEN e.subject ~ '^[0-9]{1,18}$' THEN e.subject::bigint END
        WHERE e.use_case_id = $1 AND e.kind IN ('job', 'curve') AND e.change = 'put'
              AND ($3::bigint IS NULL OR j.cycle_id = $3)
              AND EXISTS (
                  SELECT FROM audit_entry d JOIN audit_leaf b ON b.use_case_id = d.use_case_id AND b.sequence = d.sequence
                  WHERE d.use_case_id = $1 AND d.kind = 'decision' AND d.change = 'put' AND NOT d.is_adopted
                        AND d.sequence < e.sequence
                        AND d.sequence > (
                            SELECT min(f.sequence) FROM audit_entry f
                            JOIN audit_leaf l ON l.use_case_id = f.use_case_id AND l.sequence = f.sequence
                            WHERE f.use_case_id = $1 AND f.kind = e.kind AND f.subject IN (e.subject, '')
                                  AND e.subject = ANY (l.leaves))
                        AND b.leaves[1] IN (SELECT k.id::text FROM decision k WHERE k.cycle_id = j.cycle_id))
        UNION ALL
        SELECT 'totals', k.experiment_id || '/' || left(k.candidate_id, 16)
        FROM cycle c JOIN experiment e ON e.cycle_id = c.id JOIN experiment_candidate k ON k.experiment_id = e.id
        CROSS JOIN LATERAL (
            SELECT count(*) AS samples, count(*) FILTER (WHERE NOT s.from_cache) AS calls,
                   coalesce(sum(s.prompt_tokens::bigint + s.completion_tokens) FILTER (WHERE NOT s.from_cache), 0) AS tokens,
                   coalesce(sum(s.cost_micro_dollars) FILTER (WHERE NOT s.from_cache), 0) AS cost
            FROM sample s WHERE s.experiment_id = k.experiment_id AND s.candidate_id = k.candidate_id) AS paid
        CROSS JOIN LATERAL (
            SELECT k.samples - paid.samples AS missing,
                   (SELECT count(*) FROM gone g WHERE g.change = 'erased' AND g.experiment = k.experiment_id::text
                                                      AND g.candidate = left(k.candidate_id, 16)) AS erased) AS due
        CROSS JOIN LATERAL (
            SELECT CASE WHEN e.finished_at IS NULL THEN due.missing
                        WHEN c.ended_at IS NULL OR due.missing <= due.erased
                             OR EXISTS (SELECT FROM gate g WHERE g.cycle_id = c.id)
                             OR EXISTS (SELECT FROM decision d WHERE d.cycle_id = c.id)
                             OR EXISTS (SELECT FROM holdout_look h WHERE h.cycle_id = c.id)
                             OR EXISTS (SELECT FROM release r WHERE r.cycle_id = c.id) THEN due.erased
                        WHEN EXISTS (SELECT FROM audit_entry f WHERE f.use_case_id = $1 AND f.kind = 'experiment'
                                     AND f.subject = e.id::text AND f.is_adopted) THEN due.missing
                        ELSE due.erased + (
                            SELECT count(*) FROM gone g
                            WHERE g.change = 'drop' AND g.experiment = k.experiment_id::text
                                  AND g.candidate = left(k.candidate_id, 16)
                                  AND NOT EXISTS (SELECT FROM sample s WHERE s.experiment_id = k.experiment_id
                                                  AND s.candidate_id = k.candidate_id AND s.example_id = g.example
                                                  AND s.repeat = g.repeat)) END AS missing) AS allowed
        WHERE c.use_case_id = $1 AND ($3::bigint IS NULL OR c.id = $3)
              AND (due.missing < 0 OR due.missing > allowed.missing
                   OR CASE WHEN due.missing = 0 AND due.erased = 0
                           THEN (k.paid_calls, k.paid_tokens, k.paid_cost_micro_dollars)
                                <> (paid.calls, paid.tokens, paid.cost)
                           ELSE k.paid_calls NOT BETWEEN paid.calls AND paid.calls + due.missing + due.erased
                                OR k.paid_tokens < paid.tokens OR k.paid_cost_micro_dollars < paid.cost END)
        UNION ALL
        SELECT 'name', u.name FROM use_case u
        WHERE u.id = $1 AND u.name <> (SELECT r.document->'useCase'->>'name' FROM definition_revision r
                                       WHERE r.use_case_id = u.id ORDER BY r.number DESC LIMIT 1)
        UNION ALL
        SELECT 'transition', t.sequence::text FROM transition t LEFT JOIN cycle c ON c.id = t.cycle_id
        WHERE t.use_case_id = $1 AND c.use_case_id IS DISTINCT FROM $1
        UNION ALL
        SELECT 'history', e.history_sequence::text FROM (
            SELECT e.history_sequence FROM audit_entry e
            LEFT JOIN transition t ON t.use_case_id = e.use_case_id AND t.sequence = e.history_sequence
            WHERE e.use_case_id = $1 AND e.history_sequence > 0 AND e.history_hash IS DISTINCT FROM t.hash
            ORDER BY e.sequence DESC LIMIT 1) e
        """
    // Where each cycle stands, and the last entry of the history that it has come to by that.
    case standings = """
        SELECT c.number, c.state::text AS state,
               coalesce((SELECT max(t.sequence) FROM transition t WHERE t.use_case_id = c.use_case_id AND t.cycle_id = c.id),
                        0) AS sequence
        FROM cycle c WHERE c.use_case_id = $1 ORDER BY c.number
        """
    // What gates and decisions say of their cycle's history: whom a look judged, and how many trainings there had been.
    case figures = """
        SELECT c.number, g.look, g.candidate_id, NULL::int AS trainings
        FROM gate g JOIN cycle c ON c.id = g.cycle_id WHERE c.use_case_id = $1
        UNION ALL
        SELECT c.number, d.look, NULL, CASE WHEN jsonb_typeof(d.record->'evidence'->'trainingsDone') = 'number'
                                            THEN least(greatest((d.record->'evidence'->>'trainingsDone')::numeric, -1),
                                                       1000000)::int END
        FROM decision d JOIN cycle c ON c.id = d.cycle_id WHERE c.use_case_id = $1
        ORDER BY 1, 2
        """
    case underWay = """
        SELECT count(*) AS samples FROM cycle c JOIN experiment e ON e.cycle_id = c.id AND e.finished_at IS NULL
        JOIN sample s ON s.experiment_id = e.id WHERE c.use_case_id = $1
        """
    // $2: `rows` for all that has a row of its own; `snapshot` or `experiment` for one of these, $3, with what belongs to it.
    // What nobody changes is what it was chained as first; of the rest, the last word counts. What a kind's digest is over has
    // a number (`format`), which stands here alone.
    case compare = """
        WITH expected AS (
            SELECT DISTINCT ON (e.kind, l.leaf) e.kind, l.leaf, e.change, e.is_adopted, l.salt, l.digest,
                   e.format = CASE WHEN e.kind IN ('curve', 'payment') THEN 2 ELSE 1 END AS is_known
            FROM audit_entry e JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
            CROSS JOIN LATERAL unnest(a.leaves, a.salts, a.digests) AS l (leaf, salt, digest)
            WHERE e.use_case_id = $1
                  AND CASE $2::text WHEN 'rows' THEN e.kind NOT IN ('snapshot', 'experiment')
                              ELSE e.kind = $2::text AND e.subject = $3::text END
            ORDER BY e.kind, l.leaf, e.change = 'erased' DESC,
                     CASE WHEN e.kind IN ('cycle', 'job', 'curve', 'adapter', 'label', 'experiment') THEN -e.sequence
                          ELSE e.sequence END
        ), actual AS (
            SELECT 'revision' AS kind, t.id::text AS leaf,
                   jsonb_build_array(t.use_case_id, t.number, t.document, t.source_text, t.sha256, t.snapshot_id, t.applied_by,
                                     (extract(epoch FROM t.applied_at) * 1000000)::bigint)::text AS content
            FROM definition_revision t WHERE t.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'cycle', t.id::text, jsonb_build_array(t.use_case_id, t.number, t.revision_id, t.snapshot_id)::text
            FROM cycle t WHERE t.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'gate', t.id::text,
                   jsonb_build_array(t.cycle_id, t.experiment_id, t.candidate_id, t.look, t.verdict, t.result,
                                     (extract(epoch FROM t.judged_at) * 1000000)::bigint)::text
            FROM gate t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'decision', t.id::text,
                   jsonb_build_array(t.cycle_id, t.look, t.kind, t.record, (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM decision t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'look', t.id::text,
                   jsonb_build_array(t.use_case_id, t.cycle_id, t.look, t.purpose, t.candidate_id, t.examples, t.examples_sha256,
                                     encode(float8send(t.share), 'hex'), encode(float8send(t.alpha), 'hex'),
                                     (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM holdout_look t WHERE t.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'look-event', t.id::text,
                   jsonb_build_array(t.cycle_id, t.look, t.kind, t.reason, (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM holdout_look_event t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'sweep', t.id::text,
                   jsonb_build_array(t.cycle_id, t.attempt, t.record, (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM sweep t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'job', t.id::text,
                   jsonb_build_array(t.cycle_id, t.attempt, t.purpose, t.number, t.run, t.intent, t.executor, t.external_id, t.state,
                                     t.adapter, encode(float8send(t.score), 'hex'), t.answers,
                                     encode(float8send(t.seconds), 'hex'), t.row_count, t.long_rows, t.error_code, t.settled_as,
                                     t.settled_by)::text
            FROM training_job t JOIN cycle c ON c.id = t.cycle_id
            WHERE c.use_case_id = $1 AND t.state IN ('finished', 'failed', 'cancelled') AND $2 = 'rows'
            UNION ALL
            SELECT 'adapter', left(t.digest, 16),
                   jsonb_build_array(t.digest, t.training_job_id, t.base_sha256, t.facts, t.golden)::text
            FROM adapter t JOIN training_job j ON j.id = t.training_job_id JOIN cycle c ON c.id = j.cycle_id
            WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'verdict', left(t.judge_sha256, 16) || '/' || left(t.item_sha256, 16),
                   jsonb_build_array(t.judge_sha256, t.item_sha256, t.cycle_id, t.metric, encode(float8send(t.score), 'hex'),
                                     t.ground, t.finding, t.replies, t.calls, t.prompt_tokens, t.completion_tokens,
                                     t.cost_micro_dollars, (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM judge_verdict t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'label', left(t.question_sha256, 16) || '/' || left(t.item_sha256, 16) || '/'
                            || left(encode(sha256(convert_to(t.labelled_by, 'UTF8')), 'hex'), 16),
                   jsonb_build_array(t.question_sha256, t.item_sha256, t.labelled_by, t.verdict, t.item,
                                     (extract(epoch FROM t.labelled_at) * 1000000)::bigint)::text
            FROM label t WHERE t.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'release', t.id::text,
                   jsonb_build_array(t.use_case_id, t.number, t.cycle_id, t.candidate_id, t.adapter, t.bundle,
                                     (extract(epoch FROM t.created_at) * 1000000)::bigint)::text
            FROM release t WHERE t.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'move', t.id::text,
                   jsonb_build_array(t.use_case_id, t.role, t.from_release, t.to_release, t.actor, t.reason,
                                     (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM pointer_move t WHERE t.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'curve', j.id::text,
                   (SELECT jsonb_build_array(j.id, (extract(epoch FROM j.created_at) * 1000000)::bigint, count(*),
                               encode(sha256(coalesce(string_agg(
                               int4send(t.step) || float8send(t.elapsed_seconds)
                               || coalesce('\\x01'::bytea || float8send(t.loss), '\\x00')
                               || coalesce('\\x01'::bytea || float8send(t.validation_loss), '\\x00')
                               || coalesce('\\x01'::bytea || float8send(t.tokens_per_second), '\\x00'),
                               '' ORDER BY t.step), '')), 'hex'))::text
                    FROM training_point t WHERE t.training_job_id = j.id)
            FROM training_job j JOIN cycle c ON c.id = j.cycle_id
            WHERE c.use_case_id = $1 AND j.state IN ('finished', 'failed', 'cancelled') AND $2 = 'rows'
            UNION ALL
            SELECT 'payment', 'search/' || t.cycle_id || '/' || left(t.request_sha256, 16),
                   jsonb_build_array(t.cycle_id, t.request_sha256, t.round, t.purpose, t.model, t.prompt_tokens,
                                     t.completion_tokens, t.cost_micro_dollars,
                                     (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM search_call t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'payment', 'lost/' || t.id,
                   jsonb_build_array(t.cycle_id, t.experiment_id, t.cause, t.calls, t.tokens, t.cost_micro_dollars,
                                     (extract(epoch FROM t.at) * 1000000)::bigint)::text
            FROM lost_call t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1 AND $2 = 'rows'
            UNION ALL
            SELECT 'snapshot', t.id || '/snapshot',
                   jsonb_build_array(t.use_case_id, t.sha256, t.source_path, t.row_count,
                                     (extract(epoch FROM t.created_at) * 1000000)::bigint)::text
            FROM dataset_snapshot t WHERE t.id = $3::text::bigint AND $2 = 'snapshot'
            UNION ALL
            SELECT 'snapshot', t.snapshot_id || '/row/' || t.row_number,
                   jsonb_build_array(t.id, t.split, t.group_key, t.inputs, t.expected, t.chosen, t.rejected, t.fields)::text
            FROM example t WHERE t.snapshot_id = $3::text::bigint AND $2 = 'snapshot'
            UNION ALL
            SELECT 'snapshot', t.snapshot_id || '/leak/' || t.row_number,
                   jsonb_build_array(t.from_split, t.to_split, t.cause, t.other_row, t.prompt)::text
            FROM settled_leak t WHERE t.snapshot_id = $3::text::bigint AND $2 = 'snapshot'
            UNION ALL
            SELECT 'experiment', 'experiment',
                   jsonb_build_array(t.cycle_id, t.purpose, t.round, t.planned_calls,
                                     (extract(epoch FROM t.created_at) * 1000000)::bigint,
                                     (extract(epoch FROM t.finished_at) * 1000000)::bigint, t.finding)::text
            FROM experiment t WHERE t.id = $3::text::bigint AND $2 = 'experiment'
            UNION ALL
            SELECT 'experiment', 'place/' || left(t.candidate_id, 16),
                   jsonb_build_array(t.candidate_id, t.position, t.name, t.operation, t.parents)::text
            FROM experiment_candidate t WHERE t.experiment_id = $3::text::bigint AND $2 = 'experiment'
            UNION ALL
            SELECT 'experiment', 'candidate/' || left(t.id, 16), jsonb_build_array(t.id, t.document)::text
            FROM experiment_candidate k JOIN candidate t ON t.id = k.candidate_id
            WHERE k.experiment_id = $3::text::bigint AND $2 = 'experiment'
            UNION ALL
            SELECT 'experiment', left(t.candidate_id, 16) || '/' || t.example_id || '/' || t.repeat,
                   jsonb_build_array(t.candidate_id, t.example_id, t.repeat, t.output, t.error_code, t.scores, t.prompt_tokens,
                                     t.cached_tokens, t.completion_tokens, t.latency_us, t.cost_micro_dollars, t.from_cache,
                                     (extract(epoch FROM t.at) * 1000000)::bigint, t.shortfall, t.is_unanswered,
                                     t.is_usage_presumed)::text
            FROM sample t WHERE t.experiment_id = $3::text::bigint AND $2 = 'experiment'
        ), compared AS (
            SELECT coalesce(x.kind, a.kind) AS kind, coalesce(x.leaf, a.leaf) AS leaf,
                   CASE WHEN x.leaf IS NULL THEN 'unrecorded'
                        WHEN x.change = 'erased' THEN 'erased'
                        WHEN NOT x.is_known THEN 'newer'
                        WHEN x.change = 'drop' THEN CASE WHEN a.leaf IS NULL THEN 'gone' ELSE 'unrecorded' END
                        WHEN a.leaf IS NULL THEN 'missing'
                        WHEN x.salt IS NULL THEN 'unsalted'
                        WHEN x.digest IS DISTINCT FROM sha256(convert_to(x.salt::text || a.content, 'UTF8')) THEN 'changed'
                        WHEN x.is_adopted THEN 'adopted'
                        ELSE 'holds' END AS state
            FROM expected x FULL JOIN actual a ON a.kind = x.kind AND a.leaf = x.leaf
        )
        SELECT kind, state, count(*) AS count,
               string_agg(leaf, ' ' ORDER BY leaf) FILTER (WHERE state NOT IN ('holds', 'adopted', 'gone')) AS leaves
        FROM compared GROUP BY kind, state ORDER BY kind, state
        """
}
