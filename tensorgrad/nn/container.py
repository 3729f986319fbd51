"""Containers: modules in sequences and dicts. Those of parameters, in parameter_container.py, are found here, too."""

import warnings
from collections.abc import Iterable, Mapping
from itertools import islice

from .._core.errors import ArgumentError, OutOfRangeError
from .keys import pairs, wrapped
from .module import Module
from .parameter_container import ParameterDict as ParameterDict
from .parameter_container import ParameterList as ParameterList


class Container(Module):
    """A Module with the modules given by keyword as children; deprecated (FutureWarning), as in PyTorch: subclass Module. Errors:
    TypeError for what is no Module. Source: torch.nn.Container.

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
    """y = f_n(... f_1(x)): calls its modules, given one by one or in a dict, one after the other. Shapes: f_1 takes the input's, f_n
    gives the result's. Errors: TypeError for what is no Module, OutOfRangeError for an index that does not exist; in a call the modules'
    own, as ShapeError and DTypeError of a Linear. Source: torch.nn.Sequential.

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
            raise ArgumentError(f"Sequential +: expected a Sequential, got {type(other).__name__}")
        return Sequential(*self, *other)

    def __iadd__(self, other):
        if not isinstance(other, Sequential):
            raise ArgumentError(f"Sequential +=: expected a Sequential, got {type(other).__name__}")
        return self.extend(list(other))

    def __mul__(self, times):
        if not isinstance(times, int):
            raise TypeError(f"Sequential *: expected an int, got {type(times).__name__}")
        if times <= 0:
            raise ArgumentError(f"Sequential *: expected a positive factor, got {times}")
        return Sequential(*(list(self) * times))

    __rmul__ = __mul__

    def __imul__(self, times):
        modules = list(self * times)
        return self.extend(modules[len(self):])

    def append(self, module):
        """Add a module at the end; returns self. Errors: TypeError for what is no module.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.ReLU())
        >>> m.append(nn.Tanh())[1]
        Tanh()
        """
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index, module):
        """Insert a module before `index`; returns self. Errors: AssertionError for what is no module, OutOfRangeError for an index
        beyond the end.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.ReLU())
        >>> m.insert(0, nn.Tanh())[0]
        Tanh()
        """
        if not isinstance(module, Module):
            raise AssertionError(f"Sequential.insert: expected a Module, got {type(module).__name__}")
        if not -len(self) <= index <= len(self):
            raise OutOfRangeError(f"Sequential.insert: index {index} is out of range for length {len(self)}")
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)
        return self

    def extend(self, sequential):
        """Add the modules of an iterable at the end; returns self. Errors: TypeError for what cannot be iterated or holds what is
        no module.

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
        """Remove and return the module at `index`. Errors: OutOfRangeError.

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
    """A list of modules that are registered as children, named '0', '1', ...; it is indexed, not called. Errors: TypeError for what is no
    Module, OutOfRangeError for an index that does not exist. Source: torch.nn.ModuleList.

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
        """Insert a module before `index`. Errors: TypeError for what is no module.

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
        """Add a module at the end; returns self. Errors: TypeError for what is no module.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleList([nn.ReLU()])
        >>> m.append(nn.Tanh())[1]
        Tanh()
        """
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Add the modules of an iterable at the end; returns self. Errors: TypeError for what cannot be iterated or holds what is
        no module.

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
        """Remove and return the module at `index`. Errors: OutOfRangeError.

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


class ModuleDict(Module):
    """A dict of modules that are registered as children under their keys; it is looked up, not called. Errors: TypeError for what is no
    Module, KeyError for a key that is not there, is empty, has a dot or is an attribute's name, ArgumentError for what are no pairs.
    Source: torch.nn.ModuleDict.

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
        """Remove and return the module of `key`. Errors: KeyError.

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
        """Set the entries of a mapping or of an iterable of pairs. Errors: TypeError for what holds no pairs, or what is no module.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.ModuleDict({"act": nn.ReLU()})
        >>> m.update({"act": nn.Tanh()})
        >>> m["act"]
        Tanh()
        """
        for key, module in pairs("ModuleDict.update", modules):
            self[key] = module
