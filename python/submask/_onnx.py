"""Tasks as ONNX files: exported from a torch model, or applied to the initialisers of a file that keeps their names."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional, Tuple

import numpy as np

from submask._error import CorruptFile, FileError, Unavailable, invalid
from submask._files import AnyTask, as_task
from submask._paths import PathLike, path_of, replace_file
from submask._units import Floats


def _onnx() -> Any:
    try:
        return importlib.import_module("onnx")
    except ImportError:
        raise Unavailable("expected the package onnx, got none (pip install onnx)") from None


def apply_to_onnx(source: PathLike, task: AnyTask, out: PathLike, *, head: Optional[str] = None) -> None:
    """Writes the network of an ONNX file with a task's masks, statistics and linear head in place of its own.

    Its initialisers have to be the pretrained weights under the names of their library, as exporters give them that
    fold nothing (torch.onnx.export with training=PRESERVE); where batch norm was folded into convolutions the
    identity does not fit, and the task is refused. `head` is the classifier's name, as "fc" (initialisers fc.weight
    [C, D] and fc.bias); none: no head is applied. Raises InvalidArgument, CorruptFile, FileError, Unavailable.
    """
    onnx, given = _onnx(), as_task(task)
    file = path_of(source)
    try:
        model = onnx.load_model(file)
    except OSError as error:
        raise FileError(f"expected {file}, got {error.strerror}") from None
    except Exception as error:  # protobuf's own kinds
        raise CorruptFile(f"expected an ONNX file, got {error}, in {file}") from None
    initialisers = {tensor.name: tensor for tensor in model.graph.initializer}
    state = {name: onnx.numpy_helper.to_array(tensor) for name, tensor in initialisers.items()}
    changed = given.apply(state)
    if head is not None:
        changed.update(_head(given.head(), state, head, given.file))
    for name, values in changed.items():
        if values is not state.get(name):
            initialisers[name].CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(values), name))
    if head is not None:
        classes = len(given.classes)
        for output in model.graph.output:
            dimensions = output.type.tensor_type.shape.dim
            if len(dimensions) == 2 and dimensions[1].dim_value == state[f"{head}.bias"].shape[0]:
                dimensions[1].dim_value = classes
        # What was inferred of the old classifier's shape.
        del model.graph.value_info[:]
    replace_file(out, lambda part: onnx.save_model(model, part))


def _head(arrays: Dict[str, Floats], state: Dict[str, Any], head: str, file: str) -> Dict[str, Any]:
    if "weight" not in arrays:
        raise invalid(f"a linear head in {file}", "none")
    for part in ("weight", "bias"):
        known = state.get(f"{head}.{part}")
        got = "none" if known is None else list(known.shape)
        if known is None or known.ndim != arrays[part].ndim or known.shape[1:] != arrays[part].shape[1:]:
            raise invalid(f"{head}.{part} of a classifier of {arrays['weight'].shape[1]} features", got)
    return {f"{head}.{part}": arrays[part].astype(state[f"{head}.{part}"].dtype) for part in ("weight", "bias")}


def export_onnx(model: Any, task: AnyTask, out: PathLike, *, images: Any = None, head: Any = "auto") -> None:
    """Writes a torch model with a task applied as ONNX, by torch.onnx.export; the model is as before afterwards.

    `images` is an example [N, 3, S, S] (default: one of the task's input size), whose N stays free in the file. The
    input is called "images", the output "logits". Raises what apply() raises, and Unavailable without the packages
    that torch.onnx.export asks for.
    """
    try:
        import torch
    except ImportError:
        raise Unavailable("expected the package torch, got none (pip install torch)") from None

    from submask._bind import task as applied

    given = as_task(task)
    _onnx()
    size = given.preprocessing["input_size"]
    example = torch.zeros(2, 3, size, size) if images is None else images
    was_training = model.training
    try:
        with applied(model, given, head=head):
            model.eval()
            replace_file(out, lambda part: _export(torch, model, example, part))
    except ImportError as error:
        raise Unavailable(f"expected the packages of torch.onnx.export, got {error}") from None
    finally:
        model.train(was_training)


def _export(torch: Any, model: Any, example: Any, path: str) -> None:
    names: Dict[str, Any] = {"input_names": ["images"], "output_names": ["logits"]}
    version: Tuple[int, ...] = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
    if version >= (2, 9):
        batch = torch.export.Dim("batch")
        torch.onnx.export(
            model,
            (example,),
            path,
            dynamo=True,
            dynamic_shapes=({0: batch},),
            external_data=False,
            verbose=False,
            **names,
        )
    else:
        torch.onnx.export(
            model, (example,), path, dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}}, **names
        )
