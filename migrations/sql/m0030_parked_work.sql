-- What becomes of a paused cycle's work is said by the stage machine, and daemons do it themselves before they write the cycle.
-- What is left is done here, for those of the version before: it is the same, so that of work that is parked already nothing is
-- written.
CREATE OR REPLACE FUNCTION park_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_paused THEN
        UPDATE work_item SET run_at = 'infinity', turn_at = 'infinity'
        WHERE cycle_id = NEW.id AND state = 'queued' AND (run_at < 'infinity' OR turn_at < 'infinity');
    ELSE
        UPDATE work_item SET run_at = now(), turn_at = now() - priority * interval '1 minute'
        WHERE cycle_id = NEW.id AND state = 'queued' AND run_at = 'infinity';
    END IF;
    RETURN NULL;
END $$;
