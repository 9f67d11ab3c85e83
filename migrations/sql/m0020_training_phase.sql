-- What a training job is at: waiting for a place, preparing, training, converting, answering, comparing. Null where nothing
-- is known, as with a daemon of the version before.
ALTER TABLE training_job ADD COLUMN phase text;
-- The answers of a job's adapter are compared again on demand: its checks are found by the job.
CREATE INDEX adapter_of_job ON adapter (training_job_id);
