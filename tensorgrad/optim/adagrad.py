"""Adagrad."""

from ..ops.create import full_like
from .optimizer import Optimizer, check_at_least_zero, check_implementation, kernels, rate, scalar


class Adagrad(Optimizer):
    """s += g^2, p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps), parameters of any shape; s starts as initial_accumulator_value, g
    includes weight_decay p. Errors: ArgumentError for one of these coefficients < 0, and fused with foreach or differentiable; for
    parameters see Optimizer. Source: torch.optim.Adagrad (Duchi et al. 2011).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.ADAGRAD
    buffers = ("sum",)

    def __init__(self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10,
                 foreach=None, *, maximize=False, differentiable=False, fused=None):
        check_at_least_zero(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
                            initial_accumulator_value=initial_accumulator_value, eps=eps)
        check_implementation(foreach, fused, differentiable)
        super().__init__(params, {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                                  "initial_accumulator_value": initial_accumulator_value, "foreach": foreach,
                                  "maximize": maximize, "differentiable": differentiable, "fused": fused})
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p] = {"step": scalar(0), **self.begin(group, p)}

    def begin(self, group, p):
        """The first state of a parameter. No errors.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(2))
        >>> optimizer = tensorgrad.optim.Adagrad([p], initial_accumulator_value=0.5)
        >>> optimizer.begin(optimizer.param_groups[0], p)["sum"]
        tensor([0.5000, 0.5000])
        """
        return {"sum": full_like(p, group["initial_accumulator_value"])}

    def update(self, group):
        lr, slower, decay, eps = rate(group), group["lr_decay"], group["weight_decay"], group["eps"]
        self.apply(group, lambda t, state: (lr / (1.0 + (t - 1.0) * slower), decay, eps), kernels.DECAY if decay else 0,
                   begin=lambda p: self.begin(group, p))
