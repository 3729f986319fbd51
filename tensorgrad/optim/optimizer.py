"""Optimizer: parameter groups, state, and what every rule shares."""

from collections import OrderedDict, defaultdict
from copy import deepcopy
from functools import wraps

from .._core.dtype import get_default_dtype
from .._core.errors import ArgumentError
from .._core.kernels import update as kernels
from .._core.tensor import TensorBase
from ..autograd import enable_grad, no_grad
from ..ops.create import zeros_like
from ..tensor import Tensor


def number(value):
    """A hyperparameter as a float: a number or a tensor of one element."""
    return float(value.item()) if isinstance(value, TensorBase) else float(value)


def rate(group):
    """A group's learning rate as a float; as what it is where the step is recorded."""
    return group["lr"] if group["differentiable"] else number(group["lr"])


def check_at_least_zero(**values):
    """The hyperparameters that must be numbers >= 0 (nan is not)."""
    words = {"lr": "learning rate", "eps": "epsilon value", "momentum": "momentum value",
             "weight_decay": "weight_decay value", "alpha": "alpha value", "lr_decay": "lr_decay value",
             "momentum_decay": "momentum_decay value", "initial_accumulator_value": "initial_accumulator_value value"}
    for name, value in values.items():
        if not number(value) >= 0:
            raise ArgumentError(f"Invalid {words[name]}: {value} (must be >= 0)")


def check_betas(betas):
    """Two numbers of [0, 1)."""
    if len(betas) != 2:
        raise ArgumentError(f"Invalid betas: {betas} (there must be two)")
    for i, beta in enumerate(betas):
        if not 0 <= number(beta) < 1:
            raise ArgumentError(f"Invalid beta parameter at index {i}: {beta} (must be in [0, 1))")


def check_implementation(foreach, fused, differentiable):
    """There is one implementation (fused, over all parameters) and the formulas of differentiable steps; PyTorch's switches
    are accepted where they agree."""
    if fused and (foreach or differentiable):
        raise ArgumentError("`fused` goes with neither `foreach` nor `differentiable`")


def hooked(step):
    """A step() that runs the hooks registered for it."""
    @wraps(step)
    def run(self, *args, **kwargs):
        if not self._hooks:
            return step(self, *args, **kwargs)
        args = (self, *args)
        for hook in list(self._hooks.get("step_pre", {}).values()):
            changed = hook(self, args, kwargs)
            if changed is not None:
                if not isinstance(changed, tuple) or len(changed) != 2:
                    raise ArgumentError(f"a step_pre_hook must return None or a tuple of (new_args, new_kwargs), got {changed!r}")
                args, kwargs = changed
        out = step(*args, **kwargs)
        for hook in list(self._hooks.get("step_post", {}).values()):
            hook(self, args, kwargs)
        return out

    return run


class Optimizer:
    """The base of all optimisers: params is an iterable of tensors of any shapes, of (name, tensor) pairs or of dicts (groups with
    options of their own), defaults the options of groups that do not name them; a subclass says in update(group) what a step does.
    Errors: TypeError for what is no tensor, KeyError for a group without params, ArgumentError for an empty list, tensors that are no
    leaves, names for some alone, or one that stands in two groups; GraphError for a step with differentiable=True on a leaf that requires
    grad. Source: torch.optim.Optimizer.

    >>> import tensorgrad
    >>> class Signs(tensorgrad.optim.Optimizer):
    ...     def update(self, group):
    ...         for p in group["params"]:
    ...             p.data -= group["lr"] * p.grad.sign()
    >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> (3 * p).sum().backward()
    >>> Signs([p], {"lr": 0.5}).step()
    >>> p.data
    tensor([0.5000, 0.5000])
    """

    rule = None      # the kernel's number
    buffers: tuple[str, ...] = ()   # names of the state that is as large as the parameter

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = hooked(cls.__dict__["step"])

    def __init__(self, params, defaults):
        if isinstance(params, TensorBase):
            raise TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                            "a tensor")
        self.defaults = defaults
        self.state = defaultdict(dict)
        self.param_groups = []
        self._hooks = {}
        groups = list(params)
        if not groups:
            raise ArgumentError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group):
        """Add a group: a dict with "params" and options. Nothing changes if one of them does not fit. Errors: TypeError,
        ArgumentError. Source: torch.optim.Optimizer.add_param_group.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> optimizer.add_param_group({"params": [tensorgrad.nn.Parameter(tensorgrad.ones(2))], "lr": 0.1})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.5, 0.1]
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, got {type(param_group).__name__}")
        group = dict(param_group)
        params = group["params"]
        if isinstance(params, set):
            raise TypeError("optimizer parameters need a fixed order; a set has none")
        params = [params] if isinstance(params, TensorBase) else list(params)
        if any(isinstance(p, tuple) for p in params):
            if not all(isinstance(p, tuple) for p in params):
                raise ArgumentError("all parameters must have names, or none")
            group["param_names"] = [name for name, _ in params]
            params = [p for _, p in params]
        for p in params:
            if not isinstance(p, TensorBase):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
            if not (p.is_leaf or getattr(p, "retains_grad", False) or self.defaults.get("differentiable")):
                raise ArgumentError("can't optimize a non-leaf Tensor")
        for name, value in self.defaults.items():
            if value is REQUIRED and name not in group:
                raise ArgumentError(f"parameter group didn't specify a value of required optimization parameter {name}")
            group.setdefault(name, value)
        if len({id(p) for p in params}) != len(params):
            raise ArgumentError("a parameter group has the same parameter twice")
        if self.param_groups and ("param_names" in group) != ("param_names" in self.param_groups[0]):
            raise ArgumentError("all groups must have parameter names, or none")
        taken = {id(p) for g in self.param_groups for p in g["params"]}
        if any(id(p) in taken for p in params):
            raise ArgumentError("some parameters appear in more than one parameter group")
        group["params"] = params
        self.param_groups.append(group)

    def zero_grad(self, set_to_none=True):
        """Forget (or zero) every gradient. No errors. Source: torch.optim.Optimizer.zero_grad.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> p.grad = tensorgrad.ones(1)
        >>> optimizer.zero_grad()
        >>> p.grad is None
        True
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad = p.grad.detach()
                    p.grad.zero_()

    @hooked
    def step(self, closure=None):
        """Update every parameter that has a gradient by it; closure recomputes the loss first. Returns the loss or None. Errors:
        ShapeError for state that does not fit its parameter (then none changes), GraphError for differentiable=True on a leaf that
        requires grad, TypeError for a closure that cannot be called. Source: torch.optim.Optimizer.step.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> (2 * p).sum().backward()
        >>> optimizer.step()
        >>> p.item()
        0.0
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            self.update(group)
        return loss

    def update(self, group):
        """One step for one group; what a rule has to say. Errors: NotImplementedError where it does not.

        >>> import tensorgrad
        >>> class Signs(tensorgrad.optim.Optimizer):
        ...     def update(self, group):
        ...         for p in group["params"]:
        ...             p.data -= p.grad.sign()
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(2))
        >>> (3 * p).sum().backward()
        >>> Signs([p], {}).step()
        >>> p.data
        tensor([0., 0.])
        """
        raise NotImplementedError(f"{type(self).__name__}.update")

    def apply(self, group, coefficients, flags=0, shared=True, begin=None, buffers=None):
        """Run the kernel over a group; see _core/kernels/update.pyx. differentiable: the formula instead, recorded. Errors: those
        of the kernel.

        >>> import tensorgrad
        >>> class Halved(tensorgrad.optim.SGD):
        ...     def update(self, group):
        ...         self.apply(group, (group["lr"] / 2, 0.0, 0.0, 1.0))
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> p.grad = tensorgrad.ones(1)
        >>> Halved([p], lr=1.0).step()
        >>> p.item()
        0.5
        """
        if group["maximize"]:
            flags |= kernels.MAXIMIZE
        names = self.buffers if buffers is None else buffers
        if group["differentiable"]:
            self.record(group["params"], names, coefficients, flags, begin)
        else:
            kernels.step(type(self).__name__, self.rule, group["params"], self.state, names, coefficients, shared, flags, begin)

    @enable_grad()
    def record(self, params, names, coefficients, flags, begin):
        """One step as operations of the graph; the arguments are the kernel's. PyTorch's differentiable=True. Errors: GraphError
        for a parameter that is a leaf and requires grad.

        >>> import tensorgrad
        >>> rate, p = tensorgrad.tensor(0.5, requires_grad=True), tensorgrad.ones(1)
        >>> p.grad = tensorgrad.ones(1)
        >>> tensorgrad.optim.SGD([p]).record([p], (), (rate, 0.0, 0.0, 1.0), 0, None)
        >>> tensorgrad.autograd.grad(p, rate)
        (tensor(-1.),)
        """
        from .formulas import FORMULAS
        for p in params:
            if p.grad is None:
                continue
            state = self.state[p] if names or self.rule != kernels.SGD else {}
            c = coefficients
            if self.rule != kernels.SGD:
                if not state:
                    state["step"] = scalar(0)
                    state.update(begin(p) if begin else {})
                for name in names:
                    if name is not None:
                        state.setdefault(name, zeros_like(p.detach()))
                state["step"] += 1
                c = coefficients(state["step"].item(), state)
            g = -p.grad if flags & kernels.MAXIMIZE else p.grad
            g = g + c[1] * p if flags & kernels.DECAY else g
            new, values = FORMULAS[self.rule](p, g, [state.get(name) for name in names], c, flags)
            state.update((name, value) for name, value in zip(names, values, strict=True) if name is not None)
            p.copy_(new)

    # ---- hooks ----

    def call(self, kind, *state):
        """Run the hooks of a kind on the optimiser; what they return replaces the state. Errors: those of the hooks.

        >>> from tensorgrad import nn, optim, zeros
        >>> optimizer = optim.SGD([nn.Parameter(zeros(1))], lr=1.0)
        >>> handle = optimizer.add_hook("mine", lambda optimizer, number: 2 * number)
        >>> optimizer.call("mine", 3)
        6
        """
        for hook in list(self._hooks.get(kind, {}).values()):
            answer = hook(self, *state)
            if state and answer is not None:
                state = (answer,)
        return state[0] if state else None

    def add_hook(self, kind, hook, prepend=False):
        """Register a hook; the answer's remove() takes it back. Errors: those of the hook when it runs, TypeError where it cannot
        be called.

        >>> from tensorgrad import nn, optim, zeros
        >>> optimizer = optim.SGD([nn.Parameter(zeros(1))], lr=1.0)
        >>> optimizer.add_hook("mine", lambda optimizer, number: 2 * number).remove()
        >>> optimizer.call("mine", 3)
        3
        """
        table = self._hooks.setdefault(kind, OrderedDict())
        handle = Removable(self._hooks, kind)
        table[handle] = hook
        if prepend:
            table.move_to_end(handle, last=False)
        return handle

    def register_step_pre_hook(self, hook):
        """hook(optimizer, args, kwargs) runs before every step (args begin with the optimizer); it may return others. Returns a
        handle whose remove() takes the hook back. Errors: those of the hook when it runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> handle = optimizer.register_step_pre_hook(lambda *seen: print("before"))
        >>> optimizer.step()
        before
        """
        return self.add_hook("step_pre", hook)

    def register_step_post_hook(self, hook):
        """hook(optimizer, args, kwargs) runs after every step. Errors: those of the hook when it runs, TypeError where it cannot be
        called.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> handle = optimizer.register_step_post_hook(lambda *seen: print("after"))
        >>> optimizer.step()
        after
        """
        return self.add_hook("step_post", hook)

    def register_state_dict_pre_hook(self, hook, prepend=False):
        """hook(optimizer) runs before state_dict(). Errors: those of the hook when it runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> handle = optimizer.register_state_dict_pre_hook(lambda optimizer: print("saving"))
        >>> state = optimizer.state_dict()
        saving
        """
        return self.add_hook("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook, prepend=False):
        """hook(optimizer, state_dict) runs after state_dict(); what it returns replaces it. Errors: those of the hook when it runs,
        TypeError where it cannot be called.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> handle = optimizer.register_state_dict_post_hook(lambda optimizer, state: {**state, "epoch": 3})
        >>> optimizer.state_dict()["epoch"]
        3
        """
        return self.add_hook("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook, prepend=False):
        """hook(optimizer, state_dict) runs before load_state_dict(); what it returns replaces it. Errors: those of the hook when it
        runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> handle = optimizer.register_load_state_dict_pre_hook(lambda optimizer, state: print(sorted(state)))
        >>> optimizer.load_state_dict(optimizer.state_dict())
        ['param_groups', 'state']
        """
        return self.add_hook("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook, prepend=False):
        """hook(optimizer) runs after load_state_dict(). Errors: those of the hook when it runs, TypeError where it cannot be
        called.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> handle = optimizer.register_load_state_dict_post_hook(lambda optimizer: print("loaded"))
        >>> optimizer.load_state_dict(optimizer.state_dict())
        loaded
        """
        return self.add_hook("load_state_dict_post", hook, prepend)

    # ---- state ----

    def state_dict(self):
        """{"state": {index: state}, "param_groups": [options and indices]}, parameters numbered in order. Source:
        torch.optim.Optimizer.state_dict.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> optimizer.state_dict()["param_groups"][0]["lr"]
        0.5
        """
        self.call("state_dict_pre")
        index, groups = {}, []
        for group in self.param_groups:
            for p in group["params"]:
                index.setdefault(id(p), len(index))
            groups.append({**{k: v for k, v in group.items() if k != "params"},
                           "params": [index[id(p)] for p in group["params"]]})
        state = {index[id(k)] if isinstance(k, TensorBase) else k: v for k, v in self.state.items()}
        return self.call("state_dict_post", {"state": state, "param_groups": groups})

    def load_state_dict(self, state_dict):
        """Take over a state_dict (tensors are copied, in the dtype of the parameters); all or nothing. Errors: ArgumentError where
        groups or sizes differ, KeyError for a dict without "param_groups" or "state". Source: torch.optim.Optimizer.load_state_dict.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(1))
        >>> optimizer = tensorgrad.optim.SGD([p], lr=0.5)
        >>> other = tensorgrad.optim.SGD([p], lr=0.1)
        >>> other.load_state_dict(optimizer.state_dict())
        >>> other.param_groups[0]["lr"]
        0.5
        """
        state_dict = self.call("load_state_dict_pre", dict(state_dict))
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ArgumentError(f"loaded state dict has {len(groups)} parameter groups, the optimizer "
                                f"{len(self.param_groups)}")
        owner = {}
        for ours, theirs in zip(self.param_groups, groups, strict=True):
            if len(ours["params"]) != len(theirs["params"]):
                raise ArgumentError("loaded state dict contains a parameter group that doesn't match the size of "
                                    f"optimizer's group: {len(theirs['params'])} and {len(ours['params'])}")
            owner.update(zip(theirs["params"], ours["params"], strict=True))
        state = defaultdict(dict)
        for key, values in state_dict["state"].items():
            p = owner.get(key)
            state[key if p is None else p] = (deepcopy(values) if p is None else
                                              taken(None, values, p, self.rule is not None))
        merged = [{**ours, **theirs, "params": ours["params"]}
                  for ours, theirs in zip(self.param_groups, groups, strict=True)]
        self.__setstate__({"state": state, "param_groups": merged})
        self.call("load_state_dict_post")

    def __getstate__(self):
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state):
        self.__dict__.setdefault("_hooks", {})
        self.__dict__.update(state)
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    def __repr__(self):
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {group[k]}" for k in sorted(group) if k != "params"]
        return "\n".join([*lines, ")"])


REQUIRED = object()


class Removable:
    """Takes a hook back."""

    def __init__(self, hooks, kind):
        self.hooks, self.kind = hooks, kind

    def remove(self):
        """The hook runs no more."""
        table = self.hooks.get(self.kind, {})
        table.pop(self, None)
        if not table:
            self.hooks.pop(self.kind, None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()


def taken(name, value, p, shaped):
    """A loaded piece of state: a copy, in the parameter's dtype (the step count keeps its own). Errors: ArgumentError
    for a tensor that is neither one element nor of the parameter's shape, where shaped says that it must be."""
    if isinstance(value, dict):
        return {k: taken(k, v, p, shaped) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(taken(None, v, p, shaped) for v in value)
    if not isinstance(value, Tensor):
        return deepcopy(value)
    if shaped and value.ndim and tuple(value.shape) != tuple(p.shape):
        raise ArgumentError(f"loaded state {name!r} has shape {tuple(value.shape)}, its parameter {tuple(p.shape)}")
    with no_grad():
        copy = value.detach().clone()
        return copy.to(p.dtype) if name != "step" and p.is_floating_point() else copy


def scalar(value):
    """A number of the state as PyTorch keeps it: a 0-d tensor of the default dtype (but float32 for half types)."""
    from ..ops.create import tensor
    kind = get_default_dtype()
    return tensor(float(value), dtype=kind) if kind.name == "float64" else tensor(float(value))
