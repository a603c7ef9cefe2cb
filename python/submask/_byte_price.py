"""What a mask pays for the weights that it switches off, so that its file is smaller: a pull of low scores upwards.

A step at the full rate draws each score below score_mean up by byte_price * (score_mean - mu), a step at a share of
the rate by that share. The full rate and mu are those that the group began with. The pull is no gradient and has no
momentum (include/submask/mask.h, ScorePull)."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Tuple, Union

import torch

from submask._error import invalid

# What a masked group notes of its start.
STARTS = ("first_lr", "first_mu")

Pull = Tuple[Union[float, torch.Tensor], float]  # how far scores rise, and below which value


def _first_lr(group: Mapping[str, Any]) -> float:
    return float(group.get("first_lr", group["lr"]))


def _first_mu(group: Mapping[str, Any]) -> float:
    """Before it is noted, it is what a schedule of mu begins with, or mu."""
    if "first_mu" in group:
        return float(group["first_mu"])
    is_scheduled = group["progressive"] is not None and group["criterion"] != "topk"
    return float(group["progressive"][0] if is_scheduled else group["mu"])


def note_start(group: Dict[str, Any]) -> None:
    """Notes the rate and mu that a new group begins with; a rate on another device is waited for, this once."""
    group["first_lr"], group["first_mu"] = _first_lr(group), _first_mu(group)


def check_price(group: Mapping[str, Any]) -> None:
    """Raises InvalidArgument for a price where scores do not start about as far from mu, or do not move at first."""
    if group.get("units") is None or group.get("byte_price", 0) == 0:
        return
    if group["score_start"] not in ("constant", "normal"):
        raise invalid("score_start constant or normal for byte_price", repr(group["score_start"]))
    if not group["score_mean"] > _first_mu(group):
        raise invalid("a score_mean above mu for byte_price", group["score_mean"])
    if not _first_lr(group) > 0:
        raise invalid("a first lr above 0 for byte_price, which is for a step at that rate", _first_lr(group))


def pull_of(group: Mapping[str, Any]) -> Pull:
    """The pull of a step at the group's rate now."""
    if group["byte_price"] == 0:
        return 0.0, float(group["score_mean"])
    height = group["byte_price"] * (group["score_mean"] - _first_mu(group))
    return height * group["lr"] / _first_lr(group), float(group["score_mean"])


def pull_up(pull: Pull, score: torch.Tensor, scratch: torch.Tensor) -> None:
    """Draws scores up in place, given memory of their shape. Infinite ones stay."""
    by, top = pull
    torch.lt(score, top, out=scratch)
    score.add_(scratch.mul_(by))
