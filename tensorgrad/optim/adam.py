"""Adam and AdamW."""

from .._core.errors import ArgumentError
from .optimizer import Optimizer, check_at_least_zero, check_betas, check_implementation, kernels, number, rate


class Adam(Optimizer):
    """m += (1 - b1)(g - m), v = b2 v + (1 - b2) g^2, p -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps), parameters of any shape; g
    includes weight_decay p; amsgrad takes the largest v so far; decoupled_weight_decay is AdamW's. Errors: ArgumentError for lr, eps or
    weight_decay < 0 betas outside [0, 1), and fused with foreach or differentiable; for parameters see Optimizer. Source:
    torch.optim.Adam (Kingma and Ba 2015).

    >>> import tensorgrad
    >>> w = tensorgrad.ones(1, requires_grad=True)
    >>> optimizer = tensorgrad.optim.Adam([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.5000], requires_grad=True)
    """

    rule = kernels.ADAM

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, foreach=None,
                 maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False):
        check_at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        check_betas(betas)
        check_implementation(foreach, fused, differentiable)
        if isinstance(betas[0], float) != isinstance(betas[1], float):
            raise ArgumentError("betas must be either both floats or both Tensors")
        betas = tuple(map(number, betas))
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach, "capturable":
                                  capturable, "differentiable": differentiable, "fused": fused,
                                  "decoupled_weight_decay": decoupled_weight_decay})

    def update(self, group):
        b1, b2 = group["betas"]
        lr, eps, decay = rate(group), group["eps"], number(group["weight_decay"])
        shrink, flags = 1.0, 0
        if decay and group["decoupled_weight_decay"]:
            shrink = 1.0 - lr * decay
        elif decay:
            flags = kernels.DECAY
        buffers = ("exp_avg", "exp_avg_sq")
        if group["amsgrad"]:
            flags |= kernels.AMSGRAD
            buffers = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")

        def coefficients(t, state):
            return lr / (1.0 - b1 ** t), decay, 1.0 - b1, b2, 1.0 - b2, (1.0 - b2 ** t) ** 0.5, eps, shrink

        self.apply(group, coefficients, flags, buffers=buffers)


class AdamW(Adam):
    """Adam with decoupled weight decay, parameters of any shape: p *= 1 - lr weight_decay, then p -= lr / (1 - b1^t) m / (sqrt(v / (1 -
    b2^t)) + eps) with Adam's m and v. Errors: ArgumentError for lr, eps or weight_decay < 0 betas outside [0, 1), and fused with foreach
    or differentiable; for parameters see Optimizer. Source: torch.optim.AdamW (Loshchilov and Hutter 2019).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.AdamW([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *,
                 maximize=False, foreach=None, capturable=False, differentiable=False, fused=None):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize,
                         capturable=capturable, differentiable=differentiable, fused=fused, decoupled_weight_decay=True)

    def __setstate__(self, state):
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
