-- A teacher's answers to the training examples are an experiment of their own.

ALTER TABLE experiment DROP CONSTRAINT experiment_purpose_check;
ALTER TABLE experiment ADD CONSTRAINT experiment_purpose_check
    CHECK (purpose IN ('search', 'gate', 'adapter', 'teacher'));
