-- The order in which work has its turn: when it became due, less a minute for each step of priority. One index serves every
-- claim; a daemon of the version before orders by priority and run_at, and leaves turn_at to its default.
ALTER TABLE work_item ADD COLUMN turn_at timestamptz NOT NULL DEFAULT now();
UPDATE work_item SET turn_at = run_at WHERE state = 'queued';
ALTER TABLE work_item ADD CONSTRAINT work_item_priority CHECK (priority BETWEEN 0 AND 9);
CREATE INDEX work_item_turn ON work_item (turn_at, id) WHERE state = 'queued';
DROP INDEX work_item_due;

-- Work that has used up its attempts waits here for a person.
CREATE INDEX work_item_dead ON work_item (id) WHERE state = 'dead';
CREATE INDEX work_item_dead_of_cycle ON work_item (cycle_id) WHERE state = 'dead';

-- A paused cycle's work is put out of the claims' sight, so that they need not step over it. Here and not in the daemon: one
-- of the version before resumes cycles too.
CREATE FUNCTION park_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_paused THEN
        UPDATE work_item SET run_at = 'infinity', turn_at = 'infinity' WHERE cycle_id = NEW.id AND state = 'queued';
    ELSE
        UPDATE work_item SET run_at = now(), turn_at = now() - priority * interval '1 minute'
        WHERE cycle_id = NEW.id AND state = 'queued' AND run_at = 'infinity';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER park_work AFTER UPDATE OF is_paused ON cycle
    FOR EACH ROW WHEN (OLD.is_paused IS DISTINCT FROM NEW.is_paused) EXECUTE FUNCTION park_work();
UPDATE work_item w SET run_at = 'infinity', turn_at = 'infinity'
FROM cycle c WHERE c.id = w.cycle_id AND c.is_paused AND w.state = 'queued';
