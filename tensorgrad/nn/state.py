"""The state dict of a Module: collecting it, and loading it all or nothing.

Loading first walks all modules and only notes what to do (`steps`) and what does not fit; values are touched when every
key and shape is right.
"""

from collections import OrderedDict, namedtuple

from .._core.errors import ArgumentError
from .._core.graph import Handle
from ..tensor import Tensor
from .parameter import Parameter

EXTRA = "_extra_state"


class _IncompatibleKeys(namedtuple("_IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What load_state_dict returns: the keys that the module wanted and those that it does not know."""

    __slots__ = ()

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


class Stateful:
    """The part of Module that reads and writes state dicts."""

    _version = 1
    _state_hooks = None

    def _state_hook_table(self, kind):
        if self._state_hooks is None:
            self._state_hooks = {"save_pre": {}, "save_post": {}, "load_pre": {}, "load_post": {}}
        return self._state_hooks[kind]

    def register_state_dict_pre_hook(self, hook):
        """`hook(module, prefix, keep_vars)` runs before the module's state is collected. Errors: those of the hook when it runs,
        TypeError where it cannot be called.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> handle = m.register_state_dict_pre_hook(lambda module, prefix, keep_vars: print("saving"))
        >>> state = m.state_dict()
        saving
        """
        return Handle(self._state_hook_table("save_pre"), hook)

    def register_state_dict_post_hook(self, hook):
        """`hook(module, state_dict, prefix, local_metadata)` runs after, and may edit state_dict in place. Errors: those of the
        hook when it runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> handle = m.register_state_dict_post_hook(lambda module, state, prefix, metadata: state.pop("bias"))
        >>> list(m.state_dict())
        ['weight']
        """
        return Handle(self._state_hook_table("save_post"), hook)

    def register_load_state_dict_pre_hook(self, hook):
        """`hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)` runs before the
        module reads a (shallow copy of the) state dict, which it may edit. Errors: those of the hook when it runs, TypeError where
        it cannot be called.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> handle = m.register_load_state_dict_pre_hook(lambda module, state, *rest: state.setdefault("bias", tensorgrad.ones(1)))
        >>> m.load_state_dict({"weight": tensorgrad.ones(1, 1)})
        <All keys matched successfully>
        """
        return Handle(self._state_hook_table("load_pre"), hook)

    def register_load_state_dict_post_hook(self, hook):
        """`hook(module, incompatible_keys)` runs after loading; where keys are missing or unexpected it runs before anything is
        copied and may remove them from the lists. Errors: those of the hook when it runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> m = tensorgrad.nn.Linear(1, 1)
        >>> handle = m.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
        >>> m.load_state_dict({"weight": tensorgrad.ones(1, 1)})
        <All keys matched successfully>
        """
        return Handle(self._state_hook_table("load_post"), hook)

    def get_extra_state(self):
        """State beyond parameters and buffers; a class that overrides it gets the key `_extra_state`. Errors: RuntimeError here.

        >>> import tensorgrad
        >>> class Counter(tensorgrad.nn.Module):
        ...     def get_extra_state(self):
        ...         return 7
        >>> Counter().state_dict()
        OrderedDict([('_extra_state', 7)])
        """
        raise RuntimeError(f"{type(self).__name__}.get_extra_state: not defined by this class")

    def set_extra_state(self, state):
        """Take what get_extra_state returned, in load_state_dict. Errors: RuntimeError here.

        >>> import tensorgrad
        >>> class Counter(tensorgrad.nn.Module):
        ...     def set_extra_state(self, state):
        ...         print("got", state)
        >>> keys = Counter().load_state_dict({"_extra_state": 7})
        got 7
        """
        raise RuntimeError(f"{type(self).__name__}.set_extra_state: not defined by this class")

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        """This module's own entries, without its children's."""
        for name, value in self._own_state():
            if value is not None:
                destination[prefix + name] = value if keep_vars else value.detach()
        if type(self).get_extra_state is not Stateful.get_extra_state:
            destination[prefix + EXTRA] = self.get_extra_state()

    def _own_state(self):
        yield from self._parameters.items()
        for name, buffer in self._buffers.items():
            if name not in self._non_persistent_buffers_set:
                yield name, buffer

    def state_dict(self, *, destination=None, prefix="", keep_vars=False):
        """Parameters and persistent buffers by their dotted names, detached but not copied (keep_vars: as they are). Errors:
        TypeError for a prefix that is no text.

        >>> import tensorgrad
        >>> list(tensorgrad.nn.Linear(2, 3).state_dict())
        ['weight', 'bias']
        """
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local_metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local_metadata
        hooks = self._state_hooks or {"save_pre": {}, "save_post": {}}
        for hook in tuple(hooks["save_pre"].values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in tuple(hooks["save_post"].values()):
            hook(self, destination, prefix, local_metadata)
        return destination

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
                              error_msgs):
        """Note this module's own steps in local_metadata["steps"] and what does not fit in the three lists."""
        steps, assign = local_metadata["steps"], local_metadata["assign_to_params_buffers"]
        if self._state_hooks:
            for hook in tuple(self._state_hooks["load_pre"].values()):
                hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        own = {name: value for name, value in self._own_state() if value is not None}
        for name, value in own.items():
            key = prefix + name
            if key not in state_dict:
                if strict:
                    missing_keys.append(key)
                continue
            given = state_dict[key]
            if not isinstance(given, Tensor):
                error_msgs.append(f"{key}: expected a tensor, got {type(given).__name__}.")
                continue
            if value.dim() == 0 and tuple(given.shape) == (1,):
                given = given[0]
            if given.shape != value.shape:
                error_msgs.append(f"size mismatch for {key}: the state dict has shape {tuple(given.shape)}, "
                                  f"the module {tuple(value.shape)}.")
                continue
            steps.append((replace if assign else copy, self, name, given))
        if type(self).set_extra_state is not Stateful.set_extra_state:
            if prefix + EXTRA in state_dict:
                steps.append((set_extra, self, EXTRA, state_dict[prefix + EXTRA]))
            elif strict:
                missing_keys.append(prefix + EXTRA)
        elif strict and prefix + EXTRA in state_dict:
            unexpected_keys.append(prefix + EXTRA)
        if strict:
            for key in state_dict:
                if key.startswith(prefix) and key != prefix + EXTRA:
                    head, *rest = key[len(prefix):].split(".", 1)
                    if head not in (self._modules if rest else own):
                        unexpected_keys.append(key)

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Copy (assign: put) the values of `state_dict` into this module; all of them or, with an error, none.

        Returns the missing and the unexpected keys. With strict, any of them raises one ArgumentError that lists them
        all; a wrong shape always does.

        >>> import tensorgrad
        >>> a, b = tensorgrad.nn.Linear(2, 3), tensorgrad.nn.Linear(2, 3)
        >>> a.load_state_dict(b.state_dict())
        <All keys matched successfully>
        """
        from collections.abc import Mapping

        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict: expected a mapping, got {type(state_dict).__name__}")
        metadata = getattr(state_dict, "_metadata", None)
        state_dict = OrderedDict(state_dict)
        steps, hooked, errors = [], [], []
        keys = _IncompatibleKeys([], [])

        def visit(module, entries, prefix):
            local = dict((metadata or {}).get(prefix[:-1], {}), assign_to_params_buffers=assign, steps=steps)
            module._load_from_state_dict(entries, prefix, local, True, *keys, errors)
            for name, child in module._modules.items():
                if child is not None:
                    below = f"{prefix}{name}."
                    visit(child, OrderedDict((k, v) for k, v in entries.items() if k.startswith(below)), below)
            if module._state_hooks:
                hooked.extend((module, hook) for hook in module._state_hooks["load_post"].values())

        visit(self, state_dict, "")
        ran = bool(keys.missing_keys or keys.unexpected_keys)
        if ran:
            run_post_hooks(hooked, keys)
        if strict:
            if keys.unexpected_keys:
                errors.insert(0, f"Unexpected key(s) in state_dict: {quoted(keys.unexpected_keys)}.")
            if keys.missing_keys:
                errors.insert(0, f"Missing key(s) in state_dict: {quoted(keys.missing_keys)}.")
        if errors:
            raise ArgumentError("Error(s) in loading state_dict for {} (nothing was changed):\n\t{}".format(
                type(self).__name__, "\n\t".join(errors)))
        for step, module, name, value in steps:
            step(module, name, value)
        if not ran:
            run_post_hooks(hooked, keys)
        return keys


def quoted(keys):
    return ", ".join(f'"{key}"' for key in keys)


def run_post_hooks(hooked, keys):
    for module, hook in hooked:
        if hook(module, keys) is not None:
            raise RuntimeError(f"load_state_dict post-hook of {type(module).__name__}: edit the lists in place and "
                               f"return None")


def copy(module, name, value):
    target = module._parameters.get(name)
    target = module._buffers[name] if target is None else target
    target.detach().copy_(value.detach())


def replace(module, name, value):
    old = module._parameters.get(name)
    if old is None:
        module._buffers[name] = value
    elif isinstance(value, Parameter):
        module._parameters[name] = value.requires_grad_(old.requires_grad)
    else:
        module._parameters[name] = Parameter(value.detach(), requires_grad=old.requires_grad)


def set_extra(module, name, value):
    module.set_extra_state(value)
