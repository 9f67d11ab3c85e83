-- What use cases may spend in a period, what is set aside of it, and what was paid.

CREATE TABLE spend_account (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id bigint NOT NULL REFERENCES use_case,
    period      text NOT NULL CHECK (period IN ('day', 'week', 'month', 'year')),
    zone        text NOT NULL CHECK (zone <> ''),
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    -- Null: not capped.
    cap_calls              bigint CHECK (cap_calls > 0),
    cap_tokens             bigint CHECK (cap_tokens > 0),
    cap_micro_dollars      bigint CHECK (cap_micro_dollars > 0),
    reserved_calls         bigint NOT NULL DEFAULT 0 CHECK (reserved_calls >= 0),
    reserved_tokens        bigint NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
    reserved_micro_dollars bigint NOT NULL DEFAULT 0 CHECK (reserved_micro_dollars >= 0),
    settled_calls          bigint NOT NULL DEFAULT 0 CHECK (settled_calls >= 0),
    settled_tokens         bigint NOT NULL DEFAULT 0 CHECK (settled_tokens >= 0),
    settled_micro_dollars  bigint NOT NULL DEFAULT 0 CHECK (settled_micro_dollars >= 0),
    -- Counted as paid, because nobody can say whether it was.
    presumed_calls         bigint NOT NULL DEFAULT 0 CHECK (presumed_calls >= 0),
    presumed_tokens        bigint NOT NULL DEFAULT 0 CHECK (presumed_tokens >= 0),
    presumed_micro_dollars bigint NOT NULL DEFAULT 0 CHECK (presumed_micro_dollars >= 0),
    UNIQUE (use_case_id, period, starts_at),
    CHECK (starts_at < ends_at)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- What one worker has set aside. Released, paid and presumed are totals since it began, and only a higher number counts.
CREATE TABLE spend_reservation (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id             bigint NOT NULL REFERENCES spend_account,
    number                 bigint NOT NULL DEFAULT 0 CHECK (number >= 0),
    granted_calls          bigint NOT NULL CHECK (granted_calls >= 0),
    granted_tokens         bigint NOT NULL CHECK (granted_tokens >= 0),
    granted_micro_dollars  bigint NOT NULL CHECK (granted_micro_dollars >= 0),
    released_calls         bigint NOT NULL DEFAULT 0,
    released_tokens        bigint NOT NULL DEFAULT 0,
    released_micro_dollars bigint NOT NULL DEFAULT 0,
    paid_calls             bigint NOT NULL DEFAULT 0,
    paid_tokens            bigint NOT NULL DEFAULT 0,
    paid_micro_dollars     bigint NOT NULL DEFAULT 0,
    presumed_calls         bigint NOT NULL DEFAULT 0,
    presumed_tokens        bigint NOT NULL DEFAULT 0,
    presumed_micro_dollars bigint NOT NULL DEFAULT 0,
    leased_until           timestamptz NOT NULL,
    -- Its worker gave no sign of life: what is left of it counts as paid, until the worker says otherwise.
    is_lapsed              boolean NOT NULL DEFAULT false,
    CHECK (released_calls BETWEEN 0 AND granted_calls AND released_tokens BETWEEN 0 AND granted_tokens
           AND released_micro_dollars BETWEEN 0 AND granted_micro_dollars)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX spend_reservation_of_account ON spend_reservation (account_id, leased_until) WHERE NOT is_lapsed;

-- Places at something that takes only so many at once (a model server's calls, an executor's trainings), and who has them.
CREATE TABLE limited_resource (
    name text PRIMARY KEY CHECK (name <> '')
);
CREATE TABLE allotment (
    resource     text NOT NULL REFERENCES limited_resource ON DELETE CASCADE,
    holder       text NOT NULL CHECK (holder <> ''),
    places       int NOT NULL CHECK (places >= 0),
    wanted       int NOT NULL CHECK (wanted >= 0),
    leased_until timestamptz NOT NULL,
    PRIMARY KEY (resource, holder)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- A job that may have reached its executor, and what a person said of one that nobody can look up.
ALTER TABLE training_job
    ADD COLUMN sent_at    timestamptz,
    ADD COLUMN settled_as text CHECK (settled_as IN ('not-submitted', 'running', 'failed')),
    ADD COLUMN settled_by text CHECK (settled_by <> ''),
    ADD COLUMN settled_at timestamptz,
    ADD CHECK ((settled_as IS NULL) = (settled_by IS NULL) AND (settled_as IS NULL) = (settled_at IS NULL));
