-- How candidates came to be, what a search found out, and what it paid besides its samples.

ALTER TABLE experiment ADD COLUMN finding jsonb;

ALTER TABLE experiment_candidate
    ADD COLUMN operation text NOT NULL DEFAULT 'declared' CHECK (operation <> ''),
    ADD COLUMN parents   text[] NOT NULL DEFAULT '{}';

-- Calls of a search that score nobody: a model that reflects, or one that answers what may become a demonstration.
CREATE TABLE search_call (
    cycle_id           bigint NOT NULL REFERENCES cycle,
    request_sha256     text NOT NULL CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
    round              int NOT NULL CHECK (round >= 1),
    purpose            text NOT NULL CHECK (purpose IN ('reflect', 'merge', 'bootstrap')),
    model              text NOT NULL,
    prompt_tokens      int NOT NULL CHECK (prompt_tokens >= 0),
    completion_tokens  int NOT NULL CHECK (completion_tokens >= 0),
    cost_micro_dollars bigint NOT NULL CHECK (cost_micro_dollars >= 0),
    at                 timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cycle_id, request_sha256)
);
