"""Writes the reference values that the tests of FledgeCore's statistics compare with.

Usage: python3 make_references.py > ../Resources/statistics.json    (needs SciPy; it writes the version that it used)
"""
import json

import numpy
import scipy
from scipy.stats import beta, binom

ALPHAS = [0.1, 0.05, 0.025, 0.01, 0.005, 0.0005]
TRIALS = [1, 2, 3, 5, 10, 30, 100, 300, 1000, 10_000, 100_000]


def clopper_pearson():
    for n in TRIALS:
        for k in sorted({0, 1, n // 10, n // 4, n // 2, (86 * n) // 100, n - 1, n}):
            for alpha in ALPHAS:
                lower = 0.0 if k == 0 else beta.ppf(alpha, k, n - k + 1)
                upper = 1.0 if k == n else beta.ppf(1 - alpha, k + 1, n - k)
                yield [k, n, alpha, float(lower), float(upper)]


def beta_values():
    shapes = [0.5, 1, 2, 3.5, 10, 50, 500, 5_000, 50_000, 100_000]
    for a in shapes:
        for b in shapes:
            for p in [1e-9, 1e-4, 0.025, 0.3, 0.5, 0.9, 0.999, 1 - 1e-7]:
                x = float(beta.ppf(p, a, b))
                if 0 < x < 1:
                    yield [a, b, x, float(beta.cdf(x, a, b))]


def quantile_ranks():
    """The largest rank whose value is a lower bound, and the smallest whose value is an upper one; null for none."""
    for n in [1, 5, 20, 59, 60, 100, 300, 1000, 20_000]:
        for q in [0.5, 0.9, 0.95, 0.99]:
            for alpha in [0.05, 0.025, 0.005]:
                ranks = numpy.arange(1, n + 1)
                # X_(r) <= quantile unless fewer than r values are below it.
                lower = ranks[binom.cdf(ranks - 1, n, q) <= alpha]
                upper = ranks[binom.sf(ranks - 1, n, q) <= alpha]
                yield [n, q, alpha, int(lower.max()) if lower.size else None, int(upper.min()) if upper.size else None]


def rows(values):
    return "[\n    " + ",\n    ".join(json.dumps(value) for value in values) + "\n  ]"


print("{")
print(f'  "scipy": "{scipy.__version__}",')
print(f'  "clopperPearson": {rows(clopper_pearson())},')
print(f'  "beta": {rows(beta_values())},')
print(f'  "quantileRanks": {rows(quantile_ranks())}')
print("}")
