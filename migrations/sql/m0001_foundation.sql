-- Use cases, what they are defined by, and the data that they are judged on.

CREATE TABLE use_case (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE definition_revision (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id bigint NOT NULL REFERENCES use_case,
    number      int NOT NULL CHECK (number >= 1),
    -- The whole document as canonical JSON; sha256 is over its useCase part alone, so that moved lines change nothing.
    document    jsonb NOT NULL,
    source_text text NOT NULL,
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    snapshot_id bigint NOT NULL,
    applied_by  text NOT NULL CHECK (applied_by <> ''),
    applied_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (use_case_id, number)
);

CREATE TABLE dataset_snapshot (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id bigint NOT NULL REFERENCES use_case,
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    source_path text NOT NULL,
    row_count   int NOT NULL CHECK (row_count > 0),
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (use_case_id, sha256)
);

ALTER TABLE definition_revision ADD FOREIGN KEY (snapshot_id) REFERENCES dataset_snapshot;

CREATE TABLE example (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    snapshot_id bigint NOT NULL REFERENCES dataset_snapshot,
    row_number  int NOT NULL CHECK (row_number >= 1),
    split       text NOT NULL CHECK (split IN ('prototype', 'training', 'holdout')),
    group_key   text NOT NULL,
    inputs      jsonb NOT NULL CHECK (jsonb_typeof(inputs) = 'object'),
    expected    text NOT NULL CHECK (expected <> ''),
    UNIQUE (snapshot_id, row_number)
);
CREATE INDEX example_by_split ON example (snapshot_id, split, row_number);

-- Cycles, their append-only history, and the work that it asks for.

CREATE TABLE cycle (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id   bigint NOT NULL REFERENCES use_case,
    number        int NOT NULL CHECK (number >= 1),
    revision_id   bigint NOT NULL REFERENCES definition_revision,
    snapshot_id   bigint NOT NULL REFERENCES dataset_snapshot,
    stage         text NOT NULL CHECK (stage IN ('prompt-prototype', 'validation', 'fine-tune', 'production', 'retired')),
    activity      text NOT NULL CHECK (activity IN ('experimenting', 'judging', 'deciding', 'awaiting-approval', 'releasing',
                                                    'training', 'live', 'none')),
    is_paused     boolean NOT NULL DEFAULT false,
    block_code    text,
    -- The whole CycleState; the columns above repeat what queries and constraints need of it.
    state         jsonb NOT NULL,
    version       bigint NOT NULL DEFAULT 0 CHECK (version >= 0),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    UNIQUE (use_case_id, number),
    CHECK ((stage, activity) IN (('prompt-prototype', 'none'), ('prompt-prototype', 'experimenting'),
        ('validation', 'judging'), ('validation', 'deciding'), ('validation', 'awaiting-approval'),
        ('validation', 'releasing'), ('fine-tune', 'training'), ('production', 'live'), ('retired', 'none')))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX one_open_cycle ON cycle (use_case_id) WHERE ended_at IS NULL;

CREATE TABLE transition (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id    bigint NOT NULL REFERENCES use_case,
    cycle_id       bigint NOT NULL REFERENCES cycle,
    sequence       int NOT NULL CHECK (sequence >= 1),
    event          text NOT NULL CHECK (event <> ''),
    from_stage     text NOT NULL,
    from_activity  text NOT NULL,
    to_stage       text NOT NULL,
    to_activity    text NOT NULL,
    actor          text NOT NULL CHECK (actor <> ''),
    -- Canonical JSON, kept as text: the hash is over these bytes.
    evidence       text NOT NULL,
    at             timestamptz NOT NULL,
    previous_hash  text NOT NULL CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
    hash           text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    UNIQUE (use_case_id, sequence)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON transition FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON transition EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON definition_revision FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE work_item (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id         bigint REFERENCES cycle,
    kind             text NOT NULL CHECK (kind IN ('run-experiment', 'judge-gate', 'decide', 'train', 'make-release',
                                                   'notify', 'write-report')),
    payload          jsonb NOT NULL,
    state            text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'leased', 'done', 'dead', 'cancelled')),
    priority         int NOT NULL DEFAULT 0,
    run_at           timestamptz NOT NULL DEFAULT now(),
    attempts         int NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    maximum_attempts int NOT NULL DEFAULT 5 CHECK (maximum_attempts >= 1),
    fence            bigint NOT NULL DEFAULT 0,
    worker           text,
    leased_until     timestamptz,
    error_code       text,
    error_message    text,
    -- One piece of work for one cause: a report's slot, for example.
    unique_key       text UNIQUE,
    created_at       timestamptz NOT NULL DEFAULT now(),
    finished_at      timestamptz,
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((kind = 'write-report') = (cycle_id IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX work_item_due ON work_item (priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX work_item_leased ON work_item (leased_until) WHERE state = 'leased';
CREATE INDEX work_item_of_cycle ON work_item (cycle_id) WHERE state IN ('queued', 'leased');
-- At most one piece of a cycle's work is under way; a lease past its time is taken over before anything else is begun.
CREATE UNIQUE INDEX one_lease_a_cycle ON work_item (cycle_id) WHERE state = 'leased';

CREATE TABLE daemon (
    worker     text PRIMARY KEY,
    host       text NOT NULL,
    process_id int NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);

-- Evidence.

CREATE TABLE candidate (
    id         text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
    document   jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE experiment (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id      bigint NOT NULL REFERENCES cycle,
    purpose       text NOT NULL CHECK (purpose IN ('search', 'gate')),
    round         int NOT NULL CHECK (round >= 1),
    planned_calls int NOT NULL CHECK (planned_calls >= 0),
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    UNIQUE (cycle_id, purpose, round)
);

CREATE TABLE experiment_candidate (
    experiment_id bigint NOT NULL REFERENCES experiment,
    candidate_id  text NOT NULL REFERENCES candidate,
    position      int NOT NULL CHECK (position >= 0),
    name          text NOT NULL,
    -- Totals over the candidate's samples, kept by the statement that writes them: status and spend never scan samples.
    samples           int NOT NULL DEFAULT 0 CHECK (samples >= 0),
    errors            int NOT NULL DEFAULT 0 CHECK (errors BETWEEN 0 AND samples),
    -- Over the first answer to each example: repeats are not independent, and would make a score look surer than it is.
    score_sum         double precision NOT NULL DEFAULT 0,
    score_count       int NOT NULL DEFAULT 0 CHECK (score_count BETWEEN 0 AND samples),
    prompt_tokens     bigint NOT NULL DEFAULT 0 CHECK (prompt_tokens >= 0),
    completion_tokens bigint NOT NULL DEFAULT 0 CHECK (completion_tokens >= 0),
    -- Calls, tokens and cost that were paid: answers out of the response cache are not among them.
    paid_calls              int NOT NULL DEFAULT 0 CHECK (paid_calls BETWEEN 0 AND samples),
    paid_tokens             bigint NOT NULL DEFAULT 0 CHECK (paid_tokens >= 0),
    paid_cost_micro_dollars bigint NOT NULL DEFAULT 0 CHECK (paid_cost_micro_dollars >= 0),
    PRIMARY KEY (experiment_id, candidate_id),
    UNIQUE (experiment_id, position)
) WITH (fillfactor = 50);

CREATE TABLE sample (
    experiment_id      bigint NOT NULL REFERENCES experiment,
    candidate_id       text NOT NULL,
    example_id         bigint NOT NULL REFERENCES example,
    repeat             int NOT NULL CHECK (repeat >= 0),
    output             text,
    error_code         text,
    scores             jsonb NOT NULL,
    prompt_tokens      int NOT NULL CHECK (prompt_tokens >= 0),
    cached_tokens      int NOT NULL CHECK (cached_tokens >= 0),
    completion_tokens  int NOT NULL CHECK (completion_tokens >= 0),
    latency_us         bigint NOT NULL CHECK (latency_us >= 0),
    cost_micro_dollars bigint NOT NULL CHECK (cost_micro_dollars >= 0),
    from_cache         boolean NOT NULL,
    at                 timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (experiment_id, candidate_id, example_id, repeat),
    FOREIGN KEY (experiment_id, candidate_id) REFERENCES experiment_candidate,
    CHECK ((output IS NULL) = (error_code IS NOT NULL))
);

-- The rate of an experiment under way.
CREATE INDEX sample_by_time ON sample (experiment_id, at);

CREATE TABLE response_cache (
    request_sha256 text PRIMARY KEY CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
    response       jsonb NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE gate (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id        bigint NOT NULL REFERENCES cycle,
    experiment_id   bigint NOT NULL REFERENCES experiment,
    candidate_id    text NOT NULL REFERENCES candidate,
    look            int NOT NULL CHECK (look >= 1),
    verdict         text NOT NULL CHECK (verdict IN ('passed', 'failed', 'inconclusive', 'error')),
    result          jsonb NOT NULL,
    judged_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cycle_id, look)
);

CREATE TABLE decision (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id  bigint NOT NULL REFERENCES cycle,
    look      int NOT NULL CHECK (look >= 1),
    kind      text NOT NULL CHECK (kind IN ('promote', 'fine-tune', 'keep-prototyping', 'needs-data', 'stop')),
    record    jsonb NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cycle_id, look)
);

-- Training.

CREATE TABLE training_job (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id      bigint NOT NULL REFERENCES cycle,
    attempt       int NOT NULL CHECK (attempt >= 1),
    intent        text NOT NULL UNIQUE,
    executor      text NOT NULL,
    external_id   text,
    state         text NOT NULL DEFAULT 'intended' CHECK (state IN ('intended', 'submitted', 'running', 'finished',
                                                                    'failed', 'cancelled', 'unknown')),
    log_offset    bigint NOT NULL DEFAULT 0,
    total_steps   int,
    eta_seconds   double precision,
    adapter       text,
    error_code    text,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    UNIQUE (cycle_id, attempt),
    CHECK (state <> 'finished' OR adapter IS NOT NULL),
    CHECK (state IN ('intended', 'unknown', 'failed', 'cancelled') OR external_id IS NOT NULL)
);

CREATE TABLE training_point (
    training_job_id   bigint NOT NULL REFERENCES training_job,
    step              int NOT NULL CHECK (step >= 0),
    loss              double precision,
    validation_loss   double precision,
    tokens_per_second double precision,
    elapsed_seconds   double precision NOT NULL CHECK (elapsed_seconds >= 0),
    PRIMARY KEY (training_job_id, step)
);

CREATE TABLE training_log (
    training_job_id bigint NOT NULL REFERENCES training_job,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    line            text NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (training_job_id, id)
);

CREATE TABLE adapter (
    digest           text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    training_job_id  bigint NOT NULL REFERENCES training_job,
    base_sha256      text NOT NULL CHECK (base_sha256 ~ '^[0-9a-f]{64}$'),
    facts            jsonb NOT NULL,
    golden           jsonb NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE training_job ADD FOREIGN KEY (adapter) REFERENCES adapter;

-- Releases.

CREATE TABLE release (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id  bigint NOT NULL REFERENCES use_case,
    number       int NOT NULL CHECK (number >= 1),
    cycle_id     bigint NOT NULL REFERENCES cycle,
    candidate_id text NOT NULL REFERENCES candidate,
    adapter      text REFERENCES adapter,
    bundle       jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (use_case_id, number),
    UNIQUE (cycle_id, candidate_id),
    UNIQUE (use_case_id, id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON release FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE release_pointer (
    use_case_id bigint NOT NULL REFERENCES use_case,
    role        text NOT NULL CHECK (role IN ('champion', 'challenger')),
    release_id  bigint NOT NULL,
    moved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (use_case_id, role),
    FOREIGN KEY (use_case_id, release_id) REFERENCES release (use_case_id, id)
);

CREATE TABLE pointer_move (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id  bigint NOT NULL REFERENCES use_case,
    role         text NOT NULL CHECK (role IN ('champion', 'challenger')),
    from_release bigint REFERENCES release,
    to_release   bigint NOT NULL REFERENCES release,
    actor        text NOT NULL CHECK (actor <> ''),
    reason       text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pointer_move FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Reports.

CREATE TABLE report_schedule (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id bigint NOT NULL REFERENCES use_case,
    -- A schedule is what it says: the same words in a new revision keep the row, its slots and its place in time.
    definition  jsonb NOT NULL,
    is_active   boolean NOT NULL DEFAULT true,
    next_slot   timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (use_case_id, definition)
);
CREATE INDEX report_schedule_due ON report_schedule (next_slot) WHERE is_active;

CREATE TABLE schedule_slot (
    schedule_id bigint NOT NULL REFERENCES report_schedule,
    slot        timestamptz NOT NULL,
    fired_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schedule_id, slot)
);

CREATE TABLE report (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_key  text NOT NULL UNIQUE,
    use_case_id  bigint REFERENCES use_case,
    schedule_id  bigint REFERENCES report_schedule,
    slot         timestamptz,
    document     jsonb NOT NULL,
    files        jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- The evidence of promotions is as append-only as the history itself.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON gate FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON definition_revision EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON gate EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON decision EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON release EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON pointer_move EXECUTE FUNCTION refuse_change();
