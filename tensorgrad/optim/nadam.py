"""NAdam."""

from .optimizer import Optimizer, check_at_least_zero, check_betas, check_implementation, kernels, rate, scalar


class NAdam(Optimizer):
    """Adam with Nesterov momentum, parameters of any shape: p -= lr ((1 - mu_t) g / (1 - mu_1 ... mu_t) + mu_(t+1) m / (1 - mu_1 ...
    mu_(t+1))) / (sqrt(v / (1 - b2^t)) + eps), mu_t = b1 (1 - 0.96^(t momentum_decay) / 2), with Adam's m and v; g includes weight_decay
    p, or, with decoupled_weight_decay, p *= 1 - lr weight_decay. Errors: ArgumentError for lr, eps, weight_decay or momentum_decay < 0
    and betas outside [0, 1); for parameters see Optimizer. Source: torch.optim.NAdam (Dozat 2016).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.NADAM
    buffers = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3,
                 decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False, differentiable=False):
        check_at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        check_betas(betas)
        check_implementation(foreach, None, differentiable)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay,
                                  "maximize": maximize, "foreach": foreach, "capturable": capturable,
                                  "differentiable": differentiable})

    def update(self, group):
        (b1, b2), lr, decay, eps = group["betas"], rate(group), group["weight_decay"], group["eps"]
        slower, decoupled = group["momentum_decay"], group["decoupled_weight_decay"]
        shrink = 1.0 - lr * decay if decoupled else 1.0

        def coefficients(t, state):
            mu = b1 * (1.0 - 0.5 * 0.96 ** (t * slower))
            after = b1 * (1.0 - 0.5 * 0.96 ** ((t + 1.0) * slower))
            product = state["mu_product"].mul_(mu).item()
            return (lr * (1.0 - mu) / (1.0 - product), decay, 1.0 - b1, b2, 1.0 - b2, 1.0 - b2 ** t, eps, shrink,
                    lr * after / (1.0 - product * after))

        self.apply(group, coefficients, kernels.DECAY if decay and not decoupled else 0, shared=False,
                   begin=lambda p: {"mu_product": scalar(1)})
