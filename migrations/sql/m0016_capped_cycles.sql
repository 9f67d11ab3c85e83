-- Cycles that stand at a cap, and when the next period lets them go on: the scheduler looks at those whose time has come. The
-- database itself keeps them, so that a daemon of before does as well.
CREATE TABLE capped_cycle (
    cycle_id bigint PRIMARY KEY REFERENCES cycle,
    retry_at timestamptz NOT NULL
);
CREATE INDEX capped_cycle_due ON capped_cycle (retry_at);

CREATE FUNCTION await_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.block_code = 'spend.cap_reached' AND NEW.ended_at IS NULL THEN
        -- Asking for money makes the period's account: without one, it was the last period's cap that was reached.
        INSERT INTO capped_cycle (cycle_id, retry_at)
        SELECT NEW.id, CASE WHEN EXISTS (SELECT FROM spend_account a
                                         WHERE a.use_case_id = NEW.use_case_id AND a.period = r.period
                                           AND a.starts_at = r.starts_at) THEN r.ends_at ELSE now() END
        FROM spend_rule(NEW.use_case_id, now()) AS r
        ON CONFLICT (cycle_id) DO UPDATE SET retry_at = excluded.retry_at;
    ELSE
        DELETE FROM capped_cycle WHERE cycle_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER await_period AFTER UPDATE OF block_code, ended_at ON cycle FOR EACH ROW
    WHEN ((coalesce(OLD.block_code, '') = 'spend.cap_reached' AND OLD.ended_at IS NULL)
          <> (coalesce(NEW.block_code, '') = 'spend.cap_reached' AND NEW.ended_at IS NULL))
    EXECUTE FUNCTION await_period();

-- From here on no cycle comes to a cap until this is committed: the rows below are all that there are.
INSERT INTO capped_cycle (cycle_id, retry_at)
SELECT c.id, CASE WHEN c.updated_at < r.starts_at THEN now() ELSE r.ends_at END
FROM cycle c CROSS JOIN LATERAL spend_rule(c.use_case_id, now()) AS r
WHERE c.block_code = 'spend.cap_reached' AND c.ended_at IS NULL;
