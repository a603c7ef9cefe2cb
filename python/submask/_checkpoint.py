"""State dicts of mask optimisers: which of them fit, and copies of them."""

from __future__ import annotations

from typing import Any, Dict, List

import torch

from submask._error import invalid


def check_state(groups: List[Dict[str, Any]], state_dict: Dict[str, Any]) -> None:
    """Raises InvalidArgument where a state dict is of other units or another dtype than an optimiser's groups."""
    saved_groups = state_dict["param_groups"]
    if len(saved_groups) != len(groups):
        raise invalid(f"a state of {len(groups)} groups", len(saved_groups))
    for group, saved in zip(groups, saved_groups):
        if len(group["params"]) != len(saved["params"]) or saved.get("units") != group["units"]:
            raise invalid("a state of the same mask units", "one of others (other patterns, or another model)")
        for parameter, key in zip(group["params"], saved["params"]):
            for name, value in state_dict["state"].get(key, {}).items():
                if name in ("theta", "score") and (value.dtype, value.shape) != (parameter.dtype, parameter.shape):
                    raise invalid(
                        f"a {name} of {parameter.dtype} and shape {list(parameter.shape)}",
                        f"{value.dtype} and {list(value.shape)}",
                    )


def copied(state_dict: Dict[str, Any]) -> Dict[str, Any]:
    """A state dict whose tensors are its own: torch would keep the caller's, and step() would change them."""
    states = {
        key: {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in state.items()}
        for key, state in state_dict["state"].items()
    }
    return {**state_dict, "state": states}
