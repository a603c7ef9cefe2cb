"""State dicts of mask optimisers: which of them fit, and copies of them."""

from __future__ import annotations

from typing import Any, Dict, Mapping

import torch
from torch.optim import Optimizer

from submask._byte_price import STARTS
from submask._error import invalid
from submask._options import check_options

# What param_groups() notes in a group beside the units.
NOTES = ("weights_identity", "statistics", "others")


def check_state(optimizer: Optimizer, state_dict: Any) -> None:
    """Raises InvalidArgument where a state dict is of other units, shapes or dtypes than an optimiser, has options out
    of range, or lacks some of what it keeps: the library writes to these tensors without asking their size."""
    state, saved_groups = _parts(state_dict)
    groups = optimizer.param_groups
    if len(saved_groups) != len(groups):
        raise invalid(f"a state of {len(groups)} groups", len(saved_groups))
    for group, saved in zip(groups, saved_groups):
        _check_group(optimizer, group, saved)
        for parameter, key in zip(group["params"], saved["params"]):
            given = state.get(key, {})
            own_state = optimizer.state[parameter]
            for name, own in own_state.items():
                _check_tensor(name, own, given.get(name), group["units"] is not None)
            for name in given:
                if name not in own_state:
                    raise invalid(f"a state of {', '.join(own_state)}", f"{name} besides")


def _parts(state_dict: Any) -> Any:
    """The state by parameter, and the groups."""
    is_whole = (
        isinstance(state_dict, Mapping)
        and isinstance(state_dict.get("state"), Mapping)
        and isinstance(state_dict.get("param_groups"), (list, tuple))
        and all(isinstance(state, Mapping) for state in state_dict["state"].values())
        and all(
            isinstance(group, Mapping) and isinstance(group.get("params"), (list, tuple))
            for group in state_dict["param_groups"]
        )
    )
    if not is_whole:
        raise invalid("a state_dict() of a mask optimizer, with state and param_groups", type(state_dict).__name__)
    return state_dict["state"], state_dict["param_groups"]


def _check_group(optimizer: Optimizer, group: Mapping[str, Any], saved: Mapping[str, Any]) -> None:
    if len(group["params"]) != len(saved["params"]) or saved.get("units") != group["units"]:
        raise invalid("a state of the same mask units", "one of others (other patterns, or another model)")
    for name in (*optimizer.defaults, *NOTES, *STARTS):
        if name in group and name not in saved:
            raise invalid(f"a state of groups with {name}", "one without")
    for name in NOTES:
        if name in group and type(saved[name]) is not type(group[name]):
            raise invalid(f"{name} that param_groups() noted", type(saved[name]).__name__)
    if group.get("statistics", {}).keys() != saved.get("statistics", {}).keys():
        raise invalid("a state of a network with the same batch norms", "one of others")
    check_options(saved)


def _check_tensor(name: str, own: torch.Tensor, value: Any, masked: bool) -> None:
    expected = f"a {name} of {own.dtype} and shape {list(own.shape)}"
    if not isinstance(value, torch.Tensor):
        raise invalid(expected, value)
    if (value.dtype, value.shape) != (own.dtype, own.shape):
        raise invalid(expected, f"{value.dtype} and {list(value.shape)}")
    if value.layout != torch.strided or value.is_meta:
        raise invalid(f"{expected}, dense and in memory", "a meta tensor" if value.is_meta else value.layout)
    if masked and bool(value.isnan().any()):
        raise invalid(f"a {name} of numbers", "NaN")
    if name == "gradient_sizes" and not bool(((value >= 0) & value.isfinite()).all()):
        raise invalid("gradient_sizes that are finite and not below 0", "others")


def copied(state_dict: Mapping[str, Any]) -> Dict[str, Any]:
    """A state dict whose tensors are its own: torch would keep the caller's, and step() would change them."""
    states = {
        key: {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in state.items()}
        for key, state in state_dict["state"].items()
    }
    return {**state_dict, "state": states}
