"""Writes the p-values and bars that the tests of the golden check compare with.

Usage: python3 make_fisher_references.py > ../Resources/fisher.json    (needs SciPy)
"""
import json
import math

import scipy
from scipy.stats import binom, fisher_exact

ALPHA, FLOOR, PRESUMED = 0.01, 0.5, 0.9


def fewer():
    """hits, trials, other hits, other trials, and P(so few hits or fewer)."""
    for trials, other in [(1, 1), (5, 3), (30, 30), (32, 20), (64, 64), (500, 400)]:
        for hits in sorted({0, 1, trials // 2, trials - 1, trials}):
            for hits_of_other in sorted({0, other // 3, other - 1, other}):
                table = [[hits, trials - hits], [hits_of_other, other - hits_of_other]]
                yield [hits, trials, hits_of_other, other, float(fisher_exact(table, alternative="less").pvalue)]


def bars():
    """prompts, base's prompts (0 for not asked), base's agreeing answers, and the least number that passes."""
    for prompts in [1, 2, 5, 10, 20, 30, 32, 64]:
        for base in [0, prompts // 2, prompts]:
            for agreeing in sorted({0, base // 2, (9 * base) // 10, base - 1, base} if base else {0}):
                def p(k):
                    if base == 0:
                        return binom.cdf(k, prompts, PRESUMED)
                    return fisher_exact([[k, prompts - k], [agreeing, base - agreeing]], alternative="less").pvalue
                passing = [k for k in range(prompts + 1) if p(k) >= ALPHA and k >= math.ceil(FLOOR * prompts)]
                yield [prompts, base, agreeing, passing[0] if passing else prompts]


def rows(values):
    return "[\n    " + ",\n    ".join(json.dumps(value) for value in values) + "\n  ]"


print("{")
print(f'  "scipy": "{scipy.__version__}",')
print(f'  "fewer": {rows(fewer())},')
print(f'  "bars": {rows(bars())}')
print("}")
