"""What a task's head says of features, in numpy."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np
from numpy.typing import NDArray

from submask._error import invalid
from submask._units import Floats, float32


def logits(parts: Mapping[str, Floats], features: NDArray[Any], file: str) -> Floats:
    """Of features [N,D] logits [N,C], by a head's arrays as Task.head() gives them; `file` is for errors."""
    features = float32(features)
    width = next((parts[kind].shape[1] for kind in ("weight", "cosine", "bank") if kind in parts), None)
    if width is None:
        raise invalid(f"a head in {file}", "none")
    if features.ndim != 2 or features.shape[1] != width:
        raise invalid(f"features of shape [N, {width}] for {file}", list(features.shape))
    if "weight" in parts:
        return float32(features @ parts["weight"].T + parts["bias"])
    directions = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    if "cosine" in parts:
        return float32(directions @ parts["cosine"].T)
    bank = parts["bank"] / np.maximum(np.linalg.norm(parts["bank"], axis=1, keepdims=True), 1e-12)
    nearest, temperature, classes = parts["bank_votes"].tolist()
    votes = np.zeros((len(features), int(classes)))
    for row, cosine in zip(votes, directions @ bank.T):
        best = np.argsort(-cosine, kind="stable")[: int(nearest)]
        np.add.at(row, parts["bank_labels"][best].astype(int), np.exp(cosine[best] / temperature))
    with np.errstate(divide="ignore"):
        return float32(np.log(votes / votes.sum(axis=1, keepdims=True)))
