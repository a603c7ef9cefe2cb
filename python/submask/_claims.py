"""Which parameters hold masked weights now, and by whom, so that nothing takes these for pretrained ones."""

from __future__ import annotations

from typing import Any, Iterable, MutableMapping

from torch.utils.weak import WeakIdKeyDictionary

from submask._error import invalid

# By parameter: the word for what masks it. A parameter stays in it when its optimiser is gone, as it is masked still.
_claimed: MutableMapping[Any, str] = WeakIdKeyDictionary()


def check_unmasked(named: Iterable[Any]) -> None:
    """Raises InvalidArgument for a parameter of (name, parameter) pairs that is masked already."""
    for name, parameter in named:
        if parameter in _claimed:
            raise invalid(
                "a model that is not masked yet (undo() gives its weights back)",
                f"{name}, masked by {_claimed[parameter]}",
            )


def claim(parameters: Iterable[Any], by: str) -> None:
    for parameter in parameters:
        _claimed[parameter] = by


def release(parameters: Iterable[Any]) -> None:
    for parameter in parameters:
        _claimed.pop(parameter, None)
