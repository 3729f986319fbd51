"""backward and grad: reverse mode from a user's tensors."""

from .._core import engine
from .._core.errors import ArgumentError, GraphError
from .._core.tensor import TensorBase
from ..ops.create import zeros_like


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
    """Accumulate the gradients of the tensors (weighted with grad_tensors) into the leaves, or into `inputs` only. Source:
    torch.autograd.backward.

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
    can be differentiated again. allow_unused: None instead of an error for an input that the outputs do not depend on.
    Source: torch.autograd.grad.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor(2.0, requires_grad=True)
    >>> (g,) = tensorgrad.autograd.grad(x ** 3, x, create_graph=True)
    >>> tensorgrad.autograd.grad(g, x)
    (tensor(12.),)
    """
    outputs, inputs = as_list(outputs, "grad"), as_list(inputs, "grad")
    if not inputs:
        raise ArgumentError("grad: inputs must not be empty")
    if is_grads_batched:
        raise ArgumentError("grad: is_grads_batched=True is not offered; call grad once a row")
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


def Variable(data, requires_grad=False, volatile=False):
    """The tensor itself: old scripts wrap their data in it. Source: torch.autograd.Variable.

    >>> import tensorgrad
    >>> tensorgrad.autograd.Variable(tensorgrad.ones(1), requires_grad=True).requires_grad
    True
    """
    return data.detach().requires_grad_(requires_grad and not volatile) if requires_grad or volatile else data
