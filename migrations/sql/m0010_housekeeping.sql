-- Who takes away what is not kept any longer, and when that was done last.

CREATE TABLE housekeeping (
    task         text PRIMARY KEY CHECK (task IN ('prune')),
    worker       text NOT NULL CHECK (worker <> ''),
    -- Null when nobody is at it.
    leased_until timestamptz,
    finished_at  timestamptz
);
