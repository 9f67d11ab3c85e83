"""Writes the values that the tests of the macro-averaged F1 compare with.

Usage: python3 make_macro_f1_references.py > ../Resources/macro-f1.json    (needs scikit-learn and SciPy)

The values are scikit-learn's; the bounds are written here a second time, from the formulas that MacroF1.swift names, for
fewer than thirty examples, where nothing is drawn.
"""
import json
import random

import numpy
import sklearn
from scipy.stats import beta, t
from sklearn.metrics import f1_score

ALPHAS = [0.05, 0.0125]


def case(seed, count, classes, accuracy, skew):
    """Expected and named labels; -1 is no label, and one label more than the classes is one that is never expected."""
    draw = random.Random(seed)
    weights = [skew**k for k in range(classes)]
    expected = draw.choices(range(classes), weights, k=count)
    named = [e if draw.random() < accuracy else draw.choice([*range(classes + 1), -1]) for e in expected]
    return expected, named


def value(expected, named):
    return float(f1_score(expected, named, labels=sorted(set(expected)), average="macro", zero_division=0))


def bounds(expected, named, alpha):
    labels = sorted(set(expected))
    n, many = len(expected), len(labels)
    e, p = numpy.array(expected), numpy.array(named)
    influence, hidden = numpy.zeros(n), [0.0, 0.0]
    for label in labels:
        right, wanted, given = ((e == label) & (p == label)), e == label, p == label
        hits, size, total = right.sum(), wanted.sum(), wanted.sum() + given.sum()
        f1 = 2 * hits / total
        influence += (2 * right - f1 * (wanted.astype(int) + given)) / total / many

        def with_recall(recall):
            return 2 * recall * size / ((given & ~wanted).sum() + recall * size + size)

        if hits == size:
            hidden[0] += ((f1 - with_recall(beta.ppf(alpha, size, 1))) / many) ** 2
        elif hits == 0:
            hidden[1] += (with_recall(beta.ppf(1 - alpha, 1, size)) / many) ** 2
    reach = t.ppf(1 - alpha, n - 1) * numpy.sqrt(n / (n - 1) * (influence**2).sum())
    point, right = value(expected, named), int((e == p).sum())
    exact = 0.0 if right == 0 else beta.ppf(alpha, right, n - right + 1)
    return [
        float(min(exact, max(0, point - numpy.hypot(reach, numpy.sqrt(hidden[0]))))),
        float(min(1, point + numpy.hypot(reach, numpy.sqrt(hidden[1])))),
    ]


def cases():
    settings = [(2, 1, 1, 1), (7, 2, 0.5, 1), (12, 3, 0.7, 0.5), (20, 4, 1, 0.6), (20, 4, 0, 0.6), (25, 5, 0.9, 0.4),
                (29, 6, 0.8, 1), (29, 3, 0.6, 0.2), (60, 4, 0.85, 0.5), (200, 10, 0.8, 0.7), (500, 20, 0.9, 0.8)]
    for seed, (count, classes, accuracy, skew) in enumerate(settings):
        expected, named = case(seed, count, classes, accuracy, skew)
        yield {
            "expected": expected, "named": named, "value": value(expected, named),
            "bounds": [[alpha, *bounds(expected, named, alpha)] for alpha in ALPHAS] if count < 30 else [],
        }


print("{")
print(f'  "sklearn": "{sklearn.__version__}",')
print('  "cases": [\n    ' + ",\n    ".join(json.dumps(one) for one in cases()) + "\n  ]")
print("}")
