"""Somebody else on the machine looks into the state folder, and things lie where something is to be written."""
import os
import stat
import subprocess

from hostile import OTHER, ROOT, Installation, as_other
from stub import ModelServer, document, write_rows


# Listens, and prints the first line of what it is told.
LISTENER = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
while True:
    print(listener.accept()[0].recv(9999).splitlines()[:1], flush=True)
"""


def open_paths(folder, owner):
    """What others could read or enter: below the state folder nothing may have a right for group or others.

    The state folder itself lets PostgreSQL's group pass, where root runs the daemon.
    """
    found = []
    for place, folders, files in os.walk(folder):
        for path in [place, *(os.path.join(place, name) for name in [*folders, *files])]:
            status = os.lstat(path)
            allowed = 0o010 if path == str(folder) and owner == ROOT else 0
            if not stat.S_ISLNK(status.st_mode) and status.st_mode & 0o077 & ~allowed:
                found.append(f"{path} {stat.S_IMODE(status.st_mode):o}")
    return sorted(set(found))


def state_folder(tally, installation):
    open_to_others = open_paths(installation.state, installation.owner)
    tally.note("under umask 0 nothing of the state folder is open to others", "; ".join(open_to_others))
    reports = list((installation.state / "reports").iterdir())
    tally.note("a report is there to be read", not reports and "there is none")
    tally.refused("another user can read what is for everybody",
                  installation.run("/bin/cat", installation.work / "rows.jsonl", other=True), 0, "t79")
    places = [
        ("a job", installation.state / "jobs/earlier/job.json"), ("a report", reports[0] if reports else "none"),
        ("what stands of the evidence", installation.state / "audit/heads.jsonl"),
        ("the log", installation.state / "log/fledged.log")]
    for name, path in places:
        status, text = installation.run("/bin/cat", path, other=True)
        tally.note(f"another user can't read {name}", status == 0 and text)
        if not os.path.exists(path):
            tally.note(f"{name} is there to be read", f"{path} is not there")
    for folder in [installation.state, installation.state / "jobs", installation.state / "reports"]:
        status, text = installation.run("/bin/ls", folder, other=True)
        tally.note(f"another user can't list {folder.name}", status == 0 and (text or "it is listed"))
    done = installation.fledge("status", other=True)
    tally.refused("another user can't ask over the socket", done, range(1, 256), "daemon.not_permitted")
    tally.note("the daemon's log says what an earlier version left open",
               "closed a folder that other users could enter" not in installation.log and "it doesn't")


def inherited(tally, installation):
    """What who starts the daemon has open: a lock or a pipe in the daemon's hands would stay for as long as it runs."""
    for program in ["fledged", "postgres"]:
        numbers = subprocess.run(["pgrep", "-x", program], capture_output=True, text=True).stdout.split()
        kept = []
        for number in numbers:
            folder = f"/proc/{number}/fd"
            kept += [name for name in os.listdir(folder)
                     if os.readlink(f"{folder}/{name}") == str(installation.work / "callers")]
        tally.note(f"{program} has none of its starter's files", kept or not numbers and "it does not run")


def exports(tally, installation):
    work = installation.work
    (work / "file").write_text("mine")
    os.mkfifo(work / "fifo")
    (work / "full").mkdir()
    (work / "full/notes").write_text("mine")
    (work / "empty").mkdir()
    (work / "link-to-folder").symlink_to(work / "empty")
    (work / "link-to-nothing").symlink_to(work / "nothing")
    (work / "link-to-file").symlink_to(work / "file")
    for name in ["file", "fifo", "full", "empty", "link-to-folder", "link-to-nothing", "link-to-file"]:
        installation.give(work / name)
    for name in ["file", "fifo", "full", "link-to-folder", "link-to-nothing", "link-to-file"]:
        for target in [work / name, name]:
            done = installation.fledge("release", "export", "exported", "--to", str(target), timeout=30)
            kind = "relative path" if target == name else "path"
            tally.refused(f"no export onto {name}, by {kind}", done, 73, "[release.export_exists]")
    kept = [(work / "file").read_text() == "mine", (work / "fifo").is_fifo(), not list((work / "empty").iterdir()),
            [path.name for path in (work / "full").iterdir()] == ["notes"], not (work / "nothing").exists(),
            all((work / name).is_symlink() for name in ["link-to-folder", "link-to-nothing", "link-to-file"]),
            not list(work.glob("*.partial-*"))]
    tally.note("what was there stays as it was, and nothing is left", not all(kept) and f"{kept}")

    done = installation.fledge("release", "export", "exported", "--to", "sub/../fresh", umask=0)
    tally.refused("an export to a free relative path is written", done, 0)
    is_there = (work / "fresh").is_dir()
    written = open_paths(work / "fresh", installation.owner) if is_there else ["it is not in the current folder"]
    tally.note("it lies in the caller's current folder, closed to others", "; ".join(written))

    status, text = installation.ask("POST", "/v1/use-cases/exported/export", {"directory": str(work / "asked")})
    tally.note("the daemon writes no folder that a request names",
               ((work / "asked").exists() or status < 400) and f"{status}: {text}")


def sockets(tally, installation):
    """Another daemon, whose socket is to be in a folder that somebody else has prepared."""
    prepared, link, shared = (installation.work / name for name in ["prepared", "prepared-link", "shared"])
    # Root writes wherever it likes; a daemon of another user's only where it is let.
    open_to_daemon = 0o755 if installation.owner == 0 else 0o777
    for folder, user, mode in [(prepared, installation.attacker, open_to_daemon), (shared, installation.owner, 0o777)]:
        folder.mkdir()
        folder.chmod(mode)
        installation.give(folder, user)
    link.symlink_to(prepared)
    os.lchown(link, installation.attacker, installation.attacker)
    for name, folder in [("of another user", prepared), ("behind another user's link", link),
                         ("that everybody writes to", shared)]:
        done = installation.run(
            installation.programs / "fledged", timeout=60, FLEDGE_STATE_DIR=str(installation.work / "state-2"),
            FLEDGE_SOCKET=str(folder / "fledged.sock"))
        tally.refused(f"no socket in a folder {name}", done, range(1, 256), "[state.not_private]")


def planted(tally, installation):
    """Things of another user's where the daemon or the command line is to write or to ask."""
    sticky, precious = installation.work / "sticky", installation.work / "precious"
    sticky.mkdir()
    sticky.chmod(0o1777)
    installation.give(sticky)
    variables = {"FLEDGE_STATE_DIR": str(installation.work / "state-3"), "FLEDGE_SOCKET": str(sticky / "fledged.sock")}
    for name in ["fledged.sock.lock", "fledged.pid"]:
        precious.write_text("precious")
        installation.give(precious)
        installation.run("/bin/ln", "-s", precious, sticky / name, other=True)
        done = installation.run(installation.programs / "fledged", timeout=60, **variables)
        tally.refused(f"no daemon starts on another user's link {name}", done, range(1, 256))
        tally.note(f"nothing is written through the link {name}", precious.read_text() != "precious" and "it was")
        (sticky / name).unlink()
    socket = sticky / "fledged.sock"
    with subprocess.Popen([*as_other(OTHER - 1), "/usr/bin/python3", "-c", LISTENER, socket], stdout=subprocess.PIPE,
                          text=True) as listener:
        listener.stdout.readline()
        socket.chmod(0o777)
        installation.fledge("status", timeout=30, other=True, **variables)
        listener.kill()
        tally.note("the command line says nothing to a socket of another user", listener.stdout.read())
    cache = installation.work / "cache-of-other"
    (cache / "definitions").mkdir(parents=True)
    installation.give(cache, installation.attacker)
    (installation.work / "some.swift").write_text("import FledgeDSL\nlet it = UseCase(\"some\") { Owner(\"tests\") }\n")
    done = installation.fledge("check", "some.swift", FLEDGE_CACHE_HOME=str(cache))
    tally.refused("no definition is compiled in a cache of another user", done, range(1, 256), "another user")


def second_daemon(tally, installation):
    before = installation.ask("GET", "/livez")[0]
    for name, socket in [("another socket", "other.sock"), ("the same socket", "fledged.sock")]:
        variables = {"FLEDGE_SOCKET": str(installation.work / socket), "FLEDGE_LISTEN": "", "FLEDGE_TOKEN": ""}
        variables = {key: value for key, value in variables.items() if value}
        done = installation.run(installation.programs / "fledged", timeout=60, **variables)
        tally.refused(f"no second daemon on one state folder, with {name}", done, 69, "[daemon.running]")
    done = installation.fledge("db", "status", FLEDGE_SOCKET=str(installation.work / "other.sock"))
    tally.refused("a db command with another socket uses the first one's PostgreSQL", done, 0, "applied")
    done = installation.run(
        installation.programs / "fledged", other=True, timeout=60, FLEDGE_SOCKET="/tmp/fledge-hostile-other.sock")
    tally.refused("no daemon of another user on it", done, range(1, 256))
    answers = [before, installation.ask("GET", "/readyz")[0], installation.fledge("status", "exported")[0]]
    tally.note("the first daemon and its PostgreSQL go on", answers != [200, 200, 0] and f"{answers}")


def run(tally, programs, owner):
    as_other()
    with ModelServer() as server, Installation(programs, "files", owner) as installation:
        job = installation.state / "jobs/earlier"
        job.mkdir(parents=True)
        (job / "job.json").write_text('{"rows": "of an earlier version"}')
        for path in [installation.state, installation.state / "jobs", job]:
            path.chmod(0o777)
        (job / "job.json").chmod(0o666)
        installation.give(installation.state)
        with open(installation.work / "callers", "w") as callers:
            installation.start(umask=0, pass_fds=[callers.fileno()])
        inherited(tally, installation)
        write_rows(installation.work)
        installation.apply(document("exported", server.url))
        installation.wait_until_live("exported")
        tally.refused("a report is written", installation.fledge("report", "now", "exported"), 0)
        state_folder(tally, installation)
        exports(tally, installation)
        sockets(tally, installation)
        planted(tally, installation)
        second_daemon(tally, installation)
