"""A task file as far as it goes without weights, by docs/mask_format.md: its bytes checked, its description parsed.

    task = read("fashion.task")
    task.description["classes"], task.units[0].name, task.tensors["masks"]
"""

import json
import math
import os
import re
from typing import NamedTuple, Optional

import numpy as np

from task_reader.tensor_file import NOT_AS_EXPECTED, BadFile, dtype_name, expect, header_of, in_file_order, read_tensors
from task_reader.xxh64 import xxh64


class Unit(NamedTuple):
    name: str
    shape: tuple
    on: int
    lengths: list  # bytes of its blocks

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def block_outputs(self):
        return max(1, (1 << 20) // math.prod(self.shape[1:]) // 8) * 8


class Task(NamedTuple):
    file: str
    description: dict
    units: list
    buffers: dict  # running statistics: name -> number of channels
    tensors: dict
    parent: Optional["Task"]


def read(file, parent=None, children=()):
    """The task in a file. parent: the file it is coded against, if it lies elsewhere; children: who asks for it."""
    header, metadata, tensors = read_tensors(file)
    check_seal(file, header, metadata, tensors)
    try:
        description = json.loads(metadata["task"])
        units = [parse_unit(line) for line in description.get("masks", [])]
        buffers = parse_buffers(description.get("statistics", []))
        check_words(file, description)
        check_counts(file, description, units, buffers, tensors)
        check_head(file, description, tensors)
        base = read_parent(file, parent, description, children) if "parent" in description else None
    except NOT_AS_EXPECTED as error:
        raise BadFile(f"expected a description of a task, got {error!r}, in {file}") from error
    return Task(file, description, units, buffers, tensors, base)


def read_parent(file, parent, description, children):
    name, children = description["parent"]["file"], children + (os.path.realpath(file),)
    expect(os.path.basename(name) == name, "the name of a parent beside the file", name, file)
    path = parent or os.path.join(os.path.dirname(file), name)
    expect(os.path.realpath(path) not in children, "a parent", "a task coded against itself", file)
    task = read(path, None, children)
    wanted, got = description["weights_identity"], task.description["weights_identity"]
    expect(got == wanted, f"a parent over weights {wanted}", got, path)
    return task


def check_seal(file, header, metadata, tensors):
    expect(metadata.get("format") == "submask-task", "format submask-task", metadata.get("format"), file)
    expect(metadata.get("version") == "1", "version 1", metadata.get("version"), file)
    known = {"format", "version", "task", "xxh64"} | ({"signature"} & set(metadata))
    expect(set(metadata) == known, sorted(known), sorted(metadata), file)
    checksum = checksum_of(metadata, tensors)
    expect(checksum == metadata["xxh64"], f"checksum {metadata['xxh64']}", checksum, file)
    expect(header == header_of(metadata, in_file_order(tensors)), "the header of these tensors", "another", file)


def checksum_of(metadata, tensors):
    covered = [metadata["task"].encode(errors="replace")]
    for name, tensor in tensors.items():
        shape = "".join(f" {length}" for length in tensor.shape)
        covered += [f"\n{name} {dtype_name(tensor)}{shape}\n".encode(errors="replace"), tensor.tobytes()]
    covered.append(metadata.get("signature", "").encode(errors="replace"))
    return f"{xxh64(b''.join(covered)):016x}"


def parse_unit(line):
    name, shape, on, lengths = re.fullmatch(r"(.+) ([0-9x]+) ([0-9]+) ([0-9+]+)", line).groups()
    return Unit(name, tuple(map(int, shape.split("x"))), int(on), [int(length) for length in lengths.split("+")])


def parse_buffers(lines):
    buffers = {}
    for line in lines:
        name, channels = re.fullmatch(r"(.+) ([0-9]+)", line).groups()
        alone = name.endswith((".running_mean", ".running_var"))
        for buffer in [name] if alone else [name + ".running_mean", name + ".running_var"]:
            buffers[buffer] = int(channels)
    return buffers


# What a description may need a reader to know: steps from an image to the network's input.
KNOWN_NEEDS = {"preprocessing.crop_offset", "preprocessing.fill", "preprocessing.resize"}


def check_words(file, description):
    unknown = set(description["needs"]) - KNOWN_NEEDS
    expect(not unknown, "a task that needs nothing this reader lacks", sorted(unknown), file)
    words = {"profile": ["small", "fast", "plain"], "criterion": ["threshold", "topk", "flip"],
             "head": ["half", "int8", "exact"], "scale": [True, False]}
    for key, known in words.items():
        expect(description[key] in known, f"{key} to be one of {known}", description[key], file)
    identities = [description["weights_identity"]] + [base["masks"] for base in [description.get("parent")] if base]
    expect(all(isinstance(each, str) for each in identities), "identities as texts", identities, file)


def check_counts(file, description, units, buffers, tensors):
    for unit in units:
        expect(0 < unit.size <= 1 << 36 and unit.on <= unit.size, f"a count of {unit.name}", unit.on, file)
        blocks = -(-unit.shape[0] // unit.block_outputs)
        expect(len(unit.lengths) == blocks, f"{blocks} blocks of {unit.name}", len(unit.lengths), file)
    wanted = {}
    if units:
        wanted = {"masks": ("U8", sum(sum(unit.lengths) for unit in units)), "mask_checks": ("I64", len(units))}
    if buffers:
        wanted["statistics"] = ("F16" if "statistics_base" in description else "F32", sum(buffers.values()))
    got = {name: (dtype_name(tensor), *tensor.shape) for name, tensor in tensors.items() if name[:5] != "head."}
    expect(got == wanted, f"tensors {wanted}", got, file)


HEADS = [{"weight", "bias"}, {"cosine"}, {"bank", "bank_labels", "bank_votes"}, set()]
MATRICES = {"weight", "cosine", "bank"}


def head_parts(tensors):
    return {name[5:]: tensor for name, tensor in tensors.items() if name[:5] == "head."}


def check_head(file, description, tensors):
    head, classes = head_parts(tensors), len(description["classes"])
    parts = {name for name in head if not name.endswith("_exponents")}
    expect(parts in HEADS, "a linear head, a cosine head, a bank or none", sorted(head), file)
    wanted = {name: "F32" for name in parts}
    for name in parts & MATRICES:
        wanted[name] = {"half": "F16", "int8": "I8", "exact": "F32"}[description["head"]]
        if description["head"] == "int8":
            wanted[name + "_exponents"] = "I8"
    got = {name: dtype_name(tensor) for name, tensor in head.items()}
    expect(got == wanted, f"a head of {wanted}", got, file)
    for name, tensor in head.items():
        rows = 3 if name == "bank_votes" else len(head["bank"]) if "bank" in head else classes
        dims = 2 if name in MATRICES else 1
        expect(tensor.ndim == dims and len(tensor) == rows, f"{rows} rows of head.{name}", tensor.shape, file)
    if "bank" in head:
        labels, counted = head["bank_labels"], head["bank_votes"][2]
        whole = bool(np.isin(labels, np.arange(classes)).all())
        expect(whole and counted == classes, f"labels of {classes} classes", "others", file)
