"""Chooses mutants, and knows those that no test could ever tell from the original."""
import hashlib
import pathlib
from typing import NamedTuple

from sites import Site, sites
from swift import Source

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORE = ROOT / "Sources" / "FledgeCore"
# Words for people: their entries are texts, and what else stands in them has tests of the page that is made from them.
WORDING = "Errors/ErrorCatalogue+"


class Mutant(NamedTuple):
    """path: below Sources/FledgeCore. before, after: the lines, in one, without the space around them."""

    path: str
    line: int
    original: str
    before: str
    after: str
    site: Site

    def lines(self):
        return range(self.line, self.line + self.original.count("\n") + 1)

    def shown(self):
        return f"Sources/FledgeCore/{self.path}:{self.line}\n  - {self.before}\n  + {self.after}"

    def record(self):
        return {"file": self.path, "line": self.line, "before": self.before, "after": self.after}


def squeezed(text):
    return " ".join(text.split())


def mutant(path, source, site):
    text = source.text
    start = source.lines[source.line(site.start) - 1]
    end = text.find("\n", site.end)
    end = len(text) if end < 0 else end
    after = text[start : site.start] + site.after + text[site.end : end]
    return Mutant(
        path, source.line(site.start), text[site.start : site.end], squeezed(text[start:end]), squeezed(after), site)


def all_mutants():
    found = []
    for file in sorted(CORE.rglob("*.swift")):
        path = str(file.relative_to(CORE))
        if path.startswith(WORDING):
            continue
        source = Source(file.read_text())
        found += [mutant(path, source, site) for site in sites(source)]
    return found


def equivalent():
    """Those of the file `equivalent`: path, the line before and after; each has a reason there."""
    listed = set()
    for number, block in enumerate((HERE / "equivalent").read_text().split("\n\n"), 1):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        marks = [line[:2] for line in lines[1:3]]
        if len(lines) < 4 or marks != ["- ", "+ "] or any(not line.startswith("  ") for line in lines[3:]):
            raise SystemExit(f"equivalent, block {number}: a path, a line with -, one with +, and a reason, indented")
        listed.add((lines[0], lines[1][2:], lines[2][2:]))
    return listed


def chosen(seed, only=None):
    """All mutants but the equivalent ones, in the order of the seed, which a change of other lines leaves as it is. Ends where
    one that is listed isn't there."""
    everything, listed = all_mutants(), equivalent()
    keys = [(one.path, one.before, one.after) for one in everything]
    for key in listed:
        if keys.count(key) != 1:
            raise SystemExit(f"equivalent: this stands for {keys.count(key)} mutants, not one: {' | '.join(key)}")
    kept = [one for one, key in zip(everything, keys) if key not in listed]
    kept.sort(key=lambda one: hashlib.sha256("\0".join([str(seed), one.path, one.before, one.after]).encode()).digest())
    if only:
        below = only.removeprefix("Sources/FledgeCore").strip("/")
        kept = [one for one in kept if one.path == below or one.path.startswith(below + "/") or not below]
        if not kept:
            raise SystemExit(f"nothing below Sources/FledgeCore/{below} can be changed")
    return kept
