"""The safetensors format: named tensors and no code. Eight bytes with the length of a JSON header, the header with each
tensor's dtype, shape and place, then the bytes of all tensors without gaps. Source: huggingface/safetensors, format."""

import json
import math
from collections import OrderedDict
from collections.abc import Mapping

import tensorgrad

from .._core.errors import FileFormatError
from .memory import DIMENSIONS, LARGEST, as_bytes, new_storage

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
          "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2"}
NAMES = {name: code for code, name in DTYPES.items()}


def write(state, file):
    """Write a dict of tensors. Errors: TypeError for anything else."""
    if not isinstance(state, Mapping):
        raise TypeError(f"save: a safetensors file holds a dict of tensors, got {type(state).__name__}")
    for name, value in state.items():
        if not isinstance(name, str):
            raise TypeError(f"save: names must be strings in a safetensors file, got {name!r}")
        if not isinstance(value, tensorgrad.Tensor):
            raise TypeError(f"save: a safetensors file holds tensors only, {name!r} is a {type(value).__name__}")
    tensors = {name: fresh(value) for name, value in state.items()}
    header, end = {}, 0
    order = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))  # the widest first: all stay aligned
    for name in order:
        begin, end = end, end + tensors[name].nbytes
        header[name] = {"dtype": NAMES[tensors[name].dtype.name], "shape": list(tensors[name].shape),
                        "data_offsets": [begin, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in order:
        file.write(as_bytes(tensors[name].untyped_storage()))


def fresh(x):
    """x outside the graph, contiguous, alone in its storage."""
    x = x.detach().contiguous()
    return x if x.untyped_storage().nbytes() == x.nbytes else x.clone()


def pairs(items):
    """A JSON object as a dict. Errors: ValueError for a key that comes twice."""
    if len(dict(items)) != len(items):
        raise ValueError("a name comes twice")
    return dict(items)


def read(data):
    """The tensors in the bytes of a file, in the order of the header. Errors: FileFormatError."""
    view = memoryview(data)
    length = int.from_bytes(view[:8], "little")
    if len(view) < 8 or length > len(view) - 8:
        raise FileFormatError("load: not a complete safetensors file: the header reaches beyond the end")
    try:
        header = json.loads(bytes(view[8:8 + length]).decode(), object_pairs_hook=pairs)
        header.pop("__metadata__", None)
        entries = [(name, DTYPES[e["dtype"]], e["shape"], *e["data_offsets"]) for name, e in header.items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileFormatError(f"load: not a complete safetensors file: its header does not make sense ({error!r})") from None
    body, out, covered = view[8 + length:], {}, 0
    for name, kind, shape, begin, end in sorted(entries, key=lambda e: (e[3], e[4]) if type(e[3]) is type(e[4]) is int else (-1, 0)):
        dtype = getattr(tensorgrad, kind)
        if not isinstance(shape, list) or len(shape) > DIMENSIONS or any(type(n) is not int or not 0 <= n < LARGEST for n in shape):
            raise FileFormatError(f"load: {name!r} has the shape {shape}")
        count = math.prod(shape)
        if begin != covered or type(end) is not int or end - begin != count * dtype.itemsize or end > len(body):
            raise FileFormatError(f"load: {name!r} of shape {shape} and dtype {kind} stands at bytes {begin} to {end} of "
                                  f"{len(body)}, {covered} of which were taken")
        covered = end
        out[name] = new_storage(count, dtype, fill_from(body[begin:end])).view(tuple(shape))
    if covered != len(body):
        raise FileFormatError(f"load: not a complete safetensors file: {len(body)} bytes of tensors, the header tells of {covered}")
    return OrderedDict((name, out[name]) for name, *_ in entries)


def fill_from(part):
    """A function that copies `part` into the memory it is given."""
    def fill(memory):
        memory[:] = part

    return fill
