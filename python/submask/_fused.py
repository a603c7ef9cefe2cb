"""The library's step of mask learning on torch tensors: float32, contiguous, on the CPU; bit for bit the program's."""

from __future__ import annotations

import ctypes
from typing import Any, List, Mapping

import torch

from submask import _library
from submask._byte_price import pull_of
from submask._criterion import Criterion
from submask._library import function
from submask._unit_state import UnitState

_threads = 0  # that the library was last told


def can_step(criterion: Criterion, unit: UnitState) -> bool:
    """Whether the library can step a unit: it has masks of scores above mu, on arrays as they lie in C."""
    return (
        criterion.kind != "topk"
        and unit.is_plain_array
        and unit.parameter.is_contiguous()
        and unit.parameter.dtype == torch.float32
        and unit.parameter.is_cpu
    )


def _follow_threads() -> None:
    """The library shares work among as many threads as torch does."""
    global _threads
    threads = torch.get_num_threads()
    if threads != _threads:
        function("submask_set_threads")(threads)
        _threads = threads


def _mask_step(group: Mapping[str, Any], criterion: Criterion) -> _library.MaskStep:
    pull, top = pull_of(group)
    score = _library.ScoreStep(
        1.0,
        0.0,
        criterion.mu,
        float(group["lr"]),
        group["momentum"],
        group["weight_decay"],
        int(group["nesterov"]),
        float(pull),
        top,
    )
    off_scale = -1.0 if criterion.kind == "flip" else 0.0
    return _library.MaskStep(score, off_scale, int(criterion.is_scaled), int(group["unit_rates"]))


def step(group: Mapping[str, Any], criterion: Criterion, units: List[UnitState]) -> List[UnitState]:
    """Steps scores, velocities, scales and weights of units that can_step() takes, by SGD with the options of `group`.

    Returns those of which no score passes mu: their scores have moved, but weight and scale are left to the caller.
    """
    _follow_threads()
    gradients = [unit.parameter.grad for unit in units]
    # Where a gradient is not as it lies in C, its copy has to live until the step is done.
    gradients = [g if g is None or g.is_contiguous() else g.contiguous() for g in gradients]
    steps = (_library.StepUnit * len(units))()
    for place, unit, gradient in zip(steps, units, gradients):
        offset = unit.first * 4
        place.theta, place.score = unit.theta.data_ptr(), unit.score.data_ptr()
        place.velocity = unit.buffers["momentum_buffer"].data_ptr()
        place.weights = unit.parameter.data_ptr() + offset
        place.gradient = 0 if gradient is None else gradient.data_ptr() + offset
        place.count, place.scale = unit.count, float(unit.scale)
        if group["unit_rates"]:
            place.gradient_size = float(unit.gradient_size)
    function("submask_step_masks")(ctypes.byref(_mask_step(group, criterion)), steps, len(units))
    left = []
    for place, unit in zip(steps, units):
        unit.on = place.on
        if group["unit_rates"]:
            unit.gradient_size.fill_(place.gradient_size)
        if unit.on == 0 and criterion.kind == "threshold":
            left.append(unit)
        else:
            unit.scale = place.scale
    return left
