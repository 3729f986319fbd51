"""Adamax."""

from .optimizer import Optimizer, check_at_least_zero, check_betas, check_implementation, kernels, rate


class Adamax(Optimizer):
    """m += (1 - b1)(g - m), u = max(b2 u, |g| + eps), p -= lr / (1 - b1^t) m / u, parameters of any shape; g includes weight_decay p.
    Errors: ArgumentError for lr, eps or weight_decay < 0 and betas outside [0, 1); for parameters see Optimizer. Source:
    torch.optim.Adamax (Kingma and Ba 2015).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.ADAMAX
    buffers = ("exp_avg", "exp_inf")

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None, *, maximize=False,
                 differentiable=False, capturable=False):
        check_at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas(betas)
        check_implementation(foreach, None, differentiable)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "foreach": foreach,
                                  "maximize": maximize, "differentiable": differentiable, "capturable": capturable})

    def update(self, group):
        (b1, b2), lr, decay, eps = group["betas"], rate(group), group["weight_decay"], group["eps"]
        self.apply(group, lambda t, state: (lr / (1.0 - b1 ** t), decay, 1.0 - b1, b2, eps), kernels.DECAY if decay
        else 0)
