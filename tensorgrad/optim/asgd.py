"""ASGD."""

from .optimizer import Optimizer, check_at_least_zero, check_implementation, kernels, number, rate, scalar


class ASGD(Optimizer):
    """p = (1 - lambd eta) p - eta g with a falling rate eta = lr / (1 + lambd lr t)^alpha after t steps, and in state["ax"] the average
    of the parameters from step t0 on, ax += (p - ax) / max(1, t - t0); parameters of any shape, g includes weight_decay p. Errors:
    ArgumentError for lr or weight_decay < 0; for parameters see Optimizer. Source: torch.optim.ASGD (Polyak and Juditsky 1992).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.ASGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.ASGD
    buffers = ("ax",)

    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0, foreach=None, maximize=False,
                 differentiable=False, capturable=False):
        check_at_least_zero(lr=lr, weight_decay=weight_decay)
        check_implementation(foreach, None, differentiable)
        super().__init__(params, {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay,
                                  "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
                                  "capturable": capturable})

    def update(self, group):
        lr, lambd, decay = rate(group), group["lambd"], group["weight_decay"]

        def coefficients(t, state):
            eta, mu = number(state["eta"]), number(state["mu"])
            state["eta"].fill_(lr / (1.0 + lambd * lr * t) ** group["alpha"])
            state["mu"].fill_(1.0 / max(1.0, t - group["t0"]))
            return eta, decay, 1.0 - lambd * eta, mu

        self.apply(group, coefficients, kernels.DECAY if decay else 0, shared=False,
                   begin=lambda p: {"eta": scalar(lr), "mu": scalar(1)})
