"""What MaskSGD and MaskAdam share: groups, state, masks and steps."""

from __future__ import annotations

import itertools
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, overload

import torch
from torch.optim import Optimizer

from submask._checkpoint import check_state, copied
from submask._claims import check_unmasked, claim, release
from submask._criterion import Criterion, cut, materialise, score_gradient
from submask._error import invalid
from submask._groups import check_parameter
from submask._scores import ScoreStart, protect_unselected, start_scores
from submask._unit_state import UnitState, unit_of
from submask._units import float32

Group = Dict[str, Any]


def _scheduled(group: Group) -> str:
    """The option that a progressive schedule moves."""
    return "keep_share" if group["criterion"] == "topk" else "mu"


class MaskOptimizer(Optimizer):
    """What MaskSGD and MaskAdam share."""

    _buffers: Tuple[str, ...] = ()  # the update rule's own, shaped as the value that it moves

    def __init__(self, params: Iterable[Any], options: Group) -> None:
        self._units: Dict[torch.Tensor, List[UnitState]] = {}
        self._scratch: Dict[Tuple[torch.dtype, torch.device], torch.Tensor] = {}
        try:
            super().__init__(params, {**options, "units": None, "random_share": 1.0, "largest_share": 1.0})
        except BaseException:
            # Groups before the one that was refused are masked by now.
            if hasattr(self, "param_groups"):
                self.undo()
            raise

    def __repr__(self) -> str:
        """In a line; torch's own would print all names and statistics of the groups."""
        names = ("units", "params", "statistics", "weights_identity")
        groups = [{name: value for name, value in group.items() if name not in names} for group in self.param_groups]
        masked = (
            f"{len(self.units())} units, {self.masked_fraction():.1%} off" if self._units else "no masks"
        )
        return f"{type(self).__name__}({masked}; groups {groups})"

    # ---- Groups and state ----

    def add_param_group(self, param_group: Group) -> None:
        """Adds masked parameters (a group of submask.param_groups()) or plain ones.

        Raises InvalidArgument, and adds nothing, for a parameter that is in two groups or cannot be masked.
        """
        params = param_group["params"]
        params = [params] if isinstance(params, torch.Tensor) else list(params)
        if params and isinstance(params[0], tuple):  # named_parameters()
            named, params = params, [parameter for _, parameter in params]
            param_group = {**param_group, "params": named}
        else:
            param_group = {**param_group, "params": params}
        known = {id(parameter) for group in self.param_groups for parameter in group["params"]}
        for parameter in params:
            if id(parameter) in known:
                raise invalid("each parameter in one group, once", f"one of shape {list(parameter.shape)} again")
            known.add(id(parameter))
        group = {**self.defaults, **param_group}
        self._check(group)
        units = group["units"]
        if units is not None:
            if len(units) != len(params):
                raise invalid(f"units of {len(params)} parameters", f"of {len(units)}")
            names = [", ".join(unit[0] for unit in rows) for rows in units]
            check_unmasked(zip(names, params))
            for name, parameter in zip(names, params):
                check_parameter(name, parameter)
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        if group["progressive"] is not None:
            group[_scheduled(group)] = group["progressive"][0]
        with torch.no_grad():
            self._start(group)
        self._derive(group)

    def _check(self, group: Group) -> None:
        if not isinstance(group["lr"], torch.Tensor) and not group["lr"] >= 0:
            raise invalid("a learning rate >= 0", group["lr"])
        if not group["weight_decay"] >= 0:
            raise invalid("a weight decay >= 0", group["weight_decay"])
        Criterion.of(group)
        self._score_start(group)
        if group["progressive"] is not None:
            for value in group["progressive"]:
                Criterion.of({**group, _scheduled(group): value})

    @staticmethod
    def _score_start(group: Group) -> ScoreStart:
        return ScoreStart(group["score_start"], group["score_mean"], group["score_std"], group["seed"])

    def _start(self, group: Group) -> None:
        """The first state of a group's parameters: theta is a copy of the weights, scores are as the options say."""
        for parameter, rows in zip(group["params"], group["units"] or [None] * len(group["params"])):
            state = self.state[parameter]
            value = parameter
            if rows is not None:
                theta = parameter.detach().clone(memory_format=torch.contiguous_format)
                value = torch.zeros_like(theta, memory_format=torch.contiguous_format)
                state["theta"], state["score"] = theta, value
                for row in rows:
                    unit = unit_of(row, tuple(parameter.shape))
                    values = float32(unit.of(theta))
                    score = start_scores(self._score_start(group), values, row[4])
                    protect_unselected(
                        score, values, group["seed"], row[4], group["random_share"], group["largest_share"]
                    )
                    unit.of(value).copy_(torch.from_numpy(score))
            for name in self._buffers:
                state[name] = torch.zeros_like(value)
            self._start_rule(parameter, state)

    def _start_rule(self, parameter: torch.Tensor, state: Dict[str, Any]) -> None:
        """Further state of the update rule."""

    @torch.no_grad()
    def _derive(self, group: Group) -> None:
        """Masks and weights from the scores of a group."""
        if group["units"] is None:
            return
        claim(group["params"], type(self).__name__)
        for parameter, rows in zip(group["params"], group["units"]):
            state = self.state[parameter]
            self._units[parameter] = [
                UnitState(parameter, unit_of(row, tuple(parameter.shape)), state) for row in rows
            ]
        self._cut(group, self._units_of(group))

    def _scratch_like(self, score: torch.Tensor, dtype: Optional[torch.dtype] = None) -> torch.Tensor:
        """Memory of a unit's shape, one and the same for all units: a unit's numbers in it are gone with the next's."""
        key = (dtype or score.dtype, score.device)
        memory = self._scratch.get(key)
        if memory is None or memory.numel() < score.numel():
            memory = self._scratch[key] = torch.empty(score.numel(), dtype=key[0], device=key[1])
        return memory[: score.numel()].view(score.shape)

    def _cut(self, group: Group, units: List[UnitState]) -> None:
        """Computes masks, scales and weights from the scores."""
        criterion = Criterion.of(group)
        for unit in units:
            factor = self._scratch_like(unit.score)
            unit.on = cut(criterion, unit.score, factor)
            unit.scale = criterion.scale_of(unit.on, unit.count)
            materialise(criterion, unit.theta, factor, unit.scale, unit.weight)

    def mask_of(self, group: Group, unit: UnitState) -> torch.Tensor:
        """The mask of a unit, bool, True where a weight is on."""
        factor = self._scratch_like(unit.score)
        cut(Criterion.of(group), unit.score, factor)
        return factor.bool()

    def expected_weight(self, group: Group, unit: UnitState) -> torch.Tensor:
        """What step() wrote of a unit: c * theta * m."""
        weight = torch.empty_like(unit.theta, memory_format=torch.contiguous_format)
        factor = self._scratch_like(unit.score)
        cut(Criterion.of(group), unit.score, factor)
        materialise(Criterion.of(group), unit.theta, factor, unit.scale, weight)
        return weight

    def __setstate__(self, state: Dict[str, Any]) -> None:
        super().__setstate__(state)
        self._units, self._scratch = {}, {}
        for group in self.param_groups:
            for parameter in group["params"]:
                for name, value in self.state[parameter].items():
                    if isinstance(value, torch.Tensor) and value.device != parameter.device:
                        self.state[parameter][name] = value.to(parameter.device)
            self._derive(group)

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        """Goes on from a state_dict() to the same bits, on any device; the state is copied.

        Raises InvalidArgument, and changes nothing, for one of other units or another dtype.
        """
        check_state(self, state_dict)
        super().load_state_dict(copied(state_dict))

    # ---- The criterion ----

    def set_criterion(self, *, mu: Optional[float] = None, keep_share: Optional[float] = None) -> None:
        """Changes mu or keep_share of all masked groups, as a schedule does, and computes masks and weights again."""
        masked = [group for group in self.param_groups if group["units"] is not None]
        changes = {name: value for name, value in (("mu", mu), ("keep_share", keep_share)) if value is not None}
        for group in masked:
            Criterion.of({**group, **changes})
        with torch.no_grad():
            for group in masked:
                group.update(changes)
                self._cut(group, self._units_of(group))

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Moves mu (of topk keep_share) of groups with progressive=(start, stop) linearly: the first epoch, 0, has
        `start`, the last one, epochs - 1, `stop`. Call it before each epoch."""
        with torch.no_grad():
            for group in self.param_groups:
                if group["units"] is None or group["progressive"] is None:
                    continue
                start, stop = group["progressive"]
                group[_scheduled(group)] = start + (stop - start) * (epoch / (epochs - 1) if epochs > 1 else 1.0)
                self._cut(group, self._units_of(group))

    def _units_of(self, group: Group) -> List[UnitState]:
        return self._units_with(group["params"])

    def _units_with(self, parameters: List[torch.Tensor]) -> List[UnitState]:
        if not all(parameter in self._units for parameter in parameters):
            raise invalid("an optimizer whose weights are masked", "one after undo()")
        for parameter in parameters:
            self._units[parameter] = [unit.of(self.state[parameter]) for unit in self._units[parameter]]
        return [unit for parameter in parameters for unit in self._units[parameter]]

    def units(self) -> List[UnitState]:
        """All units that are learned, in network order."""
        return [unit for group in self.param_groups if group["units"] is not None for unit in self._units_of(group)]

    def masks(self) -> Dict[str, torch.Tensor]:
        """The mask of each unit, bool, True where a weight is on, by canonical name."""
        return {
            unit.unit.name: self.mask_of(group, unit)
            for group in self.param_groups
            if group["units"] is not None
            for unit in self._units_of(group)
        }

    def masked_fraction(self) -> float:
        """The share of weights that are off, over all units."""
        count = sum(unit.count for unit in self.units())
        return 1 - sum(int(unit.on) for unit in self.units()) / count if count else 0.0

    @torch.no_grad()
    def undo(self) -> None:
        """Writes theta, bit for bit, into all masked parameters, which are then no longer masked. The state stays, so
        that state_dict() still has it; load_state_dict() masks the weights again, and step() before that is an
        error."""
        for group in self.param_groups:
            if group["units"] is None:
                continue
            for parameter in group["params"]:
                if parameter in self._units:
                    parameter.copy_(self.state[parameter]["theta"])
            release(group["params"])
        self._units.clear()

    # ---- Steps ----

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], float]] = None) -> Optional[float]:
        """Moves scores (and plain parameters) once by the gradients in .grad, and writes the masked weights.

        A parameter without a gradient stays as it is. Returns what `closure`, if given, returns.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        # All are checked before any moves.
        moving = [[p for p in group["params"] if p.grad is not None] for group in self.param_groups]
        for parameter in itertools.chain(*moving):
            self._check_parameter(parameter)
        for group, parameters in zip(self.param_groups, moving):
            if group["units"] is None:
                self._step_plain(group, parameters)
            else:
                self._step_masked(group, self._units_with(parameters))
        return loss

    def _check_parameter(self, parameter: torch.Tensor) -> None:
        """A parameter that was moved or cast by its model is no longer what the state was made for."""
        gradient = parameter.grad
        if gradient is not None and gradient.layout != torch.strided:
            raise invalid("dense gradients", gradient.layout)
        kept = self.state[parameter].get("theta")
        for tensor in (parameter, gradient):
            if kept is None or tensor is None:
                continue
            if (tensor.dtype, tensor.device, tensor.shape) != (kept.dtype, kept.device, kept.shape):
                raise invalid(
                    f"a masked parameter as it was, {kept.dtype} on {kept.device} of shape {list(kept.shape)}",
                    f"{tensor.dtype} on {tensor.device} of shape {list(tensor.shape)}: undo() before the model "
                    "is moved or cast",
                )

    def _step_plain(self, group: Group, parameters: List[torch.Tensor]) -> None:
        if not parameters:
            return
        values = [parameter.detach() for parameter in parameters]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if group["weight_decay"] != 0:
            gradients = list(torch._foreach_add(gradients, values, alpha=group["weight_decay"]))
        self._advance(parameters)
        self._update(group, values, gradients, [self.state[parameter] for parameter in parameters])

    def _step_masked(self, group: Group, units: List[UnitState]) -> None:
        criterion = Criterion.of(group)
        rest = self._step_fused(group, criterion, units)
        if not rest:
            return
        self._advance(list({id(unit.parameter): unit.parameter for unit in rest}.values()))
        for unit in rest:
            gradient = self._scratch_like(unit.score)
            score_gradient(criterion, unit.theta, unit.gradient, unit.weight, unit.scale, gradient)
            if group["weight_decay"] != 0:
                # An infinite score marks a weight that is never masked; it must not decay into a NaN.
                gradient.add_(unit.score.masked_fill(unit.score.isinf(), 0), alpha=group["weight_decay"])
            self._update(group, [unit.score], [gradient], [unit.buffers])
            self._cut(group, [unit])

    def _step_fused(self, group: Group, criterion: Criterion, units: List[UnitState]) -> List[UnitState]:
        """Steps units by the library where it can, and returns the others."""
        return units

    def _advance(self, parameters: List[torch.Tensor]) -> None:
        """Counts a step of these parameters, where the rule needs it."""

    def _update(
        self, group: Group, values: List[torch.Tensor], gradients: List[torch.Tensor], states: List[Dict[str, Any]]
    ) -> None:
        """Moves values, scores or plain weights alike, by one update. Gradients may be the caller's."""
        raise NotImplementedError
