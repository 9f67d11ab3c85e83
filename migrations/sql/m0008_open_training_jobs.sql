-- The few training jobs that are not at their end, found without a look at all those that are.

CREATE INDEX training_job_open ON training_job (state) WHERE state IN ('intended', 'submitted', 'running', 'unknown');
