"""Splits Swift into tokens: enough to find operators, literals and conditions, and to leave text and comments alone."""
import bisect
import re
from typing import NamedTuple

OPERATOR = "/=-+!*%<>&|^~?"
CLOSING = {"(": ")", "[": "]", "{": "}"}
WORD = re.compile(r"[A-Za-z_$`][A-Za-z0-9_$]*`?")
NUMBER = re.compile(r"0[xX][0-9a-fA-F_]+(?:\.[0-9a-fA-F_]+)?(?:[pP][-+]?\d+)?|0[bo][0-7_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?")


class Token(NamedTuple):
    """kind: word, number, text (a string or a regular expression), operator or mark (brackets, comma, colon, dot, …)."""

    kind: str
    text: str
    start: int
    end: int


class Source:
    """A file's text, its tokens, and which bracket belongs to which."""

    def __init__(self, text):
        self.text = text
        self.tokens = list(tokens(text))
        self.lines = [0] + [match.end() for match in re.finditer("\n", text)]
        self.partner = {}
        opened = []
        for index, token in enumerate(self.tokens):
            if token.kind == "mark" and token.text in CLOSING:
                opened.append(index)
            elif token.kind == "mark" and token.text in ")]}" and opened:
                other = opened.pop()
                self.partner[other], self.partner[index] = index, other

    def line(self, position):
        """From 1."""
        return bisect.bisect_right(self.lines, position)

    def spaced(self, token):
        """White space on both sides, as a binary operator has it."""
        return self.text[token.start - 1 : token.start].isspace() and self.text[token.end : token.end + 1].isspace()

    def leads(self, token):
        """The first token of its line."""
        line = self.lines[self.line(token.start) - 1]
        return not self.text[line : token.start].strip()


def tokens(text):
    position, before = 0, None
    while position < len(text):
        token = None
        character = text[position]
        if character.isspace():
            position += 1
            continue
        if text.startswith("//", position):
            position = end_of_line(text, position)
            continue
        if text.startswith("/*", position):
            position = end_of_comment(text, position)
            continue
        if character == '"' or re.match(r'#+"', text[position : position + 4]):
            token = Token("text", "", position, end_of_string(text, position))
        elif character == "/" and is_pattern(text, position, before):
            token = Token("text", "", position, end_of_pattern(text, position))
        elif match := NUMBER.match(text, position):
            token = Token("number", match[0], position, match.end())
        elif match := WORD.match(text, position):
            token = Token("word", match[0], position, match.end())
        elif character in OPERATOR or re.match(r"\.\.[.<]", text[position : position + 3]):
            end = position + 1
            while end < len(text) and text[end] in (OPERATOR + "." if character == "." else OPERATOR):
                end += 1
            token = Token("operator", text[position:end], position, end)
        else:
            token = Token("mark", character, position, position + 1)
        yield token
        position, before = token.end, token


def end_of_line(text, position):
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def end_of_comment(text, position):
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(text, position):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def end_of_string(text, position):
    hashes = re.compile("#*").match(text, position)[0]
    position += len(hashes)
    quote = '"""' if text.startswith('"""', position) else '"'
    position += len(quote)
    while position < len(text):
        if text.startswith(quote + hashes, position):
            return position + len(quote) + len(hashes)
        if text.startswith("\\" + hashes + "(", position):
            position = end_of_interpolation(text, position + 2 + len(hashes))
        elif text.startswith("\\" + hashes, position):
            position += 2 + len(hashes)
        else:
            position += 1
    return position


def end_of_interpolation(text, position):
    """Behind the bracket that ends what is set into a string."""
    depth = 1
    while depth and position < len(text):
        character = text[position]
        if character == '"' or re.match(r'#+"', text[position : position + 4]):
            position = end_of_string(text, position)
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        position += 1
    return position


def is_pattern(text, position, before):
    """A regular expression begins where a value is expected, and not with a space."""
    if text[position + 1 : position + 2].isspace() or text[position + 1 : position + 2] in ("", "=", "/"):
        return False
    return before is not None and (before.text in ("=", "return", "(", ",", "[", ":") and before.kind != "text")


def end_of_pattern(text, position):
    position += 1
    while position < len(text) and text[position] not in "/\n":
        position += 2 if text[position] == "\\" else 1
    return position + 1
