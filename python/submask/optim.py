"""MaskSGD and MaskAdam: mask learning as an optimiser.

The parameter w is what autograd sees. Theta, the frozen weights, and a score for each weight are the optimiser's
state. A step moves the scores by the straight-through gradient and writes w = c * theta * m into the parameter
(_criterion.py has the formulas; Warmerdam, Caron and Asano, GCPR 2024). No module is wrapped, so any loop, scheduler,
scaler and DDP work.
"""

from __future__ import annotations

import operator
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union, overload

import torch
from torch.optim import Optimizer

from submask import _kernels
from submask._claims import check_unmasked, claim, release
from submask._criterion import Criterion, Scale, cut, materialise, score_gradient
from submask._error import invalid
from submask._groups import check_parameter
from submask._scores import ScoreStart, protect_unselected, start_scores
from submask._units import Unit, float32

Group = Dict[str, Any]


class _UnitState:
    """A unit's rows of the tensors that the optimiser keeps for a parameter. Its mask follows from the scores."""

    def __init__(self, parameter: torch.Tensor, unit: Unit, state: Dict[str, Any]) -> None:
        self.parameter, self.unit = parameter, unit
        self.theta, self.score = unit.of(state["theta"]), unit.of(state["score"])
        # What the update rule keeps; a count of steps has no rows.
        self.buffers = {
            name: unit.of(t) if t.dim() else t for name, t in state.items() if name not in ("theta", "score")
        }
        self._kept = tuple(state.values())
        self.count = self.theta.numel()
        self.on: Scale = self.count
        self.scale: Scale = 1.0

    def of(self, state: Dict[str, Any]) -> _UnitState:
        """Itself while the optimiser's state is of the tensors that it has rows of, else its like with rows of these:
        Lightning puts copies on another device in their place, and so may anyone."""
        if len(self._kept) == len(state) and all(map(operator.is_, self._kept, state.values())):
            return self
        moved = _UnitState(self.parameter, self.unit, state)
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


def _unit_of(rows: List[Any], shape: Tuple[int, ...]) -> Unit:
    name, begin, end, transposed, _ = rows
    rest = shape[:-1] if transposed else shape[1:]
    return Unit(name, "", "", begin, end, transposed, True, (end - begin, *rest))


def _scheduled(group: Group) -> str:
    """The option that a progressive schedule moves."""
    return "keep_share" if group["criterion"] == "topk" else "mu"


class MaskOptimizer(Optimizer):
    """What MaskSGD and MaskAdam share."""

    _buffers: Tuple[str, ...] = ()  # the update rule's own, shaped as the value that it moves

    def __init__(self, params: Iterable[Any], options: Group) -> None:
        self._units: Dict[torch.Tensor, List[_UnitState]] = {}
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
                    unit = _unit_of(row, tuple(parameter.shape))
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
                _UnitState(parameter, _unit_of(row, tuple(parameter.shape)), state) for row in rows
            ]
        self._cut(group, self._units_of(group))

    def _scratch_like(self, score: torch.Tensor, dtype: Optional[torch.dtype] = None) -> torch.Tensor:
        """Memory of a unit's shape, one and the same for all units: a unit's numbers in it are gone with the next's."""
        key = (dtype or score.dtype, score.device)
        memory = self._scratch.get(key)
        if memory is None or memory.numel() < score.numel():
            memory = self._scratch[key] = torch.empty(score.numel(), dtype=key[0], device=key[1])
        return memory[: score.numel()].view(score.shape)

    def _cut(self, group: Group, units: List[_UnitState]) -> None:
        """Computes masks, scales and weights from the scores."""
        criterion = Criterion.of(group)
        for unit in units:
            factor = self._scratch_like(unit.score)
            unit.on = cut(criterion, unit.score, factor)
            unit.scale = criterion.scale_of(unit.on, unit.count)
            materialise(criterion, unit.theta, factor, unit.scale, unit.weight)

    def mask_of(self, group: Group, unit: _UnitState) -> torch.Tensor:
        """The mask of a unit, bool, True where a weight is on."""
        factor = self._scratch_like(unit.score)
        cut(Criterion.of(group), unit.score, factor)
        return factor.bool()

    def expected_weight(self, group: Group, unit: _UnitState) -> torch.Tensor:
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
        saved_groups = state_dict["param_groups"]
        if len(saved_groups) != len(self.param_groups):
            raise invalid(f"a state of {len(self.param_groups)} groups", len(saved_groups))
        for group, saved in zip(self.param_groups, saved_groups):
            if len(group["params"]) != len(saved["params"]) or saved.get("units") != group["units"]:
                raise invalid("a state of the same mask units", "one of others (other patterns, or another model)")
            for parameter, key in zip(group["params"], saved["params"]):
                for name, value in state_dict["state"].get(key, {}).items():
                    if name in ("theta", "score") and (value.dtype, value.shape) != (parameter.dtype, parameter.shape):
                        raise invalid(
                            f"a {name} of {parameter.dtype} and shape {list(parameter.shape)}",
                            f"{value.dtype} and {list(value.shape)}",
                        )
        # torch would keep the caller's tensors, and step() would change them.
        copied = {
            key: {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in state.items()}
            for key, state in state_dict["state"].items()
        }
        super().load_state_dict({**state_dict, "state": copied})

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

    def _units_of(self, group: Group) -> List[_UnitState]:
        return self._units_with(group["params"])

    def _units_with(self, parameters: List[torch.Tensor]) -> List[_UnitState]:
        if not all(parameter in self._units for parameter in parameters):
            raise invalid("an optimizer whose weights are masked", "one after undo()")
        for parameter in parameters:
            self._units[parameter] = [unit.of(self.state[parameter]) for unit in self._units[parameter]]
        return [unit for parameter in parameters for unit in self._units[parameter]]

    def units(self) -> List[_UnitState]:
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
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            for parameter in parameters:
                if parameter.grad.layout != torch.strided:
                    raise invalid("dense gradients", parameter.grad.layout)
            if group["units"] is None:
                self._step_plain(group, parameters)
            else:
                self._step_masked(group, self._units_with(parameters))
        return loss

    def _step_plain(self, group: Group, parameters: List[torch.Tensor]) -> None:
        if not parameters:
            return
        values = [parameter.detach() for parameter in parameters]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if group["weight_decay"] != 0:
            gradients = list(torch._foreach_add(gradients, values, alpha=group["weight_decay"]))
        self._advance(parameters)
        self._update(group, values, gradients, [self.state[parameter] for parameter in parameters])

    def _step_masked(self, group: Group, units: List[_UnitState]) -> None:
        criterion = Criterion.of(group)
        rest = [unit for unit in units if not self._step_fused(group, criterion, unit)]
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

    def _step_fused(self, group: Group, criterion: Criterion, unit: _UnitState) -> bool:
        """Steps a unit by the library's kernels where these can, and tells whether they did."""
        return False

    def _advance(self, parameters: List[torch.Tensor]) -> None:
        """Counts a step of these parameters, where the rule needs it."""

    def _update(
        self, group: Group, values: List[torch.Tensor], gradients: List[torch.Tensor], states: List[Dict[str, Any]]
    ) -> None:
        """Moves values, scores or plain weights alike, by one update. Gradients may be the caller's."""
        raise NotImplementedError


class MaskSGD(MaskOptimizer):
    """Masks by SGD: v = momentum * v + d;  s -= lr * (nesterov ? d + momentum * v : v), where d = dL/ds + decay * s.

    `params` are groups of submask.param_groups(model), and plain parameters or groups of these, which get ordinary SGD
    (torch's, dampening 0) with the options of their group. Options are torch's, and for masks

    criterion      "threshold" (on where s > mu), "topk" (the keep_share largest of a unit) or "flip" (+-1 at mu)
    scale          c = 1 / sqrt(mean(m)) per unit; a flip is never scaled
    progressive    (start, stop) of mu, or of topk's keep_share, over the epochs that set_epoch() tells
    score_start    "constant", "normal", "magnitude", "shuffled" or "kaiming", with score_mean, score_std and seed
    fused          float32 and contiguous units on the CPU go through the library's kernels, bit for bit the program's

    weight_decay acts on the scores of masked groups, not on weights: it pulls scores towards 0, and infinite ones
    (weights that are never masked) stay. With units of a module that is wrapped by DDP all processes get equal masks.
    Raises InvalidArgument for options out of range, and as param_groups() does.
    """

    _buffers = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: Union[float, torch.Tensor] = 50.0,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        criterion: str = "threshold",
        mu: float = 0.0,
        keep_share: float = 0.9,
        scale: bool = True,
        progressive: Optional[Tuple[float, float]] = None,
        score_start: str = "constant",
        score_mean: float = 1.0,
        score_std: float = 0.01,
        seed: int = 0,
        fused: bool = True,
    ) -> None:
        options = {name: value for name, value in locals().items() if name not in ("self", "params", "__class__")}
        super().__init__(params, options)

    def _check(self, group: Group) -> None:
        super()._check(group)
        if not 0 <= group["momentum"] < 1:
            raise invalid("a momentum in [0, 1)", group["momentum"])

    def _step_fused(self, group: Group, criterion: Criterion, unit: _UnitState) -> bool:
        weight = unit.weight
        if not group["fused"] or not _kernels.can_take(unit.theta) or not weight.is_contiguous():
            return False
        gradient = unit.gradient.contiguous()
        on = self._scratch_like(unit.score, torch.bool)
        c, shift = 1.0, 0.0
        if criterion.is_scaled:
            c = float(unit.scale)
            shift = c * c / (2.0 * unit.count) * _kernels.dot(gradient, weight)
        unit.on = _kernels.update_scores(
            _kernels.ScoreStep(
                c, shift, criterion.mu, group["lr"], group["momentum"], group["weight_decay"], group["nesterov"]
            ),
            unit.theta,
            gradient,
            unit.score,
            unit.buffers["momentum_buffer"],
            on,
        )
        if criterion.kind == "topk" or (criterion.kind == "threshold" and unit.on == 0):
            self._cut(group, [unit])
            return True
        unit.scale = criterion.scale_of(unit.on, unit.count)
        off_scale = -1.0 if criterion.kind == "flip" else 0.0
        _kernels.materialise(float(unit.scale), off_scale, unit.theta, on, weight)
        return True

    def _update(
        self, group: Group, values: List[torch.Tensor], gradients: List[torch.Tensor], states: List[Dict[str, Any]]
    ) -> None:
        velocities = [state["momentum_buffer"] for state in states]
        torch._foreach_mul_(velocities, group["momentum"])
        torch._foreach_add_(velocities, gradients)
        moved = velocities
        if group["nesterov"]:
            moved = list(torch._foreach_add(gradients, velocities, alpha=group["momentum"]))
        _descend(values, moved, group["lr"])


class MaskAdam(MaskOptimizer):
    """Masks by Adam (Kingma and Ba 2015, algorithm 1), with weight_decay * s in the gradient; otherwise as MaskSGD.

    Plain groups get torch's Adam. All is in plain torch ops.
    """

    _buffers = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any],
        lr: Union[float, torch.Tensor] = 1e-3,
        betas: Tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        criterion: str = "threshold",
        mu: float = 0.0,
        keep_share: float = 0.9,
        scale: bool = True,
        progressive: Optional[Tuple[float, float]] = None,
        score_start: str = "constant",
        score_mean: float = 1.0,
        score_std: float = 0.01,
        seed: int = 0,
    ) -> None:
        options = {name: value for name, value in locals().items() if name not in ("self", "params", "__class__")}
        super().__init__(params, options)

    def _check(self, group: Group) -> None:
        super()._check(group)
        for beta in group["betas"]:
            if not 0 <= beta < 1:
                raise invalid("betas in [0, 1)", beta)

    def _start_rule(self, parameter: torch.Tensor, state: Dict[str, Any]) -> None:
        state["step"] = torch.zeros((), dtype=torch.float64, device=parameter.device)

    def _advance(self, parameters: List[torch.Tensor]) -> None:
        torch._foreach_add_([self.state[parameter]["step"] for parameter in parameters], 1)

    def _update(
        self, group: Group, values: List[torch.Tensor], gradients: List[torch.Tensor], states: List[Dict[str, Any]]
    ) -> None:
        beta1, beta2 = group["betas"]
        first = [state["exp_avg"] for state in states]
        second = [state["exp_avg_sq"] for state in states]
        torch._foreach_lerp_(first, gradients, 1 - beta1)
        torch._foreach_mul_(second, beta2)
        torch._foreach_addcmul_(second, gradients, gradients, 1 - beta2)
        roots, shares = [], []
        for state in states:
            # On the CPU plain numbers are faster; elsewhere a number would wait for the device.
            step = state["step"].item() if state["step"].is_cpu else state["step"]
            roots.append((1 - beta2**step) ** 0.5)
            shares.append(1 / (1 - beta1**step))
        denominators = torch._foreach_sqrt(second)
        torch._foreach_div_(denominators, roots)
        torch._foreach_add_(denominators, group["eps"])
        moved = torch._foreach_div(first, denominators)
        torch._foreach_mul_(moved, shares)
        _descend(values, list(moved), group["lr"])


def _descend(values: List[torch.Tensor], moved: List[torch.Tensor], lr: Union[float, torch.Tensor]) -> None:
    """values -= lr * moved. A rate that is a tensor may change inside a CUDA graph."""
    if isinstance(lr, torch.Tensor):
        torch._foreach_sub_(values, list(torch._foreach_mul(moved, lr)))
    else:
        torch._foreach_add_(values, moved, alpha=-lr)
