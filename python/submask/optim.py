"""MaskSGD and MaskAdam: mask learning as an optimiser.

The parameter w is what autograd sees. Theta, the frozen weights, and a score for each weight are the optimiser's
state. A step moves the scores by the straight-through gradient and writes w = c * theta * m into the parameter
(_criterion.py has the formulas; Warmerdam, Caron and Asano, GCPR 2024). No module is wrapped, so any loop, scheduler,
scaler and DDP work.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Tuple, Union

import torch

from submask import _fused
from submask._criterion import Criterion
from submask._optimizer import Group, MaskOptimizer
from submask._rules import descend_by_adam, descend_by_sgd
from submask._unit_rates import unit_rate
from submask._unit_state import UnitState


class MaskSGD(MaskOptimizer):
    """Masks by SGD: v = momentum * v + d;  s -= lr * (nesterov ? d + momentum * v : v), where d = dL/ds + decay * s.

    `params` are groups of submask.param_groups(model), and plain parameters or groups of these, which get ordinary SGD
    (torch's, dampening 0) with the options of their group. Options are torch's, and for masks

    criterion      "threshold" (on where s > mu), "topk" (the keep_share largest of a unit) or "flip" (+-1 at mu)
    scale          c = 1 / sqrt(mean(m)) per unit; a flip is never scaled
    progressive    (start, stop) of mu, or of topk's keep_share, over the epochs that set_epoch() tells
    score_start    "constant", "normal", "magnitude", "shuffled" or "kaiming", with score_mean, score_std and seed
    byte_price     what a mask pays for weights that are off, so that its file is smaller: each step draws scores below
                   score_mean up by this share of score_mean - mu, times lr over the first lr (mu and the first lr are
                   those that the group began with); .0025 to .1 are of use
    unit_rates     lr is over the averaged size of each unit's gradients, sqrt(mean((c * theta * g)^2)): one lr, .01 to
                   .02, then suits all units and networks
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
        byte_price: float = 0.0,
        unit_rates: bool = False,
        fused: bool = True,
    ) -> None:
        options = {name: value for name, value in locals().items() if name not in ("self", "params", "__class__")}
        super().__init__(params, options)

    def _options_of(self, unit: UnitState, group: Group) -> Group:
        return {**group, "lr": unit_rate(group["lr"], unit)} if group["unit_rates"] else group

    def _step_fused(self, group: Group, criterion: Criterion, units: List[UnitState]) -> List[UnitState]:
        taken = [unit for unit in units if group["fused"] and _fused.can_step(criterion, unit)]
        if taken:
            self._weights.cut(group, _fused.step(group, criterion, taken))
        return [unit for unit in units if not any(unit is one for one in taken)]

    def _update(
        self, group: Group, values: List[torch.Tensor], gradients: List[torch.Tensor], states: List[Dict[str, Any]]
    ) -> None:
        descend_by_sgd(group, values, gradients, states)


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
        byte_price: float = 0.0,
    ) -> None:
        options = {name: value for name, value in locals().items() if name not in ("self", "params", "__class__")}
        super().__init__(params, options)

    def _start_rule(self, parameter: torch.Tensor, state: Dict[str, Any]) -> None:
        state["step"] = torch.zeros((), dtype=torch.float64, device=parameter.device)

    def _advance(self, parameters: List[torch.Tensor]) -> None:
        torch._foreach_add_([self.state[parameter]["step"] for parameter in parameters], 1)

    def _update(
        self, group: Group, values: List[torch.Tensor], gradients: List[torch.Tensor], states: List[Dict[str, Any]]
    ) -> None:
        descend_by_adam(group, values, gradients, states)


__all__ = ["MaskAdam", "MaskSGD"]
