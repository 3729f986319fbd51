"""backward and grad: reverse mode from a user's tensors."""

from .._core import engine
from .._core.errors import ArgumentError, GraphError
from .._core.tensor import TensorBase
from ..ops.create import zeros, zeros_like
from ..ops.rearrange import stack


def as_gradients(grads, tensors, name):
    """One gradient (or None) an output."""
    grads = [None] * len(tensors) if grads is None else [grads] if isinstance(grads, TensorBase) else list(grads)
    if len(grads) != len(tensors):
        raise ArgumentError(f"{name}: {len(tensors)} tensors but {len(grads)} gradients")
    return grads


def as_list(tensors, name):
    """One tensor or a sequence of them."""
    out = list(tensors) if hasattr(tensors, "__iter__") and not isinstance(tensors, TensorBase) else [tensors]
    for t in out:
        if not isinstance(t, TensorBase):
            raise TypeError(f"{name}: expected tensors, got {type(t).__name__}")
    return out


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Accumulate the gradients d sum_k <g_k, tensors_k> / d leaf into the leaves' grad, or into that of `inputs` only. grad_tensors
    g: one an output, of its shape (None: 1, for an output of one element); gradients have the shapes of their leaves. Errors:
    ArgumentError for empty inputs or another number of gradients, ShapeError for a gradient of another shape than its output,
    GraphError for outputs without a graph, an implied gradient of several elements, or a graph that a former pass has freed,
    TypeError for what is no tensor. Source: torch.autograd.backward.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(2, requires_grad=True)
    >>> tensorgrad.autograd.backward(x.sum() * 3)
    >>> x.grad
    tensor([3., 3.])
    """
    tensors = as_list(tensors, "backward")
    grads = as_gradients(grad_tensors, tensors, "backward")
    retain = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        engine.run_backward(tensors, grads, retain, create_graph, None, "backward")
        return
    inputs = as_list(inputs, "backward")
    if not inputs:
        raise ArgumentError("backward: inputs must not be empty")
    found = engine.run_backward(tensors, grads, retain, create_graph, inputs, "backward")
    for t, g in zip(inputs, found, strict=True):
        if g is not None:
            t.grad = g if t.grad is None else t.grad + g


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         is_grads_batched=False, materialize_grads=False):
    """The gradients d sum_k <grad_outputs_k, outputs_k> / d input, each of the shape of its input, as a tuple. create_graph: they
    can be differentiated again. allow_unused: None instead of an error for an input that the outputs do not depend on;
    materialize_grads: zeros. is_grads_batched: grad_outputs have a leading dimension, and so have the results (one backward pass a
    row). Errors: ArgumentError for no inputs and another number of gradients, ShapeError for a gradient of another shape than its
    output, GraphError for an input that requires no grad or was not used, an implied gradient of several elements, or a graph that
    a former pass has freed. Source: torch.autograd.grad.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor(2.0, requires_grad=True)
    >>> (g,) = tensorgrad.autograd.grad(x ** 3, x, create_graph=True)
    >>> tensorgrad.autograd.grad(g, x)
    (tensor(12.),)
    """
    outputs, inputs = as_list(outputs, "grad"), as_list(inputs, "grad")
    if not inputs:
        raise ArgumentError("grad: inputs must not be empty")
    if materialize_grads and allow_unused is False:
        raise ArgumentError("grad: allow_unused=False contradicts materialize_grads=True")
    if is_grads_batched:
        return batched(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads)
    grads = as_gradients(grad_outputs, outputs, "grad")
    retain = create_graph if retain_graph is None else retain_graph
    found = engine.run_backward(outputs, grads, retain, create_graph, inputs, "grad")
    if materialize_grads:
        return tuple(zeros_like(t) if g is None else g for t, g in zip(inputs, found, strict=True))
    for i, g in enumerate(found):
        if g is None and not allow_unused:
            raise GraphError(f"grad: input {i} of shape {tuple(inputs[i].shape)} was not used to compute the outputs; "
                             "allow_unused=True gives None for it")
    return tuple(found)


def batched(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads):
    """grad once for each row of grad_outputs."""
    rows = as_gradients(grad_outputs, outputs, "grad")
    count = {len(g) for g in rows if g is not None}
    if len(count) != 1:
        raise ArgumentError("grad: is_grads_batched=True needs grad_outputs with one common leading size, got "
                            f"{[None if g is None else tuple(g.shape) for g in rows]}")
    n = count.pop()
    retain = create_graph if retain_graph is None else retain_graph
    found = [grad(outputs, inputs, [None if g is None else g[i] for g in rows], retain or i < n - 1, create_graph,
                  allow_unused=allow_unused, materialize_grads=materialize_grads) for i in range(n)]
    if not found:
        return tuple(zeros((0, *x.shape), dtype=x.dtype) for x in inputs)
    return tuple(None if column[0] is None else stack(column) for column in zip(*found, strict=True))


class VariableMeta(type):
    """Every tensor is a Variable."""

    def __instancecheck__(cls, x):
        return isinstance(x, TensorBase)


class Variable(metaclass=VariableMeta):
    """A tensor of the same shape on the data's memory: old scripts wrap what they compute with in it. volatile=True meant that
    nothing is recorded; that is what no_grad() is for, here it warns and is ignored. Errors: TypeError for data that is no tensor,
    GraphError where integers are to require grad. Source: torch.autograd.Variable.

    >>> import tensorgrad
    >>> x = tensorgrad.autograd.Variable(tensorgrad.ones(1), requires_grad=True)
    >>> isinstance(x, tensorgrad.autograd.Variable), x.requires_grad
    (True, True)
    """

    def __new__(cls, data, requires_grad=False, volatile=False):
        if volatile:
            from warnings import warn
            warn("Variable: volatile has no effect any more; use `with no_grad():`", UserWarning, stacklevel=2)
        if not isinstance(data, TensorBase):
            raise TypeError(f"Variable: data must be a tensor, got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)
