"""Parametrizations: a tensor of a module computed, whenever it is read, from others by modules that the user gives."""

from contextlib import contextmanager

from ..._core.errors import ArgumentError
from ...autograd import no_grad
from ...tensor import Tensor
from ..container import ModuleDict, ModuleList
from ..parameter import Parameter

CACHE = None  # (id of the module, name) -> tensor, inside of `cached()`


@contextmanager
def cached():
    """A context in which every parametrized tensor, of any shape, is computed once. No errors. Source: torch.nn.utils.parametrize.cached.

    >>> import tensorgrad
    >>> with tensorgrad.nn.utils.parametrize.cached():
    ...     pass
    """
    global CACHE
    outer, CACHE = CACHE, {} if CACHE is None else CACHE
    try:
        yield
    finally:
        CACHE = outer


def enter(module, name, tensor):
    """Register a Parameter or a buffer."""
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def check_same(name, found, original, what):
    """A parametrization keeps dtype and shape."""
    if not isinstance(found, Tensor):
        raise ArgumentError(f"register_parametrization: {what} must return a tensor for {name!r}, got {type(found).__name__}")
    if found.dtype is not original.dtype or found.shape != original.shape:
        raise ArgumentError(f"register_parametrization: {what} may not change the dtype or the shape of {name!r} unless unsafe=True: "
                            f"{original.dtype} {tuple(original.shape)} became {found.dtype} {tuple(found.shape)}")


def inverted(module, value):
    """module.right_inverse(value), or the value where there is none."""
    if not hasattr(module, "right_inverse"):
        return value
    try:
        return module.right_inverse(value)
    except NotImplementedError:
        return value


class ParametrizationList(ModuleList):
    """f_n(... f_1(original)): the parametrizations of one tensor, of any shape, and what they are computed from: `original`, or
    original0, original1, ... Errors: ArgumentError for no modules, for another dtype or shape of the result (unless unsafe) and for a
    right_inverse that gives no tensors. Source: torch.nn.utils.parametrize.ParametrizationList.

    >>> from tensorgrad import nn
    >>> from tensorgrad.nn.utils import parametrize
    >>> layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", nn.ReLU())
    >>> layer.parametrizations["weight"]
    ParametrizationList(
      (0): ReLU()
    )
    """

    def __init__(self, modules, original, unsafe=False):
        if not modules:
            raise ArgumentError("ParametrizationList: one or more modules are needed")
        super().__init__(modules)
        self.unsafe = unsafe
        with no_grad():
            new = original
            for module in reversed(list(self)):
                new = inverted(module, new)
        self.is_tensor = isinstance(new, Tensor)
        if not self.is_tensor and not (isinstance(new, (list, tuple)) and all(isinstance(t, Tensor) for t in new)):
            raise ArgumentError("register_parametrization: 'right_inverse' must return a Tensor or a Sequence of tensors, got "
                                f"{type(new).__name__}")
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            if new.dtype is not original.dtype:
                raise ArgumentError(f"register_parametrization: 'right_inverse' may not change the dtype {original.dtype}, got "
                                    f"{new.dtype}")
            before = original.data
            original.data = new.data  # the object stays, so that optimisers keep it
            enter(self, "original", original)
        else:
            for i, tensor in enumerate(new):
                wanted = Parameter(tensor, original.requires_grad) if isinstance(original, Parameter) else tensor
                enter(self, f"original{i}", wanted)
        if not unsafe:
            try:
                check_same("the tensor", self(), before if self.is_tensor else original, "a parametrization")
            except ValueError:
                if self.is_tensor:
                    original.data = before
                raise

    def originals(self):
        """What the first parametrization gets."""
        return [self.original] if self.is_tensor else [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value):
        """Set the originals so that forward gives `value`, by the right_inverse of every parametrization."""
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise ArgumentError(f"parametrization {type(module).__name__} does not implement right_inverse, so the tensor "
                                        "cannot be assigned")
                value = module.right_inverse(value)
            values = [value] if self.is_tensor else list(value)
            for original, new in zip(self.originals(), values, strict=True):
                if new.dtype is not original.dtype:
                    raise ArgumentError(f"right_inverse may not change the dtype {original.dtype}, got {new.dtype}")
                original.data = new.data

    def forward(self):
        first, *rest = list(self)
        value = first(*self.originals())
        for module in rest:
            value = module(value)
        return value


def parametrized(name):
    """The property that stands for a parametrized tensor."""
    def read(self):
        if CACHE is None:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in CACHE:
            CACHE[key] = self.parametrizations[name]()
        return CACHE[key]

    def write(self, value):
        self.parametrizations[name].right_inverse(value)
    return property(read, write)


def is_parametrized(module, tensor_name=None):
    """True where the module, or its tensor of this name, has parametrizations, else False. Errors: AttributeError for what is no module.
    Source: torch.nn.utils.parametrize.is_parametrized.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> class Square(nn.Module):
    ...     def forward(self, x):
    ...         return x * x
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(1, 1), "weight", Square())
    >>> nn.utils.parametrize.is_parametrized(layer, "weight"), nn.utils.parametrize.is_parametrized(layer, "bias")
    (True, False)
    """
    lists = module.__dict__.get("_modules", {}).get("parametrizations")
    if not isinstance(lists, ModuleDict):
        return False
    return len(lists) > 0 if tensor_name is None else tensor_name in lists


def type_before_parametrizations(module):
    """The class that the module had before its tensors were parametrized. Errors: AttributeError for what is no module. Source:
    torch.nn.utils.parametrize.type_before_parametrizations.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> class Square(nn.Module):
    ...     def forward(self, x):
    ...         return x * x
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(1, 1), "weight", Square())
    >>> nn.utils.parametrize.type_before_parametrizations(layer).__name__
    'Linear'
    """
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """From now on module.<tensor_name> is parametrization(original), of the same shape and dtype; returns the module.

    The tensor moves to module.parametrizations.<tensor_name>.original, through right_inverse where the parametrization has one (which may
    return several tensors: original0, original1, ...). Further calls put one parametrization behind the other. unsafe: dtype and shape
    may change. Errors: ArgumentError for a name that the module does not have, and for another dtype or shape. Source:
    torch.nn.utils.parametrize.register_parametrization.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> class Positive(nn.Module):
    ...     def forward(self, x):
    ...         return x.abs()
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(2, 2), "weight", Positive())
    >>> layer.weight.min().item() >= 0, list(layer.state_dict())
    (True, ['bias', 'parametrizations.weight.original'])
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        existing = module.parametrizations[tensor_name]
        if not unsafe:
            now = getattr(module, tensor_name)
            new = parametrization(now)
            check_same(tensor_name, new, now, "a parametrization")
            check_same(tensor_name, inverted(parametrization, new), now, "right_inverse")
        existing.append(parametrization)
        existing.unsafe = existing.unsafe or unsafe
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ArgumentError(f"register_parametrization: {type(module).__name__} does not have a parameter, a buffer, or a "
                            f"parametrized element with name {tensor_name!r}")
    parametrizations = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        cls = type(module)
        module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), {"__module__": cls.__module__})
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, parametrized(tensor_name))
    module.parametrizations[tensor_name] = parametrizations
    return module


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """Make module.<tensor_name>, of any shape, an ordinary tensor again: with the value it has now, or (leave_parametrized=False) with
    the original one; returns the module. Errors: ArgumentError for what is not parametrized. Source:
    torch.nn.utils.parametrize.remove_parametrizations.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> class Square(nn.Module):
    ...     def forward(self, x):
    ...         return x * x
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(1, 1), "weight", Square())
    >>> list(nn.utils.parametrize.remove_parametrizations(layer, "weight").state_dict())
    ['bias', 'weight']
    """
    if not is_parametrized(module, tensor_name):
        raise ArgumentError(f"remove_parametrizations: {type(module).__name__} does not have a parametrization on {tensor_name!r}")
    parametrizations = module.parametrizations[tensor_name]
    if not parametrizations.is_tensor and not leave_parametrized:
        raise ArgumentError("remove_parametrizations: leave_parametrized=False is not possible for a tensor that is made of a sequence "
                            "of tensors")
    value = getattr(module, tensor_name)
    if parametrizations.is_tensor:
        original = parametrizations.original
        if leave_parametrized:
            original.data = value.detach()
    else:
        original = Parameter(value.detach()) if value.requires_grad else value
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    enter(module, tensor_name, original)
    if not len(module.parametrizations):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


def transfer_parametrizations_and_params(from_module, to_module, tensor_name=None):
    """Give to_module the parametrizations of from_module (of all its tensors, or of one) and their originals, of any shapes; returns
    to_module. Errors: KeyError for a tensor that is not parametrized. Source:
    torch.nn.utils.parametrize.transfer_parametrizations_and_params.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> class Square(nn.Module):
    ...     def forward(self, x):
    ...         return x * x
    >>> layer = nn.utils.parametrize.register_parametrization(nn.Linear(1, 1), "weight", Square())
    >>> other = nn.utils.parametrize.transfer_parametrizations_and_params(layer, nn.Linear(1, 1))
    >>> bool(other.weight == layer.weight)
    True
    """
    if not is_parametrized(from_module):
        return to_module
    for name in [tensor_name] if tensor_name is not None else list(from_module.parametrizations.keys()):
        source = from_module.parametrizations[name]
        if not hasattr(to_module, name):
            enter(to_module, name, source.original if source.is_tensor else Parameter(getattr(from_module, name).detach()))
        for parametrization in source:
            register_parametrization(to_module, name, parametrization, unsafe=True)
        for new, old in zip(to_module.parametrizations[name].originals(), source.originals(), strict=True):
            new.data = old.data.clone()
    return to_module
