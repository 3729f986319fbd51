"""RAdam."""

from .optimizer import Optimizer, check_at_least_zero, check_betas, check_implementation, kernels, rate


class RAdam(Optimizer):
    """Adam whose adaptive step is rectified by the variance it has after t steps, and left out while that is unknown, parameters of any
    shape: with n = N - 2 t b2^t / (1 - b2^t), N = 2 / (1 - b2) - 1, and Adam's m and v p -= lr m / (1 - b1^t) while n <= 5, then p -= lr
    r m / (1 - b1^t) sqrt(1 - b2^t) / (sqrt(v) + eps), r = sqrt((n - 4)(n - 2) N / ((N - 4)(N - 2) n)). Errors: ArgumentError for lr, eps
    or weight_decay < 0 and betas outside [0, 1); for parameters see Optimizer. Source: torch.optim.RAdam (Liu et al. 2020).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.RADAM
    buffers = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled_weight_decay=False, *,
                 foreach=None, maximize=False, capturable=False, differentiable=False):
        check_at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas(betas)
        check_implementation(foreach, None, differentiable)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "maximize": maximize,
                                  "foreach": foreach, "capturable": capturable,
                                  "decoupled_weight_decay": decoupled_weight_decay, "differentiable": differentiable})

    def update(self, group):
        (b1, b2), lr, decay, eps = group["betas"], rate(group), group["weight_decay"], group["eps"]
        decoupled = group["decoupled_weight_decay"]
        shrink = 1.0 - lr * decay if decoupled else 1.0
        longest = 2.0 / (1.0 - b2) - 1.0

        def coefficients(t, state):
            fix1, fix2 = 1.0 - b1 ** t, 1.0 - b2 ** t
            length = longest - 2.0 * t * b2 ** t / fix2
            rectified = length > 5.0
            rect = 1.0
            if rectified:
                rect = ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
            return (lr, decay, 1.0 - b1, b2, 1.0 - b2, fix1, eps, shrink, fix2 ** 0.5, rect,
                    kernels.RECTIFIED if rectified else 0)

        self.apply(group, coefficients, kernels.DECAY if decay and not decoupled else 0)
