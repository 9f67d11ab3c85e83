"""Finds the places of a source where one operator, constant or condition can be another."""
import re
from typing import NamedTuple

PAIRS = {"<": "<=", ">": ">=", "==": "!=", "+": "-", "*": "/", "&&": "||", "+=": "-=", "*=": "/="}
OPERATORS = {**PAIRS, **{other: one for one, other in PAIRS.items()}}
PRECEDENCE = {
    "<": "Comparison", "<=": "Comparison", ">": "Comparison", ">=": "Comparison", "==": "Comparison",
    "!=": "Comparison", "+": "Addition", "-": "Addition", "*": "Multiplication", "/": "Multiplication",
    "&&": "LogicalConjunction", "||": "LogicalDisjunction", "+=": "Assignment", "-=": "Assignment",
    "*=": "Assignment", "/=": "Assignment",
}
SWAPS = {"min": "max", "max": "min", "first": "last", "last": "first"}
# What only stops a slip of the programmer's, makes room, or counts how often a computation looks whether it was cancelled
# (`CancellationPoint.pass`): no test of what is computed can see it.
UNSEEN = {
    "precondition", "assert", "preconditionFailure", "fatalError", "assertionFailure", "reserveCapacity", "pass",
}


class Site(NamedTuple):
    """One mutant: `start` to `end` of the file become `after`.

    `operator`, `not`, `value`, `swap` and `negate` say how it is built in behind a switch (see schemata.py)."""

    kind: str
    start: int
    end: int
    after: str


def sites(source):
    found = []
    hidden = unseen(source)
    for index, token in enumerate(source.tokens):
        if index in hidden:
            continue
        before = source.tokens[index - 1] if index else None
        following = source.tokens[index + 1] if index + 1 < len(source.tokens) else None
        if token.kind == "operator":
            found += operators(source, token, before, following)
        elif token.kind == "number":
            if before is None or before.text != "." or before.end != token.start:
                found.append(Site("value", token.start, token.end, other_number(token.text)))
        elif token.kind == "word":
            found += words(source, index, token, before, following)
    return sorted(found)


def unseen(source):
    """The tokens of attributes, of conditions of compilation, and of calls that no test can see."""
    hidden = set()
    for index, token in enumerate(source.tokens):
        call = source.partner.get(index + 1) if token.text in UNSEEN else None
        if token.text == "@":
            hidden.add(index + 1)
            call = source.partner.get(index + 2) if source.tokens[index + 1].end == source.tokens[index + 2].start else None
        if call:
            hidden.update(range(index, call + 1))
        if token.text == "#" and source.leads(token):
            line = source.line(token.start)
            hidden.update(at for at in range(index, min(index + 40, len(source.tokens)))
                          if source.line(source.tokens[at].start) == line)
    return hidden


def operators(source, token, before, following):
    if token.text in OPERATORS and source.spaced(token):
        # An operator's own declaration, and texts that are joined.
        declared = before is not None and before.text in ("func", "operator")
        joined = token.text == "+" and "text" in (before.kind, following.kind)
        return [] if declared or joined else [Site("operator", token.start, token.end, OPERATORS[token.text])]
    leading = source.text[token.start - 1 : token.start]
    if token.text == "!" and (leading.isspace() or leading in "([{,") and following.start == token.end:
        return [Site("not", token.start, token.end, "")]
    return []


def other_number(text):
    """The next integer, twice the number where it is a fraction or an integer of three digits and more; one for zero."""
    if re.match("0[xXbo]", text):
        return f"({text} + 1)" if not re.search("[.pP]", text) else f"({text} * 2)"
    plain = text.replace("_", "")
    if re.search("[.eE]", plain):
        return repr(float(plain) * 2) if float(plain) else "1.0"
    return str(int(plain) + 1 if int(plain) < 100 else int(plain) * 2)


def words(source, index, token, before, following):
    text = token.text
    follows = following.text if following else ""
    member = before is not None and before.text == "." and before.end == token.start
    if text in ("true", "false") and not member:
        return [Site("value", token.start, token.end, "false" if text == "true" else "true")]
    if text in ("min", "max") and follows == "(" and following.start == token.end and before.text != "func":
        return [Site("swap", token.start, token.end, SWAPS[text])]
    if text in ("first", "last") and member and follows != ":":
        return [Site("swap", token.start, token.end, SWAPS[text])]
    labels = member or follows == ":" or before is not None and before.text in ("(", ",")
    if text in ("if", "guard", "while") and not labels:
        repeated = text == "while" and before is not None and before.text == "}" and not source.leads(token)
        return [] if repeated else conditions(source, index)
    if text == "Bool" and follows == "{":
        return results(source, index + 1)
    return []


def conditions(source, index):
    """Each condition of an `if`, `guard` or `while`, up to a comma, the block or `else`."""
    keyword = source.tokens[index].text
    found, start, at = [], index + 1, index + 1
    while at < len(source.tokens):
        token = source.tokens[at]
        ends = token.text == "else" if keyword == "guard" else token.text == "{" and token.kind == "mark"
        if ends or token.text == ",":
            found += negation(source, start, at)
            start = at + 1
        if ends:
            break
        at = source.partner.get(at, at) + 1 if token.text in ("(", "[", "{") else at + 1
    return found


def negation(source, start, end):
    """Of the tokens `start` up to `end`, unless an operator of theirs has the same mutant."""
    if start >= end or source.tokens[start].text in ("let", "var", "case", "#", "true", "false"):
        return []
    outer, at = [], start
    while at < end:
        token = source.tokens[at]
        if token.kind == "operator" and source.spaced(token):
            outer.append(token.text)
        at = source.partner.get(at, at) + 1 if token.text in ("(", "[", "{") else at + 1
    if outer in (["=="], ["!="]) or (not outer and source.tokens[start].text == "!"):
        return []
    first, last = source.tokens[start].start, source.tokens[end - 1].end
    return [Site("negate", first, last, f"!({source.text[first:last]})")]


def results(source, opening):
    """What the body behind `-> Bool` or `: Bool` returns: at each `return`, or its only expression."""
    closing = source.partner.get(opening)
    if closing is None or closing == opening + 1:
        return []
    found, single = [], True
    statement = {"let", "var", "guard", "if", "switch", "for", "while", "return", "do", "get", "set", "defer", "func"}
    at = opening + 1
    while at < closing:
        token = source.tokens[at]
        if token.text == "return" and token.kind == "word":
            end = at + 1
            while end < closing and not ends_statement(source, end, at + 1):
                end = source.partner.get(end, end) + 1 if source.tokens[end].text in ("(", "[", "{") else end + 1
            found += negation(source, at + 1, end)
        if at == opening + 1:
            single = token.text not in statement and token.kind != "mark"
        elif single and ends_statement(source, at, opening + 1):
            single = False
        at = source.partner.get(at, at) + 1 if single and token.text in ("(", "[", "{") else at + 1
    return negation(source, opening + 1, closing) if single else found


def ends_statement(source, at, start):
    """Whether the token begins the next statement, or ends the block that this one is in."""
    token = source.tokens[at]
    if token.text == "}" and token.kind == "mark" or token.text == ";":
        return True
    if at == start or not source.leads(token):
        return False
    last = source.tokens[at - 1]
    goes_on = token.text in (".", "?", ":") or token.kind == "operator"
    return not goes_on and not (last.kind == "operator" and source.spaced(last)) and last.text not in (",", "(", "[")
