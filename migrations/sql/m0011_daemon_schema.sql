-- Which schema a daemon knows: a migration that takes something away waits until no daemon needs it.

ALTER TABLE daemon ADD COLUMN schema_version int;
