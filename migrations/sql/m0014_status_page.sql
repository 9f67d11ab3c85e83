-- Use cases are shown a page at a time in the order of their names' bytes, whatever the database's collation.
CREATE INDEX use_case_by_name ON use_case (name COLLATE "C");

-- Use cases whose newest revision may still want a cycle, or whose cycle may still want to be started: the scheduler looks
-- at these every few seconds, instead of at every use case that there is, and removes those that want nothing any more. A
-- row too many costs a look; none may be missing. The database itself adds them, so that a daemon of before does as well.
CREATE TABLE waiting_revision (
    use_case_id bigint PRIMARY KEY REFERENCES use_case,
    -- The newest revision's: a row that grew a newer one meanwhile is not removed.
    number      int NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE FUNCTION revision_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO waiting_revision AS w (use_case_id, number) VALUES (NEW.use_case_id, NEW.number)
    ON CONFLICT (use_case_id) DO UPDATE SET number = greatest(w.number, excluded.number);
    RETURN NULL;
END $$;
-- From here on nobody can add a revision until this is committed: the rows below are all that there are.
CREATE TRIGGER revision_waits AFTER INSERT ON definition_revision FOR EACH ROW EXECUTE FUNCTION revision_waits();

INSERT INTO waiting_revision (use_case_id, number)
SELECT newest.use_case_id, newest.number
FROM (SELECT use_case_id, max(number) AS number FROM definition_revision GROUP BY use_case_id) AS newest
WHERE NOT EXISTS (
    SELECT FROM cycle c JOIN definition_revision r ON r.id = c.revision_id
    WHERE r.use_case_id = newest.use_case_id AND r.number = newest.number
      AND (c.activity <> 'none' OR c.ended_at IS NOT NULL)
);
