"""Applies a task file to a network's weights in numpy alone; written from docs/mask_format.md.

    python3 tools/read_task.py TASK                                             what the file holds
    python3 tools/read_task.py TASK --weights W.safetensors --out STATE.safetensors
                                                    a plain state dict: the backbone with the task applied
                               [--parent TASK]      where it is coded against a task that lies elsewhere

Into a timm model, in this folder:

    import timm, torch, read_task
    task = read_task.read("fashion.task")
    model = timm.create_model(task.description["backbone"], pretrained=True)
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    state = read_task.apply(task, state)
    model.reset_classifier(len(task.description["classes"]))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    logits = model.eval()(images)  # prepared as task.description["preprocessing"] says

It knows the layout of timm's networks and of CIFAR ResNets. A bad file raises BadFile; the program then exits with 3.
"""

import argparse
import hashlib
import json
import math
import re
import sys

import numpy as np

from task_reader.block import Block, Damage, unpacked
from task_reader.fast_profile import decode_fast
from task_reader.small_profile import SmallDecoder
from task_reader.task_description import head_parts, read
from task_reader.tensor_file import BadFile, dtype_name, expect, read_tensors, write_tensors
from task_reader.xxh64 import xxh64


def unit_views(state):
    """The arrays that may be mask units, by name: parameters, and of a fused qkv three of its rows each."""
    views = {}
    for name, array in state.items():
        if ".qkv." in name:
            for part, rows in zip("qkv", np.split(array, 3)):
                views[name.replace(".qkv.", f".{part}.")] = rows
        else:
            views[name] = array
    return views


def is_unit(name, array):
    """Of timm's networks: convolutions, the norms of ResNets' shortcuts, attention and MLPs."""
    parameters = r"(layer.*downsample\.[12]|attn\.(q|k|v|proj)|mlp\.fc[12])\.(weight|bias)$"
    return array.ndim == 4 or re.search(parameters, name)


def network_order(name):
    """Of a ResNet's units: by number, a weight before its bias. Files keep them by name alone."""
    parts = re.split(r"([0-9]+)", name.replace(".weight", ".0"))
    return [int(part) if part.isdigit() else part for part in parts]


def identity(views, names):
    digest = hashlib.sha256()
    for name in names:
        shape = ",".join(map(str, views[name].shape))
        digest.update(f"{name}\0{shape}\0".encode() + views[name].astype("<f4").tobytes())
    return digest.hexdigest()


def check_identity(task, views):
    """The order of the units is the network's, which a task that masks them all knows; else the state dict's."""
    check_shapes(task, views)
    found = [name for name, array in views.items() if is_unit(name, array)]
    orders = [[unit.name for unit in task.units], found, sorted(found, key=network_order)]
    wanted, got = task.description["weights_identity"], [identity(views, order) for order in orders]
    expect(wanted in got, f"a backbone of identity {wanted}", got[1], f"the weights for {task.file}")


def check_shapes(task, views):
    for unit in task.units:
        shape = views[unit.name].shape if unit.name in views else "none"
        expect(shape == unit.shape, f"weights {unit.name} of shape {unit.shape}", shape, f"the weights for {task.file}")


def packed(on):
    return np.packbits(on.ravel(), bitorder="little").tobytes()


def masks_identity(masks):
    digest = hashlib.sha256()
    for name, on in masks.items():
        shape = "".join(f" {length}" for length in on.shape)
        digest.update(f"{name}{shape}\n".encode() + packed(on))
    return digest.hexdigest()


def decode_masks(task, views):
    """By unit: bool arrays, True where a weight is on. views: the backbone's weights by unit."""
    check_shapes(task, views)
    parents, masks, begin = parent_masks(task, views), {}, 0
    for index, unit in enumerate(task.units):
        end = begin + sum(unit.lengths)
        coded = task.tensors["masks"][begin:end].tobytes()
        on = masks[unit.name] = decode_unit(task, unit, coded, views[unit.name], parents.get(unit.name))
        check, counted = int(task.tensors["mask_checks"][index]) % (1 << 64), int(on.sum())
        expect(counted == unit.on, f"{unit.on} weights on in {unit.name}", counted, task.file)
        expect(xxh64(packed(on)) == check, f"bits of {unit.name} with their checksum", "others", task.file)
        begin = end
    return masks


def parent_masks(task, views):
    if not task.parent:
        return {}
    masks = decode_masks(task.parent, views)
    wanted, got = task.description["parent"]["masks"], masks_identity(masks)
    expect(got == wanted, f"a parent of masks {wanted}", got, task.parent.file)
    return masks


def decode_unit(task, unit, coded, weight, parent):
    off_share = ((unit.size - unit.on) * 65536 + unit.size // 2) // unit.size
    kernel_width = unit.shape[-1] if len(unit.shape) > 2 else 1
    begin, row, on = 0, 0, []
    for length in unit.lengths:
        rows = slice(row, row + unit.block_outputs)
        block = Block(weight[rows], None if parent is None else parent[rows], off_share, kernel_width)
        try:
            on.append(decode_block(task.description["profile"], coded[begin:begin + length], block))
        except Damage as damage:
            raise BadFile(f"{damage}, in {unit.name} of {task.file}") from damage
        begin, row = begin + length, row + unit.block_outputs
    return np.concatenate(on)


def decode_block(profile, coded, block):
    if profile == "plain":
        on = unpacked(coded, block.weight.size)
    elif profile == "small":
        on = ~SmallDecoder(coded, block).offs()
    else:
        on = ~decode_fast(coded, block)
    return on.reshape(block.weight.shape)


def masked(theta, on, description):
    if description["criterion"] == "flip":
        return np.where(on, theta, -theta)
    scale = math.sqrt(on.size / int(on.sum())) if description["scale"] and on.any() else 1.0
    return np.float32(scale) * theta * on


def statistics(task, state):
    """Running statistics by buffer name."""
    names = list(task.buffers)
    for name in names:
        shape = state[name].shape if name in state else "none"
        expect(shape == (task.buffers[name],), f"statistics {name} of the backbone", shape, task.file)
    if not names:
        return {}
    values = task.tensors["statistics"].astype(np.float32)
    if "statistics_base" in task.description:
        base = np.concatenate([state[name].astype("<f4") for name in names])
        got = f"{xxh64(base.tobytes()):016x}"
        expect(got == task.description["statistics_base"], "the statistics of the task's backbone", got, task.file)
        values = base + values
    return dict(zip(names, np.split(values, np.cumsum(list(task.buffers.values()))[:-1])))


def head(task):
    """The head's arrays by their names without "head.", in float32 whatever their form."""
    parts, values = head_parts(task.tensors), {}
    for name, tensor in parts.items():
        if name + "_exponents" in parts:
            exponents = parts[name + "_exponents"].astype(np.int32)[:, None]
            with np.errstate(over="ignore"):
                values[name] = np.ldexp(tensor.astype(np.float32), exponents)
        elif not name.endswith("_exponents"):
            values[name] = tensor.astype(np.float32)
        rounded = name in values and tensor.dtype != np.float32
        expect(not rounded or np.isfinite(values[name]).all(), f"finite numbers in head.{name}", "others", task.file)
    return values


def directions(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def logits(task, features):
    """Of features [N, D] in float32, by a head of any kind; of a bank the logarithms of its votes' shares."""
    parts = head(task)
    if "weight" in parts:
        return features @ parts["weight"].T + parts["bias"]
    if "cosine" in parts:
        return directions(features) @ parts["cosine"].T
    nearest, temperature, classes = parts["bank_votes"].tolist()
    cosines = directions(features) @ directions(parts["bank"]).T
    votes = np.zeros((len(features), int(classes)))
    for row, cosine in zip(votes, cosines):
        best = np.argsort(-cosine, kind="stable")[: int(nearest)]
        np.add.at(row, parts["bank_labels"][best].astype(int), np.exp(cosine[best] / temperature))
    with np.errstate(divide="ignore"):
        return np.log(votes / votes.sum(axis=1, keepdims=True))


def classifier(state, width, file):
    """The name of a network's classifier: its one layer of that many inputs that is no mask unit."""
    names = [name[:-7] for name, array in state.items()
             if name.endswith(".weight") and array.ndim == 2 and array.shape[1] == width
             and name[:-6] + "bias" in state and not is_unit(name, array) and ".qkv." not in name]
    expect(len(names) == 1, f"one classifier of {width} features in the weights", names, file)
    return names[0]


def apply(task, state):
    """The state dict (name -> array) of the backbone with the task's masks, statistics and linear head."""
    new = {name: np.array(array, np.float32 if array.dtype.kind == "f" else None) for name, array in state.items()}
    views = unit_views(new)
    check_identity(task, views)
    values = statistics(task, new)
    for name, on in decode_masks(task, views).items():
        views[name][...] = masked(views[name], on, task.description)
    new.update(values)
    parts = head(task)
    if "weight" in parts:
        name = classifier(new, parts["weight"].shape[1], task.file)
        new.update({f"{name}.weight": parts["weight"], f"{name}.bias": parts["bias"]})
    return new


def show(task):
    weights, on = sum(unit.size for unit in task.units), sum(unit.on for unit in task.units)
    for key in ("backbone", "weights_identity", "criterion", "scale", "profile", "head", "classes", "preprocessing",
                "licence", "parent", "provenance"):
        if key in task.description:
            value = task.description[key]
            print(f"{key:20}{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    print(f"{'masked':20}{weights - on} of {weights} weights in {len(task.units)} units")
    for name, tensor in task.tensors.items():
        print(f"{name:20}{dtype_name(tensor)} {list(tensor.shape)}")


def main(words=None):
    parser = argparse.ArgumentParser(description="Reads a task file, see docs/mask_format.md")
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("--weights", help="the backbone's state dict, .safetensors")
    parser.add_argument("--parent", help="the task file it is coded against")
    parser.add_argument("--out", help="where the state dict with the task applied goes, .safetensors")
    options = parser.parse_args(words)
    if (options.weights is None) != (options.out is None):
        parser.error("expected --weights and --out together")
    try:
        task = read(options.task, options.parent)
        if options.weights is None:
            show(task)
        else:
            write_tensors(options.out, {"format": "pt"}, apply(task, read_tensors(options.weights)[2]))
    except (BadFile, OSError) as error:
        print(f"read_task: {error}", file=sys.stderr)
        sys.exit(3 if isinstance(error, BadFile) else 4)


if __name__ == "__main__":
    main()
