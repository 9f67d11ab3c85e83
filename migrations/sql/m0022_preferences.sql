-- Two answers to an example's inputs, of which one is better. Null where the row has none, as in what a daemon of the
-- version before stores.
ALTER TABLE example ADD COLUMN chosen text, ADD COLUMN rejected text;
