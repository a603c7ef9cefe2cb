"""Does a loop in Python learn what the program does? Fashion-MNIST over the embedded resnet20, with equal settings.

    PYTHONPATH=python python bench/python_fashion.py SUBMASK [--images 6000] [--epochs 2] [--seeds 0 1 2]

Both read one IDX set: Fashion-MNIST with two black pixels around, so that its pictures have the 32 pixels that the
network takes and nothing is resized. For each seed both learn twice: with orders of their own, as a user's loop would
(accuracies are compared), and for one epoch in the program's order (scores and masks are compared bit for bit, for
which the torch of Python has to be the LibTorch of the program). In that epoch the head stays as the program drew it:
the program moves a head by a kernel with fused multiply-adds, torch's foreach ops round in between, and a last bit of
the head soon changes scores. Prints one line of JSON, and a line a seed to stderr.
"""

import argparse
import gzip
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch.nn.functional import cross_entropy

import submask
from submask._scores import Random

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "python"), str(ROOT / "tools")]
from networks import pretrained_resnet20  # noqa: E402
from task_reader.tensor_file import read_tensors  # noqa: E402

BATCH = 64
MASKS = {"score_start": "normal", "score_mean": 0.1, "score_std": 0.1}
RATE, HEAD_RATE, MOMENTUM = 10.0, 0.05, 0.9
ORDER_STREAM, HEAD_STREAM = 1, 7  # of src/base/random.h


def read_idx(path):
    with gzip.open(path) as file:
        data = file.read()
    shape = struct.unpack_from(f">{data[3]}I", data, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def write_idx(path, array):
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def make_set(source, folder, counts):
    """The first pictures of each part, padded, as IDX files that the program reads and as arrays."""
    parts = {}
    for part, count in counts.items():
        images = read_idx(source / f"{part}-images-idx3-ubyte.gz")[:count]
        labels = read_idx(source / f"{part}-labels-idx1-ubyte.gz")[:count]
        images = np.pad(images, ((0, 0), (2, 2), (2, 2)))
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)
        parts[part] = images, torch.from_numpy(labels.astype(np.int64))
    return parts


def run_program(program, folder, seed, epochs, head_rate):
    """What the program says of a run, its task, and its state at the end."""
    words = [program, "train", "--backbone", "resnet20", "--data", f"idx:{folder}", "--epochs", epochs, "--seed", seed]
    words += ["--batch-size", BATCH, "--crop", "crop=centre,flip=0", "--schedule", "cosine", "--warmup", 0]
    words += ["--recipe", "one-rate", "--rate", RATE, "--momentum", MOMENTUM]
    words += ["--head-rate", head_rate, "--head-momentum", MOMENTUM]
    words += ["--weight-decay", 0, "--head-weight-decay", 0, "--nesterov", "false", "--head-nesterov", "false"]
    words += ["--update-rule", "sgd", "--head-update-rule", "sgd"]
    for name, value in MASKS.items():
        words += ["--" + name.replace("_", "-"), value]
    place = pathlib.Path(tempfile.mkdtemp(dir=folder))  # of its own: a run goes on from a checkpoint that lies there
    words += ["--threads", 1, "--checkpoint", place, "--out", place / "a.task", "--json", "--quiet"]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    state = read_tensors(str(place / "checkpoint.safetensors"))[2]
    return json.loads(done.stdout.splitlines()[-1]), submask.load_task(place / "a.task"), state


def inputs(images, preprocessing):
    """[N, 3, 32, 32] of grey pictures [N, 32, 32]."""
    mean, std = (np.array(preprocessing[name], np.float32) for name in ("mean", "std"))
    scaled = images[..., None].astype(np.float32) / np.float32(255)
    return torch.from_numpy((scaled - mean) / std).permute(0, 3, 1, 2)


def start(seed, head_rate):
    """The network under masks, with the head that the program draws for this seed."""
    model = pretrained_resnet20().train()
    draws = Random([seed, HEAD_STREAM, 0, 0])
    for parameter in (model.linear.weight, model.linear.bias):
        values = (2 * draws.uniform(parameter.numel()) - 1) / np.sqrt(model.linear.in_features)
        parameter.data = torch.from_numpy(values.astype(np.float32).reshape(parameter.shape))
    head = {"params": model.linear.parameters(), "lr": head_rate}
    groups = [*submask.param_groups(model, seed=seed, **MASKS), head]
    optimizer = submask.MaskSGD(groups, lr=RATE, momentum=MOMENTUM)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("conv" in name or "linear" in name)
    return model, optimizer


def learn(model, optimizer, images, labels, order, preprocessing, epoch, epochs):
    """An epoch. As in the program, a last batch that is not full is left out, and rates fall to 0 at the end."""
    batches = len(order) // BATCH
    full_rates = [group.setdefault("full_rate", group["lr"]) for group in optimizer.param_groups]
    for batch in range(batches):
        rows = order[batch * BATCH : (batch + 1) * BATCH]
        done = (epoch + (batch + 1) / batches) / epochs
        for group, rate in zip(optimizer.param_groups, full_rates):
            group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * done))
        optimizer.zero_grad()
        cross_entropy(model(inputs(images[rows], preprocessing)), labels[rows]).backward()
        optimizer.step()


@torch.no_grad()
def accuracy(model, images, labels, preprocessing):
    model.eval()
    right = 0
    for begin in range(0, len(images), 500):
        answers = model(inputs(images[begin : begin + 500], preprocessing)).argmax(1)
        right += int((answers == labels[begin : begin + 500]).sum())
    return right / len(images)


def differing_bits(task, state, optimizer):
    """How many scores and how many bits of the masks are not the program's."""
    expected, masks = task.masks(pretrained_resnet20()), optimizer.masks()
    scores = sum(
        int((unit.score.numpy() != state[f"weights.{unit.unit.name}.score"]).sum()) for unit in optimizer.units()
    )
    return scores, sum(int((mask.numpy() != expected[name]).sum()) for name, mask in masks.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--test-images", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    result = {"images": options.images, "epochs": options.epochs, "seeds": options.seeds, "program": [], "python": []}
    result |= {"program_masked": [], "python_masked": [], "differing_scores": [], "differing_bits": []}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        parts = make_set(options.data, folder, {"train": options.images, "t10k": options.test_images})
        images, labels = parts["train"]
        for seed in options.seeds:
            said, task, _ = run_program(options.program, folder, seed, options.epochs, HEAD_RATE)
            model, optimizer = start(seed, HEAD_RATE)
            torch.manual_seed(seed)
            for epoch in range(options.epochs):
                order = torch.randperm(len(images))
                learn(model, optimizer, images, labels, order, task.preprocessing, epoch, options.epochs)
            result["program"].append(said["accuracy"])
            result["python"].append(accuracy(model, *parts["t10k"], task.preprocessing))
            result["program_masked"].append(round(said["masked_fraction"], 4))
            result["python_masked"].append(round(optimizer.masked_fraction(), 4))

            _, task, state = run_program(options.program, folder, seed, 1, 0)
            model, optimizer = start(seed, 0)
            order = Random([seed, ORDER_STREAM, 0, 0]).permutation(len(images))
            learn(model, optimizer, images, labels, order, task.preprocessing, 0, 1)
            scores, bits = differing_bits(task, state, optimizer)
            result["differing_scores"].append(scores)
            result["differing_bits"].append(bits)
            latest = {name: value[-1] for name, value in result.items() if isinstance(value, list) and name != "seeds"}
            print(f"seed {seed}: {latest}", file=sys.stderr)
    for side in ("program", "python"):
        result[f"{side}_mean"] = round(float(np.mean(result[side])), 4)
        result[f"{side}_deviation"] = round(float(np.std(result[side], ddof=1)), 4) if len(options.seeds) > 1 else None
    print(json.dumps(result))


if __name__ == "__main__":
    main()
