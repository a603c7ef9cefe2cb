"""What the two coded profiles share: a block of weights whose bits are to be decoded, and the sizes of its weights."""

from typing import NamedTuple, Optional

import numpy as np


class Damage(Exception):
    """Bytes that no encoder writes; says what was expected and what came."""


class Block(NamedTuple):
    weight: np.ndarray  # float32 [outputs, ...], the backbone's
    parent: Optional[np.ndarray]  # bool, the same shape: the parent task's bits
    off_share: int  # of the whole unit, in 65536ths
    kernel_width: int


def expect(fits, wanted, got):
    if not fits:
        raise Damage(f"expected {wanted}, got {got}")


def unpacked(coded, size):
    expect(len(coded) == (size + 7) // 8, f"{(size + 7) // 8} bytes of packed bits", len(coded))
    bits = np.unpackbits(np.frombuffer(coded, np.uint8), bitorder="little").astype(bool)
    expect(not bits[size:].any(), "zeros after the last bit", "ones")
    return bits[:size]


def size_bins(weight):
    keys = (np.ascontiguousarray(weight, "<f4").view("<u4").ravel() & 0x7FFFFFFF) >> 21
    sample = keys[:: keys.size >> 13 | 1]
    upto = np.cumsum(np.bincount(sample, minlength=1024))
    median = int(np.argmax(2 * upto >= sample.size))
    return np.clip(keys.astype(np.int64) - median + 28, 0, 39)
