"""Task files (docs/mask_format.md) in numpy alone: what one holds, its bits, and a state dict with it applied."""

from __future__ import annotations

import ctypes
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import numpy as np
from numpy.typing import NDArray

from submask import _library
from submask._bits import Bits, TaskUnit, address, masks_identity, unpack_bits, write_masked
from submask._error import CorruptFile, Error, InvalidArgument, invalid
from submask._heads import logits
from submask._library import function
from submask._paths import PathLike, path_of
from submask._units import Floats, Network

# A chain of parents that leads back to itself ends here, as in the program.
_most_ancestors = 16


class Task:
    """A task as its file holds it. Objects do not change but by sign(), and may be used from many threads."""

    def __init__(self, handle: ctypes.c_void_p, file: str) -> None:
        """Takes over a submask_task. `file` stands for it in errors, and its folder is where a parent is looked for."""
        self._handle, self.file = handle, file
        count = function("submask_task_unit_count")(handle)
        self.units: List[TaskUnit] = [self._unit(i) for i in range(count)]

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle is not None:
            function("submask_task_free")(handle)

    @classmethod
    def open(cls, path: PathLike) -> Task:
        """Reads a file and checks all that needs no weights. Raises FileError, CorruptFile, UnsupportedVersion."""
        handle = ctypes.c_void_p()
        name = path_of(path)
        function("submask_task_open")(os.fsencode(name), ctypes.byref(handle))
        return cls(handle, name)

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "the bytes") -> Task:
        """The same from a file's bytes; `name` stands for the file in errors."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise invalid("the bytes of a task file", type(data).__name__)
        handle, held, name = ctypes.c_void_p(), bytes(data), path_of(name)
        function("submask_task_open_memory")(held, len(held), os.fsencode(name), ctypes.byref(handle))
        return cls(handle, name)

    def __reduce__(self) -> Tuple[Callable[..., Task], Tuple[bytes, str]]:
        """copy and pickle take the file's bytes: two objects of one handle would free it twice."""
        return type(self).from_bytes, (self.to_bytes(), self.file)

    def __repr__(self) -> str:
        said = self.description
        return (
            f"Task({self.file}: {said['backbone']}, {len(said['classes'])} classes, "
            f"{100 * said['masked_fraction']:.1f} % off)"
        )

    def _unit(self, index: int) -> TaskUnit:
        unit = _library.Unit()
        function("submask_task_unit")(self._handle, index, ctypes.byref(unit))
        return TaskUnit(
            unit.name.decode(), tuple(unit.shape[: unit.rank]), unit.weights, unit.on, unit.scale, unit.off_scale
        )

    @property
    def description(self) -> Dict[str, Any]:
        """All that `submask inspect --json` prints: backbone, weights_identity, units, classes, preprocessing,
        sizes."""
        line = ctypes.c_char_p()
        function("submask_task_describe")(self._handle, ctypes.byref(line))
        described: Dict[str, Any] = json.loads(line.value or b"{}")
        return described

    @property
    def classes(self) -> List[str]:
        return list(self.description["classes"])

    @property
    def preprocessing(self) -> Dict[str, Any]:
        """How an image becomes the input: input_size, crop_share, interpolation, mean, std (docs/mask_format.md)."""
        return dict(self.description["preprocessing"])

    def head(self) -> Dict[str, Floats]:
        """The head's float32 arrays by name: "weight" [C,D] and "bias" [C]; "cosine" [C,D]; "bank" [M,D] ...; none."""
        arrays = {}
        for index in range(function("submask_task_head_count")(self._handle)):
            array = _library.Array()
            function("submask_task_head")(self._handle, index, ctypes.byref(array))
            shape = tuple(array.shape[: array.rank])
            values = ctypes.cast(array.data, ctypes.POINTER(ctypes.c_float))
            arrays[array.name.decode()] = (
                np.ctypeslib.as_array(values, shape).copy() if 0 not in shape else np.zeros(shape, np.float32)
            )
        return arrays

    def statistic_shapes(self) -> Dict[str, int]:
        """Channels of each running statistic, by canonical buffer name."""
        shapes = {}
        for index in range(function("submask_task_statistic_count")(self._handle)):
            name, channels = ctypes.c_char_p(), ctypes.c_size_t()
            function("submask_task_statistic")(self._handle, index, ctypes.byref(name), ctypes.byref(channels))
            shapes[(name.value or b"").decode()] = channels.value
        return shapes

    def to_bytes(self) -> bytes:
        """The file's bytes. The same task gives the same bytes."""
        size = ctypes.c_size_t()
        function("submask_task_bytes")(self._handle, None, 0, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        function("submask_task_bytes")(self._handle, buffer, size.value, ctypes.byref(size))
        return buffer.raw

    def write(self, path: PathLike) -> None:
        """Writes the file: after any failure there is the old file or the whole new one. Raises FileError."""
        function("submask_task_write")(self._handle, os.fsencode(path_of(path)))

    def sign(self, private_key: PathLike) -> None:
        """Signs by Ed25519; the key is a PEM file without a password."""
        function("submask_task_sign")(self._handle, os.fsencode(path_of(private_key)))

    def is_signed_by(self, public_key: PathLike) -> bool:
        """Whether the owner of the key (PEM) signed the task as it is."""
        answer = ctypes.c_int()
        function("submask_task_verify")(self._handle, os.fsencode(path_of(public_key)), ctypes.byref(answer))
        return bool(answer.value)

    def parent(self) -> Optional[Task]:
        """The task it is coded against, from its folder; None where it has none."""
        name = self.description.get("parent")
        return None if name is None else Task.open(Path(self.file).parent / name)

    def check_fits(self, network: Network) -> None:
        """Raises InvalidArgument, with all units that differ, where the task is of another network."""
        differences = []
        for unit in self.units:
            known = network.by_name.get(unit.name)
            if known is None or known.shape != unit.shape:
                got = "none" if known is None else _shape(known.shape)
                differences.append(f"{unit.name} of shape {_shape(unit.shape)}, got {got}")
        if differences:
            raise InvalidArgument(f"expected {'; '.join(differences)}, in the weights for {self.file}")
        self._check_statistics(network.statistics())

    def _check_statistics(self, of_network: Mapping[str, Floats]) -> None:
        for name, count in self.statistic_shapes().items():
            got = len(of_network[name]) if name in of_network else "none"
            if got != count:
                raise invalid(f"statistics {name} of {count} channels", f"{got}, for {self.file}")

    def check_identity(self, got: str) -> None:
        """Raises InvalidArgument where the network's identity is not the task's."""
        described = self.description
        if described["weights_identity"] != got:
            raise invalid(
                f"{described['backbone']} with weights {described['weights_identity']}",
                f"a network with weights {got}, for {self.file}",
            )

    def bits(self, network: Network, parent: Optional[Task] = None, depth: int = 0) -> Dict[str, Bits]:
        """Packed bits by unit, which are those that were packed; the network has to be the task's.

        `parent` is for a task whose parent lies elsewhere. Raises CorruptFile, InvalidArgument.
        """
        if depth > _most_ancestors:
            raise CorruptFile(f"expected at most {_most_ancestors} parents, got more, in {self.file}")
        parent = parent or self.parent()
        of_parent: Dict[str, Bits] = {}
        if parent is not None and "parent_masks" in self.description:
            parent.check_fits(network)
            of_parent = parent.bits(network, depth=depth + 1)
            wanted, got = self.description["parent_masks"], masks_identity(parent.units, of_parent)
            if wanted != got:
                raise invalid(f"the parent of {self.file}, masks {wanted}", f"{got}, in {parent.file}")
            parent_shapes = {unit.name: unit.shape for unit in parent.units}
            for unit in self.units:
                if parent_shapes.get(unit.name) != unit.shape:
                    of_parent.pop(unit.name, None)
        needs_weights = self.description["profile"] != "plain"

        def decoded(index: int) -> Bits:
            name = self.units[index].name
            theta = network.weights(name) if needs_weights else None
            return self._decode(index, theta, of_parent.get(name))

        # The library shares one unit among its threads, but most units have too few blocks for all of them.
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            bits = list(pool.map(decoded, range(len(self.units))))
        return {unit.name: unit_bits for unit, unit_bits in zip(self.units, bits)}

    def _decode(self, index: int, theta: Optional[Floats], parent: Optional[Bits]) -> Bits:
        bits = np.empty((self.units[index].weights + 7) // 8, np.uint8)
        try:
            function("submask_task_decode")(
                self._handle,
                index,
                address(theta),
                0 if theta is None else theta.size,
                address(parent),
                address(bits),
                bits.size,
            )
        except Error as error:
            line = str(error)
            raise type(error)(line if self.file in line else f"{line}, in {self.file}") from None
        return bits

    def masks(self, network: Any, parent: Optional[Task] = None) -> Dict[str, NDArray[np.bool_]]:
        """By unit: bool arrays of the unit's shape, True where a weight is on.

        `network` is a torch module or a state dict with the pretrained weights, whose identity is checked.
        """
        network = self._checked(network)
        packed = self.bits(network, parent)
        return {unit.name: unpack_bits(packed[unit.name], unit.shape) for unit in self.units}

    def statistics(self, network: Any) -> Dict[str, Floats]:
        """Running statistics, float32, by canonical buffer name; `network` gives those that they differ from.

        Raises InvalidArgument for a network without them.
        """
        network = network if isinstance(network, Network) else Network(network)
        return self._statistics(network)

    def _statistics(self, network: Network) -> Dict[str, Floats]:
        shapes = self.statistic_shapes()
        if not shapes:
            return {}
        values = np.empty(sum(shapes.values()), np.float32)
        base = None
        if self.description["statistics"] == "half":
            of_network = network.statistics()
            self._check_statistics(of_network)
            base = np.concatenate([of_network[name] for name in shapes])
        function("submask_task_statistics")(self._handle, address(base), address(values), values.size)
        parts = np.split(values, np.cumsum(list(shapes.values()))[:-1])
        return dict(zip(shapes, parts))

    def _checked(self, source: Any) -> Network:
        network = source if isinstance(source, Network) else Network(source)
        self.check_fits(network)
        self.check_identity(network.identity())
        return network

    def apply(self, state: Mapping[str, NDArray[Any]], parent: Optional[Task] = None) -> Dict[str, NDArray[Any]]:
        """The state dict of numpy arrays with the task's masks and statistics in place of the network's.

        Arrays that the task changes are new ones of the same dtype (float32, float16 of which w = c * theta * m is
        computed in float32, or float64), the others are the caller's. The head is not applied, as a state dict does not
        say which of its layers is the classifier: head() has it. Raises InvalidArgument for another network,
        CorruptFile.
        """
        network = self._checked(state)
        for name in [unit.tensor for unit in network.units] + list(network.statistic_tensors.values()):
            if not isinstance(state[name], np.ndarray):
                raise invalid(
                    "a state dict of numpy arrays (submask.apply() takes a torch module)",
                    f"a {type(state[name]).__name__} as {name}",
                )
        packed = self.bits(network, parent)
        statistics = self._statistics(network)
        result = dict(state)
        changed: Dict[str, NDArray[Any]] = {}
        for unit in self.units:
            place = network.by_name[unit.name]
            if place.tensor not in changed:
                changed[place.tensor] = np.array(state[place.tensor], order="C")
            write_masked(unit, packed[unit.name], place.of(state[place.tensor]), place.of(changed[place.tensor]))
        result.update(changed)
        for name, values in statistics.items():
            of_state = network.statistic_tensors[name]
            result[of_state] = values.astype(state[of_state].dtype)
        return result

    def logits(self, features: NDArray[Any]) -> Floats:
        """Of features [N,D] logits [N,C], by a head of any kind; of a bank the logarithms of its votes' shares.

        Raises InvalidArgument for features of another width, and where the task has no head.
        """
        return logits(self.head(), features, self.file)


def _shape(shape: Tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def load_task(path: PathLike) -> Task:
    """Reads a task file; see Task.open()."""
    return Task.open(path)
