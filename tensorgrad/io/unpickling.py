"""Reading pickles without running anything: the opcodes build containers, numbers and text; a name is looked up in a table
of what files of PyTorch need, and nothing else has a meaning here. Source: Python's pickletools, protocols 0 to 5.

Errors: UnsafeFileError for a name that is not in the table, or an opcode that would make objects of other classes;
FileFormatError for anything that is no pickle.
"""

import struct
from collections import Counter, OrderedDict, defaultdict

from .._core.dtype import BY_NAME
from .._core.errors import FileFormatError, UnsafeFileError
from .._core.size import Size
from ..tensor import Tensor, device
from .memory import window
from .pickling import STORAGES

KEY_PARTS = 1000  # elements in the tuples of one key: hashing tuples of tuples can take exponential time


class Name:
    """What a name in a pickle stands for: a function to be applied to arguments (REDUCE), or a mere mark."""

    __slots__ = ("apply", "text")

    def __init__(self, text, apply=None):
        self.text, self.apply = text, apply

    def __repr__(self):
        return f"<{self.text} of a file>"


def hashable(key):
    """key, if it is a plain value or a tuple of few of them."""
    todo, seen = [key], 0
    while todo:
        part = todo.pop()
        seen += 1
        if seen > KEY_PARTS or type(part) not in (str, int, float, bool, bytes, complex, tuple, type(None), Size):
            raise FileFormatError(f"load: a {type(part).__name__} is the key of a dict or set" if seen <= KEY_PARTS else
                                  "load: the key of a dict or set is a tuple of too many parts")
        if isinstance(part, tuple):
            todo.extend(part)
    return key


def rebuild_tensor(storage, offset, size, stride, requires_grad=False, hooks=None, metadata=None):
    """torch._utils._rebuild_tensor_v2."""
    out = window(storage, offset, size, stride)
    return out.requires_grad_() if requires_grad is True else out


def rebuild_parameter(data, requires_grad, hooks=None, state=None):
    """torch._utils._rebuild_parameter: a Parameter around a tensor. state: attributes that somebody had set; left out."""
    from ..nn.parameter import Parameter
    if not isinstance(data, Tensor):
        raise TypeError(f"a Parameter of a {type(data).__name__}")
    return Parameter(data, requires_grad is True)


def rebuild_from_type(rebuild, kind, args, state):
    """torch._tensor._rebuild_from_type_v2: a tensor with attributes, which are left out."""
    if not isinstance(rebuild, Name) or not rebuild.text.startswith("torch._utils._rebuild"):
        raise TypeError(f"a tensor rebuilt by {rebuild!r}")
    return rebuild.apply(*args)


def encode(text, encoding):
    """_codecs.encode: how protocol 2 writes bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise ValueError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


def default_dict(factory=None):
    """collections.defaultdict of a plain container or number."""
    kinds = {"list": list, "dict": dict, "set": set, "int": int, "float": float, "str": str, "bool": bool, "tuple": tuple}
    if factory is not None and (not isinstance(factory, Name) or not factory.text.startswith("builtins.")):
        raise TypeError(f"a defaultdict of {factory!r}")
    return defaultdict(factory and kinds[factory.text.removeprefix("builtins.")])


def ordered(items=()):
    """collections.OrderedDict."""
    return OrderedDict((hashable(k), v) for k, v in items)


def counter(items=()):
    """collections.Counter."""
    return Counter({hashable(k): v for k, v in dict(items).items()})


def a_set(items=()):
    """builtins.set."""
    return set(map(hashable, items))


def only(kind, convert):
    """A function of one argument that must be of a kind."""
    def apply(value):
        if type(value) is not kind:
            raise TypeError(f"a {type(value).__name__} where a {kind.__name__} belongs")
        return convert(value)

    return apply


CALLS = {
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": rebuild_parameter,
    "torch._tensor._rebuild_from_type_v2": rebuild_from_type,
    "torch.Size": only(tuple, lambda sizes: Size(map(int, sizes))),
    "torch.device": lambda kind, index=None: device(),
    "collections.OrderedDict": ordered,
    "collections.Counter": counter,
    "collections.defaultdict": default_dict,
    "builtins.set": a_set,
    "builtins.frozenset": lambda items=(): frozenset(map(hashable, items)),
    "builtins.bytes": lambda: b"",
    "builtins.bytearray": only(bytes, bytearray),
    "builtins.complex": lambda real, imag=0.0: complex(float(real), float(imag)),
    "_codecs.encode": encode,
}
NAMES = {text: Name(text, apply) for text, apply in CALLS.items()}
NAMES |= {f"builtins.{kind}": Name(f"builtins.{kind}") for kind in ("list", "dict", "int", "float", "str", "bool", "tuple")}
NAMES |= {f"torch.{name}": Name(f"torch.{name}") for name in STORAGES.values()}
NAMES |= {text: Name(text) for text in ("torch.Tensor", "torch.nn.parameter.Parameter", "torch._tensor.Tensor")}
NAMES |= {f"torch.{name}": BY_NAME[name] for name in STORAGES}
DTYPE_OF = {f"torch.{storage}": BY_NAME[name] for name, storage in STORAGES.items()}


def look_up(module, name):
    """What a name stands for. Errors: UnsafeFileError."""
    full = f"{'builtins' if module == '__builtin__' else module}.{name}"
    if full not in NAMES:
        raise UnsafeFileError(f"load: the file wants {full}, which is no tensor, number or plain container; nothing of it was "
                              "run. Save state_dicts instead of objects")
    return NAMES[full]


class Unpickler:
    """One pickle in `data`, from `position` on. persistent(id): what a persistent id stands for (a storage)."""

    def __init__(self, data, position=0, persistent=None):
        self.data, self.position, self.persistent = data, position, persistent
        self.stack, self.marks, self.memo = [], [], {}

    def load(self):
        """The object; self.position is after its last byte then."""
        try:
            while True:
                code = self.take(1)[0]
                if code == STOP:
                    (value,) = self.stack
                    return value
                if code not in OPCODES:
                    raise FileFormatError(f"load: byte {self.position - 1} of the pickle is {code:#x}, no opcode")
                OPCODES[code](self)
        except (FileFormatError, UnsafeFileError, MemoryError):
            raise
        except (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RuntimeError, struct.error) as error:
            raise FileFormatError(f"load: the pickle is damaged before byte {self.position} ({error})") from None

    # ---- the bytes ----

    def take(self, n):
        """The next n bytes."""
        start, self.position = self.position, self.position + n
        if n < 0 or self.position > len(self.data):
            raise FileFormatError("load: the pickle ends in the middle of a value")
        return self.data[start:self.position]

    def number(self, size, signed=False):
        """The next little-endian integer."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def line(self):
        """The text up to the next newline."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise FileFormatError("load: the pickle ends in the middle of a line")
        text = bytes(self.take(end - self.position)).decode()
        self.position += 1
        return text

    # ---- the stack ----

    def above_mark(self):
        """What was pushed since the last mark, which is taken away."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def top(self, *kinds):
        """The object on the stack, which must be of one of these types."""
        if type(self.stack[-1]) not in kinds:
            raise TypeError(f"a {type(self.stack[-1]).__name__} where one of {', '.join(k.__name__ for k in kinds)} belongs")
        return self.stack[-1]

    def remember(self, number):
        self.memo[number] = self.stack[-1]

    def extend(self, items):
        self.top(list).extend(items)

    def update(self, items):
        target = self.top(dict, OrderedDict, Counter, defaultdict)
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[hashable(key)] = value

    def pop(self):
        if self.marks and self.marks[-1] == len(self.stack):
            self.marks.pop()
        else:
            self.stack.pop()

    def append(self):
        item = self.stack.pop()
        self.extend([item])

    def set_item(self):
        value, key = self.stack.pop(), self.stack.pop()
        self.update([key, value])

    def tuple_of(self, n):
        items = tuple(self.stack[len(self.stack) - n:])
        if len(items) != n:
            raise IndexError("the stack is empty")
        del self.stack[len(self.stack) - n:]
        self.stack.append(items)

    def reduce(self):
        args = self.stack.pop()
        target = self.top(Name)
        if type(args) is not tuple or target.apply is None:
            raise TypeError(f"{target!r} is applied to a {type(args).__name__}")
        self.stack[-1] = target.apply(*args)

    def build(self):
        """Attributes: an OrderedDict's (state dicts have _metadata) are kept, no other object has any."""
        state = self.stack.pop()
        target = self.top(OrderedDict)
        if type(state) is not dict or not all(type(name) is str for name in state):
            raise TypeError("attributes must be a dict with names")
        vars(target).update(state)

    def refer(self):
        if self.persistent is None:
            raise UnsafeFileError("load: the pickle refers to something outside it")
        self.stack.append(self.persistent(self.stack.pop()))

    def name(self):
        self.stack.append(look_up(self.line(), self.line()))

    def stack_name(self):
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(look_up(module, name))

    def other_object(self):
        raise UnsafeFileError("load: the pickle makes an object of a class of its own; nothing of it was run. Save state_dicts "
                              "instead of objects")


def push(make):
    """An opcode that pushes make(unpickler)."""
    return lambda u: u.stack.append(make(u))


def integer(text):
    """The number in a line of protocol 0."""
    return {"00": False, "01": True}[text] if text in ("00", "01") else int(text.removesuffix("L"))


STOP = ord(".")
TABLE = {
    b"\x80": lambda u: u.take(1), b"\x95": lambda u: u.take(8),  # PROTO, FRAME
    b"(": lambda u: u.marks.append(len(u.stack)), b"0": Unpickler.pop, b"1": Unpickler.above_mark,
    b"2": push(lambda u: u.stack[-1]),
    b"N": push(lambda u: None), b"\x88": push(lambda u: True), b"\x89": push(lambda u: False),
    b"I": push(lambda u: integer(u.line())), b"L": push(lambda u: integer(u.line())), b"F": push(lambda u: float(u.line())),
    b"K": push(lambda u: u.number(1)), b"M": push(lambda u: u.number(2)), b"J": push(lambda u: u.number(4, True)),
    b"\x8a": push(lambda u: u.number(u.number(1), True)), b"\x8b": push(lambda u: u.number(u.number(4, True), True)),
    b"G": push(lambda u: struct.unpack(">d", u.take(8))[0]),
    b"X": push(lambda u: bytes(u.take(u.number(4))).decode("utf-8", "surrogatepass")),
    b"\x8c": push(lambda u: bytes(u.take(u.number(1))).decode("utf-8", "surrogatepass")),
    b"\x8d": push(lambda u: bytes(u.take(u.number(8))).decode("utf-8", "surrogatepass")),
    b"V": push(lambda u: u.line().encode("latin1").decode("raw-unicode-escape")),
    b"U": push(lambda u: bytes(u.take(u.number(1))).decode("latin1")),  # text of Python 2
    b"T": push(lambda u: bytes(u.take(u.number(4, True))).decode("latin1")),
    b"C": push(lambda u: bytes(u.take(u.number(1)))), b"B": push(lambda u: bytes(u.take(u.number(4)))),
    b"\x8e": push(lambda u: bytes(u.take(u.number(8)))), b"\x96": push(lambda u: bytearray(u.take(u.number(8)))),
    b"]": push(lambda u: []), b"}": push(lambda u: {}), b")": push(lambda u: ()), b"\x8f": push(lambda u: set()),
    b"l": push(Unpickler.above_mark), b"t": push(lambda u: tuple(u.above_mark())),
    b"d": lambda u: (lambda items: (u.stack.append({}), u.update(items)))(u.above_mark()),
    b"\x91": push(lambda u: frozenset(map(hashable, u.above_mark()))),
    b"\x85": lambda u: u.tuple_of(1), b"\x86": lambda u: u.tuple_of(2), b"\x87": lambda u: u.tuple_of(3),
    b"a": Unpickler.append, b"e": lambda u: u.extend(u.above_mark()), b"s": Unpickler.set_item,
    b"u": lambda u: u.update(u.above_mark()),
    b"\x90": lambda u: (lambda items: u.top(set).update(map(hashable, items)))(u.above_mark()),
    b"q": lambda u: u.remember(u.number(1)), b"r": lambda u: u.remember(u.number(4)), b"p": lambda u: u.remember(int(u.line())),
    b"\x94": lambda u: u.remember(len(u.memo)),
    b"h": push(lambda u: u.memo[u.number(1)]), b"j": push(lambda u: u.memo[u.number(4)]), b"g": push(lambda u: u.memo[int(u.line())]),
    b"c": Unpickler.name, b"\x93": Unpickler.stack_name, b"R": Unpickler.reduce, b"\x81": Unpickler.reduce, b"b": Unpickler.build,
    b"Q": Unpickler.refer, b"P": lambda u: (u.stack.append(u.line()), u.refer()),
    **dict.fromkeys([b"i", b"o", b"\x82", b"\x83", b"\x84", b"\x92"], Unpickler.other_object),  # INST, OBJ, EXT*, NEWOBJ_EX
}
OPCODES = {code[0]: run for code, run in TABLE.items()}
