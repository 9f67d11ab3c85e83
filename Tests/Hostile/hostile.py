"""What the hostile scripts share: a daemon with a state folder of its own, a second user, and a tally."""
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = 0
# It has a name on every machine, without which PostgreSQL does not start; those below it have none.
OTHER = 65534
TOKEN = secrets.token_hex(32)


class Tally:
    """Prints a line for each thing that was tried. `problem` is what was seen instead; None or "" where all is well."""

    def __init__(self):
        self.passed = self.failed = 0

    def note(self, name, problem=None):
        if problem:
            self.failed += 1
        else:
            self.passed += 1
        print(f"FAILED  {name}: {shown(problem)}" if problem else f"ok      {name}", flush=True)

    def refused(self, name, done, status, *words):
        """Notes whether a command or a request ended with that status and said these words."""
        wanted = [status] if isinstance(status, int) else status
        missing = [word for word in words if word not in done[1]]
        self.note(name, None if done[0] in wanted and not missing
                  else f"ended with {done[0]} instead of {status}, said nothing of {missing}: {done[1]}")


def shown(text):
    return "".join(c if c.isprintable() else " " for c in str(text).strip())[:400]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Installation:
    """A work folder that everybody may enter, and a daemon whose state folder lies in it.

    `owner` is whose daemon it is, by number, and who operates it with `fledge`: root where it is nobody. The scripts
    themselves, and what they do past the daemon, are root's; `attacker` is a user that is neither.
    """

    def __init__(self, programs, name, owner=ROOT, **variables):
        self.owner, self.attacker = owner, OTHER if owner == ROOT else OTHER - 2
        self.work = pathlib.Path(tempfile.mkdtemp(prefix=f"fledge-hostile-{name}-"))
        self.work.chmod(0o755)
        self.state = self.work / "state"
        self.programs = programs
        self.environment = {
            key: value for key, value in os.environ.items()
            if not key.startswith(("FLEDGE_", "PG")) and key.lower() != "http_proxy"}
        self.environment.update(
            FLEDGE_STATE_DIR=str(self.state), FLEDGE_SOCKET=str(self.work / "fledged.sock"), NO_COLOR="1",
            FLEDGE_CACHE_HOME=str(self.work / "cache"), FLEDGE_LISTEN="127.0.0.1:0", FLEDGE_TOKEN="env:HOSTILE_TOKEN",
            HOSTILE_TOKEN=TOKEN, **variables)
        if owner != ROOT:
            # Root's folders are closed to it.
            home = self.work / "home"
            home.mkdir()
            self.environment.update(HOME=str(home))
            self.environment.pop("XDG_RUNTIME_DIR", None)
            self.give(self.work)

    def give(self, path, user=None):
        """Makes a user, the daemon's unless said, the owner of what there is of a path and below it."""
        user = self.owner if user is None else user
        for place, folders, files in os.walk(path):
            for name in ["", *folders, *files]:
                os.lchown(os.path.join(place, name) if name else place, user, user)
        if not os.path.isdir(path) or os.path.islink(path):
            os.lchown(path, user, user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.fledge("daemon", "stop")
        finally:
            shutil.rmtree(self.work, ignore_errors=True)

    def start(self, umask=-1, pass_fds=()):
        done = self.fledge("daemon", "start", umask=umask, pass_fds=pass_fds)
        if done[0] != 0:
            raise RuntimeError(f"the daemon did not start: {done[1]}")
        return done

    def run(self, *words, other=False, timeout=120, umask=-1, pass_fds=(), **variables):
        """Runs a program to its end, as the daemon's owner or as somebody else.

        Returns its exit status and all that it printed.
        """
        user = self.attacker if other else self.owner
        done = subprocess.run(
            [*(as_other(user) if user != ROOT else []), *map(str, words)], env={**self.environment, **variables},
            cwd=self.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
            umask=umask, pass_fds=pass_fds)
        return done.returncode, done.stdout.decode(errors="replace")

    def fledge(self, *words, **options):
        return self.run(self.programs / "fledge", *words, **options)

    @property
    def log(self):
        return (self.state / "log/fledged.log").read_text()

    @property
    def port(self):
        return int(re.findall(r"port=(\d+) .*listening", self.log)[-1])

    def ask(self, method, path, body=None, token=None, timeout=60, **headers):
        """Asks over the socket, or over TCP where there is a token. - Returns: status and text."""
        if token is None:
            connection = UnixConnection(self.environment["FLEDGE_SOCKET"], timeout)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            headers["Authorization"] = f"Bearer {token}"
        try:
            text = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def apply(self, document, verb="apply"):
        """Sends the document with its rows. - Returns: status, and what is said of the one definition."""
        rows = self.work / "rows.jsonl"
        status, text = self.submit(document, {str(rows): rows.read_bytes()}, verb)
        return status, json.dumps(json.loads(text)[0]) if status == 200 else text

    def submit(self, document, files, verb="apply", token=None, change=lambda header: header):
        """Sends the document with files, as bytes by the paths that they are told by; the first is its data.

        The header is changed, as text, before it goes.
        """
        header = {
            "definitions": [{"actor": "", "dataPath": next(iter(files), str(self.work / "rows.jsonl")),
                             "directory": str(self.work), "document": document, "sourceText": ""}],
            "files": [{"byteCount": len(content), "path": path} for path, content in files.items()]}
        body = change(json.dumps(header)).encode() + b"\n" + b"".join(files.values())
        return self.ask("POST", f"/v1/definitions/{verb}", body, token,
                        **{"Content-Type": "application/vnd.fledge.submission"})

    def wait_until_live(self, name, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status, text = self.ask("GET", f"/v1/use-cases/{name}")
            if status == 200 and '"activity":"live"' in text:
                return
            time.sleep(0.2)
        raise RuntimeError(f"{name} is not live: {self.fledge('explain', name)[1]}")

    def sql(self, text, role="fledge_owner", triggers=False):
        """Runs SQL past the daemon: as the database's superuser, with triggers off, unless said otherwise."""
        lines = next(self.work.glob("state/postgres/**/postmaster.pid")).read_text().splitlines()
        psql = shutil.which("psql") or max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"))
        before = "" if triggers else "SET session_replication_role = replica;\n"
        done = subprocess.run(
            [psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", lines[4], "-p", lines[3], "-U", role, "fledge"],
            input=f"{before}{text};", text=True, capture_output=True, env=self.environment, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"{text}: {done.stderr}")
        return done.stdout.strip()


def as_other(user=OTHER):
    if os.geteuid() != 0:
        raise RuntimeError("there is no second user: run this as root")
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
