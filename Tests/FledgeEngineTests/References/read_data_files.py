"""Reads data files with Python's csv and json, for GeneratedFilesTests.

usage: read_data_files.py FOLDER OUTPUT

Of each file in FOLDER, by name, OUTPUT gets one JSON object a line:
  name
  readable  false where the bytes are no text in the encoding that their byte order mark says, UTF-8 without one
  header    of a CSV or TSV file, the fields of its first record; null where there is none
  line, faulty   the header's line, and whether csv's strict mode refuses it
  records   [line, faulty, values] each: the line that it begins on; whether it is refused whatever it holds;
            a list of fields for CSV, an object of text or null for JSON Lines

What Fledge is asked beyond the two modules is written here a second time: sep= on the first line, the separator that the
header shows, white lines, names given twice, values that no database stores.
"""

import csv
import io
import json
import os
import sys
import unicodedata

FIELDS = ["text", "label", "group"]
csv.field_size_limit(sys.maxsize)


def decoded(data):
    if data.startswith(b"\xff\xfe"):
        return data[2:].decode("utf-16-le")
    if data.startswith(b"\xfe\xff"):
        return data[2:].decode("utf-16-be")
    return data.decode("utf-8-sig")


def lines_of(text, newline):
    return list(io.StringIO(text, newline=newline))


# CSV


def separator(text, tabbed):
    """The separator, the text from the header on, and that text's first line."""
    first = next(iter(lines_of(text, "")), "")
    word = first.rstrip("\r\n")
    if len(word) > 2 and word[0] == word[-1] == '"':
        word = word[1:-1]
    if len(word) == 5 and word[:4].lower() == "sep=" and ord(word[4]) < 128 and word[4] != '"':
        return word[4], text[len(first) :], 2
    if tabbed:
        return "\t", text, 1
    headers = {s: next((row for row in csv.reader(lines_of(text, ""), delimiter=s) if row), []) for s in ",;\t|"}
    whole = [s for s, header in headers.items() if set(FIELDS) <= set(header)]
    if len(whole) == 1:
        return whole[0], text, 1
    more = [s for s, header in headers.items() if len(header) > len(headers[","])]
    return (more[0] if more and not whole else ","), text, 1


def is_faulty(lines, delimiter):
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def table(text, tabbed):
    delimiter, text, first = separator(text, tabbed)
    lines = lines_of(text, "")
    reader = csv.reader(lines, delimiter=delimiter)
    header, header_line, header_faulty = None, 0, False
    records = []
    before = 0
    for row in reader:
        line, faulty = first + before, is_faulty(lines[before : reader.line_num], delimiter)
        before = reader.line_num
        if not row:
            continue
        if header is None:
            header, header_line, header_faulty = row, line, faulty
        elif faulty or len(header) == 1 or len(row) > 1 or row[0].strip(" \t"):
            records.append([line, faulty or any("\0" in field for field in row), row])
    return {"header": header, "line": header_line, "faulty": header_faulty, "records": records}


# JSON Lines


class Members(list):
    pass


def refuse(word):
    raise ValueError(word)


def storable(text):
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def row(line):
    """The members of an object with plain values, as text or None; None for what is no such object."""
    try:
        members = json.loads(
            line, object_pairs_hook=Members, parse_int=str, parse_float=str, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, Members):
        return None
    values = {}
    for name, value in members:
        same = unicodedata.normalize("NFC", name)
        if same in values or isinstance(value, list) or not storable(name):
            return None
        value = {True: "true", False: "false"}[value] if isinstance(value, bool) else value
        if value is not None and not storable(value):
            return None
        values[same] = value
    return values


def json_lines(text):
    records = []
    for number, line in enumerate(lines_of(text, None), 1):
        line = line.rstrip("\n")
        if line.strip(" \t"):
            values = row(line)
            records.append([number, values is None, values or {}])
    return {"header": None, "line": 0, "faulty": False, "records": records}


def reading(name, data):
    try:
        text = decoded(data)
    except UnicodeDecodeError:
        return {"name": name, "readable": False, "header": None, "line": 0, "faulty": False, "records": []}
    read = json_lines(text) if name.endswith(".jsonl") else table(text, name.endswith(".tsv"))
    return {"name": name, "readable": True, **read}


if __name__ == "__main__":
    folder, output = sys.argv[1:]
    with open(output, "w", encoding="ascii") as out:
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                out.write(json.dumps(reading(name, file.read())) + "\n")
