-- The moves of a use case's champion, found without a look at those of all others: status shows who moved it last, and why.
CREATE INDEX pointer_move_of_use_case ON pointer_move (use_case_id, id);
