"""L-BFGS."""

from .flat import FlatOptimizer
from .optimizer import check_at_least_zero, number


class LBFGS(FlatOptimizer):
    """Limited-memory BFGS: the direction is -H g, with H built from the last history_size steps and changes of the
    gradient; steps of lr, or as long as a strong Wolfe line search says. One group, and step() needs a closure. Errors:
    ArgumentError. Source: torch.optim.LBFGS (Nocedal 1980).

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
        super().__init__(params, {"lr": lr, "max_iter": max_iter,
                                  "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                                  "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
                                  "history_size": history_size, "line_search_fn": line_search_fn})

    def iterate(self, group, state, closure):
        first = closure()
        loss, evaluations = float(first), 1
        state.setdefault("n_iter", 0)
        state["func_evals"] = state.get("func_evals", 0) + 1
        g = self.gradient()
        if g.abs().max().item() <= group["tolerance_grad"]:
            return first
        for last in range(group["max_iter"] - 1, -1, -1):
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                d, t = -g, min(1.0, 1.0 / g.abs().sum().item()) * number(group["lr"])
                state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            else:
                remember(state, g, group["history_size"])
                d, t = direction(state, g), number(group["lr"])
            previous = loss
            state.update(d=d, t=t, prev_flat_grad=g.clone(), prev_loss=loss)
            slope = g.dot(d).item()
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if group["line_search_fn"]:
                loss, g, t, used = self.search(closure, d, t, loss, g, slope, 0.9, 1e-9, group["max_eval"] - evaluations)
                state["t"] = t
            else:
                self.move(d, t)
                if last:
                    loss, g, used = float(closure()), self.gradient(), 1
            evaluations += used
            state["func_evals"] += used
            if (not last or evaluations >= group["max_eval"] or g.abs().max().item() <= group["tolerance_grad"]
                    or (d * t).abs().max().item() <= group["tolerance_change"]
                    or abs(loss - previous) < group["tolerance_change"]):
                break
        return first


def remember(state, g, size):
    """Add the last step s and the change of the gradient y to the history, if the curvature y s is positive."""
    y, s = g - state["prev_flat_grad"], state["d"] * number(state["t"])
    curvature = y.dot(s).item()
    if curvature <= 1e-10:
        return
    for name, value in (("old_dirs", y), ("old_stps", s), ("ro", 1.0 / curvature)):
        if len(state[name]) == size:
            state[name].pop(0)
        state[name].append(value)
    state["H_diag"] = curvature / y.dot(y).item()


def direction(state, g):
    """-H g by the two loops over the history."""
    history = list(zip(state["old_dirs"], state["old_stps"], map(number, state["ro"]), strict=True))
    q, weights = -g, []
    for y, s, rho in reversed(history):
        weights.append(s.dot(q).item() * rho)
        q.add_(y, alpha=-weights[-1])
    q.mul_(number(state["H_diag"]))
    for (y, s, rho), weight in zip(history, reversed(weights), strict=True):
        q.add_(s, alpha=weight - y.dot(q).item() * rho)
    return q
