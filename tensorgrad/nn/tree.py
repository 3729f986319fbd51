"""The modules, parameters and buffers of a model: looked up by a dotted name, or one after the other."""

from .._core.errors import ArgumentError
from .._core.module import ModuleBase


class Walkable:
    """The part of Module that finds what is in it."""

    def get_submodule(self, target):
        """The module at the dotted path `target` ("" is self). Errors: AttributeError where there is none.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> m.get_submodule("1")
        ReLU()
        """
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}` (of {target!r})")
            module = getattr(module, name)
            if not isinstance(module, ModuleBase):
                raise AttributeError(f"`{name}` (of {target!r}) is not a Module")
        return module

    def set_submodule(self, target, module, strict=False):
        """Put `module` at the dotted path `target`; with strict there must be one already. Errors: AttributeError, ArgumentError.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> m.set_submodule("1", nn.Tanh())
        >>> m[1]
        Tanh()
        """
        if not target:
            raise ArgumentError("set_submodule: the target cannot be an empty string")
        if not isinstance(module, ModuleBase):
            raise ArgumentError(f"set_submodule: expected a Module, got {type(module).__name__}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if (strict or hasattr(parent, name)) and not isinstance(getattr(parent, name, None), ModuleBase):
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
        """The parameter with the dotted name `target`. Errors: AttributeError where there is none.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> m.get_parameter("0.bias").shape
        tensorgrad.Size([1])
        """
        return self._get_tensor(target, "_parameters", "parameter")

    def get_buffer(self, target):
        """The buffer with the dotted name `target`. Errors: AttributeError where there is none.

        >>> import tensorgrad
        >>> tensorgrad.nn.BatchNorm1d(2).get_buffer("running_mean")
        tensor([0., 0.])
        """
        return self._get_tensor(target, "_buffers", "buffer")

    # walking

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(dotted name, module) of this module and of all below it. No errors.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> [name for name, _ in m.named_modules()]
        ['', '0', '1']
        """
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
        """This module and all below it, each once. No errors.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> len(list(m.modules()))
        3
        """
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self):
        """(name, module) of the direct children, each once.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> list(m.named_children())[1]
        ('1', ReLU())
        """
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self):
        """The direct children, each once.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> list(m.children())[1]
        ReLU()
        """
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
        """(dotted name, parameter) of this module and, with recurse, of all below it. No errors.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> [name for name, _ in m.named_parameters()]
        ['0.weight', '0.bias']
        """
        return self._named_tensors("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The parameters, each once. No errors.

        >>> import tensorgrad
        >>> from tensorgrad import nn
        >>> m = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
        >>> sum(p.numel() for p in m.parameters())
        2
        """
        return (value for _, value in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(dotted name, buffer) of this module and, with recurse, of all below it. No errors.

        >>> import tensorgrad
        >>> [name for name, _ in tensorgrad.nn.BatchNorm1d(2).named_buffers()]
        ['running_mean', 'running_var', 'num_batches_tracked']
        """
        return self._named_tensors("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers, each once. No errors.

        >>> import tensorgrad
        >>> list(tensorgrad.nn.BatchNorm1d(2).buffers())[0]
        tensor([0., 0.])
        """
        return (value for _, value in self.named_buffers(recurse=recurse))
