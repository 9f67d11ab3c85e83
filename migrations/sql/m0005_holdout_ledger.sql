-- Looks at the holdout, in all cycles of a use case together.

-- Fields of a row beside the inputs, that slices and paraphrases name.
ALTER TABLE example ADD COLUMN fields jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(fields) = 'object');
-- What an example is, in whatever snapshot: 64 bits of a hash over what is asked and what is right.
ALTER TABLE example ADD COLUMN content_key bigint NOT NULL
    GENERATED ALWAYS AS (('x' || left(md5(inputs::text || chr(30) || expected), 16))::bit(64)::bigint) STORED;

CREATE TABLE holdout_look (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    use_case_id     bigint NOT NULL REFERENCES use_case,
    cycle_id        bigint NOT NULL REFERENCES cycle,
    look            int NOT NULL CHECK (look >= 1),
    purpose         text NOT NULL CHECK (purpose IN ('gate')),
    candidate_id    text NOT NULL REFERENCES candidate,
    -- The content keys of the examples that were looked at, ascending, and a hash over them.
    examples        bigint[] NOT NULL CHECK (cardinality(examples) >= 1),
    examples_sha256 text NOT NULL CHECK (examples_sha256 ~ '^[0-9a-f]{64}$'),
    -- The part of the error rate that the look spent; 0 where it repeats an earlier one.
    share           double precision NOT NULL CHECK (share >= 0 AND share <= 1),
    alpha           double precision NOT NULL CHECK (alpha >= 0 AND alpha < 1),
    at              timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cycle_id, look)
);
CREATE INDEX holdout_look_of_use_case ON holdout_look (use_case_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON holdout_look FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON holdout_look EXECUTE FUNCTION refuse_change();

-- The looks of before: each gate was one, at its snapshot's whole holdout.
INSERT INTO holdout_look (use_case_id, cycle_id, look, purpose, candidate_id, examples, examples_sha256, share, alpha, at)
SELECT c.use_case_id, g.cycle_id, g.look, 'gate', g.candidate_id, h.keys,
       encode(sha256(array_to_string(h.keys, ',')::bytea), 'hex'),
       1.0 / greatest(1, (g.result->>'looksAllowed')::int),
       coalesce((SELECT max((r->>'alpha')::float8) FROM jsonb_array_elements(g.result->'criteria') AS r), 0), g.judged_at
FROM gate g JOIN cycle c ON c.id = g.cycle_id
CROSS JOIN LATERAL (SELECT array_agg(DISTINCT e.content_key ORDER BY e.content_key) AS keys FROM example e
                    WHERE e.snapshot_id = c.snapshot_id AND e.split = 'holdout') AS h
WHERE h.keys IS NOT NULL ORDER BY g.id;
