"""Runs the tests on one mutant: first those that stand beside its file or name its types, then all others."""
import os
import re
import resource
import signal
import subprocess
import threading

from workcopy import TESTS, TREE

SUITE = re.compile(r"^(?:@Suite(?:\(.*\))? )?(?:final )?(?:struct|class|actor|enum|extension) (\w+)", re.MULTILINE)
TYPE = re.compile(r"\b(?:struct|class|actor|enum|protocol|extension) ([A-Z]\w+)")
COMMON = {"String", "Double", "Int", "Array", "Collection", "Sequence", "Dictionary", "Substring", "Optional"}
# Bytes of memory: a mutant that collects without end fails here, and nothing else on the machine does.
MEMORY = 12 << 30
# So much longer than their time on the processors may tests take that only wait, or that others keep from running.
PATIENCE = 8
NO_TESTS = 69


def limited(seconds):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))


def processor_seconds():
    """Of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def tests(number, seconds, arguments):
    """How the tests end with this mutant: `passed`, `failed` or `timeout`, where they take more than so many seconds of the
    processors. The first failure ends them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLEDGE_")}
    environment |= {"FLEDGE_MUTANT": str(number), "SWIFT_BACKTRACE": "enable=no"}
    process = subprocess.Popen(
        [str(TESTS), "--testing-library", "swift-testing", *arguments], cwd=TREE, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
        start_new_session=True, preexec_fn=lambda: limited(seconds))
    late = threading.Event()
    timer = threading.Timer(seconds * PATIENCE, lambda: (late.set(), end(process)))
    timer.start()
    try:
        for line in process.stdout:
            if "recorded an issue" in line:
                return "failed", line.strip()
        status = process.wait()
    finally:
        timer.cancel()
        end(process)
        process.wait()
        process.stdout.close()
    if late.is_set() or status in (-signal.SIGXCPU, -signal.SIGKILL):
        return "timeout", f"{seconds:.0f} s"
    return ("passed", "") if status in (0, NO_TESTS) else ("failed", f"status {status}")


class Suites:
    """Which suites there are, in which folder, and what they name."""

    def __init__(self):
        root = TREE / "Tests" / "FledgeCoreTests"
        self.files = []
        for file in root.rglob("*.swift"):
            text = file.read_text()
            if "@Test" in text:
                self.files.append((str(file.parent.relative_to(root)), set(SUITE.findall(text)), text))

    def beside(self, path):
        """A pattern for the suites of a source's folder, and for those that name a type that the source declares."""
        folder = os.path.dirname(path)
        types = set(TYPE.findall((TREE / "Sources" / "FledgeCore" / path).read_text())) - COMMON
        names = re.compile(r"\b(?:" + "|".join(sorted(types) or ["-"]) + r")\b")
        found = {name for where, suites, text in self.files if where == folder or names.search(text) for name in suites}
        return rf"FledgeCoreTests\.(?:{'|'.join(sorted(found))})(?:/|$)" if found else None


def whole(number, seconds):
    """All tests: how they end, with how many seconds of the processors it took."""
    began = processor_seconds()
    return *tests(number, seconds, []), processor_seconds() - began


def trial(number, mutant, suites, seconds):
    near = suites.beside(mutant.path)
    if near:
        outcome = tests(number, seconds, ["--filter", near])
        if outcome[0] != "passed":
            return outcome
    return tests(number, seconds, ["--skip", near] if near else [])
