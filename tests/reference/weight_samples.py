"""What make_weight_files.py and make_weight_layouts.py share: small networks of known weights, and a writer of files
that notes in expected.json what reading each of them gives."""

import argparse
import collections
import io
import json
import pathlib
import sys

import numpy as np
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


def with_module(tensors):
    return collections.OrderedDict(("module." + name, value) for name, value in tensors.items())


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


def describe(tensor):
    tensor = tensor.detach().contiguous()
    data = tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
    return {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "hex": data.hex()}


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

    def torch_zip(self, name, checkpoint, tensors, layout, **options):
        torch.save(checkpoint, self.folder / name, **options)
        self.readable(name, tensors, "zip pickle", layout)

    def torch_legacy(self, name, checkpoint, tensors, layout, **options):
        torch.save(checkpoint, self.folder / name, _use_new_zipfile_serialization=False, **options)
        self.readable(name, tensors, "legacy pickle", layout)

    def torch_pair(self, stem, checkpoint, tensors, layout, **options):
        self.torch_zip(f"{stem}.pth", checkpoint, tensors, layout, **options)
        self.torch_legacy(f"{stem}.th", checkpoint, tensors, layout, **options)

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

    def write_expected(self, packages, **parts):
        versions = {"python": sys.version.split()[0]}
        versions.update((package.__name__, package.__version__) for package in packages)
        document = {"versions": versions, "files": self.expected, **parts}
        (self.folder / "expected.json").write_text(to_text(document))


def open_writer(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    return Writer(folder)
