"""save_task: what a mask optimiser learned, as a task file."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim import Optimizer

from submask._checkpoint import NOTES
from submask._criterion import Criterion
from submask._error import converted, invalid
from submask._files import AnyTask, new_task, pack
from submask._groups import digest, names_of, other_parameters
from submask._optimizer import MaskOptimizer
from submask._paths import PathLike, path_of
from submask._preprocessing import preprocessing_of
from submask._task import Task
from submask._units import Network, float32

_PREPROCESSING = "timm's resolve_data_config(), torchvision's weights.transforms(), an image processor"


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
    return _one_line("the network's name as backbone=", backbone)


def _one_line(expected: str, text: Any) -> str:
    if not isinstance(text, str) or not text or any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise invalid(f"{expected}, a text of one line", repr(text))
    return text


def _classes(classes: Optional[Sequence[str]]) -> List[str]:
    if isinstance(classes, (str, bytes)):
        raise invalid("classes, a list of names", repr(classes))
    names = [_one_line("a name of a class", name) for name in classes or []]
    for name in names:
        if names.count(name) > 1:
            raise invalid("classes of different names", f"{name!r} twice")
    return names


def _head_arrays(head: Union[None, nn.Module, Mapping[str, Any]]) -> Dict[str, NDArray[Any]]:
    if head is None:
        return {}
    if isinstance(head, Mapping):
        arrays = {str(name): float32(values) for name, values in head.items()}
    elif isinstance(head, nn.Linear):
        bias = torch.zeros(head.out_features) if head.bias is None else head.bias
        arrays = {"weight": float32(head.weight), "bias": float32(bias)}
    else:
        raise invalid(
            'a head that is a torch.nn.Linear, or arrays "weight" and "bias", "cosine", or of a bank',
            type(head).__name__,
        )
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise invalid(f"a head whose {name} is finite", "NaN or infinity")
    return arrays


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
def _check_weights(optimizer: MaskOptimizer, masked: List[Dict[str, Any]]) -> None:
    """w = c theta m has to hold bit for bit, of scores that are numbers: what is saved is the mask alone."""
    for group in masked:
        for unit in optimizer._units_of(group):
            optimizer._check_same(unit.parameter, unit.parameter)
            # +infinity is the score of a weight that is never masked.
            if bool((unit.score.isnan() | unit.score.isneginf()).any()):
                raise invalid(
                    f"scores of {unit.unit.name} that are numbers",
                    "NaN: a gradient was not finite, and no mask is left",
                )
            if not _same_bits(optimizer._weights.expected_weight(group, unit), unit.weight):
                raise invalid(
                    f"{unit.unit.name} to be c * theta * m of its mask",
                    "other weights: a moving average of weights is no mask (average the scores in optimizer.state, "
                    "then optimizer.set_criterion()), and no other optimiser may move masked parameters",
                )


def _network_of(model: nn.Module, optimizer: MaskOptimizer, head: Any) -> Network:
    """The network with theta in place of masked weights; a head that is a layer of the model is no unit of it."""
    state: Dict[str, Any] = dict(model.state_dict(keep_vars=True))
    for name, tensor in state.items():
        if isinstance(tensor, nn.Parameter) and tensor in optimizer._weights:
            state[name] = optimizer.state[tensor]["theta"]
    return Network(state, without=names_of(model, head if isinstance(head, nn.Module) else None))


def _check_others(
    model: nn.Module, network: Network, masked: List[Dict[str, Any]], head: Mapping[str, NDArray[Any]]
) -> None:
    """A task file has masks, statistics and a head: what else was learned would be lost."""
    kept = {noted for group in masked for noted in group["others"]} | {digest(array) for array in head.values()}
    if head and "weight" not in head:
        # A head of another kind stands in for the classifier, whatever that has learned.
        layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
        kept |= {digest(parameter) for layer in layers for parameter in layer.parameters()}
    for name, parameter in other_parameters(model, network).items():
        if digest(parameter) not in kept:
            raise invalid("masks and the head alone to have learned", f"{name}, which a task file has no place for")


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
    its groups. Raises InvalidArgument, and writes nothing, where a masked weight is not c * theta * m bit for bit or
    its score is NaN, where anything but masks and the head has changed since param_groups() (units without a mask,
    norms, biases), and for a head that does not fit the classes."""
    file, masking = path_of(path), _mask_optimizer(optimizer)
    if not isinstance(model, nn.Module):
        raise invalid("the model, a torch.nn.Module", type(model).__name__)
    masked = masking._masked_groups()
    if not masked or not all(name in group for group in masked for name in NOTES):
        raise invalid("an optimizer with masks of submask.param_groups()", "none")
    criteria = {(group["criterion"], Criterion.of(group).is_scaled) for group in masked}
    if len(criteria) > 1:
        raise invalid("one criterion and scale for all masks of a task", f"{len(criteria)}")
    _check_weights(masking, masked)
    network = _network_of(model, masking, head)
    identity, arrays = network.identity(), _head_arrays(head)
    for group in masked:
        if group["weights_identity"] != identity:
            raise invalid(
                f"the network of the optimizer, weights {group['weights_identity']}, but for its masks",
                f"weights {identity}: units without a mask have changed, this is another model, or head= is not the "
                "layer that param_groups() was told",
            )
    _check_others(model, network, masked, arrays)
    config = preprocessing if preprocessing is not None else _config_of(model)
    if config is None:
        raise invalid(f"preprocessing= ({_PREPROCESSING})", "none")
    first = masked[0]
    with converted(f"preprocessing of {_PREPROCESSING}"):
        steps = preprocessing_of(config)
    description = {
        "backbone": _backbone_of(model, backbone),
        "weights_identity": identity,
        "criterion": first["criterion"],
        "scale": bool(first["scale"]),
        "classes": _classes(classes),
        "preprocessing": steps,
        "provenance": provenance or {},
    }
    if licence:
        description["licence"] = _one_line("a licence", licence)
    with converted("preprocessing and provenance that JSON can hold"):
        text = json.dumps(description, allow_nan=False)
    learned = masking.masks()
    masks = {unit.name: learned[unit.name].cpu().numpy() for unit in network.units if unit.name in learned}
    plain = new_task(text, masks, network.statistics(), arrays)
    # The statistics before learning are those that the file's are told against.
    base = {network.statistic_tensors[name]: values for name, values in first["statistics"].items()}
    before = Network({**network.tensors, **base}, without=network.without)
    task = pack(plain, before, profile=profile, statistics=statistics, head=head_form, parent=parent)
    task.write(file)
    return Task.open(file)


__all__ = ["save_task"]
