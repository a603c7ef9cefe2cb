"""Safetensors files as numpy arrays, read and written. A bad file raises BadFile."""

import json
import os
import struct

import numpy as np

DTYPES = {"F64": "<f8", "I64": "<i8", "F32": "<f4", "I32": "<i4", "F16": "<f2", "I8": "<i1", "U8": "<u1", "BOOL": "?"}
DTYPE_NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
NOT_AS_EXPECTED = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)  # of parsed JSON


class BadFile(Exception):
    """A file that is not what it should be."""


def expect(fits, wanted, got, file):
    if not fits:
        raise BadFile(f"expected {wanted}, got {got}, in {file}")


def dtype_name(tensor):
    return DTYPE_NAMES[tensor.dtype]


def read_tensors(file):
    """The header's bytes, its metadata, and the tensors by name in the order of their bytes."""
    with open(file, "rb") as stream:
        data = stream.read()
    size = int.from_bytes(data[:8], "little")
    expect(8 + size <= len(data), "a safetensors file", f"{len(data)} bytes", file)
    header, payload = data[8:8 + size], data[8 + size:]
    try:
        entries = json.loads(header.decode())
        metadata = entries.pop("__metadata__", {})
        expect(all(isinstance(text, str) for text in metadata.values()), "metadata of texts", metadata, file)
        tensors = tensors_of(entries, payload, file)
    except NOT_AS_EXPECTED as error:
        raise BadFile(f"expected a safetensors header, got {error!r}, in {file}") from error
    return header, metadata, tensors


def tensors_of(entries, payload, file):
    end, tensors = 0, {}
    for name, entry in sorted(entries.items(), key=lambda item: (item[1]["data_offsets"], item[0])):
        begin, stop = entry["data_offsets"]
        expect(begin == end, f"bytes of {name} from {end} on", begin, file)
        tensors[name] = np.frombuffer(payload[begin:stop], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        expect(tensors[name].nbytes == stop - begin, f"{tensors[name].nbytes} bytes of {name}", stop - begin, file)
        end = stop
    expect(end == len(payload), f"{end} bytes of tensors", len(payload), file)
    return tensors


def header_of(metadata, tensors):
    """The one header of these tensors, which lie in this order."""
    entries, end = {"__metadata__": dict(sorted(metadata.items()))}, 0
    for name, tensor in tensors.items():
        span = [end, end + tensor.nbytes]
        entries[name] = {"dtype": dtype_name(tensor), "shape": list(tensor.shape), "data_offsets": span}
        end = span[1]
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    return text + b" " * (-len(text) % 8)


def in_file_order(tensors):
    return dict(sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])))


def write_tensors(file, metadata, tensors):
    tensors = in_file_order(tensors)
    header = header_of(metadata, tensors)
    with open(file + ".part", "wb") as stream:
        stream.write(struct.pack("<Q", len(header)) + header)
        for tensor in tensors.values():
            stream.write(tensor.tobytes())
    os.replace(file + ".part", file)
