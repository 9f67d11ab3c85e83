-- Figures that decisions read, in the chain of evidence: the curves of trainings, from which their seconds are taken, and calls
-- that were paid besides samples. The database writes these entries as well, for a daemon of before too. They have a format of
-- their own, 2: that daemon says that a newer one has to verify them, and takes none of them for missing.

DO $$
BEGIN
    -- Whoever has the tables now waits for this, and not the other way round.
    SET LOCAL deadlock_timeout = '20s';
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
LOCK TABLE cycle, sample, training_job, training_point, search_call, lost_call IN SHARE ROW EXCLUSIVE MODE;

-- `audit_append` for every format.
CREATE FUNCTION audit_chain(of_format int, of_use_case bigint, of_kind text, of_subject text, of_change text,
                            new_leaves text[], new_salts uuid[], new_digests bytea[], adopted boolean, of_note text)
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
        of_change, of_format, cardinality(new_leaves), root, entry.history_sequence, entry.history_hash, adopted::int,
        entry.at_microseconds, of_note), 'UTF8')), 'hex');
    INSERT INTO audit_entry (use_case_id, sequence, kind, subject, change, format, leaf_count, digest, history_sequence,
                             history_hash, is_adopted, at_microseconds, note, previous_hash, hash)
    VALUES (of_use_case, entry.sequence, of_kind, of_subject, of_change, of_format, cardinality(new_leaves), root,
            entry.history_sequence, entry.history_hash, adopted, entry.at_microseconds, of_note, last_hash, entry.hash);
    INSERT INTO audit_leaf (use_case_id, sequence, leaves, salts, digests)
    VALUES (of_use_case, entry.sequence, new_leaves, new_salts, new_digests);
    UPDATE audit_head SET sequence = entry.sequence, hash = entry.hash WHERE use_case_id = of_use_case;
END $$;
CREATE OR REPLACE FUNCTION audit_append(of_use_case bigint, of_kind text, of_subject text, of_change text,
                                        new_leaves text[], new_salts uuid[], new_digests bytea[],
                                        adopted boolean DEFAULT false, of_note text DEFAULT '')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_chain(1, of_use_case, of_kind, of_subject, of_change, new_leaves, new_salts, new_digests, adopted, of_note);
END $$;
-- Chains one row in a format.
CREATE FUNCTION audit_put(of_format int, of_use_case bigint, of_kind text, name text, content text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE salt uuid := gen_random_uuid();
BEGIN
    PERFORM audit_chain(of_format, of_use_case, of_kind, name, 'put', ARRAY[name], ARRAY[salt],
                        ARRAY[audit_digest(salt, content)], false, '');
END $$;

-- The whole curve of a training, which may be without a point: when the training was made, how many points there are, and a
-- hash over all of them, each in 15 to 39 bytes. There may be many: of a million, 40 MB.
CREATE FUNCTION audit_curve(of_job bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(of_job, (SELECT audit_microseconds(j.created_at) FROM training_job j WHERE j.id = of_job),
                             count(*), encode(sha256(coalesce(string_agg(
               int4send(p.step) || float8send(p.elapsed_seconds)
               || coalesce('\x01'::bytea || float8send(p.loss), '\x00')
               || coalesce('\x01'::bytea || float8send(p.validation_loss), '\x00')
               || coalesce('\x01'::bytea || float8send(p.tokens_per_second), '\x00'), '' ORDER BY p.step), '')), 'hex'))::text
    FROM training_point p WHERE p.training_job_id = of_job $$;
CREATE FUNCTION audit_text(r search_call) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.request_sha256, r.round, r.purpose, r.model, r.prompt_tokens, r.completion_tokens,
                             r.cost_micro_dollars, audit_microseconds(r.at))::text $$;
CREATE FUNCTION audit_text(r lost_call) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(r.cycle_id, r.experiment_id, r.cause, r.calls, r.tokens, r.cost_micro_dollars,
                             audit_microseconds(r.at))::text $$;
CREATE FUNCTION audit_name(r search_call) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'search/' || r.cycle_id || '/' || left(r.request_sha256, 16) $$;
CREATE FUNCTION audit_name(r lost_call) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'lost/' || r.id $$;

-- Chains a training's curve, unless it is chained as it is.
CREATE FUNCTION audit_put_curve(of_job bigint, of_cycle bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owner   bigint := (SELECT use_case_id FROM cycle WHERE id = of_cycle);
    content text := audit_curve(of_job);
    last    record;
BEGIN
    SELECT l.salt, l.digest INTO last
    FROM audit_entry e JOIN audit_leaf a ON a.use_case_id = e.use_case_id AND a.sequence = e.sequence
    CROSS JOIN LATERAL unnest(a.leaves, a.salts, a.digests) AS l (leaf, salt, digest)
    WHERE e.use_case_id = owner AND e.kind = 'curve' AND e.subject IN (of_job::text, '') AND l.leaf = of_job::text
    ORDER BY e.sequence DESC LIMIT 1;
    IF FOUND AND last.digest = audit_digest(last.salt, content) THEN RETURN; END IF;
    PERFORM audit_put(2, owner, 'curve', of_job::text, content);
END $$;

-- As a job, its curve counts from the job's end.
CREATE FUNCTION audit_curve_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('finished', 'failed', 'cancelled') THEN
        PERFORM audit_put_curve(NEW.id, NEW.cycle_id);
    ELSE
        PERFORM audit_chain(2, (SELECT use_case_id FROM cycle WHERE id = NEW.cycle_id), 'curve', NEW.id::text, 'drop',
                            ARRAY[NEW.id::text], ARRAY[NULL::uuid], ARRAY[NULL::bytea], false, '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_curve_insert AFTER INSERT ON training_job FOR EACH ROW
    WHEN (NEW.state IN ('finished', 'failed', 'cancelled')) EXECUTE FUNCTION audit_curve_of_job();
CREATE TRIGGER audit_curve_update AFTER UPDATE OF state ON training_job FOR EACH ROW
    WHEN ((OLD.state IN ('finished', 'failed', 'cancelled')) <> (NEW.state IN ('finished', 'failed', 'cancelled')))
    EXECUTE FUNCTION audit_curve_of_job();

-- Points that come when their job is over already.
CREATE FUNCTION audit_points() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_put_curve(j.id, j.cycle_id) FROM training_job j
    WHERE j.id IN (SELECT training_job_id FROM written) AND j.state IN ('finished', 'failed', 'cancelled');
    RETURN NULL;
END $$;
CREATE TRIGGER audit_insert AFTER INSERT ON training_point REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_points();
CREATE TRIGGER audit_update AFTER UPDATE ON training_point REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_points();

CREATE FUNCTION audit_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_put(2, (SELECT use_case_id FROM cycle WHERE id = NEW.cycle_id), 'payment', audit_name(NEW), audit_text(NEW));
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER INSERT ON search_call FOR EACH ROW EXECUTE FUNCTION audit_payment();
CREATE TRIGGER audit AFTER INSERT ON lost_call FOR EACH ROW EXECUTE FUNCTION audit_payment();

-- Until its experiment is over a sample is in no entry, and one that is erased leaves none: what was paid for it moves to where
-- calls are kept that answer for no sample, so that the totals are those of what is there.
CREATE FUNCTION move_erased_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'fledge_eraser' THEN RETURN NULL; END IF;
    WITH early AS (
        SELECT g.*, e.cycle_id, g.is_unanswered OR g.error_code IS NOT NULL AS is_error,
               CASE WHEN g.repeat = 0 THEN (g.scores->>'primary')::float8 END AS score, NOT g.from_cache AS is_paid,
               NOT g.from_cache AND g.is_usage_presumed AS is_presumed, g.prompt_tokens::bigint + g.completion_tokens AS tokens
        FROM gone g JOIN experiment e ON e.id = g.experiment_id WHERE e.finished_at IS NULL
    ), lost AS (
        INSERT INTO lost_call (cycle_id, experiment_id, cause, calls, tokens, cost_micro_dollars, at)
        SELECT cycle_id, experiment_id, 'erased', count(*), sum(tokens), sum(cost_micro_dollars), max(at)
        FROM early WHERE is_paid GROUP BY cycle_id, experiment_id
    ), totals AS (
        SELECT experiment_id, candidate_id, count(*) AS samples, count(*) FILTER (WHERE is_error) AS errors,
               coalesce(sum(score), 0) AS score_sum, count(score) AS score_count, sum(prompt_tokens) AS prompt_tokens,
               sum(completion_tokens) AS completion_tokens, count(*) FILTER (WHERE is_paid) AS paid_calls,
               coalesce(sum(tokens) FILTER (WHERE is_paid), 0) AS paid_tokens,
               coalesce(sum(cost_micro_dollars) FILTER (WHERE is_paid), 0) AS paid_cost,
               count(*) FILTER (WHERE is_presumed) AS presumed_calls,
               coalesce(sum(tokens) FILTER (WHERE is_presumed), 0) AS presumed_tokens,
               coalesce(sum(cost_micro_dollars) FILTER (WHERE is_presumed), 0) AS presumed_cost
        FROM early GROUP BY experiment_id, candidate_id
    )
    UPDATE experiment_candidate p SET
        samples = p.samples - t.samples, errors = p.errors - t.errors, score_sum = p.score_sum - t.score_sum,
        score_count = p.score_count - t.score_count, prompt_tokens = p.prompt_tokens - t.prompt_tokens,
        completion_tokens = p.completion_tokens - t.completion_tokens, paid_calls = p.paid_calls - t.paid_calls,
        paid_tokens = p.paid_tokens - t.paid_tokens,
        paid_cost_micro_dollars = p.paid_cost_micro_dollars - t.paid_cost,
        presumed_calls = p.presumed_calls - t.presumed_calls, presumed_tokens = p.presumed_tokens - t.presumed_tokens,
        presumed_cost_micro_dollars = p.presumed_cost_micro_dollars - t.presumed_cost
    FROM totals t WHERE p.experiment_id = t.experiment_id AND p.candidate_id = t.candidate_id;
    RETURN NULL;
END $$;
CREATE TRIGGER move_erased_payments AFTER DELETE ON sample REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION move_erased_payments();

-- What is there is chained as it is now.
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT x.use_case_id, x.kind, array_agg(x.leaf) AS leaves, array_agg(x.salt) AS salts,
               array_agg(audit_digest(x.salt, x.content)) AS digests
        FROM (
            SELECT r.*, gen_random_uuid() AS salt FROM (
                SELECT c.use_case_id, 'curve' AS kind, j.id::text AS leaf, audit_curve(j.id) AS content
                FROM training_job j JOIN cycle c ON c.id = j.cycle_id WHERE j.state IN ('finished', 'failed', 'cancelled')
                UNION ALL SELECT c.use_case_id, 'payment', audit_name(t), audit_text(t)
                FROM search_call t JOIN cycle c ON c.id = t.cycle_id
                UNION ALL SELECT c.use_case_id, 'payment', audit_name(t), audit_text(t)
                FROM lost_call t JOIN cycle c ON c.id = t.cycle_id) AS r
            OFFSET 0) AS x
        GROUP BY x.use_case_id, x.kind ORDER BY x.use_case_id, x.kind
    LOOP
        PERFORM audit_chain(2, found.use_case_id, found.kind, '', 'put', found.leaves, found.salts, found.digests, true, '');
    END LOOP;
END $$;

-- Whether a training came after a cancellation, and so counts, is told by it.
CREATE TRIGGER append_only_moment BEFORE UPDATE OF created_at ON training_job FOR EACH ROW
    WHEN (NEW.created_at IS DISTINCT FROM OLD.created_at) EXECUTE FUNCTION refuse_change();

-- Nobody changes what was paid. A point may still be written anew by whoever follows the training.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON search_call FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON lost_call FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON training_point FOR EACH ROW EXECUTE FUNCTION refuse_change();
DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['search_call', 'lost_call', 'training_point'] LOOP
        EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
END $$;
