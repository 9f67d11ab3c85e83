WITH last AS (SELECT sequence, hash FROM audit_entry WHERE use_case_id = $1 ORDER BY sequence DESC LIMIT 1)
SELECT 'leaves' AS link, e.sequence::text AS subject
FROM audit_entry e LEFT JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
WHERE e.use_case_id = $1
      AND (e.kind NOT IN ('snapshot', 'experiment') OR e.kind || ' ' || e.subject = ANY ($2::text[]))
      AND (e.digest IS DISTINCT FROM (
               SELECT encode(sha256(convert_to(string_agg(l.leaf || ':' || coalesce(encode(l.digest, 'hex'), '-'),
                                                          E'\n' ORDER BY l.place), 'UTF8')), 'hex')
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
                              OR c.activity IS DISTINCT FROM c.state->>'activity')
UNION ALL
SELECT 'rewritten', e.sequence::text
FROM audit_entry e JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
JOIN experiment x ON x.id = CASE WHEN e.subject ~ '^[0-9]{1,18}$' THEN e.subject::bigint END
WHERE e.use_case_id = $1 AND e.kind = 'experiment' AND e.change <> 'erased' AND a.leaves <> '{experiment}'
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
