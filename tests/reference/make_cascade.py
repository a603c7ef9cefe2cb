"""Writes tests/golden/cascade/*.json: what scikit-learn makes of seeded features.

The features come from the counter generator, so that the C++ tests build the same ones and the files hold
the answers only.  Run from the repository's root:  python tests/reference/make_cascade.py
"""

import json
import pathlib

import numpy as np
import sklearn
from make_evaluate import problem
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "cascade"
VERSIONS = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}


def numbers(array):
    return np.asarray(array, dtype=np.float64).round(9).ravel().tolist()


def pca(seed, count, width, kept):
    features, _ = problem(seed, count, width, 3)
    fit = PCA(kept, svd_solver="full").fit(features.astype(np.float64))
    components = fit.components_
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(kept), largest])[:, None]
    rows = (features - fit.mean_) @ components.T
    return {
        "seed": seed, "count": count, "width": width, "kept": kept,
        "mean": numbers(fit.mean_), "components": numbers(components),
        "whitened": numbers(rows / np.sqrt(fit.explained_variance_)),
        "by_singular_values": numbers(rows / fit.singular_values_),
    }


class StartedMixture(GaussianMixture):
    """Expectation and maximisation from the components that given labels make."""

    start = None

    def _initialize_parameters(self, rows, random_state, xp=None):
        one_hot = np.eye(self.n_components)[self.start]
        self._initialize(rows, one_hot)


def mixture(seed, count, width, components):
    features, labels = problem(seed, count, width, components)
    rows = features.astype(np.float64)
    fit = StartedMixture(components, covariance_type="full")
    fit.start = labels
    fit.fit(rows)
    assert fit.converged_
    return {
        "seed": seed, "count": count, "width": width, "components": components,
        "iterations": int(fit.n_iter_),
        "weights": numbers(fit.weights_), "means": numbers(fit.means_),
        "precision_factors": numbers(fit.precisions_cholesky_),
        "responsibilities": numbers(fit.predict_proba(rows)),
    }


def k_means(seed, count, width, clusters):
    features, _ = problem(seed, count, width, clusters)
    rows = features.astype(np.float64)
    fit = KMeans(clusters, init=rows[:clusters], n_init=1, tol=0, algorithm="lloyd").fit(rows)
    return {
        "seed": seed, "count": count, "width": width, "clusters": clusters,
        "centres": numbers(fit.cluster_centers_), "labels": fit.labels_.tolist(),
    }


def write(name, cases):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(json.dumps({"made_with": VERSIONS, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    write("pca.json", [pca(1, 60, 8, 4), pca(2, 12, 5, 5)])
    write("gaussian_mixture.json", [mixture(3, 120, 4, 3), mixture(4, 90, 2, 5)])
    write("k_means.json", [k_means(5, 100, 3, 4), k_means(6, 40, 6, 2)])
