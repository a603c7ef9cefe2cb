"""Scores before the first step of learning: the program's numbers from the program's random stream, in numpy.

The stream of a key is counter-based (src/base/random.h): draw i is mix64(key + i * golden ratio), splitmix64's
finaliser (Steele, Lea and Flood 2014); a normal number is Box-Muller's of two draws. Scores that are drawn by normal
numbers can differ from the program's in the last bit where numpy's logarithm or cosine rounds otherwise than the C
library's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List, Sequence

import numpy as np
from numpy.typing import NDArray

from submask._units import Floats

_golden = 0x9E3779B97F4A7C15
_word = (1 << 64) - 1
# Of src/base/random.h: the second part of a key.
_score_stream, _select_stream = 5, 8
_chunk = 1 << 20  # draws at a time, to bound the memory

KINDS = ("constant", "normal", "magnitude", "shuffled", "kaiming")


@dataclass(frozen=True)
class ScoreStart:
    """How scores begin: "constant" mean; "normal" mean + std * normal; "magnitude" |theta| + that; "shuffled" the
    same in a random order; "kaiming" uniform in +-sqrt(6 / ((1 + 5) fan_in)), torch's default for convolutions."""

    kind: str
    mean: float
    std: float
    seed: int


def _mix64(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


class Random:
    """The stream of a key, drawn in order."""

    def __init__(self, key: Sequence[int]) -> None:
        state = np.zeros(1, np.uint64)
        for part in key:
            state = _mix64(state + np.uint64((_golden + part) & _word))
        self._key, self._drawn = state, 0

    def draws(self, count: int) -> NDArray[np.uint64]:
        counters = np.arange(self._drawn + 1, self._drawn + count + 1, dtype=np.uint64)
        self._drawn += count
        return _mix64(self._key + counters * np.uint64(_golden))

    def uniform(self, count: int) -> NDArray[np.float64]:
        return np.asarray((self.draws(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53)

    def normal(self, count: int) -> NDArray[np.float64]:
        pairs = self.uniform(2 * count).reshape(count, 2)
        return np.asarray(np.sqrt(-2.0 * np.log(1.0 - pairs[:, 0])) * np.cos(2.0 * math.pi * pairs[:, 1]))

    def below(self, bound: int) -> int:
        """[0, bound) without bias (Lemire 2019)."""
        product = int(self.draws(1)[0]) * bound
        while product & _word < bound and product & _word < (1 << 64) % bound:
            product = int(self.draws(1)[0]) * bound
        return product >> 64

    def permutation(self, count: int) -> NDArray[np.int64]:
        """Of 0 ... count - 1 (Fisher-Yates)."""
        places: List[int] = [self.below(i) for i in range(count, 1, -1)]
        order = list(range(count))
        for i, place in zip(range(count - 1, 0, -1), places):
            order[i], order[place] = order[place], order[i]
        return np.array(order, np.int64)


def _in_chunks(count: int, draw: object) -> Floats:
    values = np.empty(count, np.float32)
    for begin in range(0, count, _chunk):
        end = min(begin + _chunk, count)
        values[begin:end] = draw(end - begin)  # type: ignore[operator]
    return values


def kept(share: float, count: int) -> int:
    """How many of `count` a share is: the nearest whole number, halves upwards, at least one."""
    exact = share * count
    whole = math.floor(exact)
    return min(max(whole + (exact - whole >= 0.5), 1), count)


def start_scores(start: ScoreStart, theta: Floats, unit: int) -> Floats:
    """Float32 scores shaped as theta; `unit` is the unit's index among those that are learned."""
    random = Random([start.seed, _score_stream, unit, 0])
    if start.kind == "constant":
        return np.full(theta.shape, start.mean, np.float32)
    if start.kind == "kaiming":
        fan_in = theta[0].size if theta.ndim > 1 else theta.size
        bound = math.sqrt(1.0 / fan_in)
        return _in_chunks(theta.size, lambda count: bound * (2 * random.uniform(count) - 1)).reshape(theta.shape)
    score = _in_chunks(theta.size, random.normal).reshape(theta.shape)
    score *= np.float32(start.std)
    score += np.float32(start.mean)
    if start.kind != "normal":
        score += np.abs(theta)
    if start.kind == "shuffled":
        score = score.reshape(-1)[random.permutation(score.size)].reshape(theta.shape)
    return score


def _largest(values: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    chosen = np.zeros(values.size, bool)
    chosen[np.argsort(-values.reshape(-1), kind="stable")[: kept(share, values.size)]] = True
    return chosen.reshape(values.shape)


def protect_unselected(
    score: Floats, theta: Floats, seed: int, unit: int, random_share: float, largest_share: float
) -> None:
    """Sets the scores of weights outside the shares to +infinity, in place, so that they are never masked."""
    if largest_share < 1:
        score[~_largest(np.abs(theta), largest_share)] = np.inf
    if random_share < 1:
        draw = Random([seed, _select_stream, unit, 0]).uniform(theta.size).reshape(theta.shape)
        score[~_largest(draw, random_share)] = np.inf
