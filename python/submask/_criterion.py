"""From scores to masks and weights, in torch ops on any device (include/submask/mask.h has the same formulas):

    m = criterion(s),  c = 1 / sqrt(mean(m)) per unit,  w = c * theta * m
    dL/ds = c * theta * g - (c^3 / 2n) * sum(g * theta * m)      with g = dL/dw, straight through m

(Warmerdam, Caron and Asano, GCPR 2024). Off the CPU nothing here waits for the device, so that a CUDA graph can hold
it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Mapping, Union

import torch

from submask._scores import kept

Scale = Union[float, torch.Tensor]  # a number on the CPU, else a tensor of no dimensions

KINDS = ("threshold", "topk", "flip")


@dataclass(frozen=True)
class Criterion:
    """How scores become a mask: "threshold", on where s > mu; "topk", on for the keep_share largest of a unit (ties
    go to the lowest index); "flip", +1 where s > mu, -1 elsewhere. A flip is never scaled."""

    kind: str
    mu: float
    keep_share: float
    scale: bool

    @classmethod
    def of(cls, group: Mapping[str, Any]) -> Criterion:
        """The criterion of a parameter group."""
        return cls(group["criterion"], group["mu"], group["keep_share"], bool(group["scale"]))

    @property
    def is_scaled(self) -> bool:
        return self.scale and self.kind != "flip"

    def scale_of(self, on: Scale, count: int) -> Scale:
        """c of a unit of `count` weights; c has float64's precision until it meets the weights."""
        if isinstance(on, torch.Tensor):
            scale = (count / on.double()).sqrt()
            return scale if self.is_scaled else torch.ones_like(scale)
        return math.sqrt(count / on) if self.is_scaled and on else 1.0


# Up to here a float32 sum of ones is exact.
_exact_sum = 1 << 24


def _largest_into(factor: torch.Tensor, score: torch.Tensor, keep: int) -> None:
    """1 for the `keep` largest scores: a stable sort keeps equal ones in the order of their indices."""
    order = score.reshape(-1).sort(stable=True, descending=True).indices
    factor.zero_().view(-1).index_fill_(0, order[:keep], 1)


def cut(criterion: Criterion, score: torch.Tensor, factor: torch.Tensor) -> Scale:
    """Writes the mask of a unit's scores, 1 or 0 in the scores' dtype, into `factor` (contiguous), and returns how many
    weights are on. At least one stays on, unless the criterion is flip: where no score passes, the highest one (the
    first of equals)."""
    if criterion.kind == "topk":
        keep = kept(criterion.keep_share, score.numel())
        _largest_into(factor, score, keep)
        return keep if score.is_cpu else torch.full((), keep, device=score.device)
    torch.gt(score, criterion.mu, out=factor)
    counted = factor.sum(dtype=torch.float64 if score.numel() > _exact_sum else None)
    if score.is_cpu:
        on = int(counted)
        if on == 0 and criterion.kind == "threshold":
            _largest_into(factor, score, 1)
            on = 1
        return on
    if criterion.kind == "threshold":
        best = score.reshape(-1).argmax().reshape(1)
        factor.view(-1).index_add_(0, best, (counted == 0).to(factor.dtype).reshape(1))
        counted = counted.clamp(min=1)
    return counted


def materialise(
    criterion: Criterion, theta: torch.Tensor, factor: torch.Tensor, scale: Scale, weight: torch.Tensor
) -> None:
    """Writes w = c * theta * m, given m in `factor`, which becomes c * m. For a flip, m is -1 where the mask is off."""
    if criterion.kind == "flip":
        factor.mul_(2).sub_(1)
    elif criterion.is_scaled:
        factor.mul_(scale)
    torch.mul(theta, factor, out=weight)


def score_gradient(
    criterion: Criterion,
    theta: torch.Tensor,
    gradient: torch.Tensor,
    weight: torch.Tensor,
    scale: Scale,
    out: torch.Tensor,
) -> None:
    """Writes dL/ds. The sum needs no mask, because w = c theta m gives sum(g theta m) = sum(g w) / c."""
    if not criterion.is_scaled:
        torch.mul(theta, gradient, out=out)
        return
    total = torch.dot(gradient.reshape(-1), weight.reshape(-1))
    shift = total * (scale * scale / (2.0 * gradient.numel()))
    if isinstance(scale, torch.Tensor):
        torch.mul(theta, gradient, out=out).mul_(scale).sub_(shift)
    else:
        torch.addcmul(-shift, theta, gradient, value=scale, out=out)  # one pass over memory instead of three
