"""Writes tests/golden/numeric/analysis_statistics.json: scipy's Spearman and average linkage.

Run from the repository's root:  python tests/reference/make_analysis_statistics.py
"""

import json
import pathlib
import sys

import numpy as np
import scipy
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import spearmanr

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/experiment")
draw = np.random.default_rng(8)


def spearman(count, levels):
    x, y = draw.integers(levels, size=(2, count)).astype(float)
    y = y + x / 2
    return {"x": x.tolist(), "y": y.tolist(), "rho": float(spearmanr(x, y).statistic)}


def tree(count):
    half = np.triu(draw.uniform(0.1, 1, (count, count)), 1)
    square = half + half.T
    merges = linkage(squareform(square), "average")
    return {"distances": square.tolist(), "merges": merges.tolist(), "leaves": leaves_list(merges).tolist()}


record = {
    "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
    "spearman": [spearman(count, levels) for count, levels in ((3, 50), (8, 1000), (30, 6), (200, 40))],
    "linkage": [tree(count) for count in (2, 3, 7, 12)],
}
OUT.mkdir(parents=True, exist_ok=True)
(OUT / "analysis_statistics.json").write_text(json.dumps(record) + "\n")
