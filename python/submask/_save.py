"""save_task: what a mask optimiser learned, as a task file."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim import Optimizer

from submask._criterion import Criterion
from submask._error import invalid
from submask._files import AnyTask, new_task, pack
from submask._optimizer import MaskOptimizer
from submask._preprocessing import preprocessing_of
from submask._task import PathLike, Task
from submask._units import Network, float32


def _config_of(model: nn.Module) -> Optional[Mapping[str, Any]]:
    """timm's pretrained_cfg, where the model has one."""
    config = getattr(model, "pretrained_cfg", None)
    return config if isinstance(config, Mapping) else None


def _backbone_of(model: nn.Module, backbone: Optional[str]) -> str:
    config = _config_of(model)
    if backbone is None and config is not None and config.get("architecture"):
        backbone = str(config["architecture"])
    if backbone is None:
        raise invalid("the network's name as backbone= (submask backbones lists the program's)", "none")
    return backbone


def _head_arrays(head: Union[None, nn.Module, Mapping[str, Any]]) -> Dict[str, NDArray[Any]]:
    if head is None:
        return {}
    if isinstance(head, Mapping):
        return {name: float32(values) for name, values in head.items()}
    if not isinstance(head, nn.Linear):
        raise invalid(
            'a head that is a torch.nn.Linear, or arrays "weight" and "bias", "cosine", or of a bank',
            type(head).__name__,
        )
    bias = torch.zeros(head.out_features) if head.bias is None else head.bias
    return {"weight": float32(head.weight), "bias": float32(bias)}


def _same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    integer = torch.int32 if a.dtype == torch.float32 else torch.int64
    return bool(torch.equal(a.contiguous().view(integer), b.contiguous().view(integer)))


def _mask_optimizer(optimizer: Any) -> MaskOptimizer:
    """The optimiser, or the one inside Accelerate's (the Trainer's too) or Lightning's."""
    inside = optimizer
    while not isinstance(inside, MaskOptimizer):
        if not hasattr(inside, "optimizer"):
            raise invalid("MaskSGD or MaskAdam, or one that wraps it as .optimizer", type(optimizer).__name__)
        inside = inside.optimizer
    return inside


@torch.no_grad()
def _check_weights(optimizer: MaskOptimizer) -> None:
    """w = c theta m has to hold bit for bit: what is saved is the mask alone."""
    for group in optimizer.param_groups:
        for unit in optimizer._units_of(group) if group["units"] is not None else []:
            if not _same_bits(optimizer.expected_weight(group, unit), unit.weight):
                raise invalid(
                    f"{unit.unit.name} to be c * theta * m of its mask",
                    "other weights: a moving average of weights is no mask (average the scores in optimizer.state, "
                    "then optimizer.set_criterion()), and no other optimiser may move masked parameters",
                )


def _network_identity(model: nn.Module, optimizer: MaskOptimizer) -> Tuple[str, Network]:
    """The identity of the network with theta in place of masked weights, and that network."""
    state: Dict[str, Any] = dict(model.state_dict(keep_vars=True))
    for name, tensor in state.items():
        if isinstance(tensor, nn.Parameter) and tensor in optimizer._units:
            state[name] = optimizer.state[tensor]["theta"]
    network = Network(state)
    return network.identity(), network


def save_task(
    model: nn.Module,
    optimizer: Optimizer,
    path: PathLike,
    *,
    head: Union[None, nn.Module, Mapping[str, Any]] = None,
    classes: Optional[Sequence[str]] = None,
    preprocessing: Any = None,
    backbone: Optional[str] = None,
    provenance: Optional[Mapping[str, Any]] = None,
    licence: str = "",
    profile: str = "small",
    statistics: str = "half",
    head_form: str = "half",
    parent: Optional[AnyTask] = None,
) -> Task:
    """Writes what was learned as a task file, which the program and load_task() read, and returns it.

    optimizer      MaskSGD or MaskAdam, or Accelerate's or Lightning's around it
    head           the classifier, torch.nn.Linear [C, D], or arrays by name as Task.head() gives them; none
    classes        names of its C classes
    preprocessing  timm's resolve_data_config(), torchvision's weights.transforms(), an image processor of transformers,
                   or a task file's own form; default: of timm's model.pretrained_cfg
    backbone       the network's name; default: of timm's model.pretrained_cfg
    provenance     what made it: anything that JSON can hold
    profile, statistics, head_form, parent     as pack() takes them

    Batch norm's running statistics are the model's. The masks' criterion and scale are the optimiser's, the same in all
    its groups. Raises InvalidArgument, and writes nothing, where a masked weight is not c * theta * m bit for bit,
    where an unmasked unit of the network has changed since param_groups(), and for a head that does not fit the
    classes."""
    masking = _mask_optimizer(optimizer)
    masked = [group for group in masking.param_groups if group["units"] is not None]
    if not masked:
        raise invalid("an optimizer with masks of submask.param_groups()", "none")
    criteria = {(group["criterion"], Criterion.of(group).is_scaled) for group in masked}
    if len(criteria) > 1:
        raise invalid("one criterion and scale for all masks of a task", f"{len(criteria)}")
    _check_weights(masking)
    identity, network = _network_identity(model, masking)
    for group in masked:
        if group["weights_identity"] != identity:
            raise invalid(
                f"the network of the optimizer, weights {group['weights_identity']}, but for its masks",
                f"weights {identity}: units without a mask have changed, or this is another model",
            )
    config = preprocessing if preprocessing is not None else _config_of(model)
    if config is None:
        raise invalid("preprocessing= (timm's resolve_data_config(), torchvision's weights.transforms(), an image processor)", "none")
    first = masked[0]
    arrays = _head_arrays(head)
    description = {
        "backbone": _backbone_of(model, backbone),
        "weights_identity": identity,
        "criterion": first["criterion"],
        "scale": bool(first["scale"]),
        "classes": list(classes or []),
        "preprocessing": preprocessing_of(config),
        "provenance": dict(provenance or {}),
    }
    if licence:
        description["licence"] = licence
    learned = masking.masks()
    masks = {unit.name: learned[unit.name].cpu().numpy() for unit in network.units if unit.name in learned}
    plain = new_task(json.dumps(description), masks, network.statistics(), arrays)
    # The statistics before learning are those that the file's are told against.
    base = {network.statistic_tensors[name]: values for name, values in first["statistics"].items()}
    before = Network({**network.tensors, **base})
    task = pack(plain, before, profile=profile, statistics=statistics, head=head_form, parent=parent)
    task.write(path)
    return Task.open(path)


__all__ = ["save_task"]
