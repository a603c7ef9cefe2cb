"""timm's optimiser factory: MaskSGD and MaskAdam as "masksgd" and "maskadam"."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any, Dict, Iterable, List, Optional, Tuple, Type

from torch import nn

from submask._error import Unavailable, invalid
from submask._groups import param_groups
from submask._units import Patterns, units
from submask._optimizer import MaskOptimizer
from submask.optim import MaskAdam, MaskSGD

Group = Dict[str, Any]


def register_timm() -> None:
    """Adds "masksgd" and "maskadam" to the optimisers of timm.optim.create_optimizer_v2(); again, it changes nothing.

        submask.register_timm()
        optimizer = create_optimizer_v2(model, "masksgd", lr=50, model=model, head_lr=.05)

    timm hands parameters without their names to an optimiser, hence the model twice. Of timm's groups, which may come
    from weight_decay or layer_decay, mask units stay in their group with its options (weight_decay then acts on
    scores, and timm's schedulers take lr_scale for masks as for weights); the classifier's parameters, of
    model.get_classifier(), stay with head_lr in place of lr; all others, as those of norms, are left out and get
    requires_grad_(False), so that no gradient of theirs counts when gradients are clipped. only, exclude, random_share
    and largest_share are those of param_groups(), further options those of MaskSGD or MaskAdam.

    Without model= the groups have to have masks: create_optimizer_v2([*masks, head], "masksgd"), or masks that
    param_group_fn= makes. Refused with InvalidArgument, before anything is changed: groups without masks and no
    model=, fallback_list, and head_lr that is missing or without use. The lookahead_ of timm is refused at the first
    step, for an average of masked weights is no mask. Raises Unavailable where timm (1.0.12 or later) is not installed.
    """
    try:
        factory = importlib.import_module("timm.optim._optim_factory")
        registry, info = factory.default_registry, factory.OptimInfo
    except (ImportError, AttributeError):
        raise Unavailable("expected the package timm, 1.0.12 or later, got none (pip install timm)") from None
    known = registry.list_optimizers()
    by = "learns masks by SGD (submask)", "learns masks by Adam (submask)"
    if "masksgd" not in known:
        registry.register(info("masksgd", partial(_create, MaskSGD), by[0], has_eps=False, has_momentum=True))
    if "maskadam" not in known:
        registry.register(info("maskadam", partial(_create, MaskAdam), by[1], has_betas=True))


def _create(
    kind: Type[MaskOptimizer],
    params: Iterable[Any],
    *,
    model: Optional[nn.Module] = None,
    head_lr: Optional[float] = None,
    only: Patterns = None,
    exclude: Patterns = None,
    random_share: float = 1.0,
    largest_share: float = 1.0,
    **options: Any,
) -> MaskOptimizer:
    """What timm calls with its groups and the options of create_optimizer_v2()."""
    given = list(params)
    groups = [group if isinstance(group, dict) else {"params": [group]} for group in given]
    if any(group.get("use_fallback") for group in groups):
        raise invalid("groups without fallback_list", "one: masks have no other optimizer to fall back to")
    left: List[nn.Parameter] = []
    if model is not None:
        shares: Dict[str, Any] = {"random_share": random_share, "largest_share": largest_share}
        groups, left = _divide(model, groups, only, exclude, shares, head_lr)
    elif not any(group.get("units") for group in groups):
        raise invalid(
            "the network as model= too, or groups of submask.param_groups()",
            "parameters without masks (timm hands on no names, by which mask units are known)",
        )
    elif head_lr is not None or only is not None or exclude is not None or (random_share, largest_share) != (1, 1):
        raise invalid("model= with head_lr=, only=, exclude= and shares", "these without it")
    optimizer = kind(groups, **options)
    for parameter in left:
        parameter.requires_grad_(False)
    optimizer.register_step_pre_hook(_refuse_lookahead)
    return optimizer


def _divide(
    model: nn.Module,
    groups: List[Group],
    only: Patterns,
    exclude: Patterns,
    shares: Dict[str, Any],
    head_lr: Optional[float],
) -> Tuple[List[Group], List[nn.Parameter]]:
    """timm's groups with the masks of the model and its head in them, and the parameters that are left out."""
    get_classifier: Any = getattr(model, "get_classifier", None)
    classifier = get_classifier() if callable(get_classifier) else None
    head = {id(parameter) for parameter in classifier.parameters()} if isinstance(classifier, nn.Module) else set()
    if (head_lr is None) == bool(head):
        raise invalid("head_lr= where model.get_classifier() has parameters, and there alone", f"head_lr={head_lr}")
    # layer_decay_no_opt_scale freezes the layers below, which are then in no group.
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    frozen = [unit.name for unit in units(model) if unit.masked_by_default and unit.tensor not in trained]
    if only is None and frozen:
        exclude = [*([exclude] if isinstance(exclude, str) else exclude or []), *frozen]
    (masks,) = param_groups(model, only, exclude, **shares)
    rows = {id(parameter): of for parameter, of in zip(masks["params"], masks["units"])}
    divided: List[Group] = []
    left: List[nn.Parameter] = []
    for group in groups:
        masked = [parameter for parameter in group["params"] if id(parameter) in rows]
        plain = [parameter for parameter in group["params"] if id(parameter) in head]
        left += [p for p in group["params"] if id(p) not in rows and id(p) not in head]
        if masked:
            of = [rows[id(parameter)] for parameter in masked]
            divided.append({**masks, **group, "params": masked, "units": of})
        if plain:
            divided.append({**group, "params": plain, "lr": head_lr})
    return divided, left


def _refuse_lookahead(optimizer: Any, *_: Any) -> None:
    if any("lookahead_alpha" in group for group in optimizer.param_groups):
        raise invalid(
            "masksgd or maskadam alone", "timm's lookahead_ around it: an average of masked weights is no mask"
        )


__all__ = ["register_timm"]
