-- Work that was under way when its daemon ended: the daemon that had it, and when that was noted. It is tried again with
-- nothing beside it; a second daemon that ends with it shows that it is to blame. A daemon that is seen again later has not
-- ended. Null for all other work, and for what a daemon of the version before takes over: it goes by the attempts.
ALTER TABLE work_item ADD COLUMN died_with text, ADD COLUMN died_at timestamptz;
CREATE INDEX work_item_suspect ON work_item (turn_at) WHERE died_with IS NOT NULL AND state = 'queued';
