"""L-BFGS."""

from .._core.errors import ArgumentError
from .._core.kernels import update as kernels
from ..ops.create import empty_like
from .flat import FlatOptimizer
from .optimizer import check_at_least_zero, number


class LBFGS(FlatOptimizer):
    """Limited-memory BFGS, parameters of any shapes as one vector x: x += t d, d = -H g, with H built from the last history_size steps s
    and changes y of the gradient by H = (I - r s y') H (I - r y s') + r s s', r = 1 / y's, from y's / y'y I; t is lr (the first one
    min(1, 1 / |g|_1) lr), or as long as a strong Wolfe line search says. One group, and step() needs a closure. Errors: ArgumentError for
    lr < 0, history_size < 1, another line_search_fn and several groups, TypeError for a step without closure. Source: torch.optim.LBFGS
    (Nocedal 1980).

    >>> import tensorgrad
    >>> x = tensorgrad.tensor([3.0, -1.0], requires_grad=True)
    >>> optimizer = tensorgrad.optim.LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure)
    tensor(8., grad_fn=<SumBackward0>)
    >>> x
    tensor([1., 1.], requires_grad=True)
    """

    def __init__(self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-7, tolerance_change=1e-9,
                 history_size=100, line_search_fn=None):
        check_at_least_zero(lr=lr)
        if not history_size >= 1:
            raise ArgumentError(f"Invalid history_size: {history_size} (must be >= 1)")
        super().__init__(params, {"lr": lr, "max_iter": max_iter,
                                  "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                                  "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
                                  "history_size": history_size, "line_search_fn": line_search_fn})

    def iterate(self, group, state, closure):
        first = closure()
        loss, evaluations = float(first), 1
        state.setdefault("n_iter", 0)
        state["func_evals"] = state.get("func_evals", 0) + 1
        gradient, _ = self.gradient()
        g, largest, total = gradient
        if largest <= group["tolerance_grad"]:
            return first
        for last in range(group["max_iter"] - 1, -1, -1):
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
                ahead, t = None, number(group["lr"]) / max(1.0, total)
            else:
                ahead, t = remember(state, g, group["history_size"]), number(group["lr"])
                state["al"] = [None] * max(group["history_size"], len(state["old_dirs"]))
            d, slope, longest = direction(state, g, ahead)
            previous = loss
            state.update(d=d, t=t, prev_flat_grad=g, prev_loss=loss)
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if group["line_search_fn"]:
                loss, gradient, t, used = self.search(closure, d, t, loss, gradient, slope, longest, 0.9, 1e-9,
                                                      group["max_eval"] - evaluations)
                state["t"] = t
            else:
                self.place(None, t, d)
                if last:
                    loss, used = float(closure()), 1
                    gradient, _ = self.gradient()
            g, largest, _ = gradient
            evaluations += used
            state["func_evals"] += used
            if (not last or evaluations >= group["max_eval"] or largest <= group["tolerance_grad"]
                    or longest * t <= group["tolerance_change"] or abs(loss - previous) < group["tolerance_change"]):
                break
        return first


def remember(state, g, size):
    """Add the last step s and the change of the gradient y to the history, if the curvature y s is positive. Returns s g of the
    latest step in it, None if there is none."""
    y, s = empty_like(g), empty_like(g)
    curvature, square, ahead = kernels.one_pass("LBFGS", [(y, 1, g, -1, state["prev_flat_grad"]), (s, number(state["t"]), state["d"])],
                                                [(y, s), (y, y), (s, g)])
    if curvature > 1e-10:
        for name, value in (("old_dirs", y), ("old_stps", s), ("ro", 1.0 / curvature)):
            if len(state[name]) == size:
                state[name].pop(0)
            state[name].append(value)
        state["H_diag"] = curvature / square
        return ahead
    return kernels.one_pass("LBFGS", [], [(state["old_stps"][-1], g)])[0] if state["old_stps"] else None


def direction(state, g, ahead):
    """d = -H g by the two loops over the history: (d, its slope d g, the largest |d_i|). Each weight hangs on the product of a
    vector of the history with what the weight before it made: so a turn of a loop adds one vector and takes the product with the
    next, in one pass. `ahead`: the product of the latest step and g."""
    d, diagonal = empty_like(g), number(state["H_diag"])
    y, s, rho = state["old_dirs"], state["old_stps"], [number(r) for r in state["ro"]]
    if not y:
        return d, *kernels.one_pass("LBFGS", [(d, -diagonal, g)], [(d, g)], d)
    q, sign, product, al = g, -1.0, -ahead, state["al"]
    for i in reversed(range(len(y))):
        al[i] = product * rho[i]
        scale, following = (1.0, s[i - 1]) if i else (diagonal, y[0])  # the last turn multiplies by the diagonal, too
        product, = kernels.one_pass("LBFGS", [(d, sign * scale, q, -al[i] * scale, y[i])], [(d, following)])
        q, sign = d, 1.0
    for i, following in enumerate([*y[1:], g]):
        weight, end = al[i] - product * rho[i], d if following is g else None
        product, *longest = kernels.one_pass("LBFGS", [(d, 1, d, weight, s[i])], [(d, following)], end)
    return d, product, *longest
