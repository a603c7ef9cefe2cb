"""The Python twin of src/base/random.h: the same numbers from the same key."""

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix64(value):
    value = np.asarray(value, dtype=np.uint64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def draws(key, count):
    """The first `count` values of Random(key).next() as uint64."""
    with np.errstate(over="ignore"):
        state = np.uint64(0)
        for part in key:
            state = mix64(state + _GOLDEN + np.uint64(part))
        counters = np.arange(1, count + 1, dtype=np.uint64)
        return mix64(state + counters * _GOLDEN)


def uniform(key, count):
    """The first `count` values of Random(key).uniform()."""
    return (draws(key, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


if __name__ == "__main__":
    print(draws([1, 2, 3], 2))
