"""Records which candidate answers which example rightly: the score matrix that the search-cost benchmark replays.

    python3 record_search_matrix.py ../../../workflows/data/lexical-category.jsonl out.json --address http://127.0.0.1:PORT

The server is the one that Fledge starts (Sources/FledgeServing/Resources/server/serve.py). Candidates are what a
Search(.grid, .edits, .demonstrations(sets: 6, sizes: 4, 8, 16)) of the demo's use case makes: its instructions, edits of
them, and drawn sets of demonstrations. No example is scored that stands in a demonstration.
"""

import argparse
import concurrent.futures
import hashlib
import json
import random
import time
import urllib.request

MEANINGS = {
    "animal": "a living creature that is not a person or a plant",
    "artifact": "a thing made by people",
    "body": "a part of a body",
    "feeling": "an emotion",
    "food": "something to eat or drink",
    "location": "a place",
    "person": "a human being",
    "plant": "a tree, flower, grass or other plant",
    "substance": "a material or chemical",
    "time": "a period or a moment",
}
LABELS = sorted(MEANINGS)
BARE = "You name the category of a word from its dictionary gloss."
LISTED = BARE + " Answer with one of: " + ", ".join(LABELS) + "."
DEFINED = LISTED + "\n" + "\n".join(f"{label}: {meaning}" for label, meaning in MEANINGS.items())
ONE_WORD = LISTED + " Answer with one word, in lower case, and nothing else."
FRAMED = "Gloss: {}\nCategory:"


def order(row):
    return hashlib.sha256(row["lemma"].encode()).hexdigest()


def drawn(pool, count, seed):
    """Demonstrations spread evenly over the labels, in an order that the seed decides."""
    source = random.Random(seed)
    by_label = {label: [row for row in pool if row["category"] == label] for label in LABELS}
    for rows in by_label.values():
        source.shuffle(rows)
    chosen = []
    while len(chosen) < count:
        labels = [label for label in LABELS if by_label[label]]
        source.shuffle(labels)
        chosen += [by_label[label].pop() for label in labels[: count - len(chosen)]]
    source.shuffle(chosen)
    return chosen


def candidates(pool, seed):
    made = [
        ("zero-shot", BARE, "{}", []),
        ("labels", LISTED, FRAMED, []),
        ("labels/defined", DEFINED, FRAMED, []),
        ("labels/one-word", ONE_WORD, FRAMED, []),
        ("labels/question-first", LISTED, "Which category is it?\n" + FRAMED, []),
        ("labels/short", "Category of the gloss: " + ", ".join(LABELS) + ".", FRAMED, []),
        ("zero-shot/labels", LISTED, "{}", []),
        ("zero-shot/definitions", DEFINED, "{}", []),
        ("zero-shot/format", ONE_WORD, "{}", []),
        ("zero-shot/frame", BARE, FRAMED, []),
        ("zero-shot/last", None, "{}\n\n" + BARE, []),
        ("labels/last", None, FRAMED + "\n\n" + LISTED, []),
        ("labels/first", None, LISTED + "\n" + FRAMED, []),
        ("labels/bare", LISTED, "Gloss: {}", []),
        ("labels/defined-one-word", DEFINED + "\nAnswer with one word, in lower case, and nothing else.", FRAMED, []),
        ("labels/is-a", LISTED, "{}\nThis is a kind of:", []),
        ("labels/asked", LISTED, "What kind of thing is this? {}\nAnswer:", []),
        ("labels/only", ", ".join(LABELS), FRAMED, []),
    ]
    for count in (4, 8, 16):
        for number in range(6):
            made.append((f"few-shot-{count}/{number + 1}", LISTED, FRAMED, drawn(pool, count, seed + count * 100 + number)))
    return made


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data")
    options.add_argument("out")
    options.add_argument("--address", required=True)
    options.add_argument("--examples", type=int, default=240)
    options.add_argument("--pool", type=int, default=80)
    options.add_argument("--block", type=int, default=60)
    options.add_argument("--skip", type=int, default=0, help="rows that another matrix was made of")
    options.add_argument("--seed", type=int, default=0, help="draws other demonstrations")
    options.add_argument("--known", help="a matrix of the same examples: its candidates are not asked again")
    arguments = options.parse_args()
    rows = sorted((json.loads(line) for line in open(arguments.data)), key=order)[arguments.skip :]
    pool, scored = rows[: arguments.pool], rows[arguments.pool : arguments.pool + arguments.examples]
    # A lemma that stands in the pool is not scored.
    shown = {row["lemma"] for row in pool}
    scored = [row for row in scored if row["lemma"] not in shown]
    grammar = "root ::= " + " | ".join(json.dumps(label) for label in LABELS)
    made = candidates(pool, arguments.seed)

    def ask(candidate, row, slot):
        _, system, user, demonstrations = candidate
        messages = [{"role": "system", "content": system}] if system else []
        for demonstration in demonstrations:
            messages.append({"role": "user", "content": user.format(demonstration["gloss"])})
            messages.append({"role": "assistant", "content": demonstration["category"]})
        messages.append({"role": "user", "content": user.format(row["gloss"])})
        body = {"messages": messages, "temperature": 0, "max_tokens": 8, "grammar": grammar, "cache_prompt": True,
                "id_slot": slot}
        request = urllib.request.Request(arguments.address + "/v1/chat/completions", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)["choices"][0]["message"]["content"].strip()

    known = {}
    if arguments.known:
        with open(arguments.known) as file:
            known = {one["name"]: one["answers"] for one in json.load(file)["candidates"]}
    answers = [[] for _ in made]
    began = time.time()
    with concurrent.futures.ThreadPoolExecutor(4) as workers:
        for first in range(0, len(scored), arguments.block):
            block = scored[first : first + arguments.block]
            for number, candidate in enumerate(made):
                old = known.get(candidate[0], "")
                if len(old) >= first + len(block):
                    answers[number] += [LABELS[int(place)] for place in old[first : first + len(block)]]
                    continue
                # Each worker keeps to one slot of the server, which has the candidate's prefix cached.
                lanes = [block[lane::4] for lane in range(4)]
                got = list(workers.map(lambda lane: [ask(candidate, row, lane) for row in lanes[lane]], range(4)))
                answers[number] += [got[place % 4][place // 4] for place in range(len(block))]
            rates = [sum(a == r["category"] for a, r in zip(line, scored)) / len(line) for line in answers]
            print(f"{first + len(block)} examples, {time.time() - began:.0f} s", [round(x, 3) for x in rates], flush=True)
            matrix = {
                "data": "workflows/data/lexical-category.jsonl", "model": "smollm2-135m-instruct",
                "labels": LABELS,
                "expected": "".join(str(LABELS.index(row["category"])) for row in scored[: first + len(block)]),
                "candidates": [
                    {"name": candidate[0], "demonstrations": len(candidate[3]),
                     "answers": "".join(str(LABELS.index(answer)) for answer in line)}
                    for candidate, line in zip(made, answers)
                ],
            }
            with open(arguments.out, "w") as file:
                json.dump(matrix, file, indent=1)
                file.write("\n")


main()
