"""Function: operations with a forward and a backward of the user's own."""

from .._core import graph, history
from .._core.errors import GraphError
from .._core.op import Op
from .._core.tensor import TensorBase
from ..ops.create import zeros
from .modes import no_grad


class FunctionCtx:
    """What forward tells backward. Source: torch.autograd.function.FunctionCtx."""

    def __init__(self):
        self.saved, self.versions, self.dirty, self.not_differentiable = (), (), (), ()
        self.materialize, self.needs_input_grad, self.outputs, self.freed = True, (), {}, False

    def save_for_backward(self, *tensors):
        """Keep tensors for backward; an in-place write to one of them in between is an error there."""
        self.saved = tensors
        self.versions = tuple(None if t is None else t._version for t in tensors)

    @property
    def saved_tensors(self):
        """The tensors of save_for_backward."""
        if self.freed:
            raise GraphError("saved_tensors: trying to go backward a second time; the saved values were freed. Pass "
                             "retain_graph=True to the first backward() or grad()")
        for t, version in zip(self.saved, self.versions, strict=True):
            if t is not None and t._version != version:
                raise GraphError(f"saved_tensors: a tensor of shape {tuple(t.shape)} was modified in place: it is at version "
                                 f"{t._version}, expected {version}")
        return tuple(self.outputs.get(id(t), t) for t in self.saved)

    def mark_dirty(self, *tensors):
        """Inputs that forward wrote to and returns."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors):
        """Outputs without a gradient."""
        self.not_differentiable = tensors

    def set_materialize_grads(self, value):
        """False: backward gets None instead of zeros for outputs without a gradient."""
        self.materialize = value


class Function:
    """An operation with a gradient of its own: subclass it with static methods forward(ctx, ...) and backward(ctx, ...),
    call it with `apply`. Source: torch.autograd.Function.

    >>> import tensorgrad
    >>> class Double(tensorgrad.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * 2
    >>> x = tensorgrad.ones(2, requires_grad=True)
    >>> Double.apply(x).sum().backward()
    >>> x.grad
    tensor([2., 2.])
    """

    @staticmethod
    def forward(ctx, *args):
        """Compute the outputs."""
        raise NotImplementedError("Function: forward(ctx, *args) must be defined as a static method")

    @staticmethod
    def backward(ctx, *grads):
        """One gradient (or None) an input of forward."""
        raise NotImplementedError("Function: backward(ctx, *grads) must be defined as a static method")

    @classmethod
    def apply(cls, *args):
        """Run forward and record it."""
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(a, TensorBase) and a.requires_grad for a in args)
        with no_grad():
            if hasattr(cls, "setup_context"):
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        outputs = [result] if not isinstance(result, tuple) else list(result)
        if not (graph.is_grad_enabled() and any(ctx.needs_input_grad)):
            return result
        inputs = {id(a) for a in args if isinstance(a, TensorBase)}
        dirty = {id(t) for t in ctx.dirty}
        excluded = {id(t) for t in ctx.not_differentiable}
        for i, t in enumerate(outputs):
            if isinstance(t, TensorBase) and id(t) in inputs and id(t) not in dirty:
                outputs[i] = t.detach()  # an input returned as it is gets a node of its own
        recorded = [t for t in outputs
                    if isinstance(t, TensorBase) and t.dtype.is_floating_point and id(t) not in excluded]
        if recorded:
            tensors = [a if isinstance(a, TensorBase) else None for a in args]
            saved = {id(t) for t in ctx.saved}
            for t in recorded:  # an output that is saved would keep its own node alive: save the bare memory
                if id(t) in saved:
                    ctx.saved = tuple(s.detach() if s is t else s for s in ctx.saved)
            record = Op(cls.__name__, None, tuple(f"x{i}" for i in range(min(len(args), 16))), {}, fused=run_backward,
                        opaque=True, outputs=len(recorded))
            history.record_function(record, tensors, recorded, {"ctx": ctx, "function": cls, "shapes": [
                (t.dtype, tuple(t.shape)) for t in recorded], "places": [
                next((k for k, r in enumerate(recorded) if r is t), None) for t in outputs]})
        return tuple(outputs) if isinstance(result, tuple) else outputs[0]


def run_backward(needs, g, ctx, function, shapes, places):
    """The derivative of every Function: its backward, with zeros for outputs that got no gradient."""
    g = g if isinstance(g, tuple) else (g,)
    if ctx.materialize:
        g = tuple(zeros(s, dtype=d) if x is None else x for x, (d, s) in zip(g, shapes, strict=True))
    result = function.backward(ctx, *(None if p is None else g[p] for p in places))
    result = result if isinstance(result, tuple) else (result,)
    if len(result) > len(needs) and all(r is None for r in result[len(needs):]):
        result = result[:len(needs)]
    if len(result) != len(needs):
        raise GraphError(f"{function.__name__}: backward returned {len(result)} gradients for {len(needs)} inputs")
    return result


def once_differentiable(backward):
    """Decorator of a Function's backward that cannot be differentiated again. Source: torch.autograd.function."""
    from functools import wraps

    @wraps(backward)
    def inside(ctx, *grads):
        with no_grad():
            return backward(ctx, *grads)
    return inside
