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

-- A cycle at its cap goes on when the account ends that it has reached, whoever has reckoned where its period begins and ends.
CREATE OR REPLACE FUNCTION await_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.block_code = 'spend.cap_reached' AND NEW.ended_at IS NULL THEN
        -- Asking for money makes the period's account: without one, it was the last period's cap that was reached.
        INSERT INTO capped_cycle (cycle_id, retry_at)
        SELECT NEW.id, coalesce((SELECT max(a.ends_at) FROM spend_account a
                                 WHERE a.use_case_id = NEW.use_case_id AND a.period = r.period AND a.ends_at > now()),
                                now())
        FROM spend_rule(NEW.use_case_id, now()) AS r
        ON CONFLICT (cycle_id) DO UPDATE SET retry_at = excluded.retry_at;
    ELSE
        DELETE FROM capped_cycle WHERE cycle_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
