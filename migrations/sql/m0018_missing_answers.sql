-- Answers that never came, counts that no server told, and looks at the holdout that came to nothing.

ALTER TABLE sample
    -- Why an answer is not there as a whole; null for one that is.
    ADD COLUMN shortfall text CHECK (shortfall <> ''),
    -- Neither right nor wrong. Samples of before: those whose call failed.
    ADD COLUMN is_unanswered boolean NOT NULL DEFAULT false,
    -- The server did not say what the call used: tokens and cost are the most that it can have been.
    ADD COLUMN is_usage_presumed boolean NOT NULL DEFAULT false;
CREATE INDEX sample_unanswered ON sample (experiment_id, candidate_id) WHERE is_unanswered OR error_code IS NOT NULL;

-- Why answers of a candidate are missing, and how many are: {"cut-off": 3}; null where none are.
CREATE FUNCTION missing_causes(of_experiment bigint, of_candidate text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_object_agg(code, count) FROM (
        SELECT coalesce(error_code, shortfall, 'empty') AS code, count(*) AS count FROM sample
        WHERE experiment_id = of_experiment AND candidate_id = of_candidate
          AND (is_unanswered OR error_code IS NOT NULL)
        GROUP BY 1) AS counted
$$;

-- Of what was paid: what nobody counted.
ALTER TABLE experiment_candidate
    ADD COLUMN presumed_calls              int NOT NULL DEFAULT 0 CHECK (presumed_calls >= 0),
    ADD COLUMN presumed_tokens             bigint NOT NULL DEFAULT 0 CHECK (presumed_tokens >= 0),
    ADD COLUMN presumed_cost_micro_dollars bigint NOT NULL DEFAULT 0 CHECK (presumed_cost_micro_dollars >= 0);

-- Calls that were paid and brought no answer, of questions that were asked again.
CREATE TABLE lost_call (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id           bigint NOT NULL REFERENCES cycle,
    -- Null for a judge's.
    experiment_id      bigint REFERENCES experiment,
    cause              text NOT NULL CHECK (cause <> ''),
    calls              int NOT NULL CHECK (calls >= 0),
    tokens             bigint NOT NULL CHECK (tokens >= 0),
    cost_micro_dollars bigint NOT NULL CHECK (cost_micro_dollars >= 0),
    at                 timestamptz NOT NULL
);
CREATE INDEX lost_call_of_cycle ON lost_call (cycle_id);

CREATE OR REPLACE VIEW extra_payment AS
SELECT cycle_id, at, calls, (prompt_tokens + completion_tokens)::bigint AS tokens, cost_micro_dollars FROM judge_verdict
UNION ALL
SELECT cycle_id, at, 1, (prompt_tokens + completion_tokens)::bigint, cost_micro_dollars FROM search_call
UNION ALL
SELECT cycle_id, at, calls, tokens, cost_micro_dollars FROM lost_call;

-- What became of a look besides a verdict. A look whose last word is `withdrawn` came to no verdict because answers never
-- came: nobody has learnt anything from it, and it spends nothing. `taken` says that it was begun again.
CREATE TABLE holdout_look_event (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id bigint NOT NULL REFERENCES cycle,
    look     int NOT NULL CHECK (look >= 1),
    kind     text NOT NULL CHECK (kind IN ('withdrawn', 'taken')),
    reason   text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX holdout_look_event_of_look ON holdout_look_event (cycle_id, look, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON holdout_look_event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON holdout_look_event EXECUTE FUNCTION refuse_change();

-- A verdict counts whatever was said before it: a daemon of the version before takes a look again without a word.
CREATE FUNCTION is_look_withdrawn(of_cycle bigint, of_look int) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT kind = 'withdrawn' FROM holdout_look_event
                     WHERE cycle_id = of_cycle AND look = of_look ORDER BY id DESC LIMIT 1), false)
           AND NOT EXISTS (SELECT FROM gate WHERE cycle_id = of_cycle AND look = of_look)
$$;
