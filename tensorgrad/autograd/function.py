"""Function: operations with a forward and a backward of the user's own."""

from weakref import ref

from .._core import graph, history
from .._core.errors import GraphError, ShapeError
from .._core.op import Op
from .._core.tensor import TensorBase
from ..ops.create import zeros
from .modes import no_grad

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class FunctionCtx:
    """What forward tells backward: anything may be kept as an attribute, tensors of any shape go through save_for_backward.
    needs_input_grad says which arguments want a gradient. Errors: TypeError where save_for_backward gets what is no tensor,
    GraphError where a saved tensor was written to before backward. Source: torch.autograd.function.FunctionCtx.

    >>> import tensorgrad
    >>> ctx = tensorgrad.autograd.function.FunctionCtx()
    >>> ctx.save_for_backward(None)
    >>> ctx.saved_tensors
    (None,)
    """

    def __init__(self):
        self._saved, self._dirty, self._not_differentiable = (), (), ()
        self._materialize, self._node = True, None
        self.needs_input_grad = ()

    def save_for_backward(self, *tensors):
        """Keep tensors (or None) for backward, where ctx.saved_tensors has them; an in-place write to one of them in between is an
        error there. Errors: TypeError for anything else.

        >>> import tensorgrad
        >>> class Square(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x * x
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         return 2 * g * ctx.saved_tensors[0]
        >>> x = tensorgrad.tensor([3.0], requires_grad=True)
        >>> Square.apply(x).backward()
        >>> x.grad
        tensor([6.])
        """
        for i, t in enumerate(tensors):
            if t is not None and not isinstance(t, TensorBase):
                raise TypeError(f"save_for_backward: argument {i} must be a tensor or None, got {type(t).__name__}; keep "
                                "other values as attributes of ctx")
        self._saved = tensors

    def save_for_forward(self, *tensors):
        """Accepted; there is no forward-mode differentiation that would ask for them. No errors.

        >>> import tensorgrad
        >>> ctx = tensorgrad.autograd.function.FunctionCtx()
        >>> ctx.save_for_forward(tensorgrad.ones(1))
        """

    def keep(self, recorded):
        """After forward: save what save_for_backward got. An output is kept as bare memory and its number, because its place in the
        graph holds this ctx. Errors: those of saved_tensors_hooks, where they are on.

        >>> import tensorgrad
        >>> ctx, y = tensorgrad.autograd.function.FunctionCtx(), tensorgrad.ones(2)
        >>> ctx.save_for_backward(y)
        >>> ctx.keep([y])
        >>> ctx.saved_tensors
        (tensor([1., 1.]),)
        """
        number = {id(t): i for i, t in enumerate(recorded)}
        self._saved = tuple(None if t is None else Saved(t, number.get(id(t))) for t in self._saved)

    @property
    def saved_tensors(self):
        """The tensors of save_for_backward. Errors: GraphError where one was written to in between.

        >>> import tensorgrad
        >>> ctx = tensorgrad.autograd.function.FunctionCtx()
        >>> ctx.save_for_backward(tensorgrad.ones(1), None)
        >>> ctx.saved_tensors
        (tensor([1.]), None)
        """
        return tuple(s.get(self) if isinstance(s, Saved) else s for s in self._saved)

    def mark_dirty(self, *tensors):
        """Inputs that forward wrote to in place and returns. No errors.

        >>> import tensorgrad
        >>> class AddOne(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.mark_dirty(x)
        ...         return x.add_(1)
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         return g
        >>> x = tensorgrad.tensor([3.0])
        >>> AddOne.apply(x) is x, x
        (True, tensor([4.]))
        """
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors):
        """Outputs without a gradient. No errors.

        >>> import tensorgrad
        >>> class Sign(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         y = x.sign()
        ...         ctx.mark_non_differentiable(y)
        ...         return y
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         return None
        >>> x = tensorgrad.tensor([3.0], requires_grad=True)
        >>> Sign.apply(x).requires_grad
        False
        """
        self._not_differentiable = tensors

    def set_materialize_grads(self, value):
        """False: backward gets None instead of zeros for outputs that got no gradient. No errors.

        >>> import tensorgrad
        >>> class Pair(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.set_materialize_grads(False)
        ...         return x + 1, x + 2
        ...     @staticmethod
        ...     def backward(ctx, g, h):
        ...         return g if h is None else g + h
        >>> x = tensorgrad.tensor([3.0], requires_grad=True)
        >>> Pair.apply(x)[0].backward()
        >>> x.grad
        tensor([1.])
        """
        self._materialize = value


class Saved:
    """One tensor of save_for_backward with the version it had."""

    __slots__ = ("number", "value", "version")

    def __init__(self, tensor, number):
        self.number = number  # of the output that it is, else None
        self.value = graph.pack(tensor if number is None else tensor.detach(), number is not None)
        self.version = tensor._version if isinstance(self.value, TensorBase) else None

    def get(self, ctx):
        """The tensor; errors: GraphError if it was written to."""
        t = graph.unpacked(self.value)
        if self.version is not None and t._version != self.version:
            raise GraphError(f"saved_tensors: a tensor of shape {tuple(t.shape)} was modified in place: it is at version "
                             f"{t._version}, expected {self.version}")
        node = ctx._node() if self.number is not None and ctx._node is not None else None
        return t if node is None else graph.reattach(t, node, self.number)


class Function:
    """An operation with a gradient of its own: subclass it with static methods forward(ctx, ...) and backward(ctx, ...), or
    forward(...), setup_context(ctx, inputs, output) and backward(ctx, ...); call it with `apply`. backward gets one gradient an
    output, of its shape, and returns one gradient (or None) an argument of forward, of the argument's shape or of one that
    broadcasts with it. Errors: GraphError for another number of gradients and where the object itself is called, ShapeError for
    another shape, TypeError for what is no tensor. Source: torch.autograd.Function.

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

    def __call__(self, *args, **kwargs):
        raise GraphError(f"{type(self).__name__}: a Function is not called; use {type(self).__name__}.apply(...) with static "
                         "methods forward and backward")

    @staticmethod
    def forward(ctx, *args):
        """Compute the outputs. Errors: NotImplementedError where it is not defined.

        >>> import tensorgrad
        >>> class Double(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return 2 * x
        >>> Double.apply(tensorgrad.ones(2))
        tensor([2., 2.])
        """
        raise NotImplementedError("Function: forward(ctx, *args) must be defined as a static method")

    @staticmethod
    def backward(ctx, *grads):
        """One gradient (or None) an input of forward. Errors: NotImplementedError where it is not defined.

        >>> import tensorgrad
        >>> class Clipped(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return 2 * x
        ...     @staticmethod
        ...     def backward(ctx, grad):
        ...         return (2 * grad).clamp(max=1)
        >>> x = tensorgrad.ones(1, requires_grad=True)
        >>> Clipped.apply(x).backward()
        >>> x.grad
        tensor([1.])
        """
        raise NotImplementedError("Function: backward(ctx, *grads) must be defined as a static method")

    vjp = backward

    @staticmethod
    def setup_context(ctx, inputs, output):
        """Where it is defined, forward gets no ctx, and this is called after it. Errors: none where it is left out.

        >>> import tensorgrad
        >>> class Square(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(x):
        ...         return x * x
        ...     @staticmethod
        ...     def setup_context(ctx, inputs, output):
        ...         ctx.save_for_backward(*inputs)
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         return 2 * g * ctx.saved_tensors[0]
        >>> x = tensorgrad.tensor([3.0], requires_grad=True)
        >>> Square.apply(x).backward()
        >>> x.grad
        tensor([6.])
        """
        raise NotImplementedError("Function: setup_context is optional")

    @classmethod
    def apply(cls, *args):
        """Run forward and record it, so that backward is asked for the gradients. Returns what forward returns. Errors:
        NotImplementedError without a forward, those of forward.

        >>> import tensorgrad
        >>> class Double(tensorgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return 2 * x
        >>> Double.apply(tensorgrad.ones(2))
        tensor([2., 2.])
        """
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(a, TensorBase) and a.requires_grad for a in args)
        with no_grad():
            if cls.setup_context is not Function.setup_context:
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        if not (graph.is_grad_enabled() and any(ctx.needs_input_grad)):
            return result
        outputs = list(result) if isinstance(result, tuple) else [result]
        record(cls, ctx, args, outputs)
        return tuple(outputs) if isinstance(result, tuple) else outputs[0]


def record(cls, ctx, args, outputs):
    """Give the outputs their place in the graph. An input that is returned as it is becomes a tensor of its own."""
    inputs = {id(a) for a in args if isinstance(a, TensorBase)}
    dirty = {id(t) for t in ctx._dirty}
    excluded = {id(t) for t in ctx._not_differentiable}
    for i, t in enumerate(outputs):
        if isinstance(t, TensorBase) and id(t) in inputs and id(t) not in dirty:
            outputs[i] = t.detach()
    recorded = [t for t in outputs if isinstance(t, TensorBase) and t.dtype.is_floating_point and id(t) not in excluded]
    if not recorded:
        return
    ctx.keep(recorded)
    operation = Op(cls.__name__, None, tuple(f"x{i}" for i in range(min(len(args), 16))), {}, fused=run_backward, opaque=True,
                   outputs=len(recorded))
    number = {id(t): k for k, t in enumerate(recorded)}
    results = [(number.get(id(t)), t.dtype, tuple(t.shape)) if isinstance(t, TensorBase) else None for t in outputs]
    node = history.record_function(
        operation, [a if isinstance(a, TensorBase) else None for a in args], recorded,
        [t for t in recorded if id(t) in dirty],
        {"ctx": ctx, "function": cls, "results": results,
         "shapes": [tuple(a.shape) if isinstance(a, TensorBase) else None for a in args]})
    ctx._node = ref(node)


def run_backward(needs, g, ctx, function, results, shapes):
    """The derivative of every Function: its backward, with zeros for outputs that got no gradient."""
    g = g if isinstance(g, tuple) else (g,)
    arrived = []
    for place in results:
        x = None if place is None or place[0] is None else g[place[0]]
        arrived.append(zeros(place[2], dtype=place[1]) if x is None and place is not None and ctx._materialize else x)
    backward = function.vjp if function.backward is Function.backward else function.backward
    found = backward(ctx, *arrived)
    found = found if isinstance(found, (tuple, list)) else (found,)
    if len(found) > len(needs) and all(r is None for r in found[len(needs):]):
        found = found[:len(needs)]
    if len(found) != len(needs):
        raise GraphError(f"{function.__name__}: backward returned {len(found)} gradients for {len(needs)} inputs")
    for i, (r, shape) in enumerate(zip(found, shapes, strict=True)):
        if r is not None and not isinstance(r, TensorBase):
            raise TypeError(f"{function.__name__}: backward returned {type(r).__name__} for input {i}; expected a tensor or None")
        if r is not None and shape is not None and not reducible(tuple(r.shape), shape):
            raise ShapeError(f"{function.__name__}: backward returned a gradient of shape {tuple(r.shape)} for input {i} of "
                             f"shape {shape}")
    return found


def reducible(shape, to):
    """Whether a gradient of this shape can be summed or spread to an input's."""
    if len(shape) < len(to):
        shape = (1,) * (len(to) - len(shape)) + shape
    return all(b in (1, a) or a == 1 for a, b in zip(shape[len(shape) - len(to):], to, strict=True))


def once_differentiable(backward):
    """Decorator of a Function's backward that is not differentiable: it runs without a graph, on gradients of any shape. Errors:
    GraphError where the result is differentiated. Source: torch.autograd.function.once_differentiable.

    >>> import tensorgrad
    >>> from tensorgrad.autograd.function import once_differentiable
    >>> class Square(tensorgrad.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     @once_differentiable
    ...     def backward(ctx, g):
    ...         return 2 * ctx.saved_tensors[0] * g
    >>> x = tensorgrad.tensor(3.0, requires_grad=True)
    >>> Square.apply(x).backward()
    >>> x.grad
    tensor(6.)
    """
    from functools import wraps

    @wraps(backward)
    def inside(ctx, *grads):
        wanted = graph.is_grad_enabled() and any(isinstance(g, TensorBase) and g.requires_grad for g in grads)
        with no_grad():
            found = backward(ctx, *grads)
        if not wanted:
            return found
        many = isinstance(found, tuple)
        ends = tuple(NoSecond.apply(r.detach().requires_grad_()) if isinstance(r, TensorBase) else r
                     for r in (found if many else (found,)))
        return ends if many else ends[0]
    return inside


class NoSecond(Function):
    """The end of a graph that cannot be differentiated again."""

    @staticmethod
    def forward(ctx, x):
        """x"""
        return x

    @staticmethod
    def backward(ctx, g):
        """An error."""
        raise GraphError("once_differentiable: trying to differentiate the result of a backward that is marked as "
                         "once_differentiable")
