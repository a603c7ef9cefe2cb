"""Writes tests/golden/numeric/t_sne.json: what scikit-learn's exact t-SNE makes of seeded features.

The features come from the counter generator, so that the C++ tests build the same ones and the file holds
the answers only.  Run from the repository's root:  python tests/reference/make_t_sne.py
"""

import json
import pathlib

import numpy as np
import sklearn
from counter_random import uniform
from make_evaluate import problem
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities
from sklearn.metrics import pairwise_distances

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "experiment" / "t_sne.json"


def case(seed, count, width, classes, perplexity):
    features, _ = problem(seed, count, width, classes)
    rows = features.astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    distances = pairwise_distances(rows, squared=True)
    joint = _joint_probabilities(distances, perplexity, 0)
    start = PCA(2, svd_solver="full").fit_transform(rows)
    start *= 1e-4 / start[:, 0].std()
    return {
        "seed": seed, "count": count, "width": width, "classes": classes, "perplexity": perplexity,
        "joint_of_first": np.concatenate([[0], joint[:count - 1]]).round(9).tolist(),
        "divergences": [divergence(rows, perplexity, start, disturbed) for disturbed in range(16)],
    }


def divergence(rows, perplexity, start, disturbed):
    """What the descent comes to depends on its start's last digits: here all are changed by a thousandth."""
    noise = uniform([disturbed, 4], start.size).reshape(start.shape)
    fit = TSNE(2, perplexity=perplexity, init=start * (1 + 1e-3 * noise), method="exact", max_iter=1000)
    return round(float(fit.fit(rows).kl_divergence_), 6)


versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
cases = [case(31, 60, 8, 3, 10.0), case(32, 150, 24, 5, 30.0)]
OUT.write_text(json.dumps({"made_with": versions, "cases": cases}, indent=1) + "\n")
