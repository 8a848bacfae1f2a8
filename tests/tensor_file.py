"""Reads the files of tensors that nasc writes, in the safetensors format, into torch."""

import json
import struct

import torch

_TYPES = {"F64": torch.float64, "F32": torch.float32, "I64": torch.int64}


def load(path):
    """The tensors of a file by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        numbers = torch.frombuffer(bytearray(data[begin:end]), dtype=_TYPES[entry["dtype"]]) \
            if end > begin else torch.empty(0, dtype=_TYPES[entry["dtype"]])
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors
