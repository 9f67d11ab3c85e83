"""Writes the reference values that the tests of FledgeCore's statistics compare with.

Usage: python3 make_references.py > ../Resources/statistics.json
(needs SciPy and statsmodels; it writes the versions that it used)
"""
import json
import math

import numpy
import scipy
import statsmodels
from scipy.stats import beta, binom, binomtest
from statsmodels.stats.multitest import multipletests

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


def mcnemar_values():
    """wins, losses, exact one-sided greater and less (SciPy)."""
    for wins, losses in [(0, 1), (1, 0), (3, 3), (5, 1), (1, 5), (10, 2), (12, 25), (40, 20), (100, 100), (300, 250)]:
        total = wins + losses
        yield [
            wins, losses, float(binomtest(wins, total, 0.5, "greater").pvalue),
            float(binomtest(wins, total, 0.5, "less").pvalue),
        ]


def holm():
    random = numpy.random.default_rng(3)
    for size in [1, 2, 3, 5, 8, 20]:
        for scale in [0.01, 0.2, 1]:
            values = [round(float(v), 6) for v in random.random(size) * scale]
            yield [values, [float(v) for v in multipletests(values, method="holm")[1]]]


def betting_sequence(values, alpha, total=None, resolution=1000, cap=0.5):
    """The hedged capital process of Waudby-Smith and Ramdas (2024), theorem 3, in its max form with theta = 1/2 and error
    2 * alpha, written down as it stands there: every mean of the grid by itself, in logarithms, nothing dropped. Returns
    the bounds after each value, rounded outwards to the grid."""
    risen = numpy.zeros(resolution + 1)
    fallen = numpy.zeros(resolution + 1)
    risen_most, fallen_most = risen.copy(), fallen.copy()
    threshold = math.log(1 / alpha)
    means = numpy.arange(resolution + 1) / resolution
    with numpy.errstate(divide="ignore"):
        cap_rise, cap_fall = cap / means, cap / (1 - means)
    for t in range(1, len(values) + 1):
        seen = values[: t - 1]
        # Equation 24: regularised mean and variance of what was seen before.
        running = [(0.5 + sum(seen[: i + 1])) / (i + 2) for i in range(len(seen))]
        variance = (0.25 + sum((x - m) ** 2 for x, m in zip(seen, running))) / t
        time = t * math.log(t + 1) if total is None else total
        stake = math.sqrt(2 * math.log(1 / alpha) / (variance * time))
        x = values[t - 1]
        with numpy.errstate(divide="ignore"):
            risen = risen + numpy.log1p(numpy.minimum(stake, cap_rise) * (x - means))
            fallen = fallen + numpy.log1p(-numpy.minimum(stake, cap_fall) * (x - means))
        risen_most = numpy.maximum(risen_most, risen)
        fallen_most = numpy.maximum(fallen_most, fallen)
        low = numpy.flatnonzero(risen_most >= threshold)
        high = numpy.flatnonzero(fallen_most >= threshold)
        yield (float(means[low.max()]) if low.size else 0.0, float(means[high.min()]) if high.size else 1.0)


def betting():
    """Values, error rate of each side, fixed size or null, and the bounds after every tenth value."""
    random = numpy.random.default_rng(5)
    series = {
        "coin": random.integers(0, 2, 150).astype(float),
        "nearly always": (random.random(200) < 0.95).astype(float),
        "beta": random.beta(2, 5, 120).round(4),
        "constant": numpy.full(60, 0.5),
        "zeros": numpy.zeros(40),
        "differences": (1 + random.choice([-1, 0, 0, 0, 1, 1], 150)) / 2,
    }
    for name, values in series.items():
        values = [float(v) for v in values]
        for alpha in [0.05, 0.0125]:
            for total in [None, len(values)]:
                bounds = list(betting_sequence(values, alpha, total))[9::10]
                yield {"name": name, "values": values, "alpha": alpha, "total": total, "bounds": bounds}


def rows(values):
    return "[\n    " + ",\n    ".join(json.dumps(value) for value in values) + "\n  ]"


print("{")
print(f'  "scipy": "{scipy.__version__}",')
print(f'  "statsmodels": "{statsmodels.__version__}",')
print(f'  "clopperPearson": {rows(clopper_pearson())},')
print(f'  "beta": {rows(beta_values())},')
print(f'  "quantileRanks": {rows(quantile_ranks())},')
print(f'  "mcnemar": {rows(mcnemar_values())},')
print(f'  "holm": {rows(holm())},')
print(f'  "betting": {rows(betting())}')
print("}")
