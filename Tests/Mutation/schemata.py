"""Builds many mutants into one source, each behind a switch that is read once, when the program starts.

An operator becomes an operator of its own, of the same precedence, which does the one or the other. So no operand has to be
found, and types are inferred as before.
"""
from sites import PRECEDENCE

RUNTIME = """
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

public let activeMutant: Int = getenv("FLEDGE_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

public func mutated<T>(_ id: Int, _ value: T, _ other: T) -> T { activeMutant == id ? other : value }
public func mutatedNegation(_ id: Int, _ value: Bool) -> Bool { activeMutant == id ? !value : value }
public func mutatedmin<T: Comparable>(_ id: Int, _ a: T, _ b: T) -> T { activeMutant == id ? max(a, b) : min(a, b) }
public func mutatedmax<T: Comparable>(_ id: Int, _ a: T, _ b: T) -> T { activeMutant == id ? min(a, b) : max(a, b) }
public func mutatedmin<T: Comparable>(_ id: Int, _ a: T, _ b: T, _ c: T) -> T {
    activeMutant == id ? max(a, b, c) : min(a, b, c)
}
public func mutatedmax<T: Comparable>(_ id: Int, _ a: T, _ b: T, _ c: T) -> T {
    activeMutant == id ? min(a, b, c) : max(a, b, c)
}
extension Sequence {
    public func mutatedmin(_ id: Int, by less: (Element, Element) throws -> Bool) rethrows -> Element? {
        try activeMutant == id ? self.max(by: less) : self.min(by: less)
    }
    public func mutatedmax(_ id: Int, by less: (Element, Element) throws -> Bool) rethrows -> Element? {
        try activeMutant == id ? self.min(by: less) : self.max(by: less)
    }
}
extension Sequence where Element: Comparable {
    public func mutatedmin(_ id: Int) -> Element? { activeMutant == id ? self.max() : self.min() }
    public func mutatedmax(_ id: Int) -> Element? { activeMutant == id ? self.min() : self.max() }
}
extension BidirectionalCollection {
    public func mutatedfirst(_ id: Int) -> Element? { activeMutant == id ? last : first }
    public func mutatedlast(_ id: Int) -> Element? { activeMutant == id ? first : last }
    public func mutatedfirst(_ id: Int, where holds: (Element) throws -> Bool) rethrows -> Element? {
        try activeMutant == id ? last(where: holds) : first(where: holds)
    }
    public func mutatedlast(_ id: Int, where holds: (Element) throws -> Bool) rethrows -> Element? {
        try activeMutant == id ? first(where: holds) : last(where: holds)
    }
}
"""

KINDS = {
    "Comparison": [("<T: Comparable>", "T", "Bool")],
    "Equality": [("<T: Equatable>", "T", "Bool")],
    "Addition": [("<T: AdditiveArithmetic>", "T", "T")],
    "Multiplication": [("<T: BinaryInteger>", "T", "T"), ("<T: FloatingPoint>", "T", "T")],
}


def name(mutant):
    """An operator of two mathematical signs."""
    return chr(0x2200 + mutant // 256) + chr(0x2200 + mutant % 256)


def operator(mutant, text, other):
    sign, kind = name(mutant), PRECEDENCE[text]
    choice = f"activeMutant == {mutant}"
    if kind.startswith("Logical"):
        return [
            f"infix operator {sign}: {kind}Precedence",
            f"public func {sign} (a: Bool, b: @autoclosure () throws -> Bool) rethrows -> Bool "
            f"{{ {choice} ? try (a {other} b()) : try (a {text} b()) }}",
        ]
    if kind == "Assignment":
        lines = [f"infix operator {sign}: AssignmentPrecedence"]
        shapes = KINDS["Addition" if text in ("+=", "-=") else "Multiplication"]
        return lines + [
            f"public func {sign} {generic}(a: inout T, b: T) {{ if {choice} {{ a {other} b }} else {{ a {text} b }} }}"
            for generic, _, _ in shapes
        ]
    shapes = KINDS["Equality" if text in ("==", "!=") else kind]
    return [f"infix operator {sign}: {kind}Precedence"] + [
        f"public func {sign} {generic}(a: {one}, b: {one}) -> {result} {{ {choice} ? a {other} b : a {text} b }}"
        for generic, one, result in shapes
    ]


def runtime(mutants):
    """The file with all switches. mutants: number and `Mutant` of each."""
    lines = [RUNTIME]
    for number, mutant in mutants:
        if mutant.site.kind == "operator":
            lines += operator(number, mutant.original, mutant.site.after)
        elif mutant.site.kind == "not":
            lines += [
                f"prefix operator {name(number)}",
                f"prefix public func {name(number)} (a: Bool) -> Bool {{ activeMutant == {number} ? a : !a }}",
            ]
    return "\n".join(lines) + "\n"


def inserted(text, mutants):
    """The file's text with the switches of its mutants."""
    edits = []
    for number, mutant in mutants:
        site, original = mutant.site, mutant.original
        if site.kind in ("operator", "not"):
            edits.append((site.start, 1, site.end, name(number)))
        elif site.kind == "value":
            edits.append((site.start, 1, site.end, f"mutated({number}, {original}, {site.after})"))
        elif site.kind == "negate":
            edits.append((site.start, 0, site.start, f"mutatedNegation({number}, "))
            edits.append((site.end, -1, site.end, ")"))
        else:
            calls = text[site.end : site.end + 1] == "("
            rest = text[site.end + 1 :].lstrip()[:1]
            end = site.end + 1 if calls else site.end
            closing = ")" if not calls else "" if rest == ")" else ", "
            edits.append((site.start, 1, end, f"mutated{original}({number}{closing}"))
    for start, _, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
