-- Evidence that cannot be edited unseen: for each use case a chain of digests over every row that a decision rests on. The
-- database itself writes them, in the transaction that writes the row, so that a daemon of before does as well.

DO $$
BEGIN
    -- Whoever has the tables now waits for this, and not the other way round.
    SET LOCAL deadlock_timeout = '20s';
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
LOCK TABLE use_case, definition_revision, dataset_snapshot, example, settled_leak, cycle, experiment, experiment_candidate,
    candidate, sample, gate, decision, holdout_look, holdout_look_event, sweep, training_job, adapter, judge_verdict, label,
    release, release_pointer, pointer_move IN SHARE ROW EXCLUSIVE MODE;

-- An entry says of some leaves (rows, by their names) what digest their content has, that they went, or that they were
-- erased. The last word on a leaf counts.
CREATE TABLE audit_entry (
    id               bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    use_case_id      bigint NOT NULL,
    sequence         int NOT NULL CHECK (sequence >= 1),
    kind             text NOT NULL CHECK (kind ~ '^[a-z-]+$'),
    subject          text NOT NULL CHECK (subject ~ '^[^\n]*$'),
    change           text NOT NULL CHECK (change IN ('put', 'drop', 'erased')),
    -- What a leaf's content is made of; verification of a build that does not know the number says so.
    format           int NOT NULL,
    leaf_count       int NOT NULL CHECK (leaf_count >= 1),
    -- Over the leaves' names and digests.
    digest           text NOT NULL,
    -- The end of the use case's history at that moment.
    history_sequence int NOT NULL,
    history_hash     text NOT NULL,
    -- Chained when this was migrated: what the row was before, nobody can say.
    is_adopted       boolean NOT NULL,
    at_microseconds  bigint NOT NULL,
    note             text NOT NULL,
    previous_hash    text NOT NULL,
    hash             text NOT NULL,
    PRIMARY KEY (use_case_id, sequence)
);
CREATE INDEX audit_entry_of_subject ON audit_entry (use_case_id, kind, subject);

-- The leaves of an entry, with a salt each: without it, a digest says nothing of the content.
CREATE TABLE audit_leaf (
    use_case_id bigint NOT NULL,
    sequence    int NOT NULL,
    leaves      text[] NOT NULL,
    salts       uuid[] NOT NULL,
    digests     bytea[] NOT NULL,
    PRIMARY KEY (use_case_id, sequence)
);

-- Where a use case's chain ends: its writers take turns at this row.
CREATE TABLE audit_head (
    use_case_id bigint PRIMARY KEY,
    sequence    int NOT NULL,
    hash        text NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

CREATE FUNCTION audit_digest(salt uuid, content text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(salt::text || content, 'UTF8'))
$$;

CREATE FUNCTION audit_microseconds(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

CREATE FUNCTION audit_append(of_use_case bigint, of_kind text, of_subject text, of_change text, new_leaves text[],
                             new_salts uuid[], new_digests bytea[], adopted boolean DEFAULT false, of_note text DEFAULT '')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last_sequence int;
    last_hash     text;
    root          text;
    entry         audit_entry;
BEGIN
    IF coalesce(cardinality(new_leaves), 0) = 0 THEN RETURN; END IF;
    SELECT sequence, hash INTO last_sequence, last_hash FROM audit_head WHERE use_case_id = of_use_case FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_head (use_case_id, sequence, hash) VALUES (of_use_case, 0, repeat('0', 64))
        ON CONFLICT (use_case_id) DO NOTHING;
        SELECT sequence, hash INTO last_sequence, last_hash FROM audit_head WHERE use_case_id = of_use_case FOR UPDATE;
    END IF;
    SELECT encode(sha256(convert_to(string_agg(l.leaf || ':' || coalesce(encode(l.digest, 'hex'), '-'), E'\n'
                                               ORDER BY l.place), 'UTF8')), 'hex')
    INTO root FROM unnest(new_leaves, new_digests) WITH ORDINALITY AS l (leaf, digest, place);
    entry.use_case_id := of_use_case;
    entry.sequence := last_sequence + 1;
    -- After the head's lock, so that it never goes back from one entry to the next.
    SELECT t.sequence, t.hash INTO entry.history_sequence, entry.history_hash FROM transition t
    WHERE t.use_case_id = of_use_case ORDER BY t.sequence DESC LIMIT 1;
    entry.history_sequence := coalesce(entry.history_sequence, 0);
    entry.history_hash := coalesce(entry.history_hash, repeat('0', 64));
    entry.at_microseconds := audit_microseconds(clock_timestamp());
    entry.hash := encode(sha256(convert_to(concat_ws(E'\n', last_hash, of_use_case, entry.sequence, of_kind, of_subject,
        of_change, 1, cardinality(new_leaves), root, entry.history_sequence, entry.history_hash, adopted::int,
        entry.at_microseconds, of_note), 'UTF8')), 'hex');
    INSERT INTO audit_entry (use_case_id, sequence, kind, subject, change, format, leaf_count, digest, history_sequence,
                             history_hash, is_adopted, at_microseconds, note, previous_hash, hash)
    VALUES (of_use_case, entry.sequence, of_kind, of_subject, of_change, 1, cardinality(new_leaves), root,
            entry.history_sequence, entry.history_hash, adopted, entry.at_microseconds, of_note, last_hash, entry.hash);
    INSERT INTO audit_leaf (use_case_id, sequence, leaves, salts, digests)
    VALUES (of_use_case, entry.sequence, new_leaves, new_salts, new_digests);
    UPDATE audit_head SET sequence = entry.sequence, hash = entry.hash WHERE use_case_id = of_use_case;
END $$;

-- What a row's leaf is made of. A column that is added later is not in it: it gets a format of its own.

CREATE FUNCTION audit_text(r definition_revision) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.use_case_id, r.number, r.document, r.source_text, r.sha256, r.snapshot_id, r.applied_by,
                             audit_microseconds(r.applied_at))::text $$;
CREATE FUNCTION audit_text(r dataset_snapshot) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.use_case_id, r.sha256, r.source_path, r.row_count, audit_microseconds(r.created_at))::text $$;
CREATE FUNCTION audit_text(r example) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.id, r.split, r.group_key, r.inputs, r.expected, r.chosen, r.rejected, r.fields)::text $$;
CREATE FUNCTION audit_text(r settled_leak) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.from_split, r.to_split, r.cause, r.other_row, r.prompt)::text $$;
CREATE FUNCTION audit_text(r cycle) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.use_case_id, r.number, r.revision_id, r.snapshot_id)::text $$;
CREATE FUNCTION audit_text(r experiment) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.purpose, r.round, r.planned_calls, audit_microseconds(r.created_at),
                             audit_microseconds(r.finished_at), r.finding)::text $$;
CREATE FUNCTION audit_text(r experiment_candidate) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.candidate_id, r.position, r.name, r.operation, r.parents)::text $$;
CREATE FUNCTION audit_text(r candidate) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.id, r.document)::text $$;
CREATE FUNCTION audit_text(r sample) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.candidate_id, r.example_id, r.repeat, r.output, r.error_code, r.scores, r.prompt_tokens,
                             r.cached_tokens, r.completion_tokens, r.latency_us, r.cost_micro_dollars, r.from_cache,
                             audit_microseconds(r.at), r.shortfall, r.is_unanswered, r.is_usage_presumed)::text $$;
CREATE FUNCTION audit_text(r gate) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.experiment_id, r.candidate_id, r.look, r.verdict, r.result,
                             audit_microseconds(r.judged_at))::text $$;
CREATE FUNCTION audit_text(r decision) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.look, r.kind, r.record, audit_microseconds(r.at))::text $$;
CREATE FUNCTION audit_text(r holdout_look) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.use_case_id, r.cycle_id, r.look, r.purpose, r.candidate_id, r.examples, r.examples_sha256,
                             encode(float8send(r.share), 'hex'), encode(float8send(r.alpha), 'hex'),
                             audit_microseconds(r.at))::text $$;
CREATE FUNCTION audit_text(r holdout_look_event) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.look, r.kind, r.reason, audit_microseconds(r.at))::text $$;
CREATE FUNCTION audit_text(r sweep) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.attempt, r.record, audit_microseconds(r.at))::text $$;
CREATE FUNCTION audit_text(r training_job) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.attempt, r.purpose, r.number, r.run, r.intent, r.executor, r.external_id, r.state,
                             r.adapter, encode(float8send(r.score), 'hex'), r.answers, encode(float8send(r.seconds), 'hex'),
                             r.row_count, r.long_rows, r.error_code, r.settled_as, r.settled_by)::text $$;
CREATE FUNCTION audit_text(r adapter) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.digest, r.training_job_id, r.base_sha256, r.facts, r.golden)::text $$;
CREATE FUNCTION audit_text(r judge_verdict) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.judge_sha256, r.item_sha256, r.cycle_id, r.metric, encode(float8send(r.score), 'hex'),
                             r.ground, r.finding, r.replies, r.calls, r.prompt_tokens, r.completion_tokens,
                             r.cost_micro_dollars, audit_microseconds(r.at))::text $$;
CREATE FUNCTION audit_text(r label) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.question_sha256, r.item_sha256, r.labelled_by, r.verdict, r.item,
                             audit_microseconds(r.labelled_at))::text $$;
CREATE FUNCTION audit_text(r release) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.use_case_id, r.number, r.cycle_id, r.candidate_id, r.adapter, r.bundle,
                             audit_microseconds(r.created_at))::text $$;
CREATE FUNCTION audit_text(r pointer_move) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.use_case_id, r.role, r.from_release, r.to_release, r.actor, r.reason,
                             audit_microseconds(r.at))::text $$;

-- The names of leaves that are not numbers.
CREATE FUNCTION audit_name(s sample) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT left(s.candidate_id, 16) || '/' || s.example_id || '/' || s.repeat $$;
CREATE FUNCTION audit_name(v judge_verdict) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT left(v.judge_sha256, 16) || '/' || left(v.item_sha256, 16) $$;
CREATE FUNCTION audit_name(l label) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT left(l.question_sha256, 16) || '/' || left(l.item_sha256, 16) || '/'
           || left(encode(sha256(convert_to(l.labelled_by, 'UTF8')), 'hex'), 16) $$;

-- Chains one row.
CREATE FUNCTION audit_put(of_use_case bigint, of_kind text, name text, content text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE salt uuid := gen_random_uuid();
BEGIN
    PERFORM audit_append(of_use_case, of_kind, name, 'put', ARRAY[name], ARRAY[salt], ARRAY[audit_digest(salt, content)]);
END $$;

-- A snapshot with all of its examples and what was done about leaks.
CREATE FUNCTION audit_snapshot(of_snapshot bigint, adopted boolean DEFAULT false) RETURNS void LANGUAGE sql AS $$
    SELECT audit_append(s.use_case_id, 'snapshot', s.id::text, 'put', l.leaves, l.salts, l.digests, adopted)
    FROM dataset_snapshot s CROSS JOIN LATERAL (
        SELECT array_agg(x.leaf) AS leaves, array_agg(x.salt) AS salts, array_agg(audit_digest(x.salt, x.content)) AS digests
        FROM (SELECT c.leaf, c.content, gen_random_uuid() AS salt FROM (
                  SELECT s.id || '/snapshot' AS leaf, audit_text(s) AS content
                  UNION ALL SELECT s.id || '/row/' || e.row_number, audit_text(e) FROM example e WHERE e.snapshot_id = s.id
                  UNION ALL SELECT s.id || '/leak/' || k.row_number, audit_text(k) FROM settled_leak k
                  WHERE k.snapshot_id = s.id) AS c
              OFFSET 0) AS x) AS l
    WHERE s.id = of_snapshot
$$;

-- An experiment with its candidates and samples, once it is over.
CREATE FUNCTION audit_experiment(of_experiment bigint, adopted boolean DEFAULT false) RETURNS void LANGUAGE sql AS $$
    SELECT audit_append(c.use_case_id, 'experiment', e.id::text, 'put', l.leaves, l.salts, l.digests, adopted)
    FROM experiment e JOIN cycle c ON c.id = e.cycle_id CROSS JOIN LATERAL (
        SELECT array_agg(x.leaf) AS leaves, array_agg(x.salt) AS salts, array_agg(audit_digest(x.salt, x.content)) AS digests
        FROM (SELECT p.leaf, p.content, gen_random_uuid() AS salt FROM (
                  SELECT 'experiment' AS leaf, audit_text(e) AS content
                  UNION ALL SELECT 'place/' || left(k.candidate_id, 16), audit_text(k) FROM experiment_candidate k
                  WHERE k.experiment_id = e.id
                  UNION ALL SELECT 'candidate/' || left(d.id, 16), audit_text(d)
                  FROM experiment_candidate k JOIN candidate d ON d.id = k.candidate_id WHERE k.experiment_id = e.id
                  UNION ALL SELECT audit_name(s), audit_text(s) FROM sample s WHERE s.experiment_id = e.id) AS p
              OFFSET 0) AS x) AS l
    WHERE e.id = of_experiment
$$;

CREATE FUNCTION audit_of_use_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_put(NEW.use_case_id, TG_ARGV[0], NEW.id::text, audit_text(NEW));
    RETURN NULL;
END $$;
CREATE FUNCTION audit_of_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_put((SELECT use_case_id FROM cycle WHERE id = NEW.cycle_id), TG_ARGV[0], NEW.id::text, audit_text(NEW));
    RETURN NULL;
END $$;

-- The examples of a snapshot are there before the first revision that names it.
CREATE FUNCTION audit_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM audit_entry WHERE use_case_id = NEW.use_case_id AND kind = 'snapshot'
                   AND subject = NEW.snapshot_id::text) THEN
        PERFORM audit_snapshot(NEW.snapshot_id);
    END IF;
    PERFORM audit_put(NEW.use_case_id, 'revision', NEW.id::text, audit_text(NEW));
    RETURN NULL;
END $$;

CREATE FUNCTION audit_finished_experiment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NULL THEN
        PERFORM audit_experiment(NEW.id);
    ELSE
        -- Found out afterwards: the rest of it stays as it was chained.
        DECLARE salt uuid := gen_random_uuid();
        BEGIN
            PERFORM audit_append((SELECT use_case_id FROM cycle WHERE id = NEW.cycle_id), 'experiment', NEW.id::text, 'put',
                                 ARRAY['experiment'], ARRAY[salt], ARRAY[audit_digest(salt, audit_text(NEW))]);
        END;
    END IF;
    RETURN NULL;
END $$;

-- Samples that come, are judged or go when their experiment is over already: a question that was asked again, retention.
CREATE FUNCTION audit_samples_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late  bigint;
    owner bigint;
BEGIN
    -- Which says so itself.
    IF current_user = 'fledge_eraser' THEN RETURN NULL; END IF;
    FOR late IN SELECT DISTINCT experiment_id FROM written ORDER BY 1 LOOP
        SELECT c.use_case_id INTO owner FROM experiment e JOIN cycle c ON c.id = e.cycle_id
        WHERE e.id = late AND e.finished_at IS NOT NULL;
        CONTINUE WHEN NOT FOUND;
        PERFORM audit_append(owner, 'experiment', late::text, 'put', l.leaves, l.salts, l.digests)
        FROM (SELECT array_agg(x.leaf) AS leaves, array_agg(x.salt) AS salts,
                     array_agg(audit_digest(x.salt, x.content)) AS digests
              FROM (SELECT audit_name(s) AS leaf, audit_text(s) AS content, gen_random_uuid() AS salt
                    FROM written w JOIN sample s USING (experiment_id, candidate_id, example_id, repeat)
                    WHERE s.experiment_id = late OFFSET 0) AS x) AS l;
    END LOOP;
    RETURN NULL;
END $$;
CREATE FUNCTION audit_samples_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late  bigint;
    owner bigint;
BEGIN
    IF current_user = 'fledge_eraser' THEN RETURN NULL; END IF;
    FOR late IN SELECT DISTINCT experiment_id FROM gone ORDER BY 1 LOOP
        SELECT c.use_case_id INTO owner FROM experiment e JOIN cycle c ON c.id = e.cycle_id
        WHERE e.id = late AND e.finished_at IS NOT NULL;
        CONTINUE WHEN NOT FOUND;
        PERFORM audit_append(owner, 'experiment', late::text, 'drop', l.leaves,
                             array_fill(NULL::uuid, ARRAY[cardinality(l.leaves)]),
                             array_fill(NULL::bytea, ARRAY[cardinality(l.leaves)]))
        FROM (SELECT array_agg(left(g.candidate_id, 16) || '/' || g.example_id || '/' || g.repeat) AS leaves
              FROM gone g WHERE g.experiment_id = late) AS l;
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_verdicts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_append(l.use_case_id, 'verdict', '', 'put', l.leaves, l.salts, l.digests)
    FROM (SELECT x.use_case_id, array_agg(x.leaf) AS leaves, array_agg(x.salt) AS salts,
                 array_agg(audit_digest(x.salt, x.content)) AS digests
          FROM (SELECT c.use_case_id, audit_name(v) AS leaf, audit_text(v) AS content, gen_random_uuid() AS salt
                FROM written w JOIN judge_verdict v USING (judge_sha256, item_sha256) JOIN cycle c ON c.id = v.cycle_id
                OFFSET 0) AS x
          GROUP BY x.use_case_id ORDER BY x.use_case_id) AS l;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'fledge_eraser' THEN RETURN NULL; END IF;
    PERFORM audit_append(l.use_case_id, 'label', '', 'put', l.leaves, l.salts, l.digests)
    FROM (SELECT x.use_case_id, array_agg(x.leaf) AS leaves, array_agg(x.salt) AS salts,
                 array_agg(audit_digest(x.salt, x.content)) AS digests
          FROM (SELECT k.use_case_id, audit_name(k) AS leaf, audit_text(k) AS content, gen_random_uuid() AS salt
                FROM written w JOIN label k USING (use_case_id, question_sha256, item_sha256, labelled_by) OFFSET 0) AS x
          GROUP BY x.use_case_id ORDER BY x.use_case_id) AS l;
    RETURN NULL;
END $$;

-- A job counts from its end; one that is taken up again does not count until its next.
CREATE FUNCTION audit_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner    bigint := (SELECT use_case_id FROM cycle WHERE id = NEW.cycle_id);
    was_over boolean := TG_OP = 'UPDATE' AND OLD.state IN ('finished', 'failed', 'cancelled');
BEGIN
    IF NEW.state IN ('finished', 'failed', 'cancelled') THEN
        IF NOT was_over OR audit_text(OLD) IS DISTINCT FROM audit_text(NEW) THEN
            PERFORM audit_put(owner, 'job', NEW.id::text, audit_text(NEW));
        END IF;
    ELSIF was_over THEN
        PERFORM audit_append(owner, 'job', NEW.id::text, 'drop', ARRAY[NEW.id::text], ARRAY[NULL::uuid],
                             ARRAY[NULL::bytea]);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_adapter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_put((SELECT c.use_case_id FROM training_job j JOIN cycle c ON c.id = j.cycle_id
                       WHERE j.id = NEW.training_job_id), 'adapter', left(NEW.digest, 16), audit_text(NEW));
    RETURN NULL;
END $$;

CREATE TRIGGER audit AFTER INSERT ON definition_revision FOR EACH ROW EXECUTE FUNCTION audit_revision();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OF revision_id, snapshot_id, use_case_id, number ON cycle
    FOR EACH ROW EXECUTE FUNCTION audit_of_use_case('cycle');
CREATE TRIGGER audit AFTER UPDATE OF finished_at, finding ON experiment FOR EACH ROW
    WHEN (NEW.finished_at IS NOT NULL
          AND (OLD.finished_at IS NULL OR OLD.finding IS DISTINCT FROM NEW.finding))
    EXECUTE FUNCTION audit_finished_experiment();
CREATE TRIGGER audit_insert AFTER INSERT ON sample REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_samples_written();
CREATE TRIGGER audit_update AFTER UPDATE ON sample REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_samples_written();
CREATE TRIGGER audit_delete AFTER DELETE ON sample REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION audit_samples_gone();
CREATE TRIGGER audit AFTER INSERT ON gate FOR EACH ROW EXECUTE FUNCTION audit_of_cycle('gate');
CREATE TRIGGER audit AFTER INSERT ON decision FOR EACH ROW EXECUTE FUNCTION audit_of_cycle('decision');
CREATE TRIGGER audit AFTER INSERT ON holdout_look FOR EACH ROW EXECUTE FUNCTION audit_of_use_case('look');
CREATE TRIGGER audit AFTER INSERT ON holdout_look_event FOR EACH ROW EXECUTE FUNCTION audit_of_cycle('look-event');
CREATE TRIGGER audit AFTER INSERT ON sweep FOR EACH ROW EXECUTE FUNCTION audit_of_cycle('sweep');
CREATE TRIGGER audit_insert AFTER INSERT ON training_job FOR EACH ROW
    WHEN (NEW.state IN ('finished', 'failed', 'cancelled')) EXECUTE FUNCTION audit_job();
CREATE TRIGGER audit_update AFTER UPDATE ON training_job FOR EACH ROW
    WHEN (OLD.state IN ('finished', 'failed', 'cancelled') OR NEW.state IN ('finished', 'failed', 'cancelled'))
    EXECUTE FUNCTION audit_job();
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON adapter FOR EACH ROW EXECUTE FUNCTION audit_adapter();
CREATE TRIGGER audit AFTER INSERT ON judge_verdict REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_verdicts();
CREATE TRIGGER audit_insert AFTER INSERT ON label REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_labels();
CREATE TRIGGER audit_update AFTER UPDATE ON label REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_labels();
CREATE TRIGGER audit AFTER INSERT ON release FOR EACH ROW EXECUTE FUNCTION audit_of_use_case('release');
CREATE TRIGGER audit AFTER INSERT ON pointer_move FOR EACH ROW EXECUTE FUNCTION audit_of_use_case('move');

-- What is there is chained as it is now.
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT id FROM dataset_snapshot ORDER BY id LOOP
        PERFORM audit_snapshot(found.id, true);
    END LOOP;
    FOR found IN SELECT id FROM experiment WHERE finished_at IS NOT NULL ORDER BY id LOOP
        PERFORM audit_experiment(found.id, true);
    END LOOP;
    FOR found IN
        SELECT x.use_case_id, x.kind, array_agg(x.leaf) AS leaves, array_agg(x.salt) AS salts,
               array_agg(audit_digest(x.salt, x.content)) AS digests
        FROM (
            SELECT r.*, gen_random_uuid() AS salt FROM (
                SELECT t.use_case_id, 'revision' AS kind, t.id::text AS leaf, audit_text(t) AS content
                FROM definition_revision t
                UNION ALL SELECT t.use_case_id, 'cycle', t.id::text, audit_text(t) FROM cycle t
                UNION ALL SELECT c.use_case_id, 'gate', t.id::text, audit_text(t)
                FROM gate t JOIN cycle c ON c.id = t.cycle_id
                UNION ALL SELECT c.use_case_id, 'decision', t.id::text, audit_text(t)
                FROM decision t JOIN cycle c ON c.id = t.cycle_id
                UNION ALL SELECT t.use_case_id, 'look', t.id::text, audit_text(t) FROM holdout_look t
                UNION ALL SELECT c.use_case_id, 'look-event', t.id::text, audit_text(t)
                FROM holdout_look_event t JOIN cycle c ON c.id = t.cycle_id
                UNION ALL SELECT c.use_case_id, 'sweep', t.id::text, audit_text(t)
                FROM sweep t JOIN cycle c ON c.id = t.cycle_id
                UNION ALL SELECT c.use_case_id, 'job', t.id::text, audit_text(t)
                FROM training_job t JOIN cycle c ON c.id = t.cycle_id WHERE t.state IN ('finished', 'failed', 'cancelled')
                UNION ALL SELECT c.use_case_id, 'adapter', left(t.digest, 16), audit_text(t)
                FROM adapter t JOIN training_job j ON j.id = t.training_job_id JOIN cycle c ON c.id = j.cycle_id
                UNION ALL SELECT c.use_case_id, 'verdict', audit_name(t), audit_text(t)
                FROM judge_verdict t JOIN cycle c ON c.id = t.cycle_id
                UNION ALL SELECT t.use_case_id, 'label', audit_name(t), audit_text(t) FROM label t
                UNION ALL SELECT t.use_case_id, 'release', t.id::text, audit_text(t) FROM release t
                UNION ALL SELECT t.use_case_id, 'move', t.id::text, audit_text(t) FROM pointer_move t) AS r
            OFFSET 0) AS x
        GROUP BY x.use_case_id, x.kind ORDER BY x.use_case_id, x.kind
    LOOP
        PERFORM audit_append(found.use_case_id, found.kind, '', 'put', found.leaves, found.salts, found.digests, true);
    END LOOP;
END $$;

-- What nobody changes is refused to everybody. A person's content may go, through a role that does nothing else.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'fledge_eraser' AND TG_LEVEL = 'ROW'
       AND TG_TABLE_NAME IN ('example', 'candidate', 'label', 'judge_verdict', 'settled_leak', 'audit_leaf') THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Until its gate is judged, a sample may be given a judge's score, and one without an answer may go to be asked again. Those of
-- an ended cycle that came to nothing may go (retention).
CREATE FUNCTION keep_sample() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'fledge_eraser' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (to_jsonb(OLD) - 'scores') = (to_jsonb(NEW) - 'scores')
           AND NEW.scores @> (SELECT coalesce(jsonb_object_agg(k.key, k.value), '{}') FROM jsonb_each(OLD.scores) AS k
                              WHERE k.key NOT LIKE 'unread:%')
           AND NOT EXISTS (SELECT FROM experiment e JOIN gate g ON g.cycle_id = e.cycle_id AND g.experiment_id = e.id
                           WHERE e.id = OLD.experiment_id) THEN
            RETURN NEW;
        END IF;
    ELSIF (OLD.is_unanswered OR OLD.error_code IS NOT NULL)
          AND NOT EXISTS (SELECT FROM experiment e JOIN gate g ON g.cycle_id = e.cycle_id AND g.experiment_id = e.id
                          WHERE e.id = OLD.experiment_id)
       OR EXISTS (SELECT FROM experiment e JOIN cycle c ON c.id = e.cycle_id
                  WHERE e.id = OLD.experiment_id AND c.ended_at IS NOT NULL
                    AND NOT EXISTS (SELECT FROM gate g WHERE g.cycle_id = c.id)
                    AND NOT EXISTS (SELECT FROM decision d WHERE d.cycle_id = c.id)
                    AND NOT EXISTS (SELECT FROM holdout_look h WHERE h.cycle_id = c.id)
                    AND NOT EXISTS (SELECT FROM release r WHERE r.cycle_id = c.id)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'sample is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sample FOR EACH ROW EXECUTE FUNCTION keep_sample();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dataset_snapshot FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON example FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON candidate FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- The columns that are not named here change: state, totals, the judge's word.
CREATE TRIGGER append_only BEFORE UPDATE OF id, name, created_at OR DELETE ON use_case
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF id, use_case_id, number, snapshot_id, created_at OR DELETE ON cycle
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF id, cycle_id, purpose, round, planned_calls, created_at OR DELETE ON experiment
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_finished BEFORE UPDATE OF finished_at ON experiment FOR EACH ROW
    WHEN (OLD.finished_at IS NOT NULL AND NEW.finished_at IS DISTINCT FROM OLD.finished_at)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF experiment_id, candidate_id, position, name, operation, parents OR DELETE
    ON experiment_candidate FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF id, cycle_id, attempt, purpose, number, run, intent, executor OR DELETE
    ON training_job FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF digest, training_job_id, base_sha256, facts, created_at OR DELETE ON adapter
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF use_case_id, question_sha256, item_sha256, labelled_by, item OR DELETE ON label
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF use_case_id, role OR DELETE ON release_pointer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['audit_entry', 'audit_leaf', 'audit_head', 'use_case', 'dataset_snapshot', 'example', 'cycle',
                                'experiment', 'experiment_candidate', 'candidate', 'sample', 'sweep', 'training_job',
                                'adapter', 'judge_verdict', 'label', 'release_pointer'] LOOP
        EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
END $$;

-- Takes the salt of a leaf away and says so in the chain: the role that erases a person's content calls it in the transaction
-- in which it does so.
CREATE FUNCTION audit_erase(of_use_case bigint, of_kind text, of_subject text, of_leaf text, reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'fledge_eraser' THEN
        RAISE EXCEPTION 'only the role fledge_eraser erases' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE audit_leaf a SET salts[array_position(a.leaves, of_leaf)] = NULL
    FROM audit_entry e
    WHERE e.use_case_id = of_use_case AND e.kind = of_kind AND (e.subject = of_subject OR e.subject = '')
      AND a.use_case_id = e.use_case_id AND a.sequence = e.sequence AND of_leaf = ANY (a.leaves);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no % % in the chain', of_kind, of_leaf USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM audit_append(of_use_case, of_kind, of_subject, 'erased', ARRAY[of_leaf], ARRAY[NULL::uuid], ARRAY[NULL::bytea],
                         false, reason);
END $$;
