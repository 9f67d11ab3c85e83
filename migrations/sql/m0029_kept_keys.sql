-- Two tables of the chain have columns that change, and others that nobody changes: a point of a curve stays its training's and
-- its step's, the end of a chain its use case's. The version before writes a point anew by what it measured alone, and moves an
-- end by its number and its hash.
CREATE TRIGGER append_only_key BEFORE UPDATE OF training_job_id, step ON training_point
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_key BEFORE UPDATE OF use_case_id ON audit_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
