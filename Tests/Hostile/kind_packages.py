"""A package in the local model server's environment that does what it wants as soon as Python starts, in daemons of root's and
of another user's; in root's also where no namespaces can be made."""
import ast
import hashlib
import os
import pathlib
import signal
import subprocess
import time

from hostile import OTHER, ROOT, TOKEN, Installation, as_other, shown
from stub import document, write_rows

SERVER = pathlib.Path(__file__).resolve().parents[2] / "Sources/FledgeServing/Resources/server"
MODEL = "smollm2-135m-instruct"
CANARY = "canary-7be1-of-the-daemon"
# What a user without rights sees and does on any machine, where no sandbox hides it.
OPEN = {"read /etc/passwd", "list /home", "the daemon's port", "other processes", "packets"}

# Tries everything, says in the server's log what came of it, and leaves a process behind.
PACKAGE = '''
import os, socket, sys, time
if "--model" in sys.argv:
    seen = []
    def can(name, what):
        try:
            if what() is not False: seen.append(name)
        except Exception: pass
    def on_the_way(path):
        return any((place + "/").startswith(path) for place in [sys.prefix, sys.base_prefix])
    for path in PATHS:
        can("read " + path, lambda: open(path).read(1))
        can("list " + path, lambda: [name for name in os.listdir(path) if not on_the_way(f"{path}/{name}/")] or False)
        # It is only opened: where there is no sandbox, nothing is to be broken.
        can("write " + path, lambda: os.close(os.open(path, os.O_WRONLY)))
    for folder in ["/usr", "/etc", "/var/tmp", "/", os.path.dirname(sys.argv[0]), "WORK"]:
        try: open(folder + "/hostile-file", "w")
        except OSError: pass
    can("the daemon's environment", lambda: "CANARY" in open("/proc/DAEMON/environ").read())
    can("the daemon", lambda: os.kill(DAEMON, 0))
    can("other processes", lambda: [x for x in os.listdir("/proc") if x.isdigit() and int(x) > 2] or False)
    can("own environment", lambda: [x for x in os.environ.values() if "CANARY" in x or "TOKEN" in x] or False)
    can("the daemon's port", lambda: socket.create_connection(("127.0.0.1", PORT), 5))
    def unix():
        with socket.socket(socket.AF_UNIX) as it: it.connect("SOCKET")
    can("the daemon's socket", unix)
    can("packets", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)))
    can("root", lambda: 0 in [*os.getresuid(), *os.getresgid()] or False)
    can("root again", lambda: os.setuid(0))
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
    print(f"seen: {seen}", file=sys.stderr, flush=True)
    os._exit(7)
'''


def plant(installation, cache, python, run):
    """An environment for the server where the daemon looks for it, with nothing in it. - Returns: where packages go."""
    version = run(python, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])")[1].strip()
    key = hashlib.sha256()
    for part in [version, (SERVER / "requirements.txt").read_text(), (SERVER / "requirements-no-deps.txt").read_text()]:
        key.update(part.encode() + b"\0")
    folder = cache / f"python/server-{key.hexdigest()[:16]}"
    status, text = run("/bin/sh", "-c", 'umask 077; mkdir -p "$2/models" && "$0" -m venv --without-pip "$1" && '
                       'touch "$1/.ready" && printf GGUF > "$2/models/model-b179c9523d0e6a0f-q8_0.gguf"', python, folder, cache)
    if status != 0:
        raise RuntimeError(f"no environment could be made: {text}")
    return next((folder / "lib").iterdir()) / "site-packages"


def left(folder):
    """Processes that have the folder in their arguments, by their numbers."""
    found = {}
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if str(folder) in words:
            found[int(process)] = shown(words)
    return found


def attack(tally, programs, other, has_namespaces=True):
    who = ("another user" if other else "root") + ("" if has_namespaces else ", without namespaces")
    variables = {"FLEDGE_SOME_SETTING": CANARY}
    if other:
        # Another user may not enter where root's Python is.
        variables["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    with Installation(programs, "packages", **variables) as installation:
        own = installation.work / "own"
        own.mkdir(0o700)
        if not has_namespaces:
            # The private PostgreSQL and these programs pass through; Python has to be one that others may run.
            own.chmod(0o711)
            (installation.work / "bin").mkdir()
            bubblewrap = installation.work / "bin/bwrap"
            bubblewrap.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
            bubblewrap.chmod(0o755)
            installation.environment["PATH"] = f"{bubblewrap.parent}:/usr/local/bin:/usr/bin:/bin"
        if other:
            os.chown(own, OTHER, OTHER)
        installation.state, cache = own / "state", own / "cache"
        installation.environment.update(
            FLEDGE_STATE_DIR=str(installation.state), FLEDGE_SOCKET=str(own / "fledged.sock"), HOME=str(own),
            FLEDGE_CACHE_HOME=str(cache))

        def run(*words, **options):
            return installation.run(*words, other=other, **options)

        python = run("/bin/sh", "-c", "command -v python3")[1].strip()
        packages = plant(installation, cache, python, run)
        (installation.work / "secret").write_text("secret")
        write_rows(installation.work)
        if not has_namespaces:
            # Files that everybody may read are read.
            for name in ["secret", "rows.jsonl"]:
                (installation.work / name).chmod(0o600)
        status, text = run(programs / "fledge", "daemon", "start", timeout=180)
        if status != 0:
            raise RuntimeError(f"the daemon of {who} did not start: {text}")
        try:
            daemon = int((own / "fledged.pid").read_text().split()[0])
            paths = [
                "/etc/shadow", "/etc/passwd", "/root", "/home", "/etc/fledge", str(installation.state),
                str(installation.state / "log/fledged.log"), str(installation.state / "fledged.lock"),
                str(installation.state / "postgres"), str(installation.state / "jobs"),
                str(cache / "definitions"), str(installation.work / "rows.jsonl"), str(installation.work / "secret")]
            if not has_namespaces:
                # In a sandbox it holds what the server is shown.
                paths.append(str(cache))
            text = PACKAGE.replace("PATHS", repr(paths)).replace("WORK", str(installation.work)).replace("CANARY", CANARY)
            text = text.replace("DAEMON", str(daemon)).replace("PORT", str(installation.port)).replace('"TOKEN"', repr(TOKEN))
            text = text.replace("SOCKET", installation.environment["FLEDGE_SOCKET"])
            # Run by Python as it starts, before the server's own script.
            for name, content in [("hostile.py", text), ("hostile.pth", "import hostile")]:
                (packages / name).write_text(content)
                # Root's daemon opens what it has made itself; this was put there afterwards.
                (packages / name).chmod(0o644)
                if other:
                    os.chown(packages / name, OTHER, OTHER)
            wanted = document("served", "")
            wanted["useCase"]["models"] = [{"name": MODEL, "endpoint": {"kind": "local"}}]
            rows = installation.work / "rows.jsonl"
            asked = installation.submit(wanted, {str(rows): rows.read_bytes()}, token=TOKEN)
            tally.refused(f"a definition with a model that is served here is taken, by a daemon of {who}", asked, 200)
            log, said = cache / f"server-{MODEL}.log", ""
            deadline = time.monotonic() + 90
            while "seen: " not in said and time.monotonic() < deadline:
                said = log.read_text() if log.exists() else ""
                time.sleep(0.2)
            found = next((line for line in said.splitlines() if line.startswith("seen: ")),
                         f"it was not run: {said} {installation.log[-300:]}")
            seen = set(ast.literal_eval(found[len("seen: "):])) if found.startswith("seen: ") else {found}
            left_open = set() if has_namespaces else OPEN
            tally.note(f"a package of the model server's sees and does nothing that is closed, with a daemon of {who}",
                       ", ".join(sorted(seen - left_open)))
            if not has_namespaces:
                tally.note("the log says who such programs are, and that there is no sandbox",
                           "run as users without rights (65522 and 65523), not in a sandbox" not in installation.log
                           and installation.log[-400:])
            tally.note(f"the daemon of {who} goes on", installation.ask("GET", "/livez", token=TOKEN)[0] != 200 and "it doesn't")
            written = [str(path) for path in pathlib.Path("/").glob("hostile-file")]
            written += [path for folder in ["/usr", "/etc", "/var/tmp", installation.work]
                        if os.path.exists(path := f"{folder}/hostile-file")]
            tally.note(f"nothing that it wrote is there, with a daemon of {who}", ", ".join(
                path for path in written if has_namespaces or not path.startswith("/var/tmp/")))
            for path in written:
                os.unlink(path)
        finally:
            run(programs / "fledge", "daemon", "stop", timeout=180)
        deadline = time.monotonic() + 20
        # Without a namespace of its own what it leaves behind lives on.
        while has_namespaces and left(packages.parents[2]) and time.monotonic() < deadline:
            time.sleep(0.2)
        processes = left(packages.parents[2])
        if has_namespaces:
            tally.note(f"nothing that it started goes on, with a daemon of {who}", "; ".join(processes.values()))
        for process in processes:
            os.kill(process, signal.SIGKILL)


def run(tally, programs, owner):
    as_other()
    if subprocess.run(["bwrap", "--version"], stdout=subprocess.DEVNULL).returncode != 0:
        raise RuntimeError("there is no bubblewrap")
    attack(tally, programs, owner != ROOT)
    if owner == ROOT:
        attack(tally, programs, False, has_namespaces=False)
