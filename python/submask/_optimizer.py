"""What MaskSGD and MaskAdam share: groups, state, masks and steps."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, overload

import torch
from torch.optim import Optimizer

from submask._byte_price import STARTS, note_start, pull_of, pull_up
from submask._checkpoint import NOTES, check_state, copied
from submask._claims import check_unmasked
from submask._criterion import Criterion, score_gradient
from submask._error import invalid
from submask._groups import check_group, names_in
from submask._masked_weights import MaskedWeights
from submask._options import check_options, scheduled
from submask._unit_state import UnitState, first_state

Group = Dict[str, Any]


class MaskOptimizer(Optimizer):
    """What MaskSGD and MaskAdam share."""

    _buffers: Tuple[str, ...] = ()  # the update rule's own, shaped as the value that it moves

    def __init__(self, params: Iterable[Any], options: Group) -> None:
        self._weights = MaskedWeights()
        expected = "groups of submask.param_groups()"
        if isinstance(params, torch.Tensor) or not isinstance(params, Iterable):
            raise invalid(expected, type(params).__name__)
        given = list(params)
        if not given:
            raise invalid(expected, "none")
        try:
            super().__init__(given, {**options, "units": None, "random_share": 1.0, "largest_share": 1.0})
            if all(group["units"] is None for group in self.param_groups):
                raise invalid(expected, "parameters without masks")
        except BaseException:
            # Groups before the one that was refused are masked by now.
            if hasattr(self, "param_groups"):
                self.undo()
            raise

    def __repr__(self) -> str:
        """In a line; torch's own would print all names and statistics of the groups."""
        left_out = ("units", "params", *NOTES, *STARTS)
        groups = [{name: value for name, value in group.items() if name not in left_out} for group in self.param_groups]
        masked = (
            f"{len(self.units())} units, {self.masked_fraction():.1%} off" if len(self._weights) else "no masks"
        )
        return f"{type(self).__name__}({masked}; groups {groups})"

    # ---- Groups and state ----

    def add_param_group(self, param_group: Group) -> None:
        """Adds masked parameters (a group of submask.param_groups()) or plain ones.

        Raises InvalidArgument, and adds nothing, for a parameter that is in two groups or cannot be masked.
        """
        group = check_group({**self.defaults, **param_group}, self.param_groups)
        check_options(group)
        super().add_param_group({**param_group, "params": group["params"]})
        group = self.param_groups[-1]
        if group["progressive"] is not None:
            group[scheduled(group)] = group["progressive"][0]
        if group["units"] is not None:
            note_start(group)
        with torch.no_grad():
            self._start(group)
        self._mask(group)

    def _start(self, group: Group) -> None:
        """The first state of a group's parameters."""
        for parameter, rows in zip(group["params"], group["units"] or [None] * len(group["params"])):
            state = self.state[parameter]
            value = parameter
            if rows is not None:
                state.update(first_state(parameter, rows, group))
                value = state["score"]
            for name in self._buffers:
                state[name] = torch.zeros_like(value)
            self._start_rule(parameter, state)

    def _start_rule(self, parameter: torch.Tensor, state: Dict[str, Any]) -> None:
        """Further state of the update rule."""

    @torch.no_grad()
    def _mask(self, group: Group) -> None:
        """Writes the weights that the scores of a group give."""
        if group["units"] is not None:
            self._weights.mask(group, self.state, type(self).__name__)

    def __getstate__(self) -> Dict[str, Any]:
        state: Dict[str, Any] = super().__getstate__()
        # A copy of what undo() gave back is not masked either.
        return {**state, "masked": [self._is_masked(group) for group in self.param_groups]}

    def _is_masked(self, group: Group) -> bool:
        return all(parameter in self._weights for parameter in group["params"])

    def __setstate__(self, state: Dict[str, Any]) -> None:
        state = dict(state)
        masked = state.pop("masked", [True] * len(state["param_groups"]))
        super().__setstate__(state)
        self._weights = MaskedWeights()
        for group, was_masked in zip(self.param_groups, masked):
            for parameter in group["params"]:
                for name, value in self.state[parameter].items():
                    if isinstance(value, torch.Tensor) and value.device != parameter.device:
                        self.state[parameter][name] = value.to(parameter.device)
            if was_masked:
                self._mask(group)

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        """Goes on from a state_dict() to the same bits, on any device; the state is copied.

        Raises InvalidArgument, and changes nothing, for one of other units, another dtype or options out of range, and
        where another one masks the model.
        """
        check_state(self, state_dict)
        for group in self._masked_groups():
            check_unmasked((n, p) for n, p in zip(names_in(group), group["params"]) if p not in self._weights)
            for parameter in group["params"]:
                self._check_same(parameter, parameter, "dtype", "shape")
        kept = self.param_groups, self.state, self._weights
        try:
            super().load_state_dict(copied(state_dict))
        except BaseException:
            self._go_back(*kept)
            raise

    @torch.no_grad()
    def _go_back(self, groups: List[Group], state: Any, weights: MaskedWeights) -> None:
        """Weights, groups and state as they were before a load that failed half-way."""
        self.param_groups, self.state, self._weights = groups, state, weights
        for group in self._masked_groups():
            if self._is_masked(group):
                weights.cut(group, self._units_of(group))
            else:
                weights.unmask(group["params"], state)

    # ---- The criterion ----

    def _masked_groups(self) -> List[Group]:
        return [group for group in self.param_groups if group["units"] is not None]

    @torch.no_grad()
    def _change(self, changes: List[Tuple[Group, Group]]) -> None:
        """Changes options of masked groups and what follows of them, all or none."""
        for group, options in changes:
            check_options({**group, **options})
            self._units_of(group)
            for parameter in group["params"]:
                self._check_same(parameter, parameter)
        for group, options in changes:
            group.update(options)
            self._weights.cut(group, self._units_of(group))

    def set_criterion(self, *, mu: Optional[float] = None, keep_share: Optional[float] = None) -> None:
        """Changes mu or keep_share of all masked groups, as a schedule does, and computes masks and weights again.

        Raises InvalidArgument, and changes nothing, for a value out of range.
        """
        options = {name: value for name, value in (("mu", mu), ("keep_share", keep_share)) if value is not None}
        self._change([(group, options) for group in self._masked_groups()])

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Moves mu (of topk keep_share) of groups with progressive=(start, stop) linearly: the first epoch, 0, has
        `start`, the last one, epochs - 1, `stop`. Call it before each epoch.

        Raises InvalidArgument, and changes nothing, for an epoch outside 0 ... epochs - 1.
        """
        if not isinstance(epoch, Real) or not isinstance(epochs, Real) or not 0 <= epoch <= epochs - 1:
            raise invalid(f"an epoch in 0 ... epochs - 1 of epochs={epochs!r}", repr(epoch))
        done = epoch / (epochs - 1) if epochs > 1 else 1.0
        changes = []
        for group in self._masked_groups():
            if group["progressive"] is not None:
                start, stop = group["progressive"]
                changes.append((group, {scheduled(group): start + (stop - start) * done}))
        self._change(changes)

    def _units_of(self, group: Group) -> List[UnitState]:
        return self._weights.units_of(group["params"], self.state)

    def units(self) -> List[UnitState]:
        """All units that are learned, in network order."""
        return [unit for group in self._masked_groups() for unit in self._units_of(group)]

    def masks(self) -> Dict[str, torch.Tensor]:
        """The mask of each unit, bool, True where a weight is on, by canonical name."""
        return {
            unit.unit.name: self._weights.mask_of(group, unit)
            for group in self._masked_groups()
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
        error. Parameters that it does not mask stay as they are."""
        for parameter in self._weights.parameters():
            self._check_same(parameter, parameter, "shape")
        self._weights.unmask(self._weights.parameters(), self.state)

    # ---- Steps ----

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], float]] = None) -> Optional[float]:
        """Moves scores (and plain parameters) once by the gradients in .grad, and writes the masked weights.

        A parameter without a gradient stays as it is. Returns what `closure`, if given, returns. Raises
        InvalidArgument, and moves nothing, for options out of range, parameters that were moved or cast, sparse
        gradients, and on the CPU for NaN or infinity in the gradient of a masked parameter.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        # All are checked before any moves.
        moving = [[p for p in group["params"] if p.grad is not None] for group in self.param_groups]
        units = []
        for group, parameters in zip(self.param_groups, moving):
            check_options(group)
            for parameter in parameters:
                self._check_moving(parameter, masked=group["units"] is not None)
            units.append([] if group["units"] is None else self._weights.units_of(parameters, self.state))
        for group, parameters, masked in zip(self.param_groups, moving, units):
            if group["units"] is None:
                self._step_plain(group, parameters)
            else:
                self._step_masked(group, masked)
        return loss

    def _check_same(self, parameter: torch.Tensor, tensor: torch.Tensor, *of: str) -> None:
        """A parameter that was moved or cast by its model is no longer what the state was made for."""
        state = self.state[parameter]
        kept = state["theta"] if "theta" in state else state[self._buffers[0]]
        if any(getattr(tensor, name) != getattr(kept, name) for name in of or ("dtype", "device", "shape")):
            raise invalid(
                f"a {'masked ' if 'theta' in state else ''}parameter as it was, {kept.dtype} on {kept.device} of shape "
                f"{list(kept.shape)}",
                f"{tensor.dtype} on {tensor.device} of shape {list(tensor.shape)}: undo() before the model "
                "is moved or cast",
            )

    def _check_moving(self, parameter: torch.Tensor, masked: bool) -> None:
        gradient = parameter.grad
        assert gradient is not None
        if gradient.layout != torch.strided:
            raise invalid("dense gradients", gradient.layout)
        self._check_same(parameter, parameter)
        self._check_same(parameter, gradient)
        # A sum finds out in one pass, but may itself overflow. Elsewhere than on the CPU it would wait for the device.
        if masked and gradient.is_cpu and not math.isfinite(gradient.sum()) and not gradient.isfinite().all():
            names = self._weights.names_in(parameter)
            raise invalid(f"a finite gradient of {names}", "NaN or infinity, of which scores do not recover")

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
            gradient = self._weights.scratch_like(unit.score)
            score_gradient(criterion, unit.theta, unit.gradient, unit.weight, unit.scale, gradient)
            if group["weight_decay"] != 0:
                # An infinite score marks a weight that is never masked; it must not decay into a NaN.
                gradient.add_(unit.score.masked_fill(unit.score.isinf(), 0), alpha=group["weight_decay"])
            self._update(self._options_of(unit, group), [unit.score], [gradient], [unit.buffers])
            if group["byte_price"] != 0:
                pull_up(pull_of(group), unit.score, gradient)
            self._weights.cut(group, [unit])

    def _options_of(self, unit: UnitState, group: Group) -> Group:
        """The options of a unit's next step."""
        return group

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
