"""Jacobians, Hessians and their products of a function of tensors, by reverse mode.

inputs is a tensor or a tuple of tensors, and the results are nested in the same way. create_graph: the results can be
differentiated again. strict: an output that does not depend on an input is an error instead of zeros. vectorize and
strategy are accepted; the results do not depend on them.
"""

from .._core.errors import ArgumentError, GraphError, ShapeError
from .._core.tensor import TensorBase
from ..ops.create import zeros, zeros_like
from ..ops.rearrange import stack
from ..ops.shape import view_op
from .backward import grad
from .modes import enable_grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def as_tuple(value, name, what):
    """(whether it was a tuple, the tensors as a tuple)."""
    values = value if isinstance(value, tuple) else (value,)
    for v in values:
        if not isinstance(v, TensorBase):
            raise TypeError(f"{name}: {what} must be a tensor or a tuple of tensors, got {type(v).__name__}")
    return isinstance(value, tuple), values


def inputs_of(inputs, create_graph, name):
    """(whether a tuple, tensors that stand for the inputs in this differentiation alone)."""
    many, values = as_tuple(inputs, name, "inputs")
    return many, tuple(stand_in(x, create_graph) for x in values)


def stand_in(x, connected):
    """x with a place of its own in the graph: connected to x's where that is wanted, else a leaf."""
    return view_op(x, size=tuple(x.shape)) if connected and x.requires_grad else x.detach().requires_grad_()


def outputs_of(func, inputs, name, strict):
    """(whether a tuple, the outputs)."""
    many, outputs = as_tuple(func(*inputs), name, "what the function returns")
    for i, y in enumerate(outputs):
        if strict and not y.requires_grad:
            raise GraphError(f"{name}: output {i} of shape {tuple(y.shape)} does not depend on the inputs (strict=True)")
    return many, outputs


def gradients(outputs, inputs, weights, create_graph, name, strict=False, retain=True):
    """Gradients of sum(w y), zeros where nothing depends on an input (strict: an error)."""
    used = [(y, w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
    found = grad([y for y, _ in used], inputs, [w for _, w in used], retain_graph=retain, create_graph=create_graph,
                 allow_unused=True) if used else [None] * len(inputs)
    for i, g in enumerate(found):
        if strict and (g is None or (create_graph and not g.requires_grad)):
            raise GraphError(f"{name}: the outputs do not depend on input {i} of shape {tuple(inputs[i].shape)} (strict=True)")
    return [zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True)]


def vectors(v, like, name):
    """v as a tuple of tensors with the shapes of `like`; None: 1, for a single element."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise GraphError(f"{name}: v can be left out only where there is one tensor of one element, here they have shapes "
                             f"{[tuple(x.shape) for x in like]}")
        return (zeros_like(like[0].detach()) + 1,)
    _, values = as_tuple(v, name, "v")
    if [tuple(x.shape) for x in values] != [tuple(x.shape) for x in like]:
        raise ShapeError(f"{name}: v has shapes {[tuple(x.shape) for x in values]}, expected "
                         f"{[tuple(x.shape) for x in like]}")
    return values


def plain(many, values, keep):
    """The values as the caller nests them, outside the graph unless it is wanted."""
    values = tuple(v if keep else v.detach() for v in values)
    return values if many else values[0]


def scalar(outputs, name):
    """Errors: unless there is one output of one element."""
    if len(outputs) != 1 or outputs[0].numel() != 1:
        raise GraphError(f"{name}: the function must return one tensor of one element, got shapes "
                         f"{[tuple(y.shape) for y in outputs]}")


def rows(y, inputs, create_graph, name, strict):
    """d y / d input for every input: shape (*y.shape, *input.shape). One backward pass an element of y."""
    found = []
    flat = y.reshape(-1) if y.requires_grad else y
    for i in range(y.numel()):
        if y.requires_grad:
            found.append(gradients((flat[i],), inputs, (None,), create_graph, name, strict))
        else:
            found.append([zeros_like(x) for x in inputs])
    return [stack([row[k] for row in found]).reshape(*y.shape, *x.shape) if found else
            zeros((*y.shape, *x.shape), dtype=x.dtype) for k, x in enumerate(inputs)]


def check_strategy(strategy, name):
    """Errors: ArgumentError for what is no way to a Jacobian (the result does not depend on it)."""
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ArgumentError(f"{name} must be 'reverse-mode' or 'forward-mode', got {strategy!r}")


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """J[i..., j...] = d func(inputs)[i...] / d input[j...], of shape (*output.shape, *input.shape): one tensor, or a tuple over
    outputs of tuples over inputs. One backward pass an output element. Errors: TypeError for inputs or outputs that are no tensors,
    GraphError for inputs of integers and (strict) for an output that does not depend on them, ArgumentError for another strategy.
    Source: torch.autograd.functional.jacobian.

    >>> import tensorgrad
    >>> tensorgrad.autograd.functional.jacobian(lambda x: x * x, tensorgrad.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    check_strategy(strategy, "jacobian: strategy")
    with enable_grad():
        many_in, xs = inputs_of(inputs, create_graph, "jacobian")
        many_out, ys = outputs_of(func, xs, "jacobian", strict)
        found = [plain(many_in, rows(y, xs, create_graph, "jacobian", strict), create_graph) for y in ys]
    return tuple(found) if many_out else found[0]


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """H[i..., j...] = d^2 func(inputs) / d input[i...] d input[j...], of shape (*input.shape, *input.shape), of a function with one
    element: a tensor, or a tuple of tuples. Errors: TypeError for inputs or outputs that are no tensors, GraphError for several
    elements and (strict) for what does not depend on an input, ArgumentError for another outer_jacobian_strategy. Source:
    torch.autograd.functional.hessian.

    >>> import tensorgrad
    >>> tensorgrad.autograd.functional.hessian(lambda x: (x ** 3).sum(), tensorgrad.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    check_strategy(outer_jacobian_strategy, "hessian: outer_jacobian_strategy")
    many, _ = as_tuple(inputs, "hessian", "inputs")

    def first(*xs):
        with enable_grad():
            _, ys = outputs_of(func, xs, "hessian", strict)
            scalar(ys, "hessian")
            found = gradients(ys, xs, (None,), True, "hessian", strict)
        return tuple(found) if many else found[0]

    return jacobian(first, inputs, create_graph, strict)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), v^T J): one backward pass. v: of the shapes of the outputs (None: 1, for one element); v^T J: of those of the
    inputs. Errors: TypeError for what is no tensor, GraphError for a v left out and (strict) for outputs that do not depend on an
    input, ShapeError for v of other shapes. Source: torch.autograd.functional.vjp.

    >>> import tensorgrad
    >>> tensorgrad.autograd.functional.vjp(lambda x: x * x, tensorgrad.tensor([1.0, 2.0]), tensorgrad.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    with enable_grad():
        many_in, xs = inputs_of(inputs, create_graph, "vjp")
        many_out, ys = outputs_of(func, xs, "vjp", strict)
        found = gradients(ys, xs, vectors(v, ys, "vjp"), create_graph, "vjp", strict)
        return plain(many_out, ys, create_graph), plain(many_in, found, create_graph)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), J v): two backward passes, because u^T J is linear in u and its derivative is J. v: of the shapes of the
    inputs (None: 1, for one element); J v: of those of the outputs. Errors: TypeError for what is no tensor, GraphError for a v
    left out and (strict) for outputs that do not depend on an input, ShapeError for v of other shapes. Source:
    torch.autograd.functional.jvp; j-towns.github.io, A new trick for calculating Jacobian vector products (2017).

    >>> import tensorgrad
    >>> tensorgrad.autograd.functional.jvp(lambda x: x * x, tensorgrad.tensor([1.0, 2.0]), tensorgrad.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    with enable_grad():
        _, xs = inputs_of(inputs, create_graph, "jvp")
        v = vectors(v, xs, "jvp")
        many_out, ys = outputs_of(func, xs, "jvp", strict)
        return plain(many_out, ys, create_graph), plain(many_out, forward(ys, xs, v, create_graph, "jvp", strict), create_graph)


def forward(ys, xs, v, create_graph, name, strict=False):
    """J v of outputs that were computed from xs."""
    us = tuple(zeros_like(y.detach()).requires_grad_() for y in ys)
    first = gradients(ys, xs, us, True, name, strict)
    return gradients(first, us, v, create_graph, name, strict)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), v^T H) of a function with one element: two backward passes. v and v^T H: of the shapes of the inputs. Errors:
    TypeError for what is no tensor, GraphError for several elements or a v left out, ShapeError for v of other shapes. Source:
    torch.autograd.functional.vhp.

    >>> import tensorgrad
    >>> tensorgrad.autograd.functional.vhp(lambda x: (x ** 3).sum(), tensorgrad.tensor([1.0, 2.0]), tensorgrad.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    return hessian_product(func, inputs, v, create_graph, strict, "vhp")


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), H v) of a function with one element; H is symmetric, so this is vhp. v and H v: of the shapes of the inputs.
    Errors: those of vhp. Source: torch.autograd.functional.hvp.

    >>> import tensorgrad
    >>> tensorgrad.autograd.functional.hvp(lambda x: (x ** 3).sum(), tensorgrad.tensor([1.0, 2.0]), tensorgrad.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    return hessian_product(func, inputs, v, create_graph, strict, "hvp")


def hessian_product(func, inputs, v, create_graph, strict, name):
    """The gradient of v^T grad func."""
    with enable_grad():
        many, xs = inputs_of(inputs, create_graph, name)
        v = vectors(v, xs, name)
        many_out, ys = outputs_of(func, xs, name, strict)
        scalar(ys, name)
        first = gradients(ys, xs, (None,), True, name, strict)
        found = gradients(first, xs, v, create_graph, name, strict)
        return plain(many_out, ys, create_graph), plain(many, found, create_graph)
