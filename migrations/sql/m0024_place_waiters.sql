-- Who waits for a place at an executor, so that places go to use cases in turns. A use case has one row, however many of its
-- trainings wait; who does not come to ask again before its lease ends waits no longer.
CREATE TABLE place_waiter (
    resource     text NOT NULL REFERENCES limited_resource ON DELETE CASCADE,
    -- The use case; of a place's holder that is no training job, the holder.
    name         text NOT NULL CHECK (name <> ''),
    -- When it began to wait, less a minute for each step of its priority.
    turn_at      timestamptz NOT NULL,
    leased_until timestamptz NOT NULL,
    PRIMARY KEY (resource, name)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
