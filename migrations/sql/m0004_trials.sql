-- Training jobs of a sweep's trials and of pilots, beside those that make the adapter of a cycle.

ALTER TABLE training_job
    ADD COLUMN purpose text NOT NULL DEFAULT 'final' CHECK (purpose IN ('final', 'trial', 'pilot')),
    -- The place in the order in which a cycle's trials or pilots are run; 0 for a final job.
    ADD COLUMN number  int NOT NULL DEFAULT 0 CHECK (number >= 0),
    -- What is tried, on which part of the examples: a TrialRun.
    ADD COLUMN run     jsonb,
    -- The primary metric's mean over the answers to examples that the job did not learn from.
    ADD COLUMN score   double precision,
    ADD COLUMN answers int CHECK (answers >= 1),
    -- The trainer's time, loading and answering included.
    ADD COLUMN seconds double precision CHECK (seconds >= 0),
    ADD CHECK ((purpose = 'final') = (number = 0)),
    ADD CHECK ((purpose = 'final') = (run IS NULL)),
    ADD CHECK ((score IS NULL) = (answers IS NULL)),
    -- A final job has made an adapter; a trial was scored, and its adapter is kept only where it is the one that is used.
    DROP CONSTRAINT training_job_check,
    ADD CHECK (state <> 'finished' OR CASE purpose WHEN 'final' THEN adapter IS NOT NULL ELSE score IS NOT NULL END),
    DROP CONSTRAINT training_job_cycle_id_attempt_key,
    ADD UNIQUE (cycle_id, attempt, purpose, number);

-- What a sweep found, once it is over.
CREATE TABLE sweep (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id bigint NOT NULL REFERENCES cycle,
    attempt  int NOT NULL CHECK (attempt >= 1),
    record   jsonb NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cycle_id, attempt)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sweep FOR EACH ROW EXECUTE FUNCTION refuse_change();
