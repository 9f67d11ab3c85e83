WITH expected AS (
    SELECT DISTINCT ON (e.kind, l.leaf) e.kind, l.leaf, e.change, e.format, e.is_adopted, l.salt, l.digest
    FROM audit_entry e JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
    CROSS JOIN LATERAL unnest(a.leaves, a.salts, a.digests) AS l (leaf, salt, digest)
    WHERE e.use_case_id = $1 AND e.kind NOT IN ('snapshot', 'experiment')
    ORDER BY e.kind, l.leaf, e.change = 'erased' DESC,
             CASE WHEN e.kind IN ('cycle', 'job', 'adapter', 'label') THEN -e.sequence ELSE e.sequence END
), actual AS (
    SELECT 'revision' AS kind, t.id::text AS leaf,
           jsonb_build_array(t.use_case_id, t.number, t.document, t.source_text, t.sha256, t.snapshot_id, t.applied_by,
                             (extract(epoch FROM t.applied_at) * 1000000)::bigint)::text AS content
    FROM definition_revision t WHERE t.use_case_id = $1
    UNION ALL
    SELECT 'cycle', t.id::text, jsonb_build_array(t.use_case_id, t.number, t.revision_id, t.snapshot_id)::text
    FROM cycle t WHERE t.use_case_id = $1
    UNION ALL
    SELECT 'gate', t.id::text,
           jsonb_build_array(t.cycle_id, t.experiment_id, t.candidate_id, t.look, t.verdict, t.result,
                             (extract(epoch FROM t.judged_at) * 1000000)::bigint)::text
    FROM gate t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1
    UNION ALL
    SELECT 'decision', t.id::text,
           jsonb_build_array(t.cycle_id, t.look, t.kind, t.record, (extract(epoch FROM t.at) * 1000000)::bigint)::text
    FROM decision t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1
    UNION ALL
    SELECT 'look', t.id::text,
           jsonb_build_array(t.use_case_id, t.cycle_id, t.look, t.purpose, t.candidate_id, t.examples, t.examples_sha256,
                             encode(float8send(t.share), 'hex'), encode(float8send(t.alpha), 'hex'),
                             (extract(epoch FROM t.at) * 1000000)::bigint)::text
    FROM holdout_look t WHERE t.use_case_id = $1
    UNION ALL
    SELECT 'look-event', t.id::text,
           jsonb_build_array(t.cycle_id, t.look, t.kind, t.reason, (extract(epoch FROM t.at) * 1000000)::bigint)::text
    FROM holdout_look_event t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1
    UNION ALL
    SELECT 'sweep', t.id::text,
           jsonb_build_array(t.cycle_id, t.attempt, t.record, (extract(epoch FROM t.at) * 1000000)::bigint)::text
    FROM sweep t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1
    UNION ALL
    SELECT 'job', t.id::text,
           jsonb_build_array(t.cycle_id, t.attempt, t.purpose, t.number, t.run, t.intent, t.executor, t.external_id, t.state,
                             t.adapter, encode(float8send(t.score), 'hex'), t.answers,
                             encode(float8send(t.seconds), 'hex'), t.row_count, t.long_rows, t.error_code, t.settled_as,
                             t.settled_by)::text
    FROM training_job t JOIN cycle c ON c.id = t.cycle_id
    WHERE c.use_case_id = $1 AND t.state IN ('finished', 'failed', 'cancelled')
    UNION ALL
    SELECT 'adapter', left(t.digest, 16),
           jsonb_build_array(t.digest, t.training_job_id, t.base_sha256, t.facts, t.golden)::text
    FROM adapter t JOIN training_job j ON j.id = t.training_job_id JOIN cycle c ON c.id = j.cycle_id
    WHERE c.use_case_id = $1
    UNION ALL
    SELECT 'verdict', left(t.judge_sha256, 16) || '/' || left(t.item_sha256, 16),
           jsonb_build_array(t.judge_sha256, t.item_sha256, t.cycle_id, t.metric, encode(float8send(t.score), 'hex'),
                             t.ground, t.finding, t.replies, t.calls, t.prompt_tokens, t.completion_tokens,
                             t.cost_micro_dollars, (extract(epoch FROM t.at) * 1000000)::bigint)::text
    FROM judge_verdict t JOIN cycle c ON c.id = t.cycle_id WHERE c.use_case_id = $1
    UNION ALL
    SELECT 'label', left(t.question_sha256, 16) || '/' || left(t.item_sha256, 16) || '/'
                    || left(encode(sha256(convert_to(t.labelled_by, 'UTF8')), 'hex'), 16),
           jsonb_build_array(t.question_sha256, t.item_sha256, t.labelled_by, t.verdict, t.item,
                             (extract(epoch FROM t.labelled_at) * 1000000)::bigint)::text
    FROM label t WHERE t.use_case_id = $1
    UNION ALL
    SELECT 'release', t.id::text,
           jsonb_build_array(t.use_case_id, t.number, t.cycle_id, t.candidate_id, t.adapter, t.bundle,
                             (extract(epoch FROM t.created_at) * 1000000)::bigint)::text
    FROM release t WHERE t.use_case_id = $1
    UNION ALL
    SELECT 'move', t.id::text,
           jsonb_build_array(t.use_case_id, t.role, t.from_release, t.to_release, t.actor, t.reason,
                             (extract(epoch FROM t.at) * 1000000)::bigint)::text
    FROM pointer_move t WHERE t.use_case_id = $1
), compared AS (
    SELECT coalesce(x.kind, a.kind) AS kind, coalesce(x.leaf, a.leaf) AS leaf,
           CASE WHEN x.leaf IS NULL THEN 'unrecorded'
                WHEN x.change = 'erased' THEN 'erased'
                WHEN x.format <> 1 THEN 'newer'
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
