"""Writes tests/golden/adapter/lora_peft.json: a linear layer that PEFT's LoRA adapts by SGD, in float64.

    python tests/reference/make_lora.py      # pip install peft==0.21.2 torch==2.15.0
"""

import json
import pathlib

import peft
import torch

RANK, ALPHA, RATE, MOMENTUM, STEPS = 2, 3, .1, .9, 5


def rows(tensor):
    return tensor.detach().tolist()


def main():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(6, 5, bias=False)).double()
    theta = model[0].weight.clone()
    inputs, target = torch.randn(8, 6).double(), torch.randn(8, 5).double()
    adapted = peft.get_peft_model(model, peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["0"])).double()
    layer = adapted.base_model.model[0]
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    start = rows(a)
    optimizer = torch.optim.SGD([a, b], lr=RATE, momentum=MOMENTUM)
    weights = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        (adapted(inputs) - target).square().mean().backward()
        optimizer.step()
        weights.append(rows(theta + layer.get_delta_weight("default")))
    golden = {"source": f"peft {peft.__version__}, torch {torch.__version__}", "rank": RANK, "alpha": ALPHA, "rate": RATE,
              "momentum": MOMENTUM, "theta": rows(theta), "input": rows(inputs), "target": rows(target), "a": start,
              "weights": weights}
    path = pathlib.Path(__file__).parents[1] / "golden" / "adapter" / "lora_peft.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
