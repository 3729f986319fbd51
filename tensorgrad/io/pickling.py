"""Writing the pickle of a PyTorch file: containers, numbers, text and tensors as opcodes of protocol 2.

The opcodes name PyTorch's rebuilding functions, which PyTorch calls on loading, and which tensorgrad only recognises
(unpickling.py). Source: Python's pickletools; torch.serialization.
"""

import struct
from collections import Counter, OrderedDict

import tensorgrad

from .._core.dtype import dtype as dtype_class
from .._core.size import Size
from ..nn.parameter import Parameter
from ..tensor import device

STORAGES = {"float64": "DoubleStorage", "float32": "FloatStorage", "float16": "HalfStorage", "bfloat16": "BFloat16Storage",
            "int64": "LongStorage", "int32": "IntStorage", "int16": "ShortStorage", "int8": "CharStorage",
            "uint8": "ByteStorage", "bool": "BoolStorage"}


class Pickler:
    """dump(value) gives the pickle; storages lists (storage, number of elements) by the numbers that it uses for them."""

    def __init__(self):
        self.out = bytearray(b"\x80\x02")
        self.memo = {}      # id -> (number, the object, which must live as long as its id is used)
        self.storages = []
        self.keys = {}      # id of a storage -> (number, dtype)

    def dump(self, value):
        """The pickle of a value. Errors: TypeError, with the path to what cannot be saved."""
        self.save(value, "")
        self.out += b"."
        return bytes(self.out)

    # ---- the memo: what was written once is referred to ----

    def known(self, key):
        """Refer to an object written before; whether there was one."""
        if key not in self.memo:
            return False
        number = self.memo[key][0]
        self.out += struct.pack("<cB", b"h", number) if number < 256 else struct.pack("<cI", b"j", number)
        return True

    def note(self, key, value=None):
        """Number what was just written."""
        number = len(self.memo)
        self.memo[key] = number, value
        self.out += struct.pack("<cB", b"q", number) if number < 256 else struct.pack("<cI", b"r", number)

    # ---- values ----

    def save(self, value, path):
        """Write a value."""
        kind = type(value)
        if value is None or value is True or value is False:
            self.out += {None: b"N", True: b"\x88", False: b"\x89"}[value]
        elif kind in SAVERS:
            SAVERS[kind](self, value, path)
        elif isinstance(value, tensorgrad.Tensor):
            self.save_tensor(value, path)
        elif isinstance(value, (bool, int, float, str)) or getattr(value, "ndim", None) == 0:  # a NumPy scalar, an enumeration
            plain = value.item() if hasattr(value, "item") else kind.__mro__[-2](value)
            if type(plain) not in (bool, int, float, str):
                raise TypeError(f"save: cannot save {kind.__name__} at {path or 'the top'}")
            self.save(plain, path)
        else:
            hint = " (save its state_dict())" if hasattr(value, "state_dict") else \
                " (make it a tensor: tensorgrad.from_numpy)" if hasattr(value, "__array__") else ""
            raise TypeError(f"save: cannot save the {kind.__module__}.{kind.__name__} at {path or 'the top'}; files hold "
                            f"tensors, numbers, text, None, lists, tuples, dicts and sets{hint}")

    def save_int(self, value, path):
        if 0 <= value < 256:
            self.out += struct.pack("<cB", b"K", value)
        elif 0 <= value < 65536:
            self.out += struct.pack("<cH", b"M", value)
        elif -2 ** 31 <= value < 2 ** 31:
            self.out += struct.pack("<ci", b"J", value)
        else:
            raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            self.out += struct.pack("<cB", b"\x8a", len(raw)) if len(raw) < 256 else struct.pack("<ci", b"\x8b", len(raw))
            self.out += raw

    def save_float(self, value, path):
        self.out += struct.pack(">cd", b"G", value)

    def save_str(self, value, path):
        if not self.known(("str", value)):
            raw = value.encode("utf-8", "surrogatepass")
            self.out += struct.pack("<cI", b"X", len(raw)) + raw
            self.note(("str", value))

    def save_bytes(self, value, path):
        self.call("_codecs encode", (value.decode("latin1"), "latin1"), path)

    def save_bytearray(self, value, path):
        if not self.known(id(value)):
            self.call("builtins bytearray", (bytes(value),), path)
            self.note(id(value), value)

    def save_complex(self, value, path):
        self.call("builtins complex", (value.real, value.imag), path)

    def save_list(self, value, path):
        if not self.known(id(value)):
            self.out += b"]"
            self.note(id(value), value)
            self.save_items(value, path)

    def save_items(self, value, path):
        """The elements of a list that was just begun."""
        self.out += b"("
        for i, item in enumerate(value):
            self.save(item, f"{path}[{i}]")
        self.out += b"e"

    def save_tuple(self, value, path):
        if self.known(id(value)):
            return
        start = len(self.out)
        self.out += b"("
        for i, item in enumerate(value):
            self.save(item, f"{path}[{i}]")
        if id(value) in self.memo:  # the tuple holds itself, through a list or a dict, and was written there
            self.out += b"1"        # POP_MARK
            self.known(id(value))
            return
        if value:
            self.out += b"t"
            self.note(id(value), value)
        else:
            self.out[start:] = b")"

    def save_dict(self, value, path):
        if not self.known(id(value)):
            self.out += b"}"
            self.note(id(value), value)
            self.save_pairs(value, path)

    def save_pairs(self, value, path):
        """The entries of a dict that was just begun."""
        self.out += b"("
        for key, item in value.items():
            self.save(key, f"{path}[{key!r}]")
            self.save(item, f"{path}[{key!r}]")
        self.out += b"u"

    def save_ordered(self, value, path):
        if not self.known(id(value)):
            self.call("collections OrderedDict", (), path)
            self.note(id(value), value)
            self.save_pairs(value, path)
            self.save_attributes(value, path)

    def save_attributes(self, value, path):
        """What stands in the __dict__ of an object that was just written (a state dict's _metadata)."""
        if value.__dict__:
            self.save_dict(dict(value.__dict__), path)
            self.out += b"b"

    def save_counter(self, value, path):
        if not self.known(id(value)):
            self.call("collections Counter", (dict(value),), path)
            self.note(id(value), value)

    def save_set(self, value, path):
        if not self.known(id(value)):
            self.call("builtins set", (list(value),), path)
            self.note(id(value), value)

    def save_size(self, value, path):
        self.call("torch Size", (tuple(value),), path)

    def save_dtype(self, value, path):
        self.name(f"torch {value.name}")

    def save_device(self, value, path):
        self.call("torch device", ("cpu",), path)

    # ---- names and calls ----

    def name(self, full):
        """Push what `module name` stands for."""
        if not self.known(("name", full)):
            self.out += b"c" + full.replace(" ", "\n").encode() + b"\n"
            self.note(("name", full))

    def call(self, full, args, path):
        """Push the result of calling what a name stands for."""
        self.name(full)
        self.out += b"("
        for value in args:
            self.save(value, path)
        self.out += b"tR"

    # ---- tensors ----

    def save_tensor(self, value, path):
        """A window on a storage; a Parameter is wrapped around one."""
        if self.known(id(value)):
            return
        if isinstance(value, Parameter):
            self.name("torch._utils _rebuild_parameter")
            self.out += b"("
            self.save_window(value.detach(), False, path)
            self.save(value.requires_grad, path)
            self.call("collections OrderedDict", (), path)
            self.out += b"tR"
        else:
            self.save_window(value, value.requires_grad, path)
        self.note(id(value), value)

    def save_window(self, value, requires_grad, path):
        """A tensor: its storage, where it stands there, and whether it requires grad."""
        storage, name = value.untyped_storage(), value.dtype.name
        number, dtype = self.keys.setdefault(id(storage), (len(self.storages), name))
        if dtype != name:
            raise TypeError(f"save: the tensor at {path or 'the top'} shares its memory with another one of dtype {dtype}; "
                            "save a clone() of it")
        count = storage.nbytes() // value.element_size()
        if number == len(self.storages):
            self.storages.append((storage, count))
        self.name("torch._utils _rebuild_tensor_v2")
        self.out += b"(("
        self.save_str("storage", path)
        self.name(f"torch {STORAGES[name]}")
        self.save_str(str(number), path)
        self.save_str("cpu", path)
        self.save_int(count, path)
        self.out += b"tQ"
        for part in (value.storage_offset(), tuple(value.shape), value.stride(), requires_grad):
            self.save(part, path)
        self.call("collections OrderedDict", (), path)
        self.out += b"tR"


SAVERS = {int: Pickler.save_int, float: Pickler.save_float, complex: Pickler.save_complex, str: Pickler.save_str,
          bytes: Pickler.save_bytes, bytearray: Pickler.save_bytearray, list: Pickler.save_list, tuple: Pickler.save_tuple,
          dict: Pickler.save_dict, OrderedDict: Pickler.save_ordered, Counter: Pickler.save_counter, set: Pickler.save_set,
          Size: Pickler.save_size, dtype_class: Pickler.save_dtype, device: Pickler.save_device}
