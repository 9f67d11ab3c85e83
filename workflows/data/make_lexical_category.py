#!/usr/bin/env python3
"""Make lexical-category.jsonl from WordNet 3.0's nouns.

Source   Debian package wordnet-base 1:3.0-37, file /usr/share/wordnet/data.noun
Licence  WordNet 3.0 licence, see WORDNET-LICENSE
Usage    python3 make_lexical_category.py [DATA_NOUN] > lexical-category.jsonl

The same source gives the same bytes: the only randomness is a seeded shuffle.
"""

import json
import random
import re
import sys
from collections import Counter

SOURCE = "/usr/share/wordnet/data.noun"
SEED = 2
ROWS_PER_CATEGORY = 120
NEAR_DUPLICATE = 0.6  # share of words that two glosses may have in common

# Lexicographer file numbers (lexnames(5WN)) whose names are plain English words
# that a person would use for the things in them.
CATEGORIES = {
    "05": "animal",
    "06": "artifact",
    "08": "body",
    "12": "feeling",
    "13": "food",
    "15": "location",
    "18": "person",
    "20": "plant",
    "27": "substance",
    "28": "time",
}


def synsets(path):
    """Yield (lemma, category, gloss) for every usable synset of a data.noun file."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("  "):  # the licence, in front of the data
                continue
            fields, _, gloss = line.partition(" | ")
            fields = fields.split()
            category = CATEGORIES.get(fields[1])
            # "@i" marks an instance, such as a city or a painter: its gloss
            # describes one named thing, not a word.
            if category is None or "@i" in fields:
                continue
            yield fields[4].replace("_", " ").lower(), category, definition(gloss)


def definition(gloss):
    """The gloss without its example sentences and bracketed remarks."""
    text = re.split(r';\s*"|:\s*"', gloss.strip())[0]
    text = re.sub(r"\([^()]*\)", " ", text)
    return re.sub(r"\s+", " ", text).strip(" ;,")


def usable(lemma, gloss):
    words = gloss.split()
    return (
        4 <= len(words) <= 20
        and gloss.isascii()
        and '"' not in gloss
        and "(" not in gloss
        and ")" not in gloss
        # A gloss that names its own word gives the answer to a reader, not a model.
        and lemma not in gloss.lower()
    )


def words_of(gloss):
    return frozenset(re.findall(r"[a-z]+", gloss.lower()))


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else SOURCE
    candidates = sorted(
        {(lemma, category, gloss) for lemma, category, gloss in synsets(path) if usable(lemma, gloss)}
    )
    random.Random(SEED).shuffle(candidates)

    chosen, kept, have = [], [], Counter()
    for lemma, category, gloss in candidates:
        if have[category] == ROWS_PER_CATEGORY:
            continue
        words = words_of(gloss)
        if any(len(words & other) > NEAR_DUPLICATE * len(words | other) for other in kept):
            continue
        have[category] += 1
        kept.append(words)
        chosen.append({"gloss": gloss, "category": category, "lemma": lemma})

    short = [c for c in CATEGORIES.values() if have[c] < ROWS_PER_CATEGORY]
    if short:
        sys.exit(f"{path}: too few glosses for {', '.join(short)}")
    for row in chosen:
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
