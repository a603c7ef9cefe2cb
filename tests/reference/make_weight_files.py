"""Writes tests/golden/weights/: small checkpoints in every form PyTorch and safetensors save, and hostile ones;
with --layouts tests/golden/weights_layouts/: nested checkpoints, TorchScript archives, a sharded folder.

expected.json says what reading each file gives (dtype, shape and bytes of every tensor, or words of the
error) and which package versions made them. usage: make_weight_files.py OUTPUT_DIR [SHARED_DATA_DIR]
                                                    make_weight_files.py --layouts OUTPUT_DIR
"""

import argparse
import collections
import hashlib
import io
import json
import os
import pathlib
import pickle
import sys
import zipfile

import huggingface_hub
import numpy as np
import safetensors
import safetensors.torch
import torch

from counter_random import uniform

DTYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
    torch.uint8: "U8", torch.bool: "BOOL",
}


def values(seed, *shape):
    count = int(np.prod(shape, dtype=np.int64))
    return torch.from_numpy(uniform([seed], count) * 2 - 1).float().reshape(shape)


def small_net():
    return collections.OrderedDict(
        [
            ("conv1.weight", values(1, 2, 3, 2, 2)),
            ("bn1.running_mean", values(2, 2)),
            ("bn1.num_batches_tracked", torch.tensor(17)),
            ("fc.weight", values(3, 2, 2)),
            ("fc.bias", values(4, 2)),
        ]
    )


def every_dtype():
    tensors = {name.lower(): (values(5, 3) * 100).to(dtype) for dtype, name in DTYPES.items()}
    tensors["bool"] = torch.tensor([True, False, True])
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def with_module(tensors):
    return collections.OrderedDict(("module." + name, value) for name, value in tensors.items())


def views():
    base = values(6, 4, 6)
    return {
        "base": base,
        "row": base[2],
        "tail": base.flatten()[5:],
        "transposed": base.t(),
        "every_second": base[:, ::2],
        "repeated": values(7, 1, 3).expand(4, 3),
        "channels_last": values(8, 1, 2, 2, 2).contiguous(memory_format=torch.channels_last),
    }


def training_checkpoint():
    net = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return {
        "epoch": 300,
        "arch": "small",
        "state_dict": with_module(small_net()),
        "best_prec1": np.float64(91.25),
        "optimizer": optimizer.state_dict(),
        "args": argparse.Namespace(lr=0.1, out=pathlib.PosixPath("runs"), seed=2**40),
        "device": torch.device("cpu"),
    }


def model_with_average():
    net = small_net()
    parameters = {name: torch.nn.Parameter(net[name]) for name in ("conv1.weight", "fc.weight")}
    parameters["fc.weight"].note = "a parameter with an attribute"
    average = {name: value + 1 for name, value in net.items()}
    return {"model_ema": average, "state_dict_ema": average, "model": {**net, **parameters}}, net


class Hostile:
    def __init__(self, function, argument):
        self.call = function, (argument,)

    def __reduce__(self):
        return self.call


def describe(tensor):
    tensor = tensor.detach().contiguous()
    data = tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
    return {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "hex": data.hex()}


def describe_shared(path):
    tensors = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.removeprefix("module.").encode() + b"\0")
        digest.update(tensors[name].numpy().tobytes())
    first = tensors["module.conv1.weight"].flatten()[:4].double().tolist()
    return {"count": len(tensors), "sha256": digest.hexdigest(), "conv1.weight": first}


def to_text(document):
    """JSON with a line for each file, so that a difference can be read."""
    parts = []
    for part, content in document.items():
        entries = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
        parts.append(f" {json.dumps(part)}: {{\n{entries}\n }}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


class Writer:
    def __init__(self, folder):
        self.folder = folder
        self.expected = {}

    def readable(self, name, tensors, file_format, layout, metadata=None):
        self.expected[name] = {
            "format": file_format, "layout": layout, "metadata": metadata or {},
            "tensors": {key: describe(value) for key, value in tensors.items()},
        }

    def torch_pair(self, stem, checkpoint, tensors, layout, **options):
        torch.save(checkpoint, self.folder / f"{stem}.pth", **options)
        self.readable(f"{stem}.pth", tensors, "zip pickle", layout)
        torch.save(checkpoint, self.folder / f"{stem}.th", _use_new_zipfile_serialization=False, **options)
        self.readable(f"{stem}.th", tensors, "legacy pickle", layout)

    def safetensors(self, name, tensors, stored, layout, metadata=None):
        (self.folder / name).write_bytes(safetensors.torch.save(stored, metadata))
        self.readable(name, tensors, "safetensors", layout, metadata)

    def refused(self, name, content, words):
        (self.folder / name).write_bytes(content)
        self.expected[name] = {"error": words}

    def refused_save(self, name, checkpoint, words, **options):
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer, **options)
        self.refused(name, buffer.getvalue(), words)


def write_readable(out):
    out.torch_pair("flat", every_dtype(), every_dtype(), "flat")
    out.torch_pair("protocol4", small_net(), small_net(), "flat", pickle_protocol=4)
    out.torch_pair("views", views(), views(), "flat")
    out.torch_pair("training", training_checkpoint(), small_net(), "state_dict, module.")
    checkpoint, net = model_with_average()
    out.torch_pair("model", checkpoint, net, "model")
    out.torch_pair("model_state_dict", {"model_state_dict": small_net()}, small_net(), "model_state_dict")
    out.safetensors("flat.safetensors", every_dtype(), every_dtype(), "flat", {"format": "pt"})
    out.safetensors("module.safetensors", small_net(), with_module(small_net()), "module.")


def write_refused(out):
    not_executed = "which is not executed"
    system = Hostile(os.system, "touch /tmp/submask_was_hacked")
    out.refused_save("hostile_system.pth", {"state_dict": small_net(), "x": system},
                     [f"{os.system.__module__}.system", not_executed])
    out.refused_save("hostile_eval.th", {"state_dict": small_net(), "x": Hostile(eval, "1/0")},
                     ["__builtin__.eval", not_executed], _use_new_zipfile_serialization=False)
    out.refused("hostile_plain.pkl", pickle.dumps(Hostile(exec, "1/0"), 4), ["builtins.exec", not_executed])
    out.refused_save("whole_model.pth", torch.nn.Linear(2, 2), ["torch.nn.modules.linear.Linear"])
    out.refused_save("sparse.pth", {"w": torch.eye(2).to_sparse()}, ["'w'", "_rebuild_sparse_tensor"])
    out.refused_save("no_tensors.pth", {"epoch": 3, "state_dict": {"a": 1}}, ["no tensors"])
    out.refused_save("bomb.pth", {"w": torch.zeros(1).expand(2**40)}, ["repeats its storage"])
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Identity()), script)
    out.refused("script.pt", script.getvalue(), ["a TorchScript program"])
    cyclic = {"epoch": 1}
    cyclic["state_dict"] = cyclic["model"] = cyclic
    out.refused_save("cyclic.pth", cyclic, ["no tensors"])
    compressed = io.BytesIO()
    with zipfile.ZipFile(out.folder / "model_state_dict.pth") as source:
        with zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.namelist():
                target.writestr(zipfile.ZipInfo(entry), source.read(entry), zipfile.ZIP_DEFLATED)
    out.refused("compressed.pth", compressed.getvalue(), ["a compressed"])


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
    if sys.argv[1] == "--layouts":
        folder = pathlib.Path(sys.argv[2])
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(0)
        out = Writer(folder)
        write_layouts(out)
        versions = {"python": sys.version.split()[0], "torch": torch.__version__, "numpy": np.__version__,
                    "safetensors": safetensors.__version__, "huggingface_hub": huggingface_hub.__version__}
        (folder / "expected.json").write_text(to_text({"versions": versions, "files": out.expected}))
        return
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    out = Writer(folder)
    write_readable(out)
    write_refused(out)
    versions = {"python": sys.version.split()[0], "torch": torch.__version__, "numpy": np.__version__,
                "safetensors": safetensors.__version__}
    document = {"versions": versions, "files": out.expected}
    if len(sys.argv) > 2:
        names = ("resnet20-12fca82f.th", "resnet32-d509ac18.th")
        document["shared"] = {name: describe_shared(pathlib.Path(sys.argv[2]) / name) for name in names}
    (folder / "expected.json").write_text(to_text(document))


if __name__ == "__main__":
    main()
