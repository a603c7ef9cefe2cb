"""Masks over frozen networks: learn which weights to switch off, one bit a weight, in your own PyTorch loop; read,
apply and make task files with numpy alone. After "Self-Masking Networks for Unsupervised Adaptation" (Warmerdam,
Caron, Asano; GCPR 2024). docs/python.md leads through it.

    masks = submask.param_groups(model)
    optimizer = submask.MaskSGD(masks, lr=50, momentum=.9)
    ...
    submask.save_task(model, optimizer, "pets.task", head=model.fc, classes=names)
    with submask.task(other_model, "pets.task"):
        ...

What needs torch, or a network, is imported when it is first used.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any, List

from submask._bits import TaskUnit
from submask._error import (
    CorruptFile,
    Error,
    FileError,
    Internal,
    InvalidArgument,
    NoLibrary,
    OutOfMemory,
    Unavailable,
    UnsupportedVersion,
)
from submask._files import Difference, diff, inspect, merge, pack, sign, unpack, verify
from submask._task import Task, load_task
from submask._units import Unit, identity, units
from submask._version import __version__

if TYPE_CHECKING:
    from submask._bind import Switch, apply, task
    from submask._client import Client, ServerError
    from submask._groups import param_groups
    from submask._hub import from_pretrained, save_pretrained
    from submask._onnx import apply_to_onnx, export_onnx
    from submask._save import save_task
    from submask._timm import register_timm
    from submask.optim import MaskAdam, MaskSGD

_imported_late = {
    "Client": "submask._client",
    "ServerError": "submask._client",
    "apply_to_onnx": "submask._onnx",
    "export_onnx": "submask._onnx",
    "from_pretrained": "submask._hub",
    "save_pretrained": "submask._hub",
    "MaskAdam": "submask.optim",
    "MaskSGD": "submask.optim",
    "param_groups": "submask._groups",
    "register_timm": "submask._timm",
    "save_task": "submask._save",
    "Switch": "submask._bind",
    "apply": "submask._bind",
    "task": "submask._bind",
}
_without_torch = ("Client", "ServerError", "apply_to_onnx", "from_pretrained", "save_pretrained")


def _needs_torch(name: str) -> bool:
    """Whether a name asks for torch where there is none."""
    return name in _imported_late and name not in _without_torch and importlib.util.find_spec("torch") is None


def __getattr__(name: str) -> Any:
    if _needs_torch(name):
        raise Unavailable(f"expected the package torch for submask.{name}, got none (pip install torch)")
    if name in _imported_late:
        return getattr(importlib.import_module(_imported_late[name]), name)
    raise AttributeError(f"module 'submask' has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted(name for name in {*globals(), *_imported_late} if not _needs_torch(name))


__all__ = [
    "Client",
    "CorruptFile",
    "Difference",
    "Error",
    "FileError",
    "Internal",
    "InvalidArgument",
    "MaskAdam",
    "MaskSGD",
    "NoLibrary",
    "OutOfMemory",
    "ServerError",
    "Switch",
    "Task",
    "TaskUnit",
    "Unavailable",
    "Unit",
    "UnsupportedVersion",
    "__version__",
    "apply",
    "apply_to_onnx",
    "diff",
    "export_onnx",
    "from_pretrained",
    "identity",
    "inspect",
    "load_task",
    "merge",
    "pack",
    "param_groups",
    "register_timm",
    "save_pretrained",
    "save_task",
    "sign",
    "task",
    "units",
    "unpack",
    "verify",
]

# pydoc and "import *" ask for each of these names.
__all__ = [name for name in __all__ if not _needs_torch(name)]
