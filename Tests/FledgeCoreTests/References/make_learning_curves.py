"""Writes Resources/learning-curves.json: inverse power laws fitted by SciPy.

    python3 make_learning_curves.py > ../Resources/learning-curves.json

Each case has points [size, score, count] and the fit of score = a - b * n**-c by bounded weighted least squares
(0 <= a <= 1, 0 <= b, 0.01 <= c <= 1), from many starts, with the weights that LearningCurve.swift states.
"""

import json

import numpy as np
from scipy.optimize import least_squares

CASES = {
    "clean law": [(50, 0.9 - 1.5 * 50**-0.5, 200), (100, 0.9 - 1.5 * 100**-0.5, 200),
                  (200, 0.9 - 1.5 * 200**-0.5, 200), (400, 0.9 - 1.5 * 400**-0.5, 200)],
    "three sizes": [(50, 0.52, 100), (150, 0.67, 100), (300, 0.74, 100)],
    "noisy": [(25, 0.31, 120), (50, 0.44, 120), (100, 0.50, 120), (200, 0.66, 120), (400, 0.70, 120)],
    "flat": [(50, 0.60, 80), (100, 0.61, 80), (200, 0.60, 80), (400, 0.605, 80)],
    "still rising": [(100, 0.30, 150), (200, 0.42, 150), (400, 0.55, 150)],
    "uneven counts": [(40, 0.40, 50), (80, 0.55, 100), (160, 0.62, 400), (320, 0.70, 800)],
    "near the top": [(50, 0.90, 200), (100, 0.94, 200), (200, 0.97, 200), (400, 0.985, 200)],
}


def fit(points):
    n, y, count = (np.array(column, dtype=float) for column in zip(*points))
    smoothed = (count * y + 1) / (count + 2)
    weight = count / (smoothed * (1 - smoothed))
    best = None
    for a in (0.5, 0.8, 1.0):
        for b in (0.5, 2.0, 10.0):
            for c in (0.05, 0.2, 0.5, 0.9):
                found = least_squares(
                    lambda p: np.sqrt(weight) * (y - p[0] + p[1] * n ** -p[2]), (a, b, c),
                    bounds=([0, 0, 0.01], [1, np.inf, 1]), xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20000)
                if best is None or found.cost < best.cost:
                    best = found
    law = [float(value) for value in best.x]
    return {"points": points, "law": law, "loss": float(2 * best.cost),
            "at1000": float(np.clip(law[0] - law[1] * 1000 ** -law[2], 0, 1))}


print(json.dumps({name: fit(points) for name, points in CASES.items()}, indent=1))
