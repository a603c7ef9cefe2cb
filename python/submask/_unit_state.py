"""What an optimiser keeps of a mask unit."""

from __future__ import annotations

import operator
from typing import Any, Dict, List, Mapping, Tuple

import torch

from submask._criterion import Scale
from submask._scores import ScoreStart, protect_unselected, start_scores
from submask._units import Unit, float32


# What every optimiser keeps of a masked parameter.
FIRST_STATE = ("theta", "score", "gradient_sizes")


class UnitState:
    """A unit's rows of the tensors that the optimiser keeps for a parameter. Its mask follows from the scores."""

    def __init__(self, parameter: torch.Tensor, unit: Unit, place: int, state: Dict[str, Any]) -> None:
        """Of the units of its parameter it is the one at `place`."""
        self.parameter, self.unit, self.place = parameter, unit, place
        self.theta, self.score = unit.of(state["theta"]), unit.of(state["score"])
        self.gradient_size = state["gradient_sizes"][place]  # of unit rates, a tensor of no dimensions
        # What the update rule keeps; a count of steps has no rows.
        self.buffers = {name: unit.of(t) if t.dim() else t for name, t in state.items() if name not in FIRST_STATE}
        self._kept = tuple(state.values())
        self.count = self.theta.numel()
        self.on: Scale = self.count
        self.scale: Scale = 1.0
        # Whether the rows are one piece of memory where the parameter is, and the element it begins at.
        rows = (self.theta, self.score, *(t for t in self.buffers.values() if t.dim()))
        self.is_plain_array = not unit.transposed and all(t.is_contiguous() for t in rows)
        self.first = unit.row_begin * (parameter.numel() // parameter.shape[0]) if parameter.numel() else 0

    def of(self, state: Dict[str, Any]) -> UnitState:
        """Itself while the optimiser's state is of the tensors that it has rows of, else its like with rows of these:
        Lightning puts copies on another device in their place, and so may anyone."""
        if len(self._kept) == len(state) and all(map(operator.is_, self._kept, state.values())):
            return self
        moved = UnitState(self.parameter, self.unit, self.place, state)
        device = moved.theta.device
        moved.on, moved.scale = (
            value.to(device) if isinstance(value, torch.Tensor) else value for value in (self.on, self.scale)
        )
        return moved

    @property
    def weight(self) -> torch.Tensor:
        weight: torch.Tensor = self.unit.of(self.parameter.detach())
        return weight

    @property
    def gradient(self) -> torch.Tensor:
        gradient: torch.Tensor = self.unit.of(self.parameter.grad)
        return gradient


def unit_of(rows: List[Any], shape: Tuple[int, ...]) -> Unit:
    """The unit that a parameter group notes as [name, first row, row behind the last, transposed, index], given the
    shape of its parameter."""
    name, begin, end, transposed, _ = rows
    rest = shape[:-1] if transposed else shape[1:]
    return Unit(name, "", "", begin, end, transposed, True, (end - begin, *rest))


def first_state(parameter: torch.Tensor, rows: List[Any], group: Mapping[str, Any]) -> Dict[str, Any]:
    """Of a parameter with these units: theta, a copy of its weights, scores as the options of its group say, and the
    size of each unit's gradients, 0 before the first."""
    theta = parameter.detach().clone(memory_format=torch.contiguous_format)
    scores = torch.zeros_like(theta, memory_format=torch.contiguous_format)
    start = ScoreStart(group["score_start"], group["score_mean"], group["score_std"], group["seed"])
    for row in rows:
        unit, index = unit_of(row, tuple(parameter.shape)), row[4]
        values = float32(unit.of(theta))
        score = start_scores(start, values, index)
        protect_unselected(score, values, group["seed"], index, group["random_share"], group["largest_share"])
        unit.of(scores).copy_(torch.from_numpy(score))
    return {"theta": theta, "score": scores, "gradient_sizes": theta.new_zeros(len(rows))}
