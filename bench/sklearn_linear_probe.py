"""scikit-learn's LogisticRegression, for bench_linear_probe.

Answers lines on stdin with lines on stdout:
    version                               the versions of scikit-learn, numpy and scipy
    load FILE N D K                       features float32 [N, D], then labels int64 [N], as raw bytes
    fit L2 TOLERANCE                      seconds, loss, iterations and largest gradient entry at its end

The loss is the one that bench_linear_probe reports: mean cross-entropy + L2 / 2 |W|^2, in float64. The threads are
those of OMP_NUM_THREADS and OPENBLAS_NUM_THREADS.
"""

import sys
import time
import warnings

import numpy as np
import scipy
import sklearn
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression


def load(file, count, width):
    raw = np.fromfile(file, dtype=np.uint8)
    split = 4 * count * width
    features = raw[:split].view(np.float32).reshape(count, width).copy()
    return features, raw[split:].view(np.int64).copy()


def loss_of(fit, features, labels, l2):
    features = features.astype(np.float64)
    shares = log_softmax(features @ fit.coef_.T + fit.intercept_, axis=1)
    rows = np.arange(len(labels))
    value = -shares[rows, labels].mean() + l2 / 2 * (fit.coef_**2).sum()
    residual = np.exp(shares)
    residual[rows, labels] -= 1
    gradient = np.hstack([residual.T @ features / len(labels) + l2 * fit.coef_, residual.mean(0)[:, None]])
    return value, np.abs(gradient).max()


def main():
    warnings.simplefilter("ignore")
    features = labels = None
    for line in sys.stdin:
        words = line.split()
        if words[0] == "load":
            features, labels = load(words[1], int(words[2]), int(words[3]))
            print("loaded", flush=True)
        elif words[0] == "fit":
            l2, tolerance = float(words[1]), float(words[2])
            model = LogisticRegression(C=1 / (len(labels) * l2), solver="lbfgs", tol=tolerance, max_iter=100000)
            begin = time.perf_counter()
            model.fit(features, labels)
            seconds = time.perf_counter() - begin
            value, gradient = loss_of(model, features, labels, l2)
            print(seconds, repr(float(value)), int(model.n_iter_[0]), float(gradient), flush=True)
        else:
            print(f"scikit-learn {sklearn.__version__} numpy {np.__version__} scipy {scipy.__version__}", flush=True)


if __name__ == "__main__":
    main()
