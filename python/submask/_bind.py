"""Task files applied to a torch model: apply, switch and undo.

A parameter's storage is swapped for one that holds masked weights, as the program's weight sets are; the pretrained
tensors lie untouched beside it and undo() puts these back. Either all of a task is bound or nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Tuple, Union

import numpy as np
import torch
from torch import nn

from submask._bits import Bits, TaskUnit, write_masked
from submask._claims import check_unmasked, claim, release
from submask._error import invalid
from submask._files import AnyTask, as_task
from submask._groups import module_of, names_of
from submask._library import function
from submask._paths import path_of
from submask._task import Task
from submask._units import Network, Unit

# A torch.nn.Linear, its name in the model, "auto" (the one classifier that fits) or no head.
Head = Union[None, str, nn.Linear]

_dtypes = {torch.float32: 0, torch.float16: 1, torch.bfloat16: 2}

Pairs = List[Tuple[torch.Tensor, torch.Tensor]]  # of a tensor of the model and what stands in its place


def _version(tensor: torch.Tensor) -> int:
    """How often a tensor was changed in place; those of inference mode are not counted."""
    return 0 if tensor.is_inference() else tensor._version


@dataclass
class _Expanded:
    """A task's pairs, and the counts of changes that their tensors have where the pairs are still the task's."""

    pairs: Pairs
    versions: List[int]

    @classmethod
    def of(cls, pairs: Pairs) -> _Expanded:
        return cls(pairs, [_version(tensor) for tensor, _ in pairs])

    @property
    def has_changed(self) -> bool:
        return any(_version(tensor) != version for (tensor, _), version in zip(self.pairs, self.versions))


class _Model:
    """A model with its pretrained weights: its units, its tensors by name, and its identity.

    The identity is worked out again where one of the tensors has changed since. That is told by their counts of
    changes, which torch keeps: what writes past these (.data, numpy) is not seen, as torch's own autograd does not
    see it, but by the checks that a file has of each unit's bits.
    """

    def __init__(self, model: nn.Module, head: Head) -> None:
        if not isinstance(model, nn.Module):
            raise invalid("a torch.nn.Module", type(model).__name__)
        self.model, self.head = model, head
        self.tensors: Dict[str, torch.Tensor] = dict(model.state_dict(keep_vars=True))
        self.check_unmasked()
        named = None if head == "auto" else module_of(model, head)
        self.network = Network(self.tensors, without=names_of(model, named if isinstance(named, nn.Linear) else None))
        self._identity, self._versions = "", self._versions_now()

    def check_unmasked(self) -> None:
        """Raises InvalidArgument where somebody masks the model."""
        check_unmasked((name, tensor) for name, tensor in self.tensors.items() if isinstance(tensor, nn.Parameter))

    def _versions_now(self) -> List[int]:
        return [_version(self.tensors[unit.tensor]) for unit in self.network.units]

    def identity(self) -> str:
        """Of the weights in place, which have to be the pretrained ones."""
        versions = self._versions_now()
        if not self._identity or versions != self._versions:
            self._identity, self._versions = self.network.identity(), versions
        return self._identity

    def classifier(self, task: Task) -> Optional[nn.Linear]:
        """The layer that the task's linear head goes to. Raises InvalidArgument where it is not to be told."""
        head = self.head
        shape = task.head()["weight"].shape if "weight" in task.head() else None
        if head is None or (head == "auto" and shape is None):
            return None
        if shape is None:
            raise invalid(f"a linear head in {task.file}", "none: Task.logits(features) knows the other kinds")
        if head == "auto":
            units = {unit.tensor for unit in self.network.units}
            layers = [
                (name, layer)
                for name, layer in self.model.named_modules()
                if isinstance(layer, nn.Linear) and layer.in_features == shape[1] and f"{name}.weight" not in units
            ]
            if len(layers) != 1:
                raise invalid(
                    "head= with the name of the classifier (or None)",
                    f"one of {', '.join(name for name, _ in layers)}"
                    if layers
                    else f"no free torch.nn.Linear of {shape[1]} inputs",
                )
            layer: Optional[nn.Module] = layers[0][1]
        else:
            layer = module_of(self.model, head)
        if not isinstance(layer, nn.Linear) or layer.in_features != shape[1] or layer.bias is None:
            raise invalid(
                f"a torch.nn.Linear with a bias and {shape[1]} inputs for the head of {task.file}", layer or repr(head)
            )
        return layer

    def weights(self, task: Task) -> Pairs:
        """The pairs that are all there is of a task."""
        task.check_fits(self.network)
        layer = self.classifier(task)  # before the identity, which is another where a classifier counts as a unit
        task.check_identity(self.identity())
        bits = task.bits(self.network)
        pairs: Dict[str, torch.Tensor] = {}
        masked_rows: Dict[str, int] = {}
        places = [self.network.by_name[unit.name] for unit in task.units]
        for place in places:
            masked_rows[place.tensor] = masked_rows.get(place.tensor, 0) + place.row_end - place.row_begin
        for unit, place in zip(task.units, places):
            theta = self.tensors[place.tensor].detach()
            if place.tensor not in pairs:
                rows = theta.shape[-1 if place.transposed else 0]
                # Rows of no unit of the task keep their weights.
                is_whole = masked_rows[place.tensor] == rows
                pairs[place.tensor] = torch.empty_like(theta) if is_whole else theta.clone()
            _write(unit, place, bits[unit.name], theta, pairs[place.tensor])
        result = [(self.tensors[name], weights) for name, weights in pairs.items()]
        for name, values in task.statistics(self.network).items():
            buffer = self.tensors[self.network.statistic_tensors[name]]
            result.append((buffer, torch.from_numpy(np.array(values)).to(buffer.device, buffer.dtype)))
        if layer is not None:
            for name, values in task.head().items():
                tensor = getattr(layer, name)
                result.append((tensor, torch.from_numpy(values).to(tensor.device, tensor.dtype)))
        return result


def _write(unit: TaskUnit, place: Unit, bits: Bits, theta: torch.Tensor, weights: torch.Tensor) -> None:
    """Writes a unit's masked weights: w = on ? scale * theta : off_scale * theta, in float32, rounded to the dtype, or
    in float64 where theta is."""
    if theta.dtype not in (*_dtypes, torch.float64):
        raise invalid(f"{place.tensor} in float32, float64, float16 or bfloat16", theta.dtype)
    source, target = place.of(theta), place.of(weights)
    in_place = source.is_cpu and source.is_contiguous() and target.is_contiguous()
    if not in_place:
        source = source.cpu().contiguous()
        target = torch.empty_like(source)
    if theta.dtype == torch.float64:
        write_masked(unit, bits, source.numpy(), target.numpy())
    else:
        function("submask_apply")(
            _dtypes[theta.dtype],
            unit.scale,
            unit.off_scale,
            source.data_ptr(),
            bits.ctypes.data,
            target.data_ptr(),
            source.numel(),
        )
    if not in_place:
        place.of(weights).copy_(target)


class Switch:
    """Tasks of one model, one bound at a time: switch() binds one, undo() gives the pretrained weights back.

    The weights of the `keep` tasks that were bound last stay expanded, a copy of the masked weights each, so that to
    bind one of these again moves no weights. The model must not be trained, moved to another device or cast meanwhile.
    Threads may switch at once; a forward pass of another thread sees whatever is bound then.
    """

    def __init__(self, model: nn.Module, *, keep: int = 1, head: Head = "auto") -> None:
        """`head` as apply() takes it. Raises InvalidArgument for a model that is masked already."""
        if not isinstance(keep, int) or keep < 1:
            raise invalid("at least one task to keep", repr(keep))
        self._model, self._keep = _Model(model, head), keep
        self._expanded: OrderedDict[str, _Expanded] = OrderedDict()
        self._pretrained: Pairs = []
        self._lock = threading.RLock()  # of whoever binds
        self.bound: Optional[str] = None  # the key of the task that is bound

    def switch(self, task: AnyTask, key: Optional[str] = None) -> None:
        """Binds a task (a path or a Task); `key` names it among those kept, and is its file's name by default.

        A file that has changed since needs a new key. Raises CorruptFile, InvalidArgument for a task of another
        network and for a model that another one masks, FileError; then the task before stays bound.
        """
        # What is made in inference mode could not be trained, nor told to have changed, outside.
        with self._lock, torch.inference_mode(False), torch.no_grad():
            self._switch(task, key or (task.file if isinstance(task, Task) else path_of(task)))

    def _switch(self, task: AnyTask, key: str) -> None:
        bound, kept = self.bound, self._expanded.get(key)
        # Theta has to be in place while a task is decoded against it.
        self._unbind()
        try:
            self._model.check_unmasked()
            if kept is None or kept.has_changed:
                kept = _Expanded.of(self._model.weights(as_task(task)))
        except BaseException:
            if bound is not None:
                self._bind(bound)
            raise
        self._expanded[key] = kept
        self._expanded.move_to_end(key)
        self._bind(key)
        while len(self._expanded) > self._keep:
            self._expanded.popitem(last=False)

    def _bind(self, key: str) -> None:
        pairs = self._expanded[key].pairs
        self._pretrained = [(tensor, tensor.data) for tensor, _ in pairs]
        for tensor, weights in pairs:
            tensor.data = weights
        self._fit_widths()
        claim((tensor for tensor, _ in pairs), key)
        self.bound = key

    def _unbind(self) -> None:
        for tensor, pretrained in self._pretrained:
            tensor.data = pretrained
        release(tensor for tensor, _ in self._pretrained)
        self._pretrained, self.bound = [], None
        self._fit_widths()

    def _fit_widths(self) -> None:
        """A head may have other classes than the classifier in whose place it stands."""
        for layer in self._model.model.modules():
            if isinstance(layer, nn.Linear) and layer.out_features != layer.weight.shape[0]:
                layer.out_features = layer.weight.shape[0]

    def undo(self) -> None:
        """Puts the pretrained tensors back, the very same ones."""
        with self._lock:
            self._unbind()


def apply(model: nn.Module, task: AnyTask, *, head: Head = "auto") -> Switch:
    """Applies a task (a path or a Task) to a model with its pretrained weights, of any library that the program knows.

    Masks, running statistics and a linear head are bound; `head` says to which torch.nn.Linear: its name, itself,
    "auto" for the one that fits, or None for none. A layer that is named is no mask unit. Raises InvalidArgument, with
    all that differs, for a task of another network, and for a model that is masked already; then the model is as it
    was. undo() of what is returned undoes it.
    """
    applied = Switch(model, head=head)
    applied.switch(task)
    return applied


@contextlib.contextmanager
def task(model: nn.Module, task: AnyTask, *, head: Head = "auto") -> Iterator[Task]:
    """`with submask.task(model, "pets.task") as task:` applies a task inside the block, and undoes it exactly."""
    opened = as_task(task)
    applied = apply(model, opened, head=head)
    try:
        yield opened
    finally:
        applied.undo()
