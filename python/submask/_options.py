"""Options of a parameter group, and which values they may have."""

from __future__ import annotations

import math
import numbers
from typing import Any, Callable, Dict, Mapping, Sequence, Tuple

import torch

from submask import _criterion, _scores
from submask._byte_price import check_price
from submask._error import invalid

_Fits = Callable[[float], bool]

_numbers: Dict[str, Tuple[str, _Fits]] = {
    "lr": ("a learning rate >= 0", lambda value: value >= 0),
    "momentum": ("a momentum in [0, 1)", lambda value: 0 <= value < 1),
    "weight_decay": ("a weight decay >= 0", lambda value: value >= 0),
    "eps": ("an eps >= 0", lambda value: value >= 0),
    "mu": ("a finite mu", lambda _: True),
    "keep_share": ("a keep_share in (0, 1]", lambda value: 0 < value <= 1),
    "score_mean": ("a finite score_mean", lambda _: True),
    "score_std": ("a finite score_std >= 0", lambda value: value >= 0),
    "byte_price": ("a byte_price in [0, 3.4e38]", lambda value: 0 <= value <= 3.4e38),
    "first_lr": ("a first_lr >= 0", lambda value: value >= 0),
    "first_mu": ("a finite first_mu", lambda _: True),
    "random_share": ("a random share in (0, 1]", lambda value: 0 < value <= 1),
    "largest_share": ("a largest share in (0, 1]", lambda value: 0 < value <= 1),
}
_words: Dict[str, Tuple[str, Sequence[str]]] = {
    "criterion": ("a criterion", _criterion.KINDS),
    "score_start": ("a score start", _scores.KINDS),
}
_switches = ("nesterov", "scale", "fused", "unit_rates")


def _check_number(expected: str, value: Any, fits: _Fits) -> None:
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not fits(value):
        raise invalid(expected, repr(value))


def _pair(expected: str, value: Any) -> Tuple[Any, Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise invalid(expected, repr(value))
    return value[0], value[1]


def scheduled(group: Mapping[str, Any]) -> str:
    """The option that a progressive schedule moves."""
    return "keep_share" if group["criterion"] == "topk" else "mu"


def check_options(group: Mapping[str, Any]) -> None:
    """Raises InvalidArgument for an option of another type, or out of range; those that are not there are not asked."""
    for name, (expected, fits) in _numbers.items():
        value = group.get(name, 0.5)
        if name == "lr" and isinstance(value, torch.Tensor):
            if value.numel() != 1 or not value.is_floating_point():
                raise invalid("a learning rate of one number", f"a tensor of shape {list(value.shape)}")
            if not value.is_cpu:
                continue  # to look at it would wait for the device
            value = float(value)
        _check_number(expected, value, fits)
        if name == "lr" and group.get("unit_rates") and group.get("units") is not None and value > 1:
            # A rate of a mask without unit rates, which would switch weights off at random.
            raise invalid("an lr of at most 1 with unit_rates (.01 to .02 suit)", repr(value))
    for name, (expected, words) in _words.items():
        if name in group and group[name] not in words:
            raise invalid(f"{expected}: {', '.join(words)}", repr(group[name]))
    for name in _switches:
        if name in group and group[name] not in (True, False):
            raise invalid(f"{name} that is True or False", repr(group[name]))
    if not isinstance(group.get("seed", 0), numbers.Integral):
        raise invalid("a seed that is a whole number", repr(group["seed"]))
    for beta in _pair("two betas", group.get("betas", (0, 0))):
        _check_number("betas in [0, 1)", beta, lambda value: 0 <= value < 1)
    if group.get("progressive") is not None:
        for value in _pair("progressive=(start, stop)", group["progressive"]):
            expected, fits = _numbers[scheduled(group)]
            _check_number(expected, value, fits)
    check_price(group)
