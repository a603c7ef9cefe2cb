"""The library's sweeps of mask learning on torch tensors: float32, contiguous, on the CPU."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Union

import torch

from submask import _library
from submask._library import function

_threads = 0  # that the library was last told


def can_take(tensor: torch.Tensor) -> bool:
    return bool(tensor.is_cpu and tensor.dtype == torch.float32 and tensor.is_contiguous())


def _follow_threads() -> None:
    """The library shares work among as many threads as torch does."""
    global _threads
    threads = torch.get_num_threads()
    if threads != _threads:
        function("submask_set_threads")(threads)
        _threads = threads


def dot(a: torch.Tensor, b: torch.Tensor) -> float:
    """sum(a * b), accumulated in float64 over blocks."""
    _follow_threads()
    total = ctypes.c_double()
    function("submask_dot")(a.data_ptr(), b.data_ptr(), a.numel(), ctypes.byref(total))
    return total.value


@dataclass(frozen=True)
class ScoreStep:
    """submask_score_step: d = gradient_scale * theta * gradient - shift + weight_decay * score, and so on."""

    gradient_scale: float
    shift: float
    mu: float
    rate: Union[float, torch.Tensor]
    momentum: float
    weight_decay: float
    nesterov: bool


def update_scores(
    step: ScoreStep,
    theta: torch.Tensor,
    gradient: torch.Tensor,
    score: torch.Tensor,
    velocity: torch.Tensor,
    on: torch.Tensor,
) -> int:
    """One step of SGD on scores; writes score, velocity and `on` (bool), and returns how many weights are on."""
    _follow_threads()
    counted = ctypes.c_int64()
    c_step = _library.ScoreStep(
        step.gradient_scale,
        step.shift,
        step.mu,
        float(step.rate),
        step.momentum,
        step.weight_decay,
        int(step.nesterov),
    )
    function("submask_update_scores")(
        ctypes.byref(c_step),
        theta.data_ptr(),
        gradient.data_ptr(),
        score.data_ptr(),
        velocity.data_ptr(),
        on.data_ptr(),
        theta.numel(),
        ctypes.byref(counted),
    )
    return counted.value


def materialise(scale: float, off_scale: float, theta: torch.Tensor, on: torch.Tensor, weight: torch.Tensor) -> None:
    """Writes weight = on ? scale * theta : off_scale * theta."""
    _follow_threads()
    function("submask_materialise")(scale, off_scale, theta.data_ptr(), on.data_ptr(), weight.data_ptr(), theta.numel())
