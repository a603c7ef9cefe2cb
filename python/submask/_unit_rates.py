"""A rate for each mask unit, by the size of its gradients, which differs by orders of magnitude between units and
networks (include/submask/mask.h): lr / a, where a = .99 a + .01 sqrt(mean((c * theta * g)^2)), at first the root
alone."""

from __future__ import annotations

from typing import Union

import torch

from submask._unit_state import UnitState

_kept = 0.99  # of the average, a step
_most = torch.finfo(torch.float32).max  # so that an average recovers where squares overflow


def unit_rate(lr: Union[float, torch.Tensor], unit: UnitState) -> Union[float, torch.Tensor]:
    """The rate of a unit's next step, which is 0 while all gradients have been 0; moves its average. A tensor where a
    number would wait for the device."""
    squares = (unit.theta * unit.gradient).square_().sum(dtype=torch.float64)
    size = ((squares / unit.count).sqrt() * unit.scale).clamp(max=_most)
    before = unit.gradient_size.double()
    average = torch.where(before > 0, _kept * before + (1 - _kept) * size, size)
    unit.gradient_size.copy_(average)
    rate = torch.where(average > 0, lr / average, torch.zeros_like(average)).to(unit.score.dtype)
    return rate.item() if rate.is_cpu else rate
