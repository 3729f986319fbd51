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
    out = [tensors] if isinstance(tensors, TensorBase) else list(tensors)
    for t in out:
        if not isinstance(t, TensorBase):
            raise TypeError(f"{name}: expected tensors, got {type(t).__name__}")
    return out


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    """Accumulate the gradients of the tensors (weighted with grad_tensors) into the leaves, or into `inputs` only. Errors:
    ArgumentError for empty inputs, GraphError, ShapeError. Source: torch.autograd.backward.

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
    """The gradients of the outputs (weighted with grad_outputs) with respect to the inputs, as a tuple. create_graph: they
    can be differentiated again. allow_unused: None instead of an error for an input that the outputs do not depend on;
    materialize_grads: zeros. is_grads_batched: grad_outputs have a leading dimension, and so have the results (one backward
    pass a row). Errors: GraphError, ShapeError, ArgumentError. Source: torch.autograd.grad.

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
    """A tensor on the data's memory: old scripts wrap what they compute with in it. volatile=True meant that nothing is
    recorded; that is what no_grad() is for, here it warns and is ignored. Source: torch.autograd.Variable.

    >>> import tensorgrad
    >>> x = tensorgrad.autograd.Variable(tensorgrad.ones(1), requires_grad=True)
    >>> isinstance(x, tensorgrad.autograd.Variable), x.requires_grad
    (True, True)
    """

    def __new__(cls, data, requires_grad=False, volatile=False):
        if volatile:
            from warnings import warn
            warn("Variable: volatile has no effect any more; use `with no_grad():`", UserWarning, stacklevel=2)
        return data.detach().requires_grad_(requires_grad)
