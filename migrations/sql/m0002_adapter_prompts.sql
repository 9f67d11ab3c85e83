-- Prompts are compared once more on a trained adapter, before the gate.

ALTER TABLE cycle DROP CONSTRAINT cycle_check;
ALTER TABLE cycle ADD CONSTRAINT cycle_check CHECK ((stage, activity) IN (
    ('prompt-prototype', 'none'), ('prompt-prototype', 'experimenting'),
    ('validation', 'judging'), ('validation', 'deciding'), ('validation', 'awaiting-approval'), ('validation', 'releasing'),
    ('fine-tune', 'training'), ('fine-tune', 'experimenting'), ('production', 'live'), ('retired', 'none')));

ALTER TABLE experiment DROP CONSTRAINT experiment_purpose_check;
ALTER TABLE experiment ADD CONSTRAINT experiment_purpose_check CHECK (purpose IN ('search', 'gate', 'adapter'));

ALTER TABLE work_item DROP CONSTRAINT work_item_kind_check;
ALTER TABLE work_item ADD CONSTRAINT work_item_kind_check CHECK (kind IN (
    'run-experiment', 'judge-gate', 'decide', 'train', 'compare-prompts', 'make-release', 'notify', 'write-report'));
