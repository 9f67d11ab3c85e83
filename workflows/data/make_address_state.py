#!/usr/bin/env python3
"""Make address-state.jsonl from usaddress's hand-labelled postal addresses.

Source   Python package usaddress 0.5.16, source distribution usaddress-0.5.16.tar.gz,
         files training/{labeled,us50_messiest_manual_label,us50_train_tagged}.xml
Licence  MIT, see USADDRESS-LICENSE
Usage    pip download --no-deps --no-binary :all: usaddress==0.5.16
         tar xzf usaddress-0.5.16.tar.gz
         python3 make_address_state.py usaddress-0.5.16/training > address-state.jsonl

The same source gives the same bytes: the only randomness is a seeded shuffle.
"""

import json
import random
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

FILES = ("labeled.xml", "us50_messiest_manual_label.xml", "us50_train_tagged.xml")
SEED = 3
ROWS_PER_STATE = 30  # Chicago's addresses would else be a third of the rows
NEAR_DUPLICATE = 0.6  # share of words that two addresses may have in common


def addresses(folder):
    """Yield (address, parts), parts being the labelled (label, text) pairs in order."""
    for name in FILES:
        for element in ElementTree.parse(folder / name).getroot():
            address = " ".join("".join(element.itertext()).split())
            yield address, [(part.tag, (part.text or "").strip(" ,.")) for part in element]


def state_of(address, parts):
    """The state that people marked in the address, or None where the row is not wanted."""
    states = [text for label, text in parts if label == "StateName"]
    labels = [label for label, _ in parts]
    complete = (
        len(states) == 1
        and re.fullmatch("[A-Z]{2}", states[0])
        and re.search(r"\b\d{5}(-\d{4})?$", address)
        and "PlaceName" in labels
    )
    # Rows that name a recipient may name a person.
    return states[0] if complete and "Recipient" not in labels else None


def words_of(address):
    return frozenset(re.findall(r"[a-z0-9]+", address.lower()))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = {}
    for address, parts in addresses(Path(sys.argv[1])):
        state = state_of(address, parts)
        if state:
            city = " ".join(text for label, text in parts if label == "PlaceName")
            found.setdefault(address.lower(), (address, state, f"{city}, {state}".lower()))
    candidates = sorted(found.values())
    random.Random(SEED).shuffle(candidates)

    kept, have = [], Counter()
    for address, state, place in candidates:
        if have[state] == ROWS_PER_STATE:
            continue
        words = words_of(address)
        if any(len(words & other) > NEAR_DUPLICATE * len(words | other) for other in kept):
            continue
        have[state] += 1
        kept.append(words)
        print(json.dumps({"address": address, "state": state, "place": place}, ensure_ascii=False))


if __name__ == "__main__":
    main()
