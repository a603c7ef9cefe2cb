"""State dicts of mask optimisers: which of them fit, and copies of them."""

from __future__ import annotations

from typing import Any, Dict

import torch
from torch.optim import Optimizer

from submask._error import invalid


def check_state(optimizer: Optimizer, state_dict: Dict[str, Any]) -> None:
    """Raises InvalidArgument where a state dict is of other units, shapes or dtypes than an optimiser, or lacks some of
    what it keeps: the library writes to these tensors without asking their size."""
    groups, saved_groups = optimizer.param_groups, state_dict["param_groups"]
    if len(saved_groups) != len(groups):
        raise invalid(f"a state of {len(groups)} groups", len(saved_groups))
    for group, saved in zip(groups, saved_groups):
        if len(group["params"]) != len(saved["params"]) or saved.get("units") != group["units"]:
            raise invalid("a state of the same mask units", "one of others (other patterns, or another model)")
        for parameter, key in zip(group["params"], saved["params"]):
            given = state_dict["state"].get(key, {})
            for name, own in optimizer.state[parameter].items():
                value = given.get(name)
                if not isinstance(value, torch.Tensor) or (value.dtype, value.shape) != (own.dtype, own.shape):
                    got = f"{value.dtype} and {list(value.shape)}" if isinstance(value, torch.Tensor) else value
                    raise invalid(f"a {name} of {own.dtype} and shape {list(own.shape)}", got)


def copied(state_dict: Dict[str, Any]) -> Dict[str, Any]:
    """A state dict whose tensors are its own: torch would keep the caller's, and step() would change them."""
    states = {
        key: {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in state.items()}
        for key, state in state_dict["state"].items()
    }
    return {**state_dict, "state": states}
