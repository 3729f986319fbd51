"""Saving and loading of state dicts in the safetensors format: named tensors, no code.

`pip install tensorgrad-cpu[io]` brings the safetensors package.
"""

import os
import tempfile
from collections import OrderedDict

import tensorgrad

from ._core.errors import DTypeError, FileFormatError

# safetensors' names of the dtypes
DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "I64": "int64", "I32": "int32", "I16": "int16",
          "I8": "int8",
          "U8": "uint8", "BOOL": "bool", "BF16": "bfloat16"}


def _safetensors():
    try:
        import safetensors
    except ImportError:
        raise ImportError("tensorgrad.save and load need the safetensors package: pip install "
                          "tensorgrad-cpu[io]") from None
    return safetensors


def save(obj, f):
    """Write the tensors of a state dict (name -> tensor) to the file `f`, all or nothing.

    The bytes go to a temporary file in the same folder, which takes the name when it is complete. TypeError for values
    that are not tensors.

    >>> import os, tempfile, tensorgrad
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> tensorgrad.save({"weight": tensorgrad.ones(2)}, path)
    >>> tensorgrad.load(path)
    OrderedDict([('weight', tensor([1., 1.]))])
    """
    _safetensors()
    from safetensors.numpy import save as serialize

    arrays = {}
    for name, value in dict(obj).items():
        if not isinstance(name, str):
            raise TypeError(f"save: names must be strings, got {name!r}")
        if not isinstance(value, tensorgrad.Tensor):
            raise TypeError(f"save: expected a dict of tensors, {name!r} is a {type(value).__name__}")
        if value.dtype == tensorgrad.bfloat16:
            raise DTypeError(f"save: {name!r} is bfloat16, which numpy does not have; save its .float()")
        arrays[name] = value.detach().contiguous().numpy()
    path = os.fspath(f)
    payload = serialize(arrays)
    handle, temporary = tempfile.mkstemp(prefix=os.path.basename(path) + ".", suffix=".tmp", dir=os.path.dirname(path)
                                         or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def load(f):
    """The state dict (name -> tensor, in the file's order) in the file `f`.

    FileFormatError where the file is damaged or of another format. Source: torch.load, for safetensors files.
    """
    safetensors = _safetensors()
    with open(f, "rb") as file:
        payload = file.read()
    try:
        entries = safetensors.deserialize(payload)
    except (safetensors.SafetensorError, ValueError) as error:
        raise FileFormatError(f"load: {os.fspath(f)!r} is not a complete safetensors file ({error})") from None
    result = OrderedDict()
    for name, entry in entries:
        if entry["dtype"] not in DTYPES:
            raise DTypeError(f"load: {name!r} in {os.fspath(f)!r} has the dtype {entry['dtype']}, known are "
                             f"{', '.join(DTYPES)}")
        result[name] = _tensor(bytes(entry["data"]), DTYPES[entry["dtype"]], entry["shape"])
    return result


def _tensor(data, kind, shape):
    import numpy as np

    array = np.frombuffer(data, dtype="int16" if kind == "bfloat16" else kind).reshape(shape)
    value = tensorgrad.tensor(array)
    return value.view(tensorgrad.bfloat16) if kind == "bfloat16" else value
