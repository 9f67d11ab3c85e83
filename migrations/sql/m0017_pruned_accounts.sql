-- Accounts of periods long past go, with what is left of their reservations: both are found by the account. Without the lease
-- in the index, each settlement leaves it alone.
CREATE INDEX spend_reservation_by_account ON spend_reservation (account_id);
DROP INDEX spend_reservation_of_account;
