"""Somebody who is superuser of the database edits evidence with the triggers off: it has to be found and named."""
import json
import time

from hostile import Installation
from stub import ModelServer, document, write_rows

# What is edited, where {u} is the use case's number: the row that is told, and SQL that returns its number.
EDITS = {
    "prompt-of-release": (
        "release {n} was changed", """UPDATE release SET bundle = jsonb_set(bundle, '{{candidate,system}}', '"say b"')
        WHERE use_case_id = {u} RETURNING id"""),
    "score-of-gate": (
        "gate {n} was changed", """UPDATE gate SET result = jsonb_set(result, '{{criteria,0,value}}', '0.99')
        WHERE cycle_id IN (SELECT id FROM cycle WHERE use_case_id = {u}) RETURNING id"""),
    "answer-of-sample": (
        "experiment {n}/", """WITH one AS (SELECT s.ctid AS place FROM sample s
        JOIN experiment e ON e.id = s.experiment_id JOIN cycle c ON c.id = e.cycle_id
        WHERE c.use_case_id = {u} ORDER BY s.experiment_id DESC, s.example_id LIMIT 1)
        UPDATE sample SET output = 'forged' WHERE ctid = (SELECT place FROM one) RETURNING experiment_id"""),
    "expected-of-example": (
        "/row/{n} was changed", """UPDATE example SET expected = 'forged' WHERE id = (SELECT x.id FROM example x
        JOIN sample s ON s.example_id = x.id JOIN experiment e ON e.id = s.experiment_id
        JOIN cycle c ON c.id = e.cycle_id WHERE c.use_case_id = {u} ORDER BY x.id LIMIT 1) RETURNING row_number"""),
    "looks-of-cycle": (
        "cycle {n} does not stand where its history ends",
        """UPDATE cycle SET state = jsonb_set(state, '{{looks}}', '9') WHERE use_case_id = {u} RETURNING number"""),
    "paid-for-candidate": (
        "candidate {n}/", """UPDATE experiment_candidate SET paid_tokens = paid_tokens + 1
        WHERE (experiment_id, candidate_id) = (SELECT k.experiment_id, k.candidate_id FROM experiment_candidate k
        JOIN experiment e ON e.id = k.experiment_id JOIN cycle c ON c.id = e.cycle_id
        WHERE c.use_case_id = {u} ORDER BY 1, 2 LIMIT 1) RETURNING experiment_id"""),
    "newest-transitions": (
        "transitions {n} to", """DELETE FROM transition WHERE use_case_id = {u} AND sequence >
        (SELECT max(sequence) - 2 FROM transition WHERE use_case_id = {u}) RETURNING sequence"""),
}


def heads(installation):
    """What stands outside the database: the last line of each use case."""
    lines = (installation.state / "audit/heads.jsonl").read_text().splitlines()
    return {value["useCase"]: value for value in map(json.loads, lines)}


def wait_for_heads(installation, names):
    wanted = {name: int(installation.sql(
        f"SELECT count(*) FROM transition t JOIN use_case u ON u.id = t.use_case_id WHERE u.name = '{name}'"))
        for name in names}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = heads(installation)
        if all(name in found and found[name]["head"]["transitions"] == count for name, count in wanted.items()):
            return
        time.sleep(0.2)
    raise RuntimeError(f"not all heads were written down: {wanted} {heads(installation)}")


def check_refused(tally, installation, name, what, *words):
    """The use case's evidence was changed: this is said, and nothing leaves or moves on it."""
    tally.refused(f"{what}: audit verify names it", installation.fledge("audit", "verify", name), 65, "CHANGED", *words)
    tally.refused(f"{what}: explain says it", installation.fledge("explain", name), 0,
                  "THE EVIDENCE WAS CHANGED", *words)
    folder = installation.work / f"export-{name}"
    done = installation.fledge("release", "export", name, "--to", str(folder))
    tally.refused(f"{what}: export is refused", done, range(1, 256), "[audit.")
    tally.note(f"{what}: nothing is exported", folder.exists() and "there is a folder")
    status, text = installation.ask("GET", f"/v1/use-cases/{name}/export")
    tally.refused(f"{what}: export is refused over the socket", (status, text), range(400, 500), "audit.")
    moved = installation.sql("SELECT count(*) FROM pointer_move")
    done = installation.fledge("release", "rollback", name, "1", "--reason", "try")
    tally.refused(f"{what}: rollback is refused", done, range(1, 256), "[audit.")
    stays = installation.sql("SELECT count(*) FROM pointer_move") == moved
    tally.note(f"{what}: the champion stays", not stays and "it moved")


def with_the_daemons_rights(tally, installation):
    """What the role of the daemon itself may do to evidence: nothing."""
    for text in ["UPDATE gate SET verdict = 'passed'", "DELETE FROM transition", "TRUNCATE sample CASCADE",
                 "UPDATE release SET number = 9", "SET session_replication_role = replica", "DROP TABLE audit_entry",
                 "ALTER TABLE gate DISABLE TRIGGER ALL", "SET ROLE fledge_owner", "COPY gate TO PROGRAM 'cat'",
                 "UPDATE audit_entry SET hash = ''", "DELETE FROM audit_entry", "DELETE FROM audit_leaf",
                 "TRUNCATE search_call", "TRUNCATE lost_call", "TRUNCATE training_point"]:
        try:
            said = installation.sql(text, role="fledge", triggers=True)
            tally.note(f"the daemon's role can't: {text}", f"it can: {said}")
        except RuntimeError:
            tally.note(f"the daemon's role can't: {text}")


def run(tally, programs, owner):
    names = [*EDITS, "untouched"]
    with ModelServer() as server, Installation(programs, "evidence", owner) as installation:
        installation.start()
        write_rows(installation.work)
        for name in names:
            status, text = installation.apply(document(name, server.url))
            if status != 200:
                raise RuntimeError(text)
        for name in names:
            installation.wait_until_live(name)
        wait_for_heads(installation, names)
        tally.refused("before any edit all holds", installation.fledge("audit", "verify"), 0)
        done = installation.fledge("release", "export", "untouched", "--to", "sound")
        tally.refused("before any edit a release is exported", done, 0)
        with_the_daemons_rights(tally, installation)
        tally.refused("after that all holds still", installation.fledge("audit", "verify"), 0)
        for name, (row, text) in EDITS.items():
            number = installation.sql(f"SELECT id FROM use_case WHERE name = '{name}'")
            edited = installation.sql(text.format(u=number)).splitlines()
            tally.note(f"{name}: the edit is made", not edited and "nothing was edited")
            check_refused(tally, installation, name, name, row.format(n=edited[0] if edited else "?"))
        tally.refused("what nobody edited holds", installation.fledge("audit", "verify", "untouched"), 0)
        installation.sql("TRUNCATE gate CASCADE")
        check_refused(tally, installation, "untouched", "truncated-gates", "gate")
