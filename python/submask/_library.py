"""libsubmask_c by ctypes: include/submask/submask.h, function by function.

The library is looked for in SUBMASK_LIBRARY (a path), beside this file (the wheel has it there), and in
build/c of the clone that this file is part of. Loading it takes no torch and no numpy.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any, Sequence

from submask import _error
from submask._version import __version__

_build_command = (
    "cmake -S . -B build/c -G Ninja -DCMAKE_BUILD_TYPE=Release -DSUBMASK_ONLY_C=ON && cmake --build build/c"
)


class Array(ctypes.Structure):
    """submask_array"""

    _fields_ = [("name", c_char_p), ("rank", c_size_t), ("shape", POINTER(c_int64)), ("data", c_void_p)]


class Mask(ctypes.Structure):
    """submask_mask"""

    _fields_ = [("name", c_char_p), ("rank", c_size_t), ("shape", POINTER(c_int64)), ("bits", c_void_p)]


class Unit(ctypes.Structure):
    """submask_unit"""

    _fields_ = [
        ("name", c_char_p),
        ("rank", c_size_t),
        ("shape", POINTER(c_int64)),
        ("weights", c_int64),
        ("on", c_int64),
        ("scale", c_float),
        ("off_scale", c_float),
    ]


class PackOptions(ctypes.Structure):
    """submask_pack_options"""

    _fields_ = [
        ("profile", c_int),
        ("statistics", c_int),
        ("head", c_int),
        ("weights", POINTER(Array)),
        ("weight_count", c_size_t),
        ("statistics_base", POINTER(Array)),
        ("statistics_base_count", c_size_t),
        ("parent", c_void_p),
        ("parent_file", c_char_p),
    ]


class Agreement(ctypes.Structure):
    """submask_agreement"""

    _fields_ = [
        ("weights", c_int64),
        ("off_a", c_int64),
        ("off_b", c_int64),
        ("off_both", c_int64),
        ("equal_share", c_double),
        ("jaccard", c_double),
        ("chance_jaccard", c_double),
    ]


class ScoreStep(ctypes.Structure):
    """submask_score_step"""

    _fields_ = [
        ("gradient_scale", c_float),
        ("shift", c_float),
        ("mu", c_float),
        ("rate", c_float),
        ("momentum", c_double),
        ("weight_decay", c_double),
        ("nesterov", c_int),
        ("pull", c_float),
        ("top", c_float),
    ]


class MaskStep(ctypes.Structure):
    """submask_mask_step"""

    _fields_ = [("score", ScoreStep), ("off_scale", c_float), ("scaled", c_int), ("unit_rates", c_int)]


class StepUnit(ctypes.Structure):
    """submask_step_unit"""

    _fields_ = [
        ("theta", c_void_p),
        ("gradient", c_void_p),
        ("score", c_void_p),
        ("velocity", c_void_p),
        ("weights", c_void_p),
        ("count", c_size_t),
        ("scale", c_double),
        ("on", c_int64),
        ("gradient_size", c_float),
    ]


class Tensor(ctypes.Structure):
    """submask_tensor"""

    _fields_ = [("name", c_char_p), ("rank", c_size_t), ("shape", POINTER(c_int64))]


class NamedUnit(ctypes.Structure):
    """submask_named_unit"""

    _fields_ = [
        ("name", c_char_p),
        ("kind", c_char_p),
        ("tensor", c_size_t),
        ("row_begin", c_int64),
        ("row_end", c_int64),
        ("transposed", c_int),
        ("masked_by_default", c_int),
    ]


class NamedStatistic(ctypes.Structure):
    """submask_named_statistic"""

    _fields_ = [("name", c_char_p), ("tensor", c_size_t)]


class UnitNames(ctypes.Structure):
    """submask_unit_names"""

    _fields_ = [
        ("layout", c_char_p),
        ("prefix", c_char_p),
        ("count", c_size_t),
        ("units", POINTER(NamedUnit)),
        ("left_out", c_size_t),
        ("statistic_count", c_size_t),
        ("statistics", POINTER(NamedStatistic)),
    ]


# By submask_status.
_errors: Sequence[Any] = (
    None,
    _error.InvalidArgument,
    _error.CorruptFile,
    _error.UnsupportedVersion,
    _error.FileError,
    _error.Unavailable,
    _error.OutOfMemory,
    _error.Internal,
)


def _check(status: int, _function: object, _arguments: object) -> None:
    if status == 0:
        return
    kind = _errors[status] if 0 < status < len(_errors) else _error.Internal
    raise kind(_library.submask_last_error().decode())


# Arguments of the functions that return a submask_status.
_pointers = c_void_p
_functions = {
    "submask_set_threads": [c_int],
    "submask_task_open": [c_char_p, POINTER(c_void_p)],
    "submask_task_open_memory": [c_char_p, c_size_t, c_char_p, POINTER(c_void_p)],
    "submask_task_describe": [c_void_p, POINTER(c_char_p)],
    "submask_task_unit": [c_void_p, c_size_t, POINTER(Unit)],
    "submask_task_decode": [c_void_p, c_size_t, _pointers, c_size_t, _pointers, _pointers, c_size_t],
    "submask_apply": [c_int, c_float, c_float, _pointers, _pointers, _pointers, c_size_t],
    "submask_task_statistic": [c_void_p, c_size_t, POINTER(c_char_p), POINTER(c_size_t)],
    "submask_task_statistics": [c_void_p, _pointers, _pointers, c_size_t],
    "submask_task_head": [c_void_p, c_size_t, POINTER(Array)],
    "submask_task_new": [
        c_char_p,
        POINTER(Mask),
        c_size_t,
        POINTER(Array),
        c_size_t,
        POINTER(Array),
        c_size_t,
        POINTER(c_void_p),
    ],
    "submask_task_pack": [c_void_p, POINTER(PackOptions), POINTER(c_void_p)],
    "submask_task_unpack": [c_void_p, POINTER(PackOptions), POINTER(c_void_p)],
    "submask_task_write": [c_void_p, c_char_p],
    "submask_task_bytes": [c_void_p, _pointers, c_size_t, POINTER(c_size_t)],
    "submask_task_sign": [c_void_p, c_char_p],
    "submask_task_verify": [c_void_p, c_char_p, POINTER(c_int)],
    "submask_merge": [POINTER(c_void_p), c_size_t, c_int, POINTER(c_void_p)],
    "submask_compare": [c_void_p, c_void_p, POINTER(Agreement)],
    "submask_step_masks": [POINTER(MaskStep), POINTER(StepUnit), c_size_t],
    "submask_unit_names_find": [POINTER(Tensor), c_size_t, POINTER(POINTER(UnitNames))],
    "submask_weights_identity": [POINTER(Array), c_size_t, c_char_p],
}
# The others: what they return, and their arguments.
_plain_functions: dict[str, tuple[Any, list[Any]]] = {
    "submask_version": (c_char_p, []),
    "submask_last_error": (c_char_p, []),
    "submask_task_free": (None, [c_void_p]),
    "submask_task_unit_count": (c_size_t, [c_void_p]),
    "submask_task_statistic_count": (c_size_t, [c_void_p]),
    "submask_task_head_count": (c_size_t, [c_void_p]),
    "submask_unit_names_free": (None, [POINTER(UnitNames)]),
}


def _candidates() -> list[Path]:
    named = os.environ.get("SUBMASK_LIBRARY")
    if named:
        return [Path(named)]
    here = Path(__file__).resolve().parent
    return [here / "libsubmask_c.so", here.parent.parent / "build" / "c" / "src" / "capi" / "libsubmask_c.so"]


def _load() -> ctypes.CDLL:
    paths = _candidates()
    found = [path for path in paths if path.is_file()]
    if not found:
        raise _error.NoLibrary(
            f"expected libsubmask_c.so in {' or '.join(map(str, paths))}, got none; "
            f"build it in a clone of submask: {_build_command}"
        )
    try:
        library = ctypes.CDLL(str(found[0]))
        library.submask_version.restype = c_char_p
        version = library.submask_version().decode()
    except (OSError, AttributeError) as error:
        raise _error.NoLibrary(f"expected a libsubmask_c, got {error}, in {found[0]}") from error
    # Structs may grow from version to version, so that another library could read past ours.
    if version != __version__.replace(".dev0", "-dev"):
        raise _error.NoLibrary(
            f"expected libsubmask_c of {__version__}, got {version}, in {found[0]}; {_build_command}"
        )
    for name, arguments in _functions.items():
        function = getattr(library, name)
        function.argtypes, function.restype, function.errcheck = arguments, c_int, _check
    for name, (result, arguments) in _plain_functions.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, result
    return library


_library = _load()


def function(name: str) -> Any:
    """A function of submask.h by its name. Where it fails it raises a submask.Error of the status' kind."""
    return getattr(_library, name)


def shape_pointer(shape: Sequence[int]) -> Any:
    """An int64_t[rank] for a struct, which keeps it alive."""
    return (c_int64 * len(shape))(*shape)
