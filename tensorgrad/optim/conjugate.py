"""Nonlinear conjugate gradients."""

from .._core.kernels import update as kernels
from ..ops.create import empty_like
from .flat import FlatOptimizer
from .optimizer import check_at_least_zero, number


class NonlinearCG(FlatOptimizer):
    """Conjugate gradients, parameters of any shapes as one vector x: x += t d, d = -g + beta d with beta = max(0, g (g - g_before) /
    |g_before|^2), the step t found by a line search (strong Wolfe, slope at most 0.1 of the first); d starts anew from -g where it points
    uphill.

    lr is the first step that the search tries, as a share of 1 / |g|_1. One group, and step() needs a closure. Errors: ArgumentError for
    lr < 0 and several groups, TypeError for a step without closure. Source: Polak and Ribiere 1969; Nocedal and Wright, section 5.2.
    PyTorch has no such optimiser.

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([3.0, -1.0], requires_grad=True)
    >>> optimizer = tensorgrad.optim.NonlinearCG([x])
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> loss = optimizer.step(closure)
    >>> x
    tensor([1., 1.], requires_grad=True)
    """

    def __init__(self, params, lr=1.0, max_iter=20, max_eval=None, tolerance_grad=1e-7, tolerance_change=1e-9):
        check_at_least_zero(lr=lr)
        super().__init__(params, {"lr": lr, "max_iter": max_iter, "max_eval": 5 * max_iter if max_eval is None else max_eval,
                                  "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
                                  "line_search_fn": "strong_wolfe"})

    def iterate(self, group, state, closure):
        first = closure()
        loss, evaluations = float(first), 1
        gradient, _ = self.gradient()
        for _ in range(group["max_iter"]):
            g, largest, total = gradient
            if largest <= group["tolerance_grad"] or evaluations >= group["max_eval"]:
                break
            d, before, slope = empty_like(g), state.get("prev_flat_grad"), 0.0
            if before is not None:
                square, across, old = kernels.one_pass("NonlinearCG", [], [(g, g), (g, before), (before, before)])
                beta = max(0.0, (square - across) / old) if old else 0.0
                slope, longest = kernels.one_pass("NonlinearCG", [(d, -1, g, beta, state["d"])], [(d, g)], d)
            if slope < 0:  # the first order change is expected to be that of the last step
                t = number(state["t"]) * number(state["slope"]) / slope
            else:
                slope, longest = kernels.one_pass("NonlinearCG", [(d, -1, g)], [(d, g)], d)
                t = number(group["lr"]) / max(1.0, total)
            state.update(prev_flat_grad=g, d=d, slope=slope)
            previous = loss
            loss, gradient, t, used = self.search(closure, d, t, loss, gradient, slope, longest, 0.1, 1e-12,
                                                  group["max_eval"] - evaluations)
            state["t"] = t
            evaluations += used
            if t == 0:  # no step along d improves: start anew from the gradient next time
                state.clear()
                break
            if abs(loss - previous) < group["tolerance_change"] * max(1.0, abs(loss)):
                break
        return first
