"""Gradients held against finite differences: the check that every record passes, as a public tool."""

from itertools import product

from .._core.errors import ArgumentError, GraphError
from .._core.tensor import TensorBase
from ..ops.create import tensor
from .backward import as_gradients, grad


class GradcheckError(GraphError):
    """A gradient that differs from the finite differences; the message names the input, its shape, the element and both numbers.
    Source: torch.autograd.gradcheck.GradcheckError.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(1, dtype=tensorgrad.float64, requires_grad=True)
    >>> try:
    ...     tensorgrad.autograd.gradcheck(lambda x: x.detach() * x, x)
    ... except tensorgrad.autograd.GradcheckError:
    ...     print("half of the derivative is missing")
    half of the derivative is missing
    """


def floats(value):
    """The differentiable tensors among the outputs of a function."""
    values = value if isinstance(value, (tuple, list)) else [value]
    return [v for v in values if isinstance(v, TensorBase) and v.dtype.is_floating_point]


def weights_for(outputs, seed):
    """Random weights that make one scalar of all outputs: sum(w * y)."""
    from random import Random  # not at the top: it costs the import of tensorgrad 1 ms
    random = Random(seed)
    return [tensor([random.uniform(0.5, 1.5) * random.choice((-1, 1)) for _ in range(y.numel())], dtype=y.dtype).reshape(
        tuple(y.shape)) for y in outputs]


def weighted(outputs, weights):
    """sum(w * y) over all outputs as a Python float."""
    return sum((y.detach() * w).sum().item() for y, w in zip(outputs, weights, strict=True))


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, nondet_tol=0.0, check_undefined_grad=True,
              fast_mode=False, seed=0):
    """Whether reverse mode agrees with central differences for every input that requires grad (in float64).

    For random weights w the scalar s(x) = sum(w * func(x)) is differentiated once by backward and element by element as (s(x + eps)
    - s(x - eps)) / (2 eps); they agree where |difference| <= atol + rtol |finite difference|. Inputs and outputs of any shape.
    Errors: GradcheckError with the input, the element and both numbers, or False with raise_exception=False; ArgumentError where no
    input requires grad or eps is not positive. Source: torch.autograd.gradcheck.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(2, dtype=tensorgrad.float64, requires_grad=True)
    >>> tensorgrad.autograd.gradcheck(lambda x: x * x, (x,))
    True
    """
    inputs = (inputs,) if isinstance(inputs, TensorBase) else tuple(inputs)
    checked = [x for x in inputs if isinstance(x, TensorBase) and x.requires_grad]
    if not checked:
        raise ArgumentError("gradcheck: no input requires grad")
    if not eps > 0:
        raise ArgumentError(f"gradcheck: eps must be positive, got {eps!r}")
    outputs = floats(func(*inputs))
    weights = weights_for(outputs, seed)
    used = [(y, w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
    if used:
        found = grad([y for y, _ in used], checked, [w for _, w in used], allow_unused=True)
    else:
        found = [None] * len(checked)
    for k, (x, g) in enumerate(zip(checked, found, strict=True)):
        exact = [0.0] * x.numel() if g is None else g.detach().reshape(-1).tolist()
        place = x.detach()
        for i, index in enumerate(product(*map(range, x.shape))):
            before = place[index].item()
            try:
                place[index] = before + eps
                high = weighted(floats(func(*inputs)), weights)
                place[index] = before - eps
                low = weighted(floats(func(*inputs)), weights)
            finally:
                place[index] = before
            numeric = (high - low) / (2 * eps)
            if not abs(numeric - exact[i]) <= atol + rtol * abs(numeric):
                if raise_exception:
                    raise GradcheckError(f"gradcheck: input {k} of shape {tuple(x.shape)}, element {index}: backward gives "
                                         f"{exact[i]!r}, finite differences {numeric!r}")
                return False
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, seed=0, **unused):
    """gradcheck of the gradient: whether second derivatives are right. The function checked is (x, g) -> d <g, func(x)> / d x, with
    grad_outputs g of the shapes of the outputs (None: random ones). Inputs of any shape. Errors: GradcheckError, or False with
    raise_exception=False; ArgumentError where no input requires grad, eps is not positive or the number of grad_outputs is not that
    of the outputs. Source: torch.autograd.gradgradcheck.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(2, dtype=tensorgrad.float64, requires_grad=True)
    >>> tensorgrad.autograd.gradgradcheck(lambda x: x * x * x, (x,))
    True
    """
    inputs = (inputs,) if isinstance(inputs, TensorBase) else tuple(inputs)
    outputs = floats(func(*inputs))
    if grad_outputs is None:
        grad_outputs = [w.requires_grad_() for w in weights_for(outputs, seed + 1)]
    grad_outputs = as_gradients(grad_outputs, outputs, "gradgradcheck")
    places = [i for i, x in enumerate(inputs) if isinstance(x, TensorBase) and x.requires_grad]
    if not places:
        raise ArgumentError("gradgradcheck: no input requires grad")

    def first(*args):
        own, weights = args[:len(inputs)], args[len(inputs):]
        pairs = [(y, w) for y, w in zip(floats(func(*own)), weights, strict=True) if y.requires_grad]
        found = grad([y for y, _ in pairs], [own[i] for i in places], [w for _, w in pairs], create_graph=True,
                     allow_unused=True)
        return tuple(g for g in found if g is not None and g.requires_grad)

    return gradcheck(first, (*inputs, *grad_outputs), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, seed=seed)
