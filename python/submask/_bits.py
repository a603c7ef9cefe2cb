"""Masks as task files have them, one bit a weight, in numpy: packed, unpacked, hashed, and written into weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Tuple

import numpy as np
from numpy.typing import NDArray

from submask._error import invalid
from submask._library import function

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class TaskUnit:
    """What a task says of a mask unit: w = scale * theta where the bit is 1, else off_scale * theta."""

    name: str
    shape: Tuple[int, ...]
    weights: int
    on: int  # weights that stay on
    scale: float
    off_scale: float  # 0, or -1 for flips

    @property
    def masked_fraction(self) -> float:
        return 1 - self.on / self.weights


def write_masked(unit: TaskUnit, bits: Bits, theta: NDArray[Any], weights: NDArray[Any]) -> None:
    """Writes w = on ? scale * theta : off_scale * theta into `weights`; both arrays have the unit's shape."""
    if theta.dtype == np.float64 and weights.dtype == theta.dtype:
        # Not in float32 as the library would: theta need not fit into it.
        np.multiply(theta, np.where(unpack_bits(bits, unit.shape), unit.scale, unit.off_scale), out=weights)
        return
    dtypes = {np.dtype("<f4"): 0, np.dtype("<f2"): 1}
    if theta.dtype not in dtypes or weights.dtype != theta.dtype:
        raise invalid(f"{unit.name} in float32, float16 or float64", theta.dtype)
    source = np.ascontiguousarray(theta)
    target = weights if weights.flags.c_contiguous else np.empty(weights.shape, weights.dtype)
    function("submask_apply")(
        dtypes[theta.dtype], unit.scale, unit.off_scale, address(source), address(bits), address(target), target.size
    )
    if target is not weights:
        weights[...] = target


def pack_bits(on: NDArray[Any]) -> Bits:
    """One bit a weight, row-major, the least significant bit of a byte first."""
    return np.packbits(np.ascontiguousarray(on).reshape(-1), bitorder="little")


def unpack_bits(bits: Bits, shape: Tuple[int, ...]) -> NDArray[np.bool_]:
    """What pack_bits() packed, of this shape."""
    count = int(np.prod(shape, dtype=np.int64))
    return np.unpackbits(bits, count=count, bitorder="little").astype(bool).reshape(shape)


def address(array: Optional[NDArray[Any]]) -> Optional[int]:
    """Where an array lies, as C wants it; None, which is C's null, for none."""
    return None if array is None else array.ctypes.data


def masks_identity(units: List[TaskUnit], bits: Mapping[str, Bits]) -> str:
    """By which a task names its parent's masks: SHA-256 over its units and bits, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for unit in units:
        shape = "".join(f" {length}" for length in unit.shape)
        digest.update(f"{unit.name}{shape}\n".encode() + bits[unit.name].tobytes())
    return digest.hexdigest()
