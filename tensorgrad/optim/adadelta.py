"""Adadelta."""

from .._core.errors import ArgumentError
from .optimizer import Optimizer, check_at_least_zero, check_implementation, kernels, rate


class Adadelta(Optimizer):
    """v = rho v + (1 - rho) g^2, delta = sqrt(u + eps) / sqrt(v + eps) g, u = rho u + (1 - rho) delta^2, p -= lr delta, parameters of any
    shape; g includes weight_decay p. Errors: ArgumentError for lr, eps or weight_decay < 0 and rho outside [0, 1]; for parameters see
    Optimizer. Source: torch.optim.Adadelta (Zeiler 2012).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.Adadelta([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.ADADELTA
    buffers = ("square_avg", "acc_delta")

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *, capturable=False,
                 maximize=False, differentiable=False):
        check_at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        check_implementation(foreach, None, differentiable)
        if not 0 <= rho <= 1:
            raise ArgumentError(f"Invalid rho value: {rho} (must be in [0, 1])")
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
                                  "capturable": capturable, "foreach": foreach, "differentiable": differentiable})

    def update(self, group):
        decay, rho = group["weight_decay"], group["rho"]
        c = (rate(group), decay, rho, 1.0 - rho, group["eps"])
        self.apply(group, lambda t, state: c, kernels.DECAY if decay else 0)
