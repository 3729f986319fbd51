"""Module: what every layer and model is. The lookup of attributes and the call stand in _core/module.pyx, the walk over a model
in tree.py, what changes all of its tensors in convert.py, hooks in hooks.py, state dicts in state.py."""

from .._core.errors import ArgumentError
from .._core.module import ModuleBase
from ..tensor import Tensor
from .convert import Convertible
from .hooks import Hooked
from .parameter import Buffer, Parameter
from .state import Stateful
from .tree import Walkable


class Module(ModuleBase, Walkable, Convertible, Hooked, Stateful):
    """Base class of layers and models: registers the parameters, buffers and modules that are assigned to it; m(x) calls forward, which a
    subclass defines for inputs of the shapes that it wants. Errors: TypeError for arguments of __init__, AttributeError for an assignment
    before it, KeyError for a registered name that exists, is empty or has a dot, NotImplementedError for a call without forward. Source:
    torch.nn.Module.

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
        """The computation of the module, what m(x) calls with the hooks; every subclass defines it. Errors: NotImplementedError here.

        >>> import tensorgrad
        >>> tensorgrad.nn.ReLU().forward(tensorgrad.tensor([-1.0, 2.0]))
        tensor([0., 2.])
        """
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
        """Add `param` (a Parameter or None) under `name`. Errors: KeyError for a name that exists or has a dot, TypeError for another
        tensor.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Module()
        >>> m.register_parameter("scale", tensorgrad.nn.Parameter(tensorgrad.ones(1)))
        >>> list(m.state_dict())
        ['scale']
        """
        self._check_name("parameter", name, self.__dict__.get("_parameters", ()))
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(f"cannot assign a {type(param).__name__} as parameter '{name}' (Parameter or None "
                                f"expected)")
            if param.grad_fn is not None:
                raise ArgumentError(f"parameter '{name}': a result of the graph cannot be a parameter; compute it in "
                                 f"forward()")
        self._parameters[name] = param

    def register_buffer(self, name, tensor, persistent=True):
        """Add `tensor` (a Tensor or None) under `name`: part of the state dict (if persistent), not trained. Errors: as
        register_parameter.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Module()
        >>> m.register_buffer("mean", tensorgrad.zeros(1))
        >>> list(m.parameters()), m.mean
        ([], tensor([0.]))
        """
        self._check_name("buffer", name, self.__dict__.get("_buffers", ()))
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign a {type(tensor).__name__} as buffer '{name}' (Tensor or None expected)")
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name, module):
        """Add `module` (a Module or None) under `name`. Errors: as register_parameter.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Module()
        >>> m.add_module("act", tensorgrad.nn.ReLU())
        >>> m.act
        ReLU()
        """
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_name("module", name, self.__dict__.get("_modules", ()))
        self._modules[name] = module

    register_module = add_module

    # printing

    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        """What stands between the parentheses of the repr besides the children.

        >>> import tensorgrad
        >>> tensorgrad.nn.Linear(2, 3).extra_repr()
        'in_features=2, out_features=3, bias=True'
        """
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): " + repr(module).replace("\n", "\n  ") for name, module in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({extra})"
        lines += children
        return f"{self._get_name()}(" + ("\n  " + "\n  ".join(lines) + "\n" if lines else "") + ")"
