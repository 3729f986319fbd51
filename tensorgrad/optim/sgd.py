"""SGD."""

from .._core.errors import ArgumentError
from .optimizer import Optimizer, check_at_least_zero, check_implementation, kernels, number, rate


class SGD(Optimizer):
    """Stochastic gradient descent with momentum, parameters of any shape: buf = momentum buf + (1 - dampening) g (at first g), p -= lr
    buf; nesterov: p -= lr (g + momentum buf). g includes weight_decay p, and is -g with maximize. Errors: ArgumentError for lr, momentum
    or weight_decay < 0, nesterov without momentum or with dampening, and fused with foreach or differentiable; for parameters see
    Optimizer. Source: torch.optim.SGD (Sutskever et al. 2013).

    >>> import tensorgrad
    >>> w = tensorgrad.ones(1, requires_grad=True)
    >>> optimizer = tensorgrad.optim.SGD([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.], requires_grad=True)
    """

    rule = kernels.SGD

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False,
                 foreach=None, differentiable=False, fused=None):
        check_at_least_zero(lr=lr, momentum=momentum, weight_decay=weight_decay)
        check_implementation(foreach, fused, differentiable)
        if not number(dampening) == number(dampening):
            raise ArgumentError(f"Invalid dampening: {dampening}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ArgumentError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
                                  "nesterov": nesterov, "maximize": maximize, "foreach": foreach,
                                  "differentiable": differentiable, "fused": fused})

    def update(self, group):
        momentum, decay = number(group["momentum"]), number(group["weight_decay"])
        flags = (kernels.DECAY if decay else 0) | (kernels.MOMENTUM if momentum else 0)
        flags |= kernels.NESTEROV if group["nesterov"] else 0
        self.apply(group, (rate(group), decay, momentum, 1.0 - group["dampening"]), flags,
                   buffers=("momentum_buffer",) if momentum else ())
