"""Writes tests/golden/evaluate/*.json: what scikit-learn makes of seeded problems.

The problems come from the counter generator, so that the C++ tests build the same ones and the files hold
the answers only.  Run from the repository's root:  python tests/reference/make_evaluate.py
"""

import json
import pathlib

import numpy as np
import sklearn
from counter_random import draws, uniform
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "evaluate"
VERSIONS = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}


def problem(seed, count, width, classes):
    """Overlapping classes whose features differ in scale and all lie off zero, as pooled features do."""
    noise = uniform([seed, 1], count * width).reshape(count, width)
    labels = (draws([seed, 2], count) % np.uint64(classes)).astype(np.int64)
    centres = uniform([seed, 3], classes * width).reshape(classes, width)
    scale = 1.0 + np.arange(width)
    features = (noise + 0.7 * centres[labels] + 1.0) * scale
    return features.astype(np.float32), labels


def linear_probe(seed, count, width, classes, l2):
    features, labels = problem(seed, count, width, classes)
    fit = LogisticRegression(C=1 / (count * l2), solver="newton-cg", tol=1e-12, max_iter=10000)
    fit.fit(features.astype(np.float64), labels)
    assert fit.coef_.shape == (classes, width)
    # Any constant added to every bias is the same model: the one whose biases sum to zero is compared.
    bias = fit.intercept_ - fit.intercept_.mean()
    return {
        "seed": seed, "count": count, "width": width, "classes": classes, "l2": l2,
        "weight": fit.coef_.round(7).ravel().tolist(),
        "bias": bias.round(7).tolist(),
    }


def knn(seed, count, queries, width, classes, k, temperature):
    features, labels = problem(seed, count + queries, width, classes)
    features = features.astype(np.float64)
    fit = KNeighborsClassifier(k, metric="cosine", algorithm="brute",
                               weights=lambda distance: np.exp((1 - distance) / temperature))
    fit.fit(features[:count], labels[:count])
    return {
        "seed": seed, "count": count, "queries": queries, "width": width, "classes": classes,
        "k": k, "temperature": temperature,
        "scores": fit.predict_proba(features[count:]).round(6).ravel().tolist(),
    }


def write(name, cases):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(json.dumps({"made_with": VERSIONS, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    write("linear_probe.json", [
        linear_probe(1, 150, 5, 3, 1e-2),
        linear_probe(2, 400, 8, 4, 1e-4),
        linear_probe(3, 60, 12, 5, 1e-1),
    ])
    write("knn.json", [
        knn(4, 300, 12, 6, 3, 20, 0.07),
        knn(5, 90, 10, 4, 5, 90, 0.1),
    ])
