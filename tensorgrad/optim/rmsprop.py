"""RMSprop."""

from .optimizer import Optimizer, check_at_least_zero, check_implementation, kernels, rate


class RMSprop(Optimizer):
    """v = alpha v + (1 - alpha) g^2, p -= lr g / (sqrt(v) + eps), parameters of any shape; g includes weight_decay p; centered: v minus
    the square of mean = alpha mean + (1 - alpha) g; with momentum buf = momentum buf + g / (sqrt(v) + eps), p -= lr buf. Errors:
    ArgumentError for lr, alpha, eps, momentum or weight_decay < 0; for parameters see Optimizer. Source: torch.optim.RMSprop (Hinton's
    lecture notes; Graves 2013).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.RMSprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.RMSPROP

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False,
                 capturable=False, foreach=None, maximize=False, differentiable=False):
        check_at_least_zero(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        check_implementation(foreach, None, differentiable)
        super().__init__(params, {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
                                  "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach,
                                  "maximize": maximize, "differentiable": differentiable})

    def update(self, group):
        decay, momentum, alpha = group["weight_decay"], group["momentum"], group["alpha"]
        c = (rate(group), decay, alpha, 1.0 - alpha, group["eps"], momentum)
        flags = ((kernels.DECAY if decay else 0) | (kernels.MOMENTUM if momentum else 0)
                 | (kernels.CENTERED if group["centered"] else 0))
        buffers = ("square_avg", "momentum_buffer" if momentum else None, "grad_avg" if group["centered"] else None)
        self.apply(group, lambda t, state: c, flags, buffers=buffers)
