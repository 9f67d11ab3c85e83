"""Writes the reference values that the tests of judges' calibration compare with.

Usage: python3 make_judge_references.py > ../Resources/judges.json    (needs NumPy and SciPy)

The formulas are written here a second time, from the papers, on SciPy's distributions and root finder.
"""
import json

import numpy
import scipy
from scipy.optimize import brentq
from scipy.stats import beta

SETTINGS = [
    # true passes, false fails, false passes, true fails, judge's passes, answers
    (30, 5, 3, 12, 150, 200), (40, 0, 0, 20, 90, 100), (25, 5, 10, 10, 60, 100), (70, 10, 2, 18, 430, 500),
    (200, 20, 15, 65, 800, 1000), (12, 3, 4, 31, 20, 80), (15, 0, 6, 29, 55, 60), (45, 2, 1, 12, 300, 300),
    (45, 2, 1, 12, 0, 300), (20, 10, 12, 18, 45, 90),
]
ALPHAS = [0.05, 0.025, 0.0125]


def exact(k, n, alpha):
    return (0.0 if k == 0 else beta.ppf(alpha, k, n - k + 1), 1.0 if k == n else beta.ppf(1 - alpha, k + 1, n - k))


def corrected(tp, fn, fp, tn, passes, count, alpha):
    p, se, f = passes / count, tp / (tp + fn), fp / (fp + tn)
    sp = 1 - f
    value = min(1.0, max(0.0, (p + sp - 1) / (se + sp - 1)))
    (pl, pu), (sl, su), (fl, fu) = exact(passes, count, alpha), exact(tp, tp + fn, alpha), exact(fp, fp + tn, alpha)

    def low(rate):
        return p - rate * se - (1 - rate) * f - numpy.sqrt(
            (p - pl) ** 2 + (rate * (su - se)) ** 2 + ((1 - rate) * (fu - f)) ** 2)

    def high(rate):
        return p - rate * se - (1 - rate) * f + numpy.sqrt(
            (pu - p) ** 2 + (rate * (se - sl)) ** 2 + ((1 - rate) * (f - fl)) ** 2)

    lower = 0.0 if low(0) <= 0 else 1.0 if low(1) > 0 else brentq(low, 0, 1, xtol=1e-14)
    upper = 1.0 if high(1) >= 0 else 0.0 if high(0) < 0 else brentq(high, 0, 1, xtol=1e-14)
    return value, lower, upper


def kappa(tp, fn, fp, tn):
    table = numpy.array([[tp, fn], [fp, tn]], float)
    table /= table.sum()
    chance = float(table.sum(axis=1) @ table.sum(axis=0))
    return (float(numpy.trace(table)) - chance) / (1 - chance)


def youden(tp, fn, fp, tn, alpha):
    return exact(tp, tp + fn, alpha / 2)[0] + exact(tn, fp + tn, alpha / 2)[0] - 1


def rows(values):
    return "[\n    " + ",\n    ".join(json.dumps(value, default=float) for value in values) + "\n  ]"


print("{")
print(f'  "scipy": "{scipy.__version__}",')
print(f'  "kappa": {rows([[*row[:4], kappa(*row[:4]), youden(*row[:4], 0.05)] for row in SETTINGS])},')
print(f'  "corrected": {rows([[*row, alpha, *corrected(*row, alpha)] for row in SETTINGS for alpha in ALPHAS])}')
print("}")
