"""Writes tests/golden/backbone/masked_step_*.json: the gradient that one step of mask learning starts from.

A network of timm or torchvision with seeded weights, every default mask unit set to theta * m / sqrt(mean(m)) for
a seeded mask m, loss mean(features^2) in evaluation mode, float64 arithmetic; gradients with respect to the
masked weights, sampled. tests/unit/backbone/masked_step_test.cpp is the twin.

    python tests/reference/make_masked_steps.py
"""

import hashlib
import json

import timm
import torch
import torchvision
from counter_random import uniform
from make_backbones import GOLDEN, seeded, seeded_images

MASK_STREAM, MASKED_SHARE = 3, 0.1
SAMPLED_UNITS, SAMPLES = 8, 16


def default_units(model):
    """Names of the parameters that a mask is learned for unless the user says otherwise (RECIPES)."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            if (module.groups == 1 or module.groups < module.in_channels) and ".se." not in name:
                yield f"{name}.weight"
        elif isinstance(module, torch.nn.Linear) or (isinstance(module, torch.nn.BatchNorm2d) and ".downsample." in name):
            yield from (f"{name}.weight", f"{name}.bias")


def mask_weights(model, units):
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for index, unit in enumerate(units):
            weights = parameters[unit]
            mask = torch.from_numpy(uniform([MASK_STREAM, index], weights.numel()) > MASKED_SHARE).double()
            weights *= (mask / mask.mean().sqrt()).reshape(weights.shape)


def sampled(gradient):
    values = gradient.flatten()
    stride = values.numel() // SAMPLES | 1  # odd: samples of a matrix lie in many columns
    return {"stride": stride, "values": [float(f"{v:.9g}") for v in values[::stride].tolist()]}


def record(name, model, head, source, shape):
    model = seeded(model, head)
    model.set_submodule(head, torch.nn.Identity())
    model.double().eval()
    units = sorted(default_units(model))
    mask_weights(model, units)
    loss = model(seeded_images(shape).double()).square().mean()
    loss.backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    chosen = [units[i * (len(units) - 1) // (SAMPLED_UNITS - 1)] for i in range(SAMPLED_UNITS)]
    fixture = {"source": source, "input_shape": shape, "loss": float(f"{loss.item():.9g}"),
               "units_sha256": hashlib.sha256("".join(f"{unit}\n" for unit in units).encode()).hexdigest(),
               "gradients": {unit: sampled(gradients[unit]) for unit in chosen}}
    (GOLDEN / f"masked_step_{name}.json").write_text(json.dumps(fixture) + "\n")


def main():
    with_torch = f"torch {torch.__version__}"
    by_timm = f"timm {timm.__version__}, {with_torch}"
    by_torchvision = f"torchvision {torchvision.__version__}, {with_torch}"
    record("resnet18", torchvision.models.resnet18(), "fc", by_torchvision, [2, 3, 64, 50])
    for name, head in (("resnet18d", "fc"), ("tf_efficientnet_lite1", "classifier"),
                       ("mobilenetv3_small_100", "classifier"), ("convnext_tiny", "head.fc")):
        record(name, timm.create_model(name), head, by_timm, [2, 3, 64, 77])


if __name__ == "__main__":
    main()
