"""Modules that hold parameters: a list and a dict."""

from collections.abc import Iterable

from ..tensor import Tensor
from .keys import pairs, wrapped
from .module import Module
from .parameter import Parameter


def as_entry(value):
    """A tensor becomes a Parameter; anything else stays what it is."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def entry_line(key, value, type_of=lambda t: t.dtype):
    if isinstance(value, Tensor):
        kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
        return f"  ({key}): {kind} containing: [{type_of(value)} of size {'x'.join(map(str, value.shape))}]"
    return f"  ({key}): Object of type: {type(value).__name__}"


class ParameterList(Module):
    """A list of parameters of any shapes (tensors become parameters), registered as '0', '1', ...; other objects stay what they are.
    Errors: TypeError for what cannot be iterated over, OutOfRangeError for an index that does not exist. Source: torch.nn.ParameterList.

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
        """Add a value at the end; returns self. Any value is taken, there are no errors.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterList([tensorgrad.ones(1)])
        >>> len(p.append(tensorgrad.zeros(2)))
        2
        """
        setattr(self, str(self._size), as_entry(value))
        self._size += 1
        return self

    def extend(self, values):
        """Add the values of an iterable at the end; returns self. Errors: TypeError for what cannot be iterated, and for a single
        tensor.

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
        """Remove and return the value at `index`. Errors: OutOfRangeError.

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
    """A dict of parameters of any shapes (tensors become parameters), registered under their keys; other objects stay what they are.
    Errors: KeyError for a key that is not there, is empty, has a dot or is an attribute's name, TypeError for one that is no string,
    ArgumentError for what are no pairs. Source: torch.nn.ParameterDict.

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
        """The value of `key`, or the default. No errors for a key that is not there.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.get("b", 5)
        5
        """
        return self[key] if key in self._keys else default

    def setdefault(self, key, default=None):
        """The value of `key`, which is set to the default first if it is new. Errors: TypeError for a key that is no text.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> p.setdefault("a", tensorgrad.zeros(2)).shape
        tensorgrad.Size([1])
        """
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key):
        """Remove and return the value of `key`. Errors: KeyError.

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
        """A new ParameterDict with the keys given. Errors: TypeError for keys that cannot be iterated.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.ParameterDict({"a": tensorgrad.ones(1)})
        >>> list(p.fromkeys(["b", "c"], tensorgrad.ones(1)))
        ['b', 'c']
        """
        return ParameterDict(dict.fromkeys(keys, default))

    def update(self, parameters):
        """Set the entries of a mapping or of an iterable of pairs. Errors: TypeError for what holds no pairs.

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
