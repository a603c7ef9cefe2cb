"""Writes tests/golden/weights_layouts/: nested checkpoints, TorchScript archives and a sharded folder.

expected.json is as make_weight_files.py writes it. usage: make_weight_layouts.py OUTPUT_DIR
"""

import io
import sys

import huggingface_hub
import numpy as np
import safetensors
import torch

from weight_samples import open_writer, small_net, training_checkpoint, values, with_module


def prefixed(prefix, tensors):
    return {prefix + name: value for name, value in tensors.items()}


def dino_checkpoint():
    """DINO's full checkpoint: no key of the usual ones, the teacher beside the student."""
    training = training_checkpoint()
    student, teacher = with_module(prefixed("backbone.", small_net())), prefixed("backbone.", small_net())
    center = values(9, 1, 3)
    checkpoint = {"student": student, "teacher": teacher, "optimizer": training["optimizer"], "epoch": 3,
                  "args": training["args"], "dino_loss": {"center": center}}
    tensors = {**prefixed("student.", student), **prefixed("teacher.", teacher), "dino_loss.center": center}
    return checkpoint, tensors


class Tower(torch.nn.Module):
    def __init__(self, seed):
        super().__init__()
        self.blocks = torch.nn.ModuleList([torch.nn.Linear(2, 2), torch.nn.Linear(2, 2).half()])
        self.norm = torch.nn.BatchNorm1d(2)
        self.sizes = [1, 2, 3]
        self.register_buffer("mask", values(seed, 2, 2), persistent=False)
        for index, parameter in enumerate(self.parameters()):
            parameter.data = values(seed + index, *parameter.shape).to(parameter.dtype)

    def forward(self, x):
        for block in self.blocks:
            x = torch.nn.functional.linear(x, block.weight.float(), block.bias.float())
        return self.norm(x @ self.mask)


class TwoTowers(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.visual = Tower(20)
        self.logit_scale = torch.nn.Parameter(torch.tensor(2.5))

    def forward(self, x):
        return self.visual(x) * self.logit_scale


def script_tensors(module):
    """The state dict and the buffers that it leaves out."""
    return dict(module.named_parameters()) | dict(module.named_buffers())


def jit_bytes(module):
    buffer = io.BytesIO()
    torch.jit.save(module, buffer)
    return buffer.getvalue()


def write_layouts(out):
    out.torch_pair("dino", *dino_checkpoint(), "nested")
    net = small_net()
    out.torch_pair("shared", {"a": net, "b": {"c": net}, "epoch": 1},
                   {**prefixed("a.", net), **prefixed("b.c.", net)}, "nested")
    towers = TwoTowers().eval()
    for name, module in {"script.pt": torch.jit.script(towers),
                         "trace.pt": torch.jit.trace(towers, torch.ones(1, 2))}.items():
        (out.folder / name).write_bytes(jit_bytes(module))
        out.readable(name, script_tensors(towers), "TorchScript", "flat")
    frozen = torch.jit.freeze(torch.jit.script(towers))
    out.refused("frozen.pt", jit_bytes(frozen), ["a TorchScript program without parameters", "torch.jit.freeze"])
    twice = {"w": torch.zeros(1)}
    for _ in range(40):
        twice = {"a": twice, "b": twice}
    out.refused_save("named_twice.pth", twice, ["named over and over"])
    deep = {"w": torch.zeros(1)}
    for _ in range(100):
        deep = {"a": deep}
    out.refused_save("deep.pth", deep, ["nested deeper"])
    (out.folder / "sharded").mkdir(exist_ok=True)
    huggingface_hub.save_torch_state_dict(dict(small_net()), out.folder / "sharded", max_shard_size=64)
    out.readable("sharded", small_net(), "safetensors", "sharded", {"format": "pt"})


def main():
    out = open_writer(sys.argv[1])
    write_layouts(out)
    out.write_expected([torch, np, safetensors, huggingface_hub])


if __name__ == "__main__":
    main()
