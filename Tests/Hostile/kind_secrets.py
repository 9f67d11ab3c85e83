"""Definitions that want keys which are not theirs, and that do things beside declaring values."""
import json
import os
import pathlib
import shutil
import time

from hostile import ROOT, TOKEN, Installation, as_other
from stub import ModelServer, document, write_rows

KEY = "canary-3c7d-key-of-the-daemon"
CANARY = "canary-91fe-of-the-parent"

# Tries everything, and says in its use case's name what came of it.
DEFINITION = '''
import FledgeDSL
import Glibc

let it = UseCase("Seen:" + seen()) { Owner("tests") }

func seen() -> String {
    var seen = ""
    for path in ["WORK", "WORK/open", "/tmp", "/var/tmp", "/usr", "/etc", "."] {
        let file = open(path + "/hostile-file", O_CREAT | O_WRONLY, 0o600)
        if file >= 0, write(file, "x", 1) == 1 { seen += " wrote in \\(path)" }
    }
    if chmod("/usr/bin/env", 0o755) == 0 { seen += " chmod" }
    for path in ["/etc/shadow", "/etc/passwd", "WORK/secret", "WORK/rows.jsonl", "STATE/fledged.lock", "SOCKET"]
    where open(path, O_RDONLY) >= 0 { seen += " read \\(path)" }
    var index = 0
    while let entry = environ[index] {
        if strcmp(entry, "PWD=/") != 0 { seen += " variable \\(String(cString: entry))" }
        index += 1
    }
    for process in Array(1...200) + [Int(getppid())] {
        let file = open("/proc/\\(process)/environ", O_RDONLY)
        if file < 0 { continue }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = read(file, &bytes, bytes.count)
        if String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).contains("CANARY") { seen += " environment" }
    }
    for family in [AF_INET, AF_INET6, AF_UNIX] where socket(family, Int32(SOCK_STREAM.rawValue), 0) >= 0 {
        seen += " socket \\(family)"
    }
    let call = unsafeBitCast(dlsym(nil, "fork"), to: (@convention(c) () -> Int32).self)
    let child = call()
    if child == 0 {
        setsid()
        sleep(300)
        _exit(0)
    }
    if child > 0 { seen += " process \\(child)" }
    var started = pid_t()
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("/usr/bin/sleep"), strdup("300"), nil]
    if posix_spawn(&started, "/usr/bin/sleep", nil, nil, &words, nil) == 0 { seen += " program" }
    if getuid() == 0 || geteuid() == 0 || setuid(0) == 0 { seen += " root" }
    return seen.isEmpty ? " nothing" : seen
}
'''


def keys(tally, installation, server):
    """The daemon has a key for this server, and tokens that are for nobody."""
    def model(url, key):
        return document("wanting", url, lambda it: it["models"][0]["endpoint"].update(url=url, key=key))
    elsewhere = "https://models.invalid/v1"
    for name, key, url in [
            ("the daemon's token", "env:HOSTILE_TOKEN", server.url),
            ("the token's setting", "env:FLEDGE_TOKEN", server.url),
            ("a variable that is not listed", "env:HOME", server.url),
            ("its own environment", "file:/proc/self/environ", server.url),
            ("a file of the machine", "file:/etc/shadow", server.url),
            ("a file of the state folder", f"file:{installation.state}/fledged.lock", server.url),
            ("a way out of an allowed folder", f"file:{installation.work}/keys/../secret", server.url),
            ("a listed key for another host", "env:LISTED_KEY", elsewhere),
            ("a listed key for another port", "env:LISTED_KEY", "http://127.0.0.1:9/v1"),
            ("a listed key for two hosts at once", "env:LISTED_KEY", server.url.replace("//", "//models.invalid@")),
            ("a listed key behind a backslash", "env:LISTED_KEY", server.url.replace("/v1", "\\@models.invalid/v1"))]:
        for verb in ["plan", "apply"]:
            status, text = installation.apply(model(url, key), verb)
            found = json.loads(text)
            errors = [item["code"] for item in found.get("diagnostics", []) if item["severity"] == "error"]
            wrong = found.get("applied") or not {"models.key_not_allowed", "models.bad_url"} & set(errors)
            tally.note(f"not sent, by {verb}: {name}", wrong and f"{status}: {text}")
    # A link that leads out of an allowed folder may also be refused at once.
    (installation.work / "keys/link").symlink_to(installation.work / "secret")
    (installation.work / "keys/plain").write_text(KEY)
    installation.give(installation.work / "keys")
    for name, key, url in [("linked", f"file:{installation.work}/keys/link", server.url),
                           ("redirected", "env:AWAY_KEY", installation.environment["AWAY_URL"])]:
        installation.apply(document(name, url, lambda it: it["models"][0]["endpoint"].update(key=key)))
    for name, key in [("listed", "env:LISTED_KEY"), ("in-folder", f"file:{installation.work}/keys/plain")]:
        done = installation.apply(document(name, server.url, lambda it: it["models"][0]["endpoint"].update(key=key)))
        tally.refused(f"a key that is {name} goes to its host", done, 200, '"revision"')
        installation.wait_until_live(name)
    deadline = time.monotonic() + 30
    blocked = {"linked": "", "redirected": ""}
    while not all(blocked.values()) and time.monotonic() < deadline:
        for name in blocked:
            status, text = installation.ask("GET", f"/v1/use-cases/{name}")
            state = json.loads(text)[0]["state"] if status == 200 else {"block": {"code": f"refused: {text}"}}
            blocked[name] = (state.get("block") or {}).get("code", "")
        time.sleep(0.2)
    tally.note("a link to another file is no key", blocked["linked"] == "" and "it is not blocked")
    tally.note("a redirect to another host is not followed",
               blocked["redirected"] != "model.wrong_address" and f"blocked: {blocked['redirected']}")
    tally.note("nothing but the listed key came to the server",
               set(server.keys) != {f"Bearer {KEY}"} and f"{set(server.keys)}")
    said = installation.log + "".join(installation.fledge("explain", name)[1] for name in ["listed", *blocked])
    tally.note("no key is told", any(word in said for word in [KEY, TOKEN, "canary-secret"]) and said)


def refused_settings(tally, installation):
    other = installation.work / "other"
    for key in ["HOSTILE_TOKEN", "/proc/self/environ", f"{other}/fledged.lock", str(other)]:
        done = installation.run(
            installation.programs / "fledged", timeout=60, FLEDGE_KEYS=f"{key}=models.invalid",
            FLEDGE_STATE_DIR=str(other), FLEDGE_SOCKET=str(other / "fledged.sock"))
        tally.refused(f"no daemon starts that may send {key.replace(str(other), 'its state folder')} away", done, 78,
                      "[configuration.bad_value]")


def running(folder):
    """The sandboxes of definitions below the folder that have not ended."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if f"{folder}/home" in words:
            found.append(words)
    return found


def sandbox(tally, installation):
    """A definition is checked by the daemon's owner."""
    who = "root" if installation.owner == ROOT else "another user"
    home = installation.work / "home-own"
    home.mkdir()
    text = DEFINITION.replace("WORK", str(installation.work)).replace("STATE", str(installation.state))
    (home / "hostile.swift").write_text(
        text.replace("SOCKET", installation.environment["FLEDGE_SOCKET"]).replace("CANARY", CANARY))
    installation.give(home)
    status, said = installation.fledge(
        "check", str(home / "hostile.swift"), timeout=180, HOME=str(home), TMPDIR=str(home), PARENT=CANARY,
        FLEDGE_CACHE_HOME=str(home / "cache"), FLEDGE_STATE_DIR=str(home / "state"),
        FLEDGE_SWIFTC=shutil.which("swiftc", path=installation.environment["PATH"]) or "swiftc")
    tally.refused(f"a definition of {who} sees and does nothing", (status, said), 65, '"Seen: nothing" is not a name')
    written = [str(path) for folder in [installation.work, "/tmp", "/var/tmp", "/usr", "/etc"]
               for path in [pathlib.Path(folder, "hostile-file"), pathlib.Path(folder, "open/hostile-file")]
               if path.exists()]
    tally.note(f"nothing that a definition of {who} wrote is there", written)
    for path in written:
        os.unlink(path)
    tally.note(f"nothing that a definition of {who} started goes on", running(installation.work))


def run(tally, programs, owner):
    as_other()
    with ModelServer() as server, ModelServer(elsewhere=server.url) as away:
        hosts = [url.split("/")[2] for url in [server.url, away.url]]
        variables = {"LISTED_KEY": KEY, "AWAY_KEY": KEY + "-away", "AWAY_URL": away.url}
        with Installation(programs, "secrets", owner, **variables) as installation:
            folder = installation.work / "keys"
            folder.mkdir()
            (installation.work / "secret").write_text("canary-secret")
            (installation.work / "open").mkdir()
            (installation.work / "open").chmod(0o777)
            installation.environment["FLEDGE_KEYS"] = f"LISTED_KEY={hosts[0]};AWAY_KEY={hosts[1]};{folder}={hosts[0]}"
            installation.give(installation.work)
            installation.start()
            write_rows(installation.work)
            keys(tally, installation, server)
            refused_settings(tally, installation)
            sandbox(tally, installation)
