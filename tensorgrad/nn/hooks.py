"""The hooks of a Module: functions of the user that run before and after forward and backward.

A module without hooks has `_hooks = None` (an attribute of ModuleBase), which is all that a call looks at.
"""

from .._core.graph import Handle
from ..autograd import Function
from ..tensor import Tensor


def add(table, entry, prepend):
    """Enter a hook into a table; the handle takes it away again."""
    handle = Handle(table, entry)
    if prepend:
        for key in [key for key in table if key != handle.id]:
            table[key] = table.pop(key)
    return handle


class HookTables:
    """One dict a kind of hook, in order of their registration."""

    def __init__(self):
        self.forward_pre = {}  # id -> (hook, with_kwargs)
        self.forward = {}  # id -> (hook, with_kwargs, always_call)
        self.backward_pre = {}  # id -> hook
        self.backward = {}  # id -> hook


class Passage(Function):
    """The identity; its backward hands the gradients to `callback`, which returns those to pass on."""

    @staticmethod
    def forward(ctx, callback, *tensors):
        ctx.callback = callback
        return tuple(t.view(t.shape) for t in tensors)

    @staticmethod
    def backward(ctx, *grads):
        return (None, *ctx.callback(grads))


def pass_through(values, callback):
    """Send the tensors among `values` that require grad through a Passage; (values, their positions)."""
    positions = [i for i, value in enumerate(values) if isinstance(value, Tensor) and value.requires_grad]
    if not positions:
        return values, positions
    passed = Passage.apply(callback, *(values[i] for i in positions))
    values = list(values)
    for i, tensor in zip(positions, passed, strict=True):
        values[i] = tensor
    return tuple(values), positions


def spread(grads, positions, count):
    """A tuple of `count` with the gradients at their positions and None elsewhere."""
    full = [None] * count
    for i, grad in zip(positions, grads, strict=True):
        full[i] = grad
    return tuple(full)


class BackwardWatch:
    """Calls the backward hooks of one forward call: at its outputs (pre-hooks), then at its inputs (hooks)."""

    def __init__(self, module, hooks):
        self.module = module
        self.pre = list(hooks.backward_pre.values())
        self.post = list(hooks.backward.values())
        self.grad_output = None

    def inputs(self, args):
        self.n_inputs = len(args)
        args, self.input_positions = pass_through(args, self.at_inputs) if self.post else (args, None)
        return args

    def outputs(self, result):
        if not isinstance(result, Tensor | tuple):
            return result
        outs = (result,) if isinstance(result, Tensor) else result
        self.n_outputs = len(outs)
        outs, self.output_positions = pass_through(outs, self.at_outputs)
        return outs[0] if isinstance(result, Tensor) else outs

    def at_outputs(self, grads):
        full = spread(grads, self.output_positions, self.n_outputs)
        for hook in self.pre:
            full = self.replaced(hook(self.module, full), full)
        self.grad_output = full
        if self.post and not self.input_positions:
            nothing = (None,) * self.n_inputs
            for hook in self.post:
                if hook(self.module, nothing, full) not in (None, nothing):
                    raise RuntimeError(f"full backward hook of {type(self.module).__name__}: it returned gradients, "
                                       f"but no "
                                       "input of the module requires grad")
        return [full[i] for i in self.output_positions]

    def at_inputs(self, grads):
        full = spread(grads, self.input_positions, self.n_inputs)
        for hook in self.post:
            full = self.replaced(hook(self.module, full, self.grad_output), full)
        self.grad_output = None
        return [full[i] for i in self.input_positions]

    def replaced(self, answer, old):
        if answer is None:
            return old
        answer = answer if isinstance(answer, tuple) else (answer,)
        if len(answer) != len(old):
            raise RuntimeError(f"backward hook of {type(self.module).__name__}: expected {len(old)} gradients, "
                               f"the hook returned {len(answer)}")
        return answer


class Hooked:
    """The part of Module that registers hooks and calls forward with them."""

    def _hook_tables(self):
        if self._hooks is None:
            self._hooks = HookTables()
        return self._hooks

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """`hook(module, args)`, or `hook(module, args, kwargs)`, runs before forward and may return new arguments. Returns a handle
        whose remove() takes the hook back. Errors: those of the hook when it runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> m, x = tensorgrad.nn.Identity(), tensorgrad.ones(1, requires_grad=True)
        >>> handle = m.register_forward_pre_hook(lambda module, args: args[0] + 1)
        >>> m(tensorgrad.ones(1))
        tensor([2.])
        """
        return add(self._hook_tables().forward_pre, (hook, with_kwargs), prepend)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        """`hook(module, args, output)` (`args, kwargs, output` with_kwargs) runs after forward and may return a new output; with
        always_call also after a forward that raised (its output is then None). Errors: those of the hook when it runs, TypeError
        where it cannot be called.

        >>> import tensorgrad
        >>> m, x = tensorgrad.nn.Identity(), tensorgrad.ones(1, requires_grad=True)
        >>> handle = m.register_forward_hook(lambda module, args, output: 3 * output)
        >>> m(tensorgrad.ones(1))
        tensor([3.])
        """
        return add(self._hook_tables().forward, (hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """`hook(module, grad_output)` runs before the module's backward and may return new gradients of the outputs. Errors: those
        of the hook when it runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> m, x = tensorgrad.nn.Identity(), tensorgrad.ones(1, requires_grad=True)
        >>> handle = m.register_full_backward_pre_hook(lambda module, grads: (5 * grads[0],))
        >>> m(x).backward()
        >>> x.grad
        tensor([5.])
        """
        return add(self._hook_tables().backward_pre, hook, prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """`hook(module, grad_input, grad_output)` runs when the gradients of the inputs are there and may return new ones. Errors:
        those of the hook when it runs, TypeError where it cannot be called.

        >>> import tensorgrad
        >>> m, x = tensorgrad.nn.Identity(), tensorgrad.ones(1, requires_grad=True)
        >>> handle = m.register_full_backward_hook(lambda module, inputs, outputs: print(inputs, outputs))
        >>> m(x).backward()
        (tensor([1.]),) (tensor([1.]),)
        """
        return add(self._hook_tables().backward, hook, prepend)

    register_backward_hook = register_full_backward_hook  # its older name, whose gradients were those of the last operation

    def _call_hooked(self, args, kwargs):
        hooks = self._hooks
        for hook, with_kwargs in tuple(hooks.forward_pre.values()):
            if with_kwargs:
                answer = hook(self, args, kwargs)
                if answer is not None:
                    if not (isinstance(answer, tuple) and len(answer) == 2):
                        raise RuntimeError(f"forward pre-hook of {type(self).__name__}: expected None or a tuple "
                                           f"(args, "
                                           f"kwargs), got {answer!r}")
                    args, kwargs = answer
            else:
                answer = hook(self, args)
                if answer is not None:
                    args = answer if isinstance(answer, tuple) else (answer,)
        watch = BackwardWatch(self, hooks) if hooks.backward or hooks.backward_pre else None
        if watch is not None:
            args = watch.inputs(args)
        pending = dict(hooks.forward)
        try:
            result = self.forward(*args, **kwargs)
            for key in tuple(pending):
                hook, with_kwargs, _ = pending.pop(key)
                answer = hook(self, args, kwargs, result) if with_kwargs else hook(self, args, result)
                if answer is not None:
                    result = answer
            return result if watch is None else watch.outputs(result)
        except Exception:
            for hook, with_kwargs, always_call in pending.values():
                if always_call:
                    hook(self, args, kwargs, None) if with_kwargs else hook(self, args, None)
            raise
