"""How well held-back rows are answered: exactly right, and for choices by label."""

from collections import Counter


def judge(answerer, rows, evaluation, limit):
    """A function that answers the rows and says how many are right."""
    choices = evaluation.get("choices")
    prompts = [{"messages": row["messages"], "choices": choices} for row in rows]
    wanted = [row["completion"].strip() for row in rows]

    def judged():
        return scored(wanted, [answer.strip() for answer in answerer.answers(prompts, limit)], choices)

    return judged


def scored(wanted, given, choices=None):
    """The share that is right; for choices precision and recall too, averaged over the labels that were wanted or given."""
    right = sum(one == other for one, other in zip(wanted, given))
    fields = {"metric": right / len(wanted)}
    if not choices:
        return fields
    expected, answered = Counter(wanted), Counter(given)
    hits = Counter(one for one, other in zip(wanted, given) if one == other)
    labels = {
        label: {"expected": expected[label], "answered": answered[label], "right": hits[label]}
        for label in [*choices, *sorted(set(wanted) - set(choices))] if expected[label] or answered[label]
    }

    def average(kind):
        shares = [counts["right"] / counts[kind] if counts[kind] else 0.0 for counts in labels.values()]
        return sum(shares) / len(shares)

    return fields | {"precision": average("answered"), "recall": average("expected"), "labels": labels}
