"""A copy of the package with its mutants built in. The working tree itself is never written."""
import json
import os
import re
import subprocess
import sys

from mutants import ROOT
from schemata import inserted, runtime

BUILD = ROOT / ".build-mutation"
TREE = BUILD / "tree"
SCRATCH = BUILD / "build"
LOG = BUILD / "build.log"
# What the compiler refused before, so that it is not tried again.
REFUSED = BUILD / "refused.json"
TESTS = SCRATCH / "debug" / "fledgePackageTests.xctest"
PARTS = ("Package.", "README.md", "Sources/", "Tests/FledgeCoreTests/", "docs/", "workflows/")
SWITCHES = "Sources/FledgeCore/Mutated.swift"


def write(file, data):
    """Unless it is so already: what has not changed is not compiled again."""
    if not file.exists() or file.read_bytes() != data:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def copy(mutants):
    """Copies the package as it is in the working tree, and builds the numbered mutants in."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
        stdout=subprocess.PIPE).stdout.decode().split("\0")
    paths = {path for path in listed if path.startswith(PARTS) and (ROOT / path).is_file()}
    if (ROOT / "Package.resolved").exists():
        paths.add("Package.resolved")
    by_path = {}
    for number, mutant in mutants:
        by_path.setdefault("Sources/FledgeCore/" + mutant.path, []).append((number, mutant))
    for path in paths:
        data = (ROOT / path).read_bytes()
        write(TREE / path, inserted(data.decode(), by_path[path]).encode() if path in by_path else data)
    write(TREE / SWITCHES, runtime(mutants).encode())
    for folder in ("Sources", "Tests", "workflows"):
        for file in (TREE / folder).rglob("*"):
            if file.is_file() and str(file.relative_to(TREE)) not in paths | {SWITCHES}:
                file.unlink()


def swift_build(arguments, jobs):
    command = ["swift", "build", "--package-path", str(TREE), "--scratch-path", str(SCRATCH), *arguments]
    command += ["--jobs", str(jobs)] if jobs else []
    with open(LOG, "w") as log:
        return subprocess.run(
            command, env={**os.environ, "FLEDGE_ONLY": "FledgeCoreTests"}, stdout=log, stderr=subprocess.STDOUT
        ).returncode == 0


def faulty(mutants):
    """The numbers of the mutants that stand where the compiler's errors are."""
    found = set()
    for path, line in set(re.findall(r"Sources/FledgeCore/(\S+\.swift):(\d+):\d+: error:", LOG.read_text())):
        own = [(number, mutant) for number, mutant in mutants if mutant.path == path]
        # A long expression is reported at its first line, or where one of its parts could not be typed.
        distances = [(min(abs(one - int(line)) for one in mutant.lines()), number) for number, mutant in own]
        nearest = min(distances, default=(0, 0))[0]
        found |= {number for distance, number in distances if distance == nearest}
    return found


def key(mutant):
    return [mutant.path, mutant.before, mutant.after]


def build(mutants, jobs):
    """Builds the tests with all of these mutants that compile, and returns these with their numbers, from 1."""
    BUILD.mkdir(exist_ok=True)
    refused = json.loads(REFUSED.read_text()) if REFUSED.exists() else []
    numbered = [(number, mutant) for number, mutant in enumerate(mutants, 1) if key(mutant) not in refused]
    while True:
        copy(numbered)
        if swift_build(["--target", "FledgeCore", "-Xswiftc", "-continue-building-after-errors"], jobs):
            break
        dropped = faulty(numbered)
        if not dropped:
            sys.exit(f"it does not build, see {LOG}:\n" + "\n".join(LOG.read_text().splitlines()[-20:]))
        refused += [key(mutant) for number, mutant in numbered if number in dropped]
        REFUSED.write_text(json.dumps(refused))
        numbered = [(number, mutant) for number, mutant in numbered if number not in dropped]
        print(f"{len(dropped)} mutants that do not compile are left out", file=sys.stderr, flush=True)
    if not swift_build(["--build-tests", "--disable-xctest", "-Xswiftc", "-continue-building-after-errors"], jobs):
        sys.exit(f"the tests do not build, see {LOG}:\n" + "\n".join(LOG.read_text().splitlines()[-20:]))
    return numbered
