-- How many rows a training was given, and how many of them were too long for it. Null until its trainer has counted them, and
-- for what a daemon of the version before follows.
ALTER TABLE training_job ADD COLUMN row_count int, ADD COLUMN long_rows int;
