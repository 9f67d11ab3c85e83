-- Rows that did not stay in the split that they were dealt to, because of a leak: moved to training, or left out.

CREATE TABLE settled_leak (
    snapshot_id bigint NOT NULL REFERENCES dataset_snapshot,
    row_number  int NOT NULL CHECK (row_number >= 1),
    from_split  text NOT NULL CHECK (from_split IN ('prototype', 'training', 'holdout')),
    -- Null for a row that was left out.
    to_split    text CHECK (to_split = 'training'),
    -- Null for a row that went along with others of its group.
    cause       text CHECK (cause IN ('exact-duplicate', 'near-duplicate', 'same-group', 'prompt')),
    other_row   int,
    prompt      text,
    PRIMARY KEY (snapshot_id, row_number)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON settled_leak FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON settled_leak EXECUTE FUNCTION refuse_change();
