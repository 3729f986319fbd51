"""Containers: modules and parameters in sequences and dicts."""

import warnings
from collections.abc import Iterable, Mapping
from itertools import islice

from ..tensor import Tensor
from .module import Module
from .parameter import Parameter


def wrapped(index, length, name):
    """`index` from the front; IndexError names the container and its length."""
    try:
        i = index.__index__()
    except AttributeError:
        raise TypeError(f"{name}: the index must be an integer or a slice, got {type(index).__name__}") from None
    if not -length <= i < length:
        raise IndexError(f"{name}: index {i} is out of range for length {length}")
    return i % length


class Container(Module):
    """A Module with the modules given by keyword; deprecated, as in PyTorch: subclass Module. Source: torch.nn.Container.

    >>> import warnings
    >>> from tensorgrad import nn
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     list(nn.Container(act=nn.ReLU()).named_children())
    [('act', ReLU())]
    """

    def __init__(self, **kwargs):
        warnings.warn("nn.Container is deprecated. Subclass nn.Module instead.", FutureWarning, stacklevel=2)
        super().__init__()
        for name, module in kwargs.items():
            self.add_module(name, module)


class Sequential(Module):
    """Calls its modules one after the other: y = f_n(... f_1(x)). Source: torch.nn.Sequential.

    >>> from tensorgrad import nn
    >>> nn.Sequential(nn.Flatten(), nn.ReLU())
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): ReLU()
    )
    """

    def __init__(self, *args):
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], Mapping) else ((str(i), m) for i,
                                                                                         m in enumerate(args))
        for name, module in named:
            self.add_module(name, module)

    def forward(self, input):
        for module in self._modules.values():
            input = module(input)
        return input

    def _key(self, index):
        return next(islice(self._modules, wrapped(index, len(self), "Sequential"), None))

    def _renumber(self, modules):
        self._modules.clear()
        for i, module in enumerate(modules):
            self.add_module(str(i), module)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(dict(list(self._modules.items())[index]))
        return self._modules[self._key(index)]

    def __setitem__(self, index, module):
        setattr(self, self._key(index), module)

    def __delitem__(self, index):
        keys = list(self._modules)[index] if isinstance(index, slice) else [self._key(index)]
        for key in keys:
            delattr(self, key)
        self._renumber(list(self._modules.values()))

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __add__(self, other):
        if not isinstance(other, Sequential):
            raise ValueError(f"Sequential +: expected a Sequential, got {type(other).__name__}")
        return Sequential(*self, *other)

    def __iadd__(self, other):
        if not isinstance(other, Sequential):
            raise ValueError(f"Sequential +=: expected a Sequential, got {type(other).__name__}")
        return self.extend(list(other))

    def __mul__(self, times):
        if not isinstance(times, int):
            raise TypeError(f"Sequential *: expected an int, got {type(times).__name__}")
        if times <= 0:
            raise ValueError(f"Sequential *: expected a positive factor, got {times}")
        return Sequential(*(list(self) * times))

    __rmul__ = __mul__

    def __imul__(self, times):
        modules = list(self * times)
        return self.extend(modules[len(self):])

    def append(self, module):
        """Add a module at the end; returns self.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.ReLU())
        >>> m.append(nn.Tanh())[1]
        Tanh()
        """
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index, module):
        """Insert a module before `index`; returns self.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.ReLU())
        >>> m.insert(0, nn.Tanh())[0]
        Tanh()
        """
        if not isinstance(module, Module):
            raise AssertionError(f"Sequential.insert: expected a Module, got {type(module).__name__}")
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Sequential.insert: index {index} is out of range for length {len(self)}")
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)
        return self

    def extend(self, sequential):
        """Add the modules of an iterable at the end; returns self.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.ReLU())
        >>> len(m.extend([nn.Tanh(), nn.ReLU()]))
        3
        """
        for module in list(sequential):
            self.append(module)
        return self

    def pop(self, index):
        """Remove and return the module at `index`.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.ReLU())
        >>> m.pop(0)
        ReLU()
        """
        module = self[index]
        del self[index]
        return module


class ModuleList(Module):
    """A list of modules that are registered as children. Source: torch.nn.ModuleList.

    >>> from tensorgrad import nn
    >>> len(nn.ModuleList([nn.Linear(2, 2) for _ in range(3)]))
    3
    """

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.extend(modules)

    _renumber = Sequential._renumber

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(list(self._modules.values())[index])
        return self._modules[str(wrapped(index, len(self), "ModuleList"))]

    def __setitem__(self, index, module):
        setattr(self, str(wrapped(index, len(self), "ModuleList")), module)

    def __delitem__(self, index):
        modules = list(self._modules.values())
        del modules[index if isinstance(index, slice) else wrapped(index, len(self), "ModuleList")]
        self._renumber(modules)

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __iadd__(self, modules):
        return self.extend(modules)

    def __add__(self, other):
        return ModuleList([*self, *other])

    def insert(self, index, module):
        """Insert a module before `index`.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleList([nn.ReLU()])
        >>> m.insert(0, nn.Tanh())
        >>> m[0]
        Tanh()
        """
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)

    def append(self, module):
        """Add a module at the end; returns self.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleList([nn.ReLU()])
        >>> m.append(nn.Tanh())[1]
        Tanh()
        """
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Add the modules of an iterable at the end; returns self.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleList([nn.ReLU()])
        >>> len(m.extend([nn.Tanh(), nn.ReLU()]))
        3
        """
        if not isinstance(modules, Iterable):
            raise TypeError(f"ModuleList.extend: expected an iterable of modules, got {type(modules).__name__}")
        for module in list(modules):
            self.append(module)
        return self

    def pop(self, index):
        """Remove and return the module at `index`.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleList([nn.ReLU()])
        >>> m.pop(0)
        ReLU()
        """
        module = self[index]
        del self[index]
        return module

    def __repr__(self):
        """As of any module, with runs of equal modules written once."""
        runs = []  # [first, last, text]
        for i, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = i
            else:
                runs.append([i, i, text])
        if not runs:
            return f"{self._get_name()}()"
        lines = []
        for first, last, text in runs:
            head = f"({first}): " if first == last else f"({first}-{last}): {last - first + 1} x "
            lines.append(head + text.replace("\n", "\n  "))
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def pairs(what, given):
    """The (key, value) pairs of a mapping or of an iterable of pairs."""
    if hasattr(given, "items"):
        return list(given.items())
    if not isinstance(given, Iterable):
        raise TypeError(f"{what}: expected a mapping or an iterable of pairs, got {type(given).__name__}")
    result = []
    for i, pair in enumerate(given):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{what}: element {i} is not a pair but a {type(pair).__name__}")
        pair = tuple(pair)
        if len(pair) != 2:
            raise ValueError(f"{what}: element {i} has length {len(pair)}, 2 is needed")
        result.append(pair)
    return result


class ModuleDict(Module):
    """A dict of modules that are registered as children. Source: torch.nn.ModuleDict.

    >>> from tensorgrad import nn
    >>> list(nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()}))
    ['relu', 'tanh']
    """

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def __delitem__(self, key):
        del self._modules[key]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def clear(self):
        """Remove all.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleDict({"act": nn.ReLU()})
        >>> m.clear()
        >>> len(m)
        0
        """
        self._modules.clear()

    def pop(self, key):
        """Remove and return the module of `key`.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleDict({"act": nn.ReLU()})
        >>> m.pop("act")
        ReLU()
        """
        return self._modules.pop(key)

    def keys(self):
        """The keys.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleDict({"act": nn.ReLU()})
        >>> list(m.keys())
        ['act']
        """
        return self._modules.keys()

    def items(self):
        """The (key, module) pairs.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleDict({"act": nn.ReLU()})
        >>> list(m.items())
        [('act', ReLU())]
        """
        return self._modules.items()

    def values(self):
        """The modules.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleDict({"act": nn.ReLU()})
        >>> list(m.values())
        [ReLU()]
        """
        return self._modules.values()

    def update(self, modules):
        """Set the entries of a mapping or of an iterable of pairs.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleDict({"act": nn.ReLU()})
        >>> m.update({"act": nn.Tanh()})
        >>> m["act"]
        Tanh()
        """
        for key, module in pairs("ModuleDict.update", modules):
            self[key] = module


def as_entry(value):
    """A tensor becomes a Parameter; anything else stays what it is."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def entry_line(key, value, type_of=lambda t: t.dtype):
    if isinstance(value, Tensor):
        kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
        return f"  ({key}): {kind} containing: [{type_of(value)} of size {'x'.join(map(str, value.shape))}]"
    return f"  ({key}): Object of type: {type(value).__name__}"


class ParameterList(Module):
    """A list of parameters (tensors become parameters) that are registered. Source: torch.nn.ParameterList.

    >>> import tensorgrad
    >>> len(list(tensorgrad.nn.ParameterList([tensorgrad.ones(2), tensorgrad.ones(3)]).parameters()))
    2
    """

    def __init__(self, values=None):
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)([self[i] for i in range(*index.indices(self._size))])
        return getattr(self, str(wrapped(index, self._size, "ParameterList")))

    def __setitem__(self, index, value):
        setattr(self, str(wrapped(index, self._size, "ParameterList")), as_entry(value))

    def __len__(self):
        return self._size

    def __iter__(self):
        return (self[i] for i in range(self._size))

    def __iadd__(self, values):
        return self.extend(values)

    def append(self, value):
        """Add a value at the end; returns self.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterList([tensorgrad.ones(1)])
        >>> len(p.append(tensorgrad.zeros(2)))
        2
        """
        setattr(self, str(self._size), as_entry(value))
        self._size += 1
        return self

    def extend(self, values):
        """Add the values of an iterable at the end; returns self.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterList([tensorgrad.ones(1)])
        >>> len(p.extend([tensorgrad.zeros(2), tensorgrad.zeros(3)]))
        3
        """
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(f"ParameterList.extend: expected an iterable of tensors, got {type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    def pop(self, index=-1):
        """Remove and return the value at `index`.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterList([tensorgrad.ones(1)])
        >>> p.pop()
        Parameter containing:
        tensor([1.], requires_grad=True)
        >>> len(p)
        0
        """
        values = list(self)
        value = values.pop(wrapped(index, self._size, "ParameterList"))
        for i in range(self._size):
            delattr(self, str(i))
        self._size = 0
        self.extend(values)
        return value

    def extra_repr(self):
        return "\n".join(entry_line(i, value) for i, value in enumerate(self))


class ParameterDict(Module):
    """A dict of parameters (tensors become parameters) that are registered. Source: torch.nn.ParameterDict.

    >>> import tensorgrad
    >>> dict(tensorgrad.nn.ParameterDict({"w": tensorgrad.ones(2)}).named_parameters()).keys()
    dict_keys(['w'])
    """

    def __init__(self, parameters=None):
        super().__init__()
        self._keys = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key):
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key, value):
        if not isinstance(key, str):
            raise TypeError(f"ParameterDict: a key must be a string, got {type(key).__name__}")
        setattr(self, key, as_entry(value))
        self._keys[key] = None

    def __delitem__(self, key):
        del self._keys[key]
        delattr(self, key)

    def __len__(self):
        return len(self._keys)

    def __iter__(self):
        return iter(self._keys)

    def __reversed__(self):
        return reversed(list(self._keys))

    def __contains__(self, key):
        return key in self._keys

    def keys(self):
        """The keys.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> list(p.keys())
        ['a']
        """
        return self._keys.keys()

    def values(self):
        """The values.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> [v.shape for v in p.values()]
        [tensorgrad.Size([1])]
        """
        return (self[key] for key in self._keys)

    def items(self):
        """The (key, value) pairs.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> [(k, v.shape) for k, v in p.items()]
        [('a', tensorgrad.Size([1]))]
        """
        return ((key, self[key]) for key in self._keys)

    def get(self, key, default=None):
        """The value of `key`, or the default.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.get("b", 5)
        5
        """
        return self[key] if key in self._keys else default

    def setdefault(self, key, default=None):
        """The value of `key`, which is set to the default first if it is new.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.setdefault("a", tensorgrad.zeros(2)).shape
        tensorgrad.Size([1])
        """
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key):
        """Remove and return the value of `key`.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.pop("a").shape, len(p)
        (tensorgrad.Size([1]), 0)
        """
        value = self[key]
        del self[key]
        return value

    def popitem(self):
        """Remove and return the last (key, value).

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.popitem()[0]
        'a'
        """
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self):
        """Remove all.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.clear()
        >>> len(p)
        0
        """
        for key in list(self._keys):
            del self[key]

    def copy(self):
        """A new ParameterDict with the same parameters.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.copy()["a"] is p["a"]
        True
        """
        return ParameterDict(dict(self.items()))

    def fromkeys(self, keys, default=None):
        """A new ParameterDict with the keys given.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> list(p.fromkeys(["b", "c"], tensorgrad.ones(1)))
        ['b', 'c']
        """
        return ParameterDict(dict.fromkeys(keys, default))

    def update(self, parameters):
        """Set the entries of a mapping or of an iterable of pairs.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.update({"b": tensorgrad.zeros(2)})
        >>> len(p)
        2
        """
        for key, value in pairs("ParameterDict.update", parameters):
            self[key] = value

    def __or__(self, other):
        return ParameterDict({**dict(self.items()), **dict(other.items())})

    def __ior__(self, other):
        self.update(other)
        return self

    def extra_repr(self):
        return "\n".join(entry_line(key, value, Tensor.type) for key, value in self.items())
