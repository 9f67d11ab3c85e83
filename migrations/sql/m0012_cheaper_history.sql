-- A transition's row was dearest in two places: matching its hashes against a pattern took 10 µs each time, decoding them takes
-- none; and one foreign key over both columns says more than two did, for a cycle is of one use case.
ALTER TABLE cycle ADD CONSTRAINT cycle_of_use_case UNIQUE (id, use_case_id);
ALTER TABLE transition
    DROP CONSTRAINT transition_use_case_id_fkey,
    DROP CONSTRAINT transition_cycle_id_fkey,
    ADD CONSTRAINT transition_of_cycle FOREIGN KEY (cycle_id, use_case_id) REFERENCES cycle (id, use_case_id),
    DROP CONSTRAINT transition_hash_check,
    DROP CONSTRAINT transition_previous_hash_check,
    ADD CONSTRAINT transition_hash CHECK (octet_length(decode(hash, 'hex')) = 32 AND hash = lower(hash)),
    ADD CONSTRAINT transition_previous_hash
        CHECK (octet_length(decode(previous_hash, 'hex')) = 32 AND previous_hash = lower(previous_hash));
