"""Mask units: which rows of a network's tensors have a mask, and by which canonical names.

The names come from the library (submask_unit_names_find), which knows timm's, torchvision's, transformers', OpenAI's
and open_clip's networks; there is no second table here. A network is a torch module or a state dict of numpy arrays or
torch tensors; torch is not imported here.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from typing import Any, Collection, Dict, Iterable, List, Mapping, Sequence, Tuple, Union

import numpy as np
from numpy.typing import NDArray

from submask._error import converted, invalid
from submask._library import Array, Tensor, UnitNames, function, shape_pointer

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Unit:
    """Rows of one tensor of a network that have a mask and a scale of their own."""

    name: str  # canonical: "layer1.0.conv1.weight", "blocks.0.attn.q.weight"
    kind: str  # conv, depthwise, q, k, v, out, fc1, ... as submask.h lists them
    tensor: str  # the tensor's name in the caller's state dict
    row_begin: int
    row_end: int
    transposed: bool  # the tensor is [in, out], and the unit's rows are its columns
    masked_by_default: bool
    shape: Tuple[int, ...]

    def of(self, tensor: Any) -> Any:
        """A view of a tensor (numpy's or torch's) that has the unit's shape."""
        if self.transposed:
            return tensor[..., self.row_begin : self.row_end].T
        return tensor[self.row_begin : self.row_end]


@dataclass(frozen=True)
class FoundUnits:
    """What submask_unit_names_find says of a network."""

    layout: str  # whose names they are: "transformers", "its own names" (timm's)
    prefix: str  # before every name: "module.", "visual.", ""
    units: Tuple[Unit, ...]  # in network order
    statistics: Dict[str, str]  # of batch norms: canonical names, and the caller's
    left_out: int  # tensors of two dimensions or more without a unit


def find_units(shapes: Mapping[str, Sequence[int]]) -> FoundUnits:
    """The mask units among tensors of these shapes, in the order of state_dict() or of a safetensors file."""
    names = list(shapes)
    tensors = (Tensor * len(names))(
        *(Tensor(name.encode(), len(shapes[name]), shape_pointer(shapes[name])) for name in names)
    )
    found = ctypes.POINTER(UnitNames)()
    function("submask_unit_names_find")(tensors, len(names), ctypes.byref(found))
    try:
        said = found.contents
        units = []
        for unit in said.units[: said.count]:
            shape = list(shapes[names[unit.tensor]])
            rest = shape[:-1] if unit.transposed else shape[1:]
            units.append(
                Unit(
                    unit.name.decode(),
                    unit.kind.decode(),
                    names[unit.tensor],
                    unit.row_begin,
                    unit.row_end,
                    bool(unit.transposed),
                    bool(unit.masked_by_default),
                    (unit.row_end - unit.row_begin, *rest),
                )
            )
        statistics = {
            statistic.name.decode(): names[statistic.tensor]
            for statistic in said.statistics[: said.statistic_count]
        }
        return FoundUnits(said.layout.decode(), said.prefix.decode(), tuple(units), statistics, said.left_out)
    finally:
        function("submask_unit_names_free")(found)


def float32(tensor: Any) -> Floats:
    """The values as a contiguous float32 array on the CPU; a view where they lie so already. Raises InvalidArgument for
    what is no array of real numbers in memory: torch's meta, lazy and complex tensors, texts."""
    with converted("an array of real numbers in memory"):
        if hasattr(tensor, "detach"):
            if tensor.is_complex():
                raise invalid("real numbers", tensor.dtype)
            tensor = tensor.detach().cpu().float().numpy()
        array: Floats = np.asarray(tensor, dtype="<f4", order="C")
    return array


def _shape_of(name: str, tensor: Any) -> Tuple[int, ...]:
    try:
        return tuple(tensor.shape)
    except RuntimeError:  # torch's lazy parameters
        raise invalid(f"{name} with a shape", "a lazy parameter: run a batch through the model first") from None


def _has_shape(tensor: Any) -> bool:
    """Whether it is a tensor; a state dict may hold anything besides. A lazy one raises where its shape is asked
    for."""
    return hasattr(type(tensor), "shape")


class Network:
    """The tensors of a network by name, and its mask units.

    `source` is a torch module or a mapping of names to numpy arrays or torch tensors; those named in `without` are no
    units, as a classifier's. Raises InvalidArgument.
    """

    def __init__(self, source: Any, *, without: Collection[str] = ()) -> None:
        state = source.state_dict() if hasattr(source, "state_dict") else source
        if not isinstance(state, Mapping) or not all(isinstance(name, str) and "\0" not in name for name in state):
            raise invalid("a torch module, or a state dict of tensors by name", type(source).__name__)
        self.tensors: Dict[str, Any] = dict(state)
        self.without = frozenset(without)
        found = find_units(
            {
                name: _shape_of(name, tensor)
                for name, tensor in self.tensors.items()
                if _has_shape(tensor) and name not in self.without
            }
        )
        self.units, self.statistic_tensors = found.units, found.statistics
        self.by_name = {unit.name: unit for unit in self.units}

    def weights(self, name: str) -> Floats:
        """theta of a unit, float32, shaped as the unit."""
        unit = self.by_name[name]
        return float32(unit.of(self.tensors[unit.tensor]))

    def identity(self) -> str:
        """SHA-256 over all units, 64 hexadecimal digits (docs/mask_format.md)."""
        if not self.units:
            raise invalid("a network with mask units", "none")
        return weights_identity((unit.name, self.weights(unit.name)) for unit in self.units)

    def statistics(self) -> Dict[str, Floats]:
        """Running means and variances of batch norms, [C] each, by canonical names."""
        return {name: float32(self.tensors[tensor]) for name, tensor in self.statistic_tensors.items()}


def c_arrays(named: Iterable[Tuple[str, Floats]]) -> Tuple[Any, List[Floats]]:
    """A submask_array[] of named arrays, and the arrays, which have to live as long."""
    kept = [(name, float32(array)) for name, array in named]
    structs = (
        Array(name.encode(), array.ndim, shape_pointer(array.shape), ctypes.c_void_p(array.ctypes.data))
        for name, array in kept
    )
    return (Array * len(kept))(*structs), [array for _, array in kept]


def weights_identity(units: Iterable[Tuple[str, Floats]]) -> str:
    """The identity of a network, given all its units by name in network order."""
    arrays, kept = c_arrays(units)
    digits = ctypes.create_string_buffer(65)
    function("submask_weights_identity")(arrays, len(kept), digits)
    return digits.value.decode()


def identity(model: Any) -> str:
    """The identity of a network's weights as they are now, equal to the program's: 64 hexadecimal digits.

    `model` is a torch module or a state dict. A task file names the network it was learned over by this.
    """
    return Network(model).identity()


def matches(pattern: str, name: str) -> bool:
    """Whether a shell pattern fits a whole name: "*" is any characters (dots too), "?" is one, all else itself."""
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(expression, name, re.DOTALL) is not None


Patterns = Union[None, str, Sequence[str]]


def as_list(patterns: Patterns) -> List[str]:
    return [] if patterns is None else [patterns] if isinstance(patterns, str) else list(patterns)


def select_units(units: Sequence[Unit], only: Patterns, exclude: Patterns) -> List[Unit]:
    """The units that `only` names (none: the default ones) and `exclude` does not.

    Raises InvalidArgument for a pattern that fits no unit, and where no unit is left.
    """
    wanted, unwanted = as_list(only), as_list(exclude)
    for pattern in wanted + unwanted:
        if not any(matches(pattern, unit.name) for unit in units):
            raise invalid(
                "a pattern that matches a mask unit of the model (submask.units(model) lists them)", repr(pattern)
            )
    chosen = []
    for unit in units:
        is_wanted = any(matches(p, unit.name) for p in wanted) if wanted else unit.masked_by_default
        if is_wanted and not any(matches(p, unit.name) for p in unwanted):
            chosen.append(unit)
    if not chosen:
        raise invalid("at least one mask unit to learn", "none after selection")
    return chosen


def units(model: Any) -> List[Unit]:
    """The mask units of a torch module or a state dict, in network order."""
    return list(Network(model).units)
