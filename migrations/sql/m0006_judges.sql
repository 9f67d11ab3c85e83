-- What judging models and people say of answers.

-- One verdict of one judge (its question, its weights, its wording) on one answer to one question; never asked again.
CREATE TABLE judge_verdict (
    judge_sha256       text NOT NULL CHECK (judge_sha256 ~ '^[0-9a-f]{64}$'),
    item_sha256        text NOT NULL CHECK (item_sha256 ~ '^[0-9a-f]{64}$'),
    -- The cycle that paid for it.
    cycle_id           bigint NOT NULL REFERENCES cycle,
    metric             text NOT NULL CHECK (metric <> ''),
    score              double precision NOT NULL CHECK (score IN (0, 0.5, 1)),
    ground             text NOT NULL CHECK (ground IN ('judged', 'orders-disagree', 'same-as-reference',
                                                              'unreadable', 'guarded')),
    finding            text,
    -- The judge's replies by the order in which it was asked.
    replies            jsonb NOT NULL CHECK (jsonb_typeof(replies) = 'object'),
    calls              int NOT NULL CHECK (calls >= 0),
    prompt_tokens      int NOT NULL CHECK (prompt_tokens >= 0),
    completion_tokens  int NOT NULL CHECK (completion_tokens >= 0),
    cost_micro_dollars bigint NOT NULL CHECK (cost_micro_dollars >= 0),
    at                 timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (judge_sha256, item_sha256),
    CHECK ((ground = 'guarded') = (finding IS NOT NULL)),
    CHECK (score <> 1 OR ground IN ('judged', 'same-as-reference'))
);
CREATE INDEX judge_verdict_of_cycle ON judge_verdict (cycle_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON judge_verdict FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a person says of an answer under the same question; the answer itself is kept, so that a later judge can be
-- measured against it.
CREATE TABLE label (
    use_case_id     bigint NOT NULL REFERENCES use_case,
    question_sha256 text NOT NULL CHECK (question_sha256 ~ '^[0-9a-f]{64}$'),
    item_sha256     text NOT NULL CHECK (item_sha256 ~ '^[0-9a-f]{64}$'),
    labelled_by     text NOT NULL CHECK (labelled_by <> ''),
    verdict         text NOT NULL CHECK (verdict IN ('pass', 'fail', 'skip')),
    item            jsonb NOT NULL CHECK (jsonb_typeof(item) = 'object'),
    labelled_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (use_case_id, question_sha256, item_sha256, labelled_by)
);
