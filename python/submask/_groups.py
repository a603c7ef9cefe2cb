"""Parameter groups of a model's mask units, for MaskSGD and MaskAdam."""

from __future__ import annotations

import hashlib
from inspect import signature
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Union

import torch
from torch import nn

from submask._claims import check_unmasked
from submask._error import invalid
from submask._options import check_options
from submask._units import Network, Patterns, Unit, float32, select_units

# Classes whose parameters are not the whole tensors, by the names of their types.
_sharded = ("DTensor", "FlatParameter", "ShardedTensor")


def check_parameter(name: str, parameter: torch.Tensor) -> None:
    """Raises InvalidArgument for a parameter that cannot be masked, and says why."""
    kinds = [kind.__name__ for kind in type(parameter).__mro__]
    for kind in _sharded:
        if kind in kinds:
            raise invalid(
                f"{name} as a whole tensor", f"a {kind}: FSDP and DTensor parameters cannot be masked; DDP's can"
            )
    if getattr(parameter, "_is_flat_param", False):
        raise invalid(f"{name} as a whole tensor", "a FlatParameter: FSDP parameters cannot be masked; DDP's can")
    if not parameter.is_floating_point() or type(parameter) not in (torch.Tensor, nn.Parameter):
        raise invalid(
            f"{name} in float32 or float64",
            f"{type(parameter).__name__} of {parameter.dtype}: quantised and complex weights cannot be masked",
        )
    if parameter.dtype not in (torch.float32, torch.float64):
        raise invalid(
            f"{name} in float32 or float64",
            f"{parameter.dtype}: load the model in float32, and use torch.autocast for half precision",
        )
    if parameter.is_meta:
        raise invalid(f"{name} in memory", "a parameter of the meta device")
    if any(stride == 0 and size > 1 for stride, size in zip(parameter.stride(), parameter.shape)):
        raise invalid(f"{name} with memory for each weight", "an expanded tensor (clone() it)")
    if not parameter.is_leaf or not parameter.requires_grad:
        raise invalid(f"{name} as a leaf that requires a gradient", "one that does not (requires_grad_(True))")


def names_in(group: Mapping[str, Any]) -> List[str]:
    """What is known of the names of a group's parameters: those of their units."""
    if group.get("units") is None:
        return [f"one of shape {list(parameter.shape)}" for parameter in group["params"]]
    return [", ".join(row[0] for row in rows) for rows in group["units"]]


def _parameters(params: Any) -> List[torch.Tensor]:
    found = [params] if isinstance(params, torch.Tensor) else list(params) if isinstance(params, Iterable) else [params]
    for parameter in found:
        if not isinstance(parameter, torch.Tensor):
            raise invalid("parameters of a model", type(parameter).__name__)
        if parameter.is_complex():
            raise invalid("real parameters", f"one of {parameter.dtype}")
    return found


def check_group(group: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
    """A parameter group as an optimiser with the groups `known` can take it, with a list of "params" (pairs of names
    and parameters where they were given so). Raises InvalidArgument, as for a parameter that is in two groups."""
    if isinstance(group["params"] if "params" in group else set(), (set, str)):
        raise invalid("a group with params, a list of parameters", "one without")
    params, named = group["params"], None
    if not isinstance(params, torch.Tensor) and isinstance(params, Iterable):
        params = list(params)
        if params and isinstance(params[0], tuple):  # named_parameters()
            named, params = params, [parameter for _, parameter in params]
    params, units = _parameters(params), group.get("units")
    if units is not None:
        if not isinstance(units, (list, tuple)) or len(units) != len(params):
            raise invalid(f"units of {len(params)} parameters", repr(units)[:80])
        for parameter, rows in zip(params, units):
            for row in rows:
                if len(row) != 5 or not 0 <= row[1] <= row[2] <= parameter.shape[-1 if row[3] else 0]:
                    raise invalid(f"units inside a parameter of shape {list(parameter.shape)}", row)
    names = {id(p): name for of in known for p, name in zip(of["params"], names_in(of))}
    seen = set(names)
    for parameter, name in zip(params, names_in({**group, "params": params})):
        if id(parameter) in seen:
            told = names.get(id(parameter), name)
            raise invalid("each parameter in one group, once", f"{told if units is None else name} again")
        seen.add(id(parameter))
        if units is not None:
            check_unmasked([(name, parameter)])
            check_parameter(name, parameter)
    return {**group, "params": params if named is None else named}


def module_of(model: nn.Module, head: Any) -> Optional[nn.Module]:
    """The layer of the model that `head`, its name or itself, says; None where the model has no such layer."""
    layers = dict(model.named_modules())
    if isinstance(head, str):
        return layers.get(head)
    return next((layer for layer in layers.values() if layer is head), None)


def names_of(model: nn.Module, head: Any) -> Set[str]:
    """What a layer's parameters are called in the model's state dict; none where `head` is not of the model."""
    layer = None if head is None else module_of(model, head)
    inside = set() if layer is None else {id(parameter) for parameter in layer.parameters()}
    return {name for name, parameter in model.named_parameters(remove_duplicate=False) if id(parameter) in inside}


def _check_modules(model: nn.Module) -> None:
    for name, module in model.named_modules():
        kind = type(module)
        if ".quantized" in kind.__module__ or "bitsandbytes" in kind.__module__:
            raise invalid("a model without quantised modules", f"{name}, a {kind.__name__}")


def parameters_of(model: nn.Module, units: List[Unit]) -> Dict[str, nn.Parameter]:
    """The parameters that have these units, by their names in the state dict. Raises InvalidArgument for tied
    weights."""
    named = dict(model.named_parameters(remove_duplicate=False))
    names_of: Dict[int, List[str]] = {}
    for name, parameter in named.items():
        names_of.setdefault(id(parameter), []).append(name)
    found = {}
    for unit in units:
        if unit.tensor not in named:
            raise invalid(f"a parameter {unit.tensor} of the model", "a buffer or a parametrised weight")
        parameter = named[unit.tensor]
        if len(names_of[id(parameter)]) > 1:
            raise invalid("parameters with one name each", f"tied weights {' and '.join(names_of[id(parameter)])}")
        found[unit.tensor] = parameter
    return found


def param_groups(
    model: nn.Module,
    only: Patterns = None,
    exclude: Patterns = None,
    *,
    random_share: float = 1.0,
    largest_share: float = 1.0,
    head: Union[None, str, nn.Module] = None,
    **options: Any,
) -> List[Dict[str, Any]]:
    """The model's mask units as a parameter group for MaskSGD or MaskAdam.

    Units and their names are the program's (submask.units(model)). `only` and `exclude` are shell patterns of unit
    names ("layer4.*"); without `only` the units that the program masks by default. The program's --stages N, the stem
    and the first N stages, is said by what comes after them: exclude=["layer3.*", "layer4.*"] leaves two stages of a
    ResNet, exclude="stages.3.*" three of a ConvNeXt of timm. `head` is the classifier, or its
    name, which is no unit then: say it where its name is another than fc, head, heads, classifier or linear. Of each
    unit, the shares [0 < share <= 1] of weights drawn at random and of largest |theta| alone may be masked. `options`
    are those of the group, as lr.

    Call it while the model has its pretrained weights: their identity, batch norm's statistics and hashes of all other
    parameters are noted for save_task(). Other parameters (a head) go to the optimiser as groups of their own, which
    are not masked. Raises InvalidArgument for a pattern that fits nothing, an option that is not known, and for
    parameters that cannot be masked: half precision, tied, sharded, quantised, without gradient, or masked already.
    """
    shares = {"random_share": random_share, "largest_share": largest_share}
    check_options(shares)
    _check_names(options)
    if not isinstance(model, nn.Module):
        raise invalid("a torch.nn.Module", type(model).__name__)
    if head is not None and module_of(model, head) is None:
        raise invalid("head= that is a layer of the model, or its name", repr(head))
    _check_modules(model)
    network = Network(model, without=names_of(model, head))
    chosen = select_units(network.units, only, exclude)
    parameters = parameters_of(model, list(network.units))
    wanted = {unit.tensor: parameters[unit.tensor] for unit in chosen}
    check_unmasked(parameters.items())
    for name, parameter in wanted.items():
        check_parameter(name, parameter)
    # Plain lists, so that a state dict holds nothing but what torch.load(weights_only=True) reads.
    units: Dict[str, List[List[Any]]] = {name: [] for name in wanted}
    for index, unit in enumerate(chosen):
        units[unit.tensor].append([unit.name, unit.row_begin, unit.row_end, unit.transposed, index])
    return [
        {
            "params": list(wanted.values()),
            "units": list(units.values()),
            **shares,
            "weights_identity": network.identity(),
            "statistics": {name: torch.from_numpy(values.copy()) for name, values in network.statistics().items()},
            "others": [digest(parameter) for parameter in other_parameters(model, network).values()],
            **options,
        }
    ]


def _check_names(options: Mapping[str, Any]) -> None:
    from submask.optim import MaskAdam, MaskSGD  # which import this module

    # The two last are of schedulers: timm's, and whatever shows rates by name.
    known = {*signature(MaskSGD).parameters, *signature(MaskAdam).parameters, "lr_scale", "name"} - {"params"}
    for name in options:
        if name not in known:
            raise invalid("an option of MaskSGD or MaskAdam", name)


def other_parameters(model: nn.Module, network: Network) -> Dict[str, nn.Parameter]:
    """The parameters without a unit, by name: norms, biases, a head."""
    units = {unit.tensor for unit in network.units}
    return {name: parameter for name, parameter in model.named_parameters() if name not in units}


def digest(values: Any) -> str:
    """A hash of an array's values in float32."""
    return hashlib.blake2b(float32(values).data, digest_size=12).hexdigest()
