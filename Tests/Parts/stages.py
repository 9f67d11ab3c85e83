"""What CI would run, had it more than 45 minutes: the parts `fuzz`, `release` and `kills` of `run`."""

import pathlib
import re
import subprocess

from trials import Trials

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(command):
    """The status, and all that was said."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return done.returncode, done.stdout.strip() or "no output"


def fuzz(programs, prepared, work):
    """A minute of new inputs for each reader of what comes from outside, under AddressSanitizer."""
    trials = Trials()
    status, said = run(["Tests/Fuzz/run"])
    for line in re.findall(r"^(?:ok|FAILED) .*", said, re.MULTILINE):
        trials.check(line.split(maxsplit=1)[1], line.startswith("ok"), "a minute")
    if status and not trials.failed:
        trials.check("the fuzzers are built and run", False, said[-2000:])
    return trials


def release(programs, prepared, work):
    """What takes an optimised build: simulated crashes and evidence in thousands; and the manual page."""
    trials = Trials()
    bench = ".build/release/FledgeBench"
    for what, command in [
        ("the package is built for release", ["swift", "build", "-c", "release"]),
        ("6,000 stories of crashes keep every promise", [bench, "simulate", "--seeds", "6000"]),
        ("intervals, gates and searches err no more often than they say", [bench, "evidence", "--quick"]),
        ("what is written as JSON is read as what it was", [bench, "json", "--quick"]),
        ("the manual page is written", ["make", "man"]),
    ]:
        status, said = run(command)
        trials.check(what, status == 0, said.splitlines()[-1] if status == 0 else said[-2000:])
    return trials


def kills(programs, prepared, work):
    """SIGKILL of a daemon in each stage of a tuned use case, in a pilot and in a sweep: the tests that CI leaves out."""
    trials = Trials()
    status, said = run([
        "swift", "test", "--disable-xctest", "--no-parallel", "--filter", "TuningCrashTests|CrashTests/fineTuned"])
    ran = re.search(r"Test run with (\d+) test", said)
    trials.check(
        "a daemon that is killed at a job, in a pilot and in a sweep repeats no job",
        status == 0 and ran is not None and int(ran[1]) == 2, said.splitlines()[-1])
    return trials
