"""Weights under masks: which units of which parameters are masked, and the weights that their scores give."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

import torch

from submask._claims import claim, release
from submask._criterion import Criterion, cut, materialise
from submask._error import invalid
from submask._unit_state import UnitState, unit_of

Group = Mapping[str, Any]
States = Mapping[torch.Tensor, Dict[str, Any]]  # what the optimiser keeps, by parameter


class MaskedWeights:
    """The mask units of an optimiser by parameter. A parameter is in it while its weights are masked."""

    def __init__(self) -> None:
        self._units: Dict[torch.Tensor, List[UnitState]] = {}
        self._scratch: Dict[Tuple[torch.dtype, torch.device], torch.Tensor] = {}

    def __contains__(self, parameter: object) -> bool:
        return parameter in self._units

    def __len__(self) -> int:
        return len(self._units)

    def parameters(self) -> List[torch.Tensor]:
        return list(self._units)

    def mask(self, group: Group, states: States, by: str) -> None:
        """Writes the weights that a group's scores give into its parameters, which are masked by `by` from now on."""
        claim(group["params"], by)
        for parameter, rows in zip(group["params"], group["units"]):
            state = states[parameter]
            shape = tuple(parameter.shape)
            self._units[parameter] = [
                UnitState(parameter, unit_of(row, shape), place, state) for place, row in enumerate(rows)
            ]
        self.cut(group, self.units_of(group["params"], states))

    def unmask(self, parameters: Iterable[torch.Tensor], states: States) -> None:
        """Writes theta, bit for bit, into parameters, which are masked by nobody then."""
        given = list(parameters)
        for parameter in given:
            parameter.copy_(states[parameter]["theta"])
            self._units.pop(parameter, None)
        release(given)

    def units_of(self, parameters: Iterable[torch.Tensor], states: States) -> List[UnitState]:
        """The units of masked parameters, in order. Raises InvalidArgument where one of them is not masked."""
        given = list(parameters)
        if not all(parameter in self._units for parameter in given):
            raise invalid("an optimizer whose weights are masked", "one after undo()")
        for parameter in given:
            self._units[parameter] = [unit.of(states[parameter]) for unit in self._units[parameter]]
        return [unit for parameter in given for unit in self._units[parameter]]

    def names_in(self, parameter: torch.Tensor) -> str:
        """The names of a parameter's units, by commas."""
        return ", ".join(unit.unit.name for unit in self._units.get(parameter, []))

    def scratch_like(self, score: torch.Tensor) -> torch.Tensor:
        """Memory of a unit's shape, one and the same for all units: a unit's numbers in it are gone with the next's."""
        key = score.dtype, score.device
        memory = self._scratch.get(key)
        if memory is None or memory.numel() < score.numel():
            memory = self._scratch[key] = torch.empty(score.numel(), dtype=score.dtype, device=score.device)
        return memory[: score.numel()].view(score.shape)

    def cut(self, group: Group, units: List[UnitState]) -> None:
        """Computes masks, scales and weights of a group's units from their scores."""
        criterion = Criterion.of(group)
        for unit in units:
            factor = self.scratch_like(unit.score)
            unit.on = cut(criterion, unit.score, factor)
            unit.scale = criterion.scale_of(unit.on, unit.count)
            materialise(criterion, unit.theta, factor, unit.scale, unit.weight)

    def mask_of(self, group: Group, unit: UnitState) -> torch.Tensor:
        """The mask of a unit, bool, True where a weight is on."""
        factor = self.scratch_like(unit.score)
        cut(Criterion.of(group), unit.score, factor)
        return factor.bool()

    def expected_weight(self, group: Group, unit: UnitState) -> torch.Tensor:
        """What a step wrote of a unit: c * theta * m."""
        weight = torch.empty_like(unit.theta, memory_format=torch.contiguous_format)
        factor = self.scratch_like(unit.score)
        cut(Criterion.of(group), unit.score, factor)
        materialise(Criterion.of(group), unit.theta, factor, unit.scale, weight)
        return weight
