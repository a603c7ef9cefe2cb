"""Writes tests/golden/mask/resnet18_logits.json: what timm's resnet18 answers once a task's export is in it.

The masked state dict is made here from the formulas of docs/mask_format.md and loaded strictly; the test applies
the same seeded task through submask and compares logits, names and shapes. tests/unit/mask/export_reference_test.cpp
is the twin of seeded_task().

    python tests/reference/make_masked_logits.py
"""

import json
import pathlib

import numpy as np
import timm
import torch
from counter_random import uniform
from make_backbones import IMAGE_STREAM, seeded_state

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "mask"
MASK_STREAM, HEAD_STREAM, CLASSES = 3, 4, 5


def is_unit(name, tensor):
    if tensor.dim() == 4:
        return True
    return "downsample.1." in name and name.endswith(("weight", "bias"))


def seeded_task(state):
    """Masks a fifth of every unit and sets the head, in place."""
    units = sorted(n for n, t in state.items() if is_unit(n, t))
    for index, name in enumerate(units):
        theta = state[name]
        on = torch.from_numpy(uniform([MASK_STREAM, index], theta.numel()) < 0.8).reshape(theta.shape)
        scale = np.float32(np.sqrt(on.numel() / on.sum().item()))
        state[name] = theta * on * float(scale)
    head = 0.1 * (2 * uniform([HEAD_STREAM, 0], CLASSES * 512) - 1)
    state["fc.weight"] = torch.from_numpy(head.astype(np.float32)).reshape(CLASSES, 512)
    state["fc.bias"] = torch.from_numpy(uniform([HEAD_STREAM, 1], CLASSES).astype(np.float32))


def main():
    model = timm.create_model("resnet18", num_classes=CLASSES)
    state = seeded_state(model, "fc")
    seeded_task(state)
    model.load_state_dict(state, strict=True)
    shape = [2, 3, 64, 50]
    images = 4 * uniform([IMAGE_STREAM], int(np.prod(shape))) - 2
    with torch.no_grad():
        logits = model.double().eval()(torch.from_numpy(images.astype(np.float32)).reshape(shape).double())
    names = {n: list(t.shape) for n, t in model.state_dict().items()}
    fixture = {"source": f"timm {timm.__version__}, torch {torch.__version__}", "input_shape": shape,
               "logits": [[float(f"{v:.9g}") for v in row] for row in logits.tolist()], "state_dict": names}
    GOLDEN.mkdir(parents=True, exist_ok=True)
    (GOLDEN / "resnet18_logits.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
