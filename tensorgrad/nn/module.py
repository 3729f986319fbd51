"""Module: what every layer and model is. The lookup of attributes and the call stand in _core/module.pyx,
hooks in hooks.py, state dicts in state.py."""

from .._core.module import ModuleBase
from ..ops.create import empty_like
from ..tensor import Tensor
from .hooks import Hooked
from .parameter import Buffer, Parameter
from .state import Stateful


class Module(ModuleBase, Hooked, Stateful):
    """Base class of layers and models: registers the parameters, buffers and modules that are assigned to it.
    Source: torch.nn.Module.

    >>> import tensorgrad
    >>> from tensorgrad import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(2, 8)
    ...         self.out = nn.Linear(8, 1)
    ...     def forward(self, x):
    ...         return self.out(self.hidden(x).tanh())
    >>> Net()(tensorgrad.ones(4, 2)).shape
    tensorgrad.Size([4, 1])
    """

    training = True

    def __init__(self, *args, **kwargs):
        if args or kwargs:
            raise TypeError(f"{type(self).__name__}.__init__: Module takes no arguments, got {[*args, *kwargs]}")
        set_plain = super().__setattr__
        set_plain("training", True)
        set_plain("_parameters", {})
        set_plain("_buffers", {})
        set_plain("_non_persistent_buffers_set", set())
        set_plain("_modules", {})

    def forward(self, *args, **kwargs):
        """The computation of the module; every subclass defines it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # attributes

    def __setattr__(self, name, value):
        fields = self.__dict__
        parameters = fields.get("_parameters")
        if isinstance(value, Parameter):
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif parameters is not None and name in parameters:
            if value is not None:
                raise TypeError(f"cannot assign a {type(value).__name__} as parameter '{name}' (Parameter or None "
                                f"expected)")
            parameters[name] = None
        elif isinstance(value, Module):
            self._forget(name, "_modules")
            fields["_modules"][name] = value
        elif parameters is not None and name in fields["_modules"]:
            if value is not None:
                raise TypeError(f"cannot assign a {type(value).__name__} as child module '{name}' (Module or None "
                                f"expected)")
            fields["_modules"][name] = None
        elif isinstance(value, Buffer) or (parameters is not None and name in fields["_buffers"]):
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(f"cannot assign a {type(value).__name__} as buffer '{name}' (Buffer, Tensor or None "
                                f"expected)")
            persistent = value.persistent if isinstance(value, Buffer) else name not in self._non_persistent_buffers_set
            self._forget(name, "_buffers")
            self.register_buffer(name, value, persistent)
        else:
            super().__setattr__(name, value)

    def _forget(self, name, keep):
        """Drop `name` from every table but `keep`: an attribute lives in one place."""
        fields = self.__dict__
        if "_parameters" not in fields:
            raise AttributeError(f"cannot assign '{name}' before Module.__init__() was called")
        fields.pop(name, None)
        for table in ("_parameters", "_buffers", "_modules"):
            if table != keep:
                fields[table].pop(name, None)
        if keep != "_buffers":
            self._non_persistent_buffers_set.discard(name)

    def __delattr__(self, name):
        fields = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            if name in fields.get(table, ()):
                del fields[table][name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self):
        names = {*super().__dir__(), *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[0].isdigit())

    # registration

    def _check_name(self, kind, name, table):
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} '{name}' before Module.__init__() was called")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name: expected a string, got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in table:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name, param):
        """Add `param` (a Parameter or None) under `name`."""
        self._check_name("parameter", name, self.__dict__.get("_parameters", ()))
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(f"cannot assign a {type(param).__name__} as parameter '{name}' (Parameter or None "
                                f"expected)")
            if param.grad_fn is not None:
                raise ValueError(f"parameter '{name}': a result of the graph cannot be a parameter; compute it in "
                                 f"forward()")
        self._parameters[name] = param

    def register_buffer(self, name, tensor, persistent=True):
        """Add `tensor` (a Tensor or None) under `name`: part of the state dict (if persistent), not trained."""
        self._check_name("buffer", name, self.__dict__.get("_buffers", ()))
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign a {type(tensor).__name__} as buffer '{name}' (Tensor or None expected)")
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name, module):
        """Add `module` (a Module or None) under `name`."""
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_name("module", name, self.__dict__.get("_modules", ()))
        self._modules[name] = module

    register_module = add_module

    # looking up by a dotted name

    def get_submodule(self, target):
        """The module at the dotted path `target` ("" is self); AttributeError where there is none."""
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}` (of {target!r})")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` (of {target!r}) is not a Module")
        return module

    def set_submodule(self, target, module, strict=False):
        """Put `module` at the dotted path `target`; with strict there must be one already."""
        if not target:
            raise ValueError("set_submodule: the target cannot be an empty string")
        if not isinstance(module, Module):
            raise ValueError(f"set_submodule: expected a Module, got {type(module).__name__}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if (strict or hasattr(parent, name)) and not isinstance(getattr(parent, name, None), Module):
            raise AttributeError(f"`{name}` (of {target!r}) is not a Module")
        setattr(parent, name, module)

    def _get_tensor(self, target, table, kind):
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        found = getattr(module, table).get(name)
        if found is None:
            raise AttributeError(f"{type(module).__name__} has no {kind} `{name}` (of {target!r})")
        return found

    def get_parameter(self, target):
        """The parameter with the dotted name `target`; AttributeError where there is none."""
        return self._get_tensor(target, "_parameters", "parameter")

    def get_buffer(self, target):
        """The buffer with the dotted name `target`; AttributeError where there is none."""
        return self._get_tensor(target, "_buffers", "buffer")

    # walking

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(dotted name, module) of this module and of all below it."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self, remove_duplicate=True):
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self):
        """(name, module) of the direct children, each once."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self):
        """The direct children, each once."""
        return (module for _, module in self.named_children())

    def _named_tensors(self, table, prefix, recurse, remove_duplicate):
        seen = set()
        for path, module in self.named_modules(prefix=prefix,
                                               remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]:
            for name, value in getattr(module, table).items():
                if value is None or id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield f"{path}.{name}" if path else name, value

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(dotted name, parameter) of this module and, with recurse, of all below it."""
        return self._named_tensors("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The parameters, each once."""
        return (value for _, value in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(dotted name, buffer) of this module and, with recurse, of all below it."""
        return self._named_tensors("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers, each once."""
        return (value for _, value in self.named_buffers(recurse=recurse))

    # changing all at once

    def train(self, mode=True):
        """Set training mode here and below; returns self."""
        if not isinstance(mode, bool):
            raise ValueError(f"train: mode must be a bool, got {mode!r}")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        """train(False)."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Set requires_grad of every parameter; returns self."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Drop the gradients of all parameters, or fill them with zeros."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.grad.detach_().zero_()

    def apply(self, fn):
        """Call fn(module) for the children, depth first, and for this module; returns self."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn, recurse=True):
        """Replace the values of parameters, gradients and buffers by fn of them; the Parameter objects stay the
        same."""
        for module in self.children() if recurse else ():
            module._apply(fn)
        for parameter in self._parameters.values():
            if parameter is not None:
                grad = parameter.grad
                value = fn(parameter.data)
                if value is not parameter.data:
                    parameter.grad = None
                    parameter.data = value
                    parameter.grad = None if grad is None else fn(grad.data).requires_grad_(grad.requires_grad)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def _cast(self, dtype):
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def to(self, *args, **kwargs):
        """to(dtype), to(device), to(tensor): convert the floating parameters and buffers; the device is always the CPU.

        >>> import tensorgrad
        >>> tensorgrad.nn.Linear(1, 1).to(tensorgrad.float64).weight.dtype
        tensorgrad.float64
        """
        unknown = kwargs.keys() - {"device", "dtype", "non_blocking", "memory_format", "tensor"}
        if unknown:
            raise TypeError(f"Module.to: unexpected keyword {sorted(unknown)[0]!r}")
        dtype = kwargs.get("dtype")
        for value in [*args[:2], kwargs.get("tensor")]:
            if isinstance(value, Tensor):
                dtype = value.dtype
            elif hasattr(value, "is_floating_point"):
                dtype = value
            elif value is not None and not isinstance(value, bool):
                check_cpu(value)
        check_cpu(kwargs.get("device"))
        if dtype is None:
            return self
        if not dtype.is_floating_point:
            raise TypeError(f"Module.to: parameters need a floating dtype, got {dtype}")
        return self._cast(dtype)

    def type(self, dst_type):
        """Convert all parameters and buffers, also those that are not floating."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self):
        """Floating parameters and buffers to float32."""
        return self._apply(lambda t: t.float() if t.is_floating_point() else t)

    def double(self):
        """Floating parameters and buffers to float64."""
        return self._apply(lambda t: t.double() if t.is_floating_point() else t)

    def half(self):
        """Floating parameters and buffers to float16."""
        return self._apply(lambda t: t.half() if t.is_floating_point() else t)

    def bfloat16(self):
        """Floating parameters and buffers to bfloat16."""
        return self._apply(lambda t: t.bfloat16() if t.is_floating_point() else t)

    def cpu(self):
        """Self: everything is on the CPU."""
        return self

    def to_empty(self, *, device=None, recurse=True):
        """Give every parameter and buffer new, uninitialised memory."""
        check_cpu(device)
        return self._apply(empty_like, recurse)

    def compile(self, *args, **kwargs):
        """PyTorch compiles forward here, in place; there is nothing to compile, so nothing changes."""

    def share_memory(self):
        """Self, with the memory of parameters and buffers shared between processes."""
        return self._apply(lambda t: t.share_memory_())

    # printing

    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        """What stands between the parentheses of the repr besides the children."""
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): " + repr(module).replace("\n", "\n  ") for name, module in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({extra})"
        lines += children
        return f"{self._get_name()}(" + ("\n  " + "\n  ".join(lines) + "\n" if lines else "") + ")"


def check_cpu(device):
    """Only the CPU exists: any other device is an error."""
    if device is not None and str(device).split(":")[0] != "cpu":
        raise RuntimeError(f"device: only 'cpu' is available, got {device!r}")
