"""How a gradient moves values, scores or plain weights alike, by torch's foreach ops on any device.

`values` change in place, and so does what the rule keeps in `states`, one for each value. Gradients may be the
caller's, and stay."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Union

import torch

Group = Mapping[str, Any]
Tensors = List[torch.Tensor]


def descend_by_sgd(group: Group, values: Tensors, gradients: Tensors, states: List[Dict[str, Any]]) -> None:
    """v = momentum * v + d;  x -= lr * (nesterov ? d + momentum * v : v). Keeps v as momentum_buffer."""
    velocities = [state["momentum_buffer"] for state in states]
    torch._foreach_mul_(velocities, group["momentum"])
    torch._foreach_add_(velocities, gradients)
    moved = velocities
    if group["nesterov"]:
        moved = list(torch._foreach_add(gradients, velocities, alpha=group["momentum"]))
    _descend(values, moved, group["lr"])


def descend_by_adam(group: Group, values: Tensors, gradients: Tensors, states: List[Dict[str, Any]]) -> None:
    """Kingma and Ba 2015, algorithm 1. Keeps exp_avg, exp_avg_sq and step, which counts this one already."""
    beta1, beta2 = group["betas"]
    first = [state["exp_avg"] for state in states]
    second = [state["exp_avg_sq"] for state in states]
    torch._foreach_lerp_(first, gradients, 1 - beta1)
    torch._foreach_mul_(second, beta2)
    torch._foreach_addcmul_(second, gradients, gradients, 1 - beta2)
    roots, shares = [], []
    for state in states:
        # On the CPU plain numbers are faster; elsewhere a number would wait for the device.
        step = state["step"].item() if state["step"].is_cpu else state["step"]
        roots.append((1 - beta2**step) ** 0.5)
        shares.append(1 / (1 - beta1**step))
    denominators = torch._foreach_sqrt(second)
    torch._foreach_div_(denominators, roots)
    torch._foreach_add_(denominators, group["eps"])
    moved = torch._foreach_div(first, denominators)
    torch._foreach_mul_(moved, shares)
    _descend(values, list(moved), group["lr"])


def _descend(values: Tensors, moved: Tensors, lr: Union[float, torch.Tensor]) -> None:
    """values -= lr * moved. A rate that is a tensor may change inside a CUDA graph."""
    if isinstance(lr, torch.Tensor):
        torch._foreach_sub_(values, list(torch._foreach_mul(moved, lr)))
    else:
        torch._foreach_add_(values, moved, alpha=-lr)
