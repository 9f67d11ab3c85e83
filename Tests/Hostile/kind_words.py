"""Words and people: texts that pass for something else, callers that pass for somebody else."""
import json
import re
import time

from hostile import TOKEN, Installation
from stub import ModelServer, document, write_rows

BAD_TEXTS = {
    "a line break": "fine\n9  2026-01-01T00:00:00Z  1  forged", "an escape code": "fine\x1b[2J\x1b[1;1H",
    "U+202E": "fine \u202egnorw", "U+0085": "fine\u0085forged"}
COMMANDS = "/v1/use-cases/spoken/commands"
MARKUP = "<script>alert(1)</script> | [x](javascript:alert(1)) | =cmd()"


def texts(tally, installation):
    """What comes in: nothing of it is taken."""
    rollback = "/v1/use-cases/spoken/rollback"
    before = installation.ask("GET", "/v1/use-cases/spoken/history")[1]
    for name, text in BAD_TEXTS.items():
        done = installation.ask("POST", rollback, {"actor": "", "number": 1, "reason": text})
        tally.refused(f"{name} in a reason, over the socket", done, 400, "request.bad_text", '"reason"')
        done = installation.fledge("release", "rollback", "spoken", "1", "--reason", text)
        tally.refused(f"{name} in a reason, by the command line", done, range(1, 256), "bad_text")
        done = installation.ask("POST", COMMANDS, {"actor": f"user:ada{text}", "command": {"pause": {}}})
        tally.refused(f"{name} in an actor", done, [400, 403], "request.bad_text")
        for field in ["name", "owner"]:
            change = None if field == "name" else lambda use_case: use_case.update({field: text})
            posted = document(f"bad{text}" if field == "name" else "bad", "http://127.0.0.1:9/v1", change)
            status, said = installation.apply(posted)
            applied = json.loads(said).get("applied") if status == 200 else None
            tally.note(f"{name} in a definition's {field}", (
                applied or not re.search("bad_text|bad_name|is not a name", said)) and f"{status}: {said}")
    tally.note("nothing of it is in the history",
               installation.ask("GET", "/v1/use-cases/spoken/history")[1] != before and "it has changed")


def shown(tally, installation):
    """What stands in a row of before: one line, and nothing that steers a terminal."""
    reason = "'fine' || chr(10) || '99 forged' || chr(27) || '[2J' || chr(8238) || 'gnorw' || chr(133)"
    actor = "'user:ada' || chr(10) || '98 forged'"
    installation.sql(f"UPDATE pointer_move SET reason = {reason}, actor = {actor}")
    installation.sql(f"""UPDATE transition SET actor = {actor}, evidence = jsonb_build_object(
        'championMoved', jsonb_build_object('reason', {reason}, 'to', 1))::text WHERE event = 'champion-moved'""")
    for words in [["history", "spoken"], ["explain", "spoken"], ["status"], ["release", "list", "spoken"],
                  ["explain", "refused"], ["status", "refused"], ["history", "refused"], ["work"], ["models"]]:
        status, said = installation.fledge(*words)
        odd = [f"U+{ord(c):04X}" for c in said if c != "\n" and (ord(c) < 32 or c in "\x7f\x85\u202e\u2028")]
        forged = re.findall(r"(?m)^\s*9[789] forged", said)
        tally.note(f"nothing is forged in {' '.join(words)}", (status, odd, forged) != (0, [], []) and
                   f"{status} {odd} {forged}: {said}")
    odd = re.findall(r"(?m)^9[79] forged|[\x00-\x08\x0b-\x1f\x7f\u202e]", installation.log)
    tally.note("nothing is forged in the log", odd)
    said = installation.fledge("explain", "refused")[1]
    tally.note("what the server said is shown all the same", "97 forged" not in said and said)
    said = installation.fledge("history", "spoken")[1]
    tally.note("the row is shown all the same", not ("98 forged" in said and "99 forged" in said) and said)
    status, said = installation.fledge("report", "now", "spoken", "--as", "markdown", "--as", "html")
    tally.refused("reports are written", (status, said), 0)
    pages = {path.suffix: path.read_text() for path in (installation.state / "reports").iterdir()}
    page = pages.get(".html", "")
    tally.note("markup in an owner's name is text in a page",
               ("alert(1)" not in page or re.search(r"<script>alert|href=.javascript:", page))
               and "it is markup, or gone")
    lines = [line for line in pages.get(".md", "").splitlines() if "alert(1)" in line]
    raw = [line for line in lines if "<script>" in line or re.search(r"(?<!\\)\[x(?<!\\)\]\(", line)
           or (line.startswith("|") and re.search(r"[^\\]\| =cmd|[^\\]\| \[x|[^\\]\| \\\[x", line))]
    tally.note("and in Markdown", (not lines or raw) and f"it is markup, or gone: {raw}")


def people(tally, installation):
    pause = {"actor": "", "command": {"pause": {}}}
    for actor in ["user:ada", "fledged", "automatic", "token:reader", "user:4294967295"]:
        done = installation.ask("POST", COMMANDS, {**pause, "actor": actor})
        tally.refused(f"over the socket nobody is {actor}", done, 403, "access.other_actor")
    secrets = {}
    for name, more in [("reader", []), ("gone", []), ("late", ["--expires", "1s"]),
                       ("elsewhere", ["--use-case", "other"])]:
        scope = "read,operate" if name == "elsewhere" else "read"
        status, text = installation.fledge("token", "create", name, "--scope", scope, *more)
        if status != 0:
            raise RuntimeError(text)
        secrets[name] = text.strip().splitlines()[-1]
    made = time.monotonic()
    installation.fledge("token", "revoke", "gone")
    done = installation.ask("GET", "/v1/use-cases", token=secrets["reader"])
    tally.refused("a token with the scope reads", done, 200)
    done = installation.ask("POST", COMMANDS, pause, token=secrets["reader"])
    tally.refused("a token without the scope does nothing", done, 403, "access.scope_missing", "operate")
    done = installation.ask("POST", COMMANDS, {"actor": "", "command": {"approve": {}}}, token=secrets["reader"])
    tally.refused("nor approves", done, 403, "access.scope_missing", "approve")
    done = installation.ask("POST", COMMANDS, pause, token=secrets["elsewhere"])
    tally.refused("a token for another use case does nothing here", done, 403, "access.out_of_reach")
    done = installation.ask("POST", COMMANDS, {**pause, "actor": "user:root"}, token=TOKEN)
    tally.refused("over TCP nobody is user:root", done, 403, "access.other_actor")
    # The daemon's user could read it, and it is named as data may be.
    secret = installation.work / "secret.jsonl"
    secret.write_text(json.dumps({"text": "a secret", "label": "a"}) + "\n")
    wanted = document("reading", "http://127.0.0.1:9")
    wanted["useCase"]["dataset"]["path"] = str(secret)
    for verb in ["plan", "apply"]:
        done = installation.ask("POST", f"/v1/definitions/{verb}", {
            "actor": "", "directory": "/", "document": wanted, "sourceText": ""}, token=TOKEN)
        tally.refused(f"over TCP the daemon opens no file to {verb}", done, 400, "definition.apply_outdated")
        tally.refused("nor one that did not come", installation.submit(wanted, {}, verb, TOKEN), 200, "data.not_sent")
        for path in ["../../secret.jsonl", f"{installation.state}/../secret.jsonl", "secret.jsonl"]:
            done = installation.submit(wanted, {path: b"{}\n"}, verb, TOKEN)
            tally.refused(f"nor takes one that is called {path}", done, 400, "request.bad_file")
    request = {"name": "mine", "grant": {"scopes": ["approve"]}}
    for name, token in [("a token", secrets["reader"]), ("the settings' token", TOKEN)]:
        done = installation.ask("POST", "/v1/tokens", request, token=token)
        tally.refused(f"{name} makes no token", done, 403, "access.socket_only")
    time.sleep(max(0, made + 1.2 - time.monotonic()))  # The daemon's own clock: nothing tells when a token has expired.
    for name, token in [("revoked", secrets["gone"]), ("expired", secrets["late"]), ("unknown", "0" * 64),
                        ("cut off", secrets["reader"][:-1]), ("empty", "")]:
        for path in ["/v1/use-cases", "/metrics", "/"]:
            tally.refused(f"a token that is {name} opens nothing of {path}",
                          installation.ask("GET", path, token=token), 401)
    for name, headers in [("a foreign Host", {"Host": "evil.example"}),
                          ("a foreign Host with the daemon's port", {"Host": f"evil.example:{installation.port}"})]:
        done = installation.ask("GET", "/v1/use-cases", token=TOKEN, **headers)
        tally.refused(f"{name} gets nothing", done, 403, "access.foreign_host")
    for origin in ["https://evil.example", "null", "http://127.0.0.1.evil.example"]:
        done = installation.ask("GET", "/v1/use-cases", token=TOKEN, Origin=origin)
        tally.refused(f"Origin {origin} gets nothing", done, 403, "access.foreign_origin")
    text = "\n".join([installation.log, *(installation.fledge(*words)[1] for words in [["token", "list"], ["status"]])])
    found = [secret for secret in [TOKEN, *secrets.values()] if secret in text]
    tally.note("no token turns up in the log or a list", found and "one does")
    status, text = installation.ask("GET", "/v1/use-cases/spoken/history")
    tally.note("of all these nobody paused it", "paused" in text and text)


def run(tally, programs, owner):
    bad = "no\n97 forged\x1b[2J\u202egnorw"
    with ModelServer() as server, ModelServer(refusal=bad) as refusing, Installation(programs, "words", owner) as installation:
        installation.start()
        write_rows(installation.work)
        status, text = installation.apply(document("spoken", server.url, lambda it: it.update(owner=MARKUP)))
        if status != 200:
            raise RuntimeError(text)
        installation.wait_until_live("spoken")
        tally.refused("a purpose that a terminal would obey is refused",
                      installation.apply(document("refused", refusing.url, lambda it: it.update(purpose=bad))),
                      range(200, 500), "definition.bad_text")
        installation.apply(document("refused", refusing.url))
        texts(tally, installation)
        people(tally, installation)
        shown(tally, installation)
