"""What the program's commands do with task files, as functions: inspect, verify, pack, unpack, diff, merge, sign.

A task is given as a path or a Task, a network as a torch module or a state dict with the pretrained weights.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from numpy.typing import NDArray

from submask._bits import pack_bits
from submask._error import CorruptFile, invalid
from submask._library import Agreement, Mask, PackOptions, function, shape_pointer
from submask._paths import PathLike, path_of
from submask._task import Task
from submask._units import Network, c_arrays

AnyTask = Union[Task, PathLike]

# By their numbers in submask.h.
_profiles = {"plain": 0, "small": 1, "fast": 2}
_head_forms = {"half": 0, "int8": 1, "exact": 2}
_statistics_forms = {name: _head_forms[name] for name in ("half", "exact")}
_rules = {"and": 0, "or": 1, "majority": 2}


def as_task(task: AnyTask) -> Task:
    return task if isinstance(task, Task) else Task.open(task)


def _number(kind: str, name: str, numbers: Mapping[str, int]) -> int:
    if name not in numbers:
        raise invalid(f"{kind}: {', '.join(numbers)}", repr(name))
    return numbers[name]


def inspect(task: AnyTask) -> Dict[str, Any]:
    """What `submask inspect --json` prints: backbone, criterion, units, classes, preprocessing, sizes in bytes."""
    return as_task(task).description


def verify(task: AnyTask, network: Any = None, *, key: Optional[PathLike] = None) -> Task:
    """Checks a file whole, with `network` also each unit's bits and the statistics, with `key` its signature.

    Returns the task. Raises CorruptFile, UnsupportedVersion, FileError; InvalidArgument for another network.
    """
    checked = as_task(task)
    if key is not None and not checked.is_signed_by(key):
        raise CorruptFile(
            f"expected the signature of the owner of {path_of(key)}, got none of theirs, in {checked.file}"
        )
    if network is not None:
        of = Network(network)
        checked.masks(of)
        checked.statistics(of)
    return checked


def new_task(
    description: str,
    masks: Mapping[str, NDArray[Any]],
    statistics: Mapping[str, NDArray[Any]],
    head: Mapping[str, NDArray[Any]],
) -> Task:
    """A plain task of bool masks by unit name, float32 arrays and a description in JSON (submask_task_new)."""
    packed = [pack_bits(on) for on in masks.values()]
    units = (Mask * len(packed))(
        *(
            Mask(name.encode(), on.ndim, shape_pointer(on.shape), ctypes.c_void_p(bits.ctypes.data))
            for (name, on), bits in zip(masks.items(), packed)
        )
    )
    statistic_arrays, kept_statistics = c_arrays(statistics.items())
    head_arrays, kept_head = c_arrays(head.items())
    handle = ctypes.c_void_p()
    function("submask_task_new")(
        description.encode(),
        units,
        len(packed),
        statistic_arrays,
        len(kept_statistics),
        head_arrays,
        len(kept_head),
        ctypes.byref(handle),
    )
    return Task(handle, "the new task")


class _Options:
    """A submask_pack_options, and what has to live as long."""

    def __init__(self, task: Task, network: Optional[Network], parent: Optional[Task]) -> None:
        self.c = PackOptions()
        self._parent = parent
        if network is not None:
            self.c.weights, self._weights = c_arrays((unit.name, network.weights(unit.name)) for unit in task.units)
            self.c.weight_count = len(self._weights)
            self.c.statistics_base, self._base = c_arrays(network.statistics().items())
            self.c.statistics_base_count = len(self._base)
        if parent is not None:
            self.c.parent = parent._handle
            self.c.parent_file = os.fsencode(Path(parent.file).name)

    def run(self, name: str, task: Task) -> Task:
        handle = ctypes.c_void_p()
        function(name)(task._handle, ctypes.byref(self.c), ctypes.byref(handle))
        return Task(handle, task.file)


def pack(
    task: AnyTask,
    network: Any = None,
    *,
    profile: str = "small",
    statistics: str = "half",
    head: str = "half",
    parent: Optional[AnyTask] = None,
) -> Task:
    """A task packed anew, as `submask pack` does: profile "small", "fast" or "plain", statistics "half" or "exact",
    head "half", "int8" or "exact"; against the masks of `parent`, whose file has to lie in the folder of the new one.

    A "plain" task with exact statistics needs no network. Raises InvalidArgument for another network, and for a parent
    that is not a file.
    """
    given = as_task(task)
    of = None if network is None else given._checked(network)
    plain_parent = None
    if parent is not None:
        opened = as_task(parent)
        if not os.path.isfile(opened.file):
            raise invalid("a parent that is a file (write() it, then give its path)", opened.file)
        plain_parent = unpack(opened, of)
    options = _Options(given, of, plain_parent)
    options.c.profile = _number("a profile", profile, _profiles)
    options.c.statistics = _number("a form of statistics", statistics, _statistics_forms)
    options.c.head = _number("a form of the head", head, _head_forms)
    if of is None and profile != "plain":
        raise invalid(f"a network for the profile {profile}", "none")
    if of is not None and not options.c.statistics_base_count:
        options.c.statistics = _statistics_forms["exact"]
    return options.run("submask_task_pack", unpack(given, of))


def unpack(task: AnyTask, network: Any = None) -> Task:
    """A task of plain bits, exact in all. `network` is needed but for a plain task with exact statistics."""
    given = as_task(task)
    described = given.description
    is_plain = described["profile"] == "plain" and described.get("statistics", "exact") == "exact"
    if is_plain and "parent_masks" not in described:
        return given
    if network is None:
        raise invalid("a network to unpack the task with", f"none, for {given.file}")
    of = given._checked(network)
    parent = given.parent()
    return _Options(given, of, None if parent is None else unpack(parent, of)).run("submask_task_unpack", given)


@dataclass(frozen=True)
class Difference:
    """How far two tasks agree. Shares are of the weights of units that both mask."""

    weights: int
    off_a: int
    off_b: int
    off_both: int
    equal_share: float  # that both leave on or both switch off
    jaccard: float  # off in both over off in either; 1 where none is off
    chance_jaccard: float  # what independent masks of these shares would have


def diff(a: AnyTask, b: AnyTask, network: Any = None) -> Difference:
    """Compares the masks of two tasks over one network, which is needed where they are packed."""
    of = None if network is None else Network(network)
    first, second = unpack(a, of), unpack(b, of)
    found = Agreement()
    function("submask_compare")(first._handle, second._handle, ctypes.byref(found))
    return Difference(*(getattr(found, name) for name, *_ in Agreement._fields_))


def merge(tasks: Sequence[AnyTask], network: Any = None, *, rule: str = "majority") -> Task:
    """One plain task of two or more over one network: weights are on where they are on in all ("and"), in any ("or") or
    in at least half of them ("majority"). pack() makes it small. Raises InvalidArgument."""
    of = None if network is None else Network(network)
    plain: List[Task] = [unpack(task, of) for task in tasks]
    handles = (ctypes.c_void_p * len(plain))(*(task._handle for task in plain))
    handle = ctypes.c_void_p()
    function("submask_merge")(handles, len(plain), _number("a rule", rule, _rules), ctypes.byref(handle))
    return Task(handle, "the merged task")


def sign(path: PathLike, private_key: PathLike) -> Task:
    """Signs a task file in place by Ed25519; the key is a PEM file without a password."""
    task = Task.open(path)
    task.sign(private_key)
    task.write(path)
    return task


__all__ = ["Difference", "diff", "inspect", "merge", "pack", "sign", "unpack", "verify"]
