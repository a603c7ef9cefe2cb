"""A step of the Python package's MaskSGD over one of torch.optim.SGD(foreach=True), and what it takes of memory.

    PYTHONPATH=python python bench/python_step.py [--network resnet18 | vit-b] [--threads N]

Parameters have the network's shapes, gradients are noise. The two optimisers take turns, and of all turns' ratios the
median is printed, in one line of JSON: of the fused path, of plain torch ops, and of MaskAdam over torch.optim.Adam.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn

import submask

STAGES = ((64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2))


def resnet18():
    """Names of units and shapes of their weights."""
    shapes = {"conv1.weight": (64, 3, 7, 7)}
    for stage, (before, width, stride) in enumerate(STAGES, 1):
        for block in range(2):
            name, inputs = f"layer{stage}.{block}", before if block == 0 else width
            shapes[f"{name}.conv1.weight"] = (width, inputs, 3, 3)
            shapes[f"{name}.conv2.weight"] = (width, width, 3, 3)
            if block == 0 and stride == 2:
                shapes[f"{name}.downsample.0.weight"] = (width, before, 1, 1)
    return shapes, 1


def vit_b(width=768, blocks=12):
    shapes = {}
    for block in range(blocks):
        for layer, (outputs, inputs) in {
            "attn.qkv": (3, 1),
            "attn.proj": (1, 1),
            "mlp.fc1": (4, 1),
            "mlp.fc2": (1, 4),
        }.items():
            shapes[f"blocks.{block}.{layer}.weight"] = (outputs * width, inputs * width)
            shapes[f"blocks.{block}.{layer}.bias"] = (outputs * width,)
    return shapes, 3


def parameters(shapes):
    torch.manual_seed(0)
    made = [nn.Parameter(torch.randn(shape)) for shape in shapes.values()]
    for parameter in made:
        parameter.grad = torch.randn_like(parameter) * 1e-3
    return made


def masked_group(shapes, qkv_parts):
    made, units = parameters(shapes), []
    for name, parameter in zip(shapes, made):
        parts = qkv_parts if ".qkv." in name else 1
        rows = parameter.shape[0] // parts
        units.append([[f"{name}.{part}", part * rows, (part + 1) * rows, False, len(units)] for part in range(parts)])
    return [{"params": made, "units": units}]


def ratio(ours, theirs, turns):
    ratios = []
    for turn in range(turns + 2):
        seconds = []
        for step in (ours.step, theirs.step):
            start = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - start)
        if turn >= 2:
            ratios.append(seconds[0] / seconds[1])
    return statistics.median(ratios)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=("resnet18", "vit-b"), default="resnet18")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--turns", type=int, default=21)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    shapes, parts = resnet18() if options.network == "resnet18" else vit_b()
    # Weights are about to go off, as in learning: a score that never moves would be a step of its own kind.
    start = {"score_start": "normal", "score_mean": 0.1, "score_std": 0.1}
    sgd = torch.optim.SGD(parameters(shapes), lr=0.1, momentum=0.9, foreach=True)
    adam = torch.optim.Adam(parameters(shapes), lr=1e-3, foreach=True)
    result = {"network": options.network, "threads": options.threads, "torch": torch.__version__}
    fused = submask.MaskSGD(masked_group(shapes, parts), lr=1.0, **start)
    result["fused"] = round(ratio(fused, sgd, options.turns), 3)
    del fused
    plain = submask.MaskSGD(masked_group(shapes, parts), lr=1.0, fused=False, **start)
    result["plain"] = round(ratio(plain, sgd, options.turns), 3)
    del plain, sgd
    masked_adam = submask.MaskAdam(masked_group(shapes, parts), lr=1e-3, **start)
    result["adam"] = round(ratio(masked_adam, adam, options.turns), 3)
    result["masked_fraction"] = round(masked_adam.masked_fraction(), 3)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
