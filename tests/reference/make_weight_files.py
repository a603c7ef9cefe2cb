"""Writes tests/golden/weights/: small checkpoints in every form PyTorch and safetensors save, and hostile ones.

expected.json says what reading each file gives (dtype, shape and bytes of every tensor, or words of the
error) and which package versions made them. usage: make_weight_files.py OUTPUT_DIR [SHARED_DATA_DIR]
"""

import collections
import datetime
import decimal
import functools
import hashlib
import http
import io
import os
import pathlib
import pickle
import sys
import types
import uuid
import zipfile

import numpy as np
import safetensors
import torch

from weight_samples import DTYPES, open_writer, small_net, training_checkpoint, values, with_module


def every_dtype():
    tensors = {name.lower(): (values(5, 3) * 100).to(dtype) for dtype, name in DTYPES.items()}
    tensors["bool"] = torch.tensor([True, False, True])
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


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


def model_with_average():
    net = small_net()
    parameters = {name: torch.nn.Parameter(net[name]) for name in ("conv1.weight", "fc.weight")}
    parameters["fc.weight"].note = "a parameter with an attribute"
    average = {name: value + 1 for name, value in net.items()}
    return {"model_ema": average, "state_dict_ema": average, "model": {**net, **parameters}}, net


def things_beside_the_weights():
    """What training scripts save too. None of it is a tensor that a network needs, and none may make the file unreadable."""
    return {
        "model": small_net(), "accuracy": torch.tensor(0.9), "schedule": functools.partial(pow, 2), "hook": [].append,
        "status": http.HTTPStatus.OK, "date": datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc),
        "took": datetime.timedelta(hours=3), "losses": collections.deque([1.5, 2.5], maxlen=9), "rows": slice(1, None, 2),
        "arguments": types.SimpleNamespace(lr=0.1), "random": np.random.RandomState(1), "generator": np.random.default_rng(2),
        "rate": decimal.Decimal("0.1"), "run": uuid.UUID(int=7), "phase": 1 + 2j, "range": range(5),
    }


class Hostile:
    def __init__(self, function, argument):
        self.call = function, (argument,)

    def __reduce__(self):
        return self.call


def describe_shared(path):
    tensors = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.removeprefix("module.").encode() + b"\0")
        digest.update(tensors[name].numpy().tobytes())
    first = tensors["module.conv1.weight"].flatten()[:4].double().tolist()
    return {"count": len(tensors), "sha256": digest.hexdigest(), "conv1.weight": first}


def write_readable(out):
    out.torch_pair("flat", every_dtype(), every_dtype(), "flat")
    out.torch_pair("protocol4", small_net(), small_net(), "flat", pickle_protocol=4)
    out.torch_pair("views", views(), views(), "flat")
    out.torch_pair("training", training_checkpoint(), small_net(), "state_dict, module.")
    checkpoint, net = model_with_average()
    out.torch_pair("model", checkpoint, net, "model")
    out.torch_pair("beside", things_beside_the_weights(), small_net(), "model")
    out.torch_pair("model_state_dict", {"model_state_dict": small_net()}, small_net(), "model_state_dict")
    out.safetensors("flat.safetensors", every_dtype(), every_dtype(), "flat", {"format": "pt"})
    out.safetensors("module.safetensors", small_net(), with_module(small_net()), "module.")


def write_hostile(out):
    """Their calls are not executed, and the tensors beside them are read."""
    system = Hostile(os.system, "touch /tmp/submask_was_hacked")
    out.torch_zip("hostile_system.pth", {"state_dict": small_net(), "x": system}, small_net(), "state_dict")
    out.torch_legacy("hostile_eval.th", {"state_dict": small_net(), "x": Hostile(eval, "1/0")}, small_net(), "state_dict")


def write_refused(out):
    out.refused("hostile_plain.pkl", pickle.dumps(Hostile(exec, "1/0"), 4), ["builtins.exec", "which is not executed"])
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


def main():
    out = open_writer(sys.argv[1])
    write_readable(out)
    write_hostile(out)
    write_refused(out)
    parts = {}
    if len(sys.argv) > 2:
        names = ("resnet20-12fca82f.th", "resnet32-d509ac18.th")
        parts["shared"] = {name: describe_shared(pathlib.Path(sys.argv[2]) / name) for name in names}
    out.write_expected([torch, np, safetensors], **parts)


if __name__ == "__main__":
    main()
