"""Rprop."""

from .._core.errors import ArgumentError
from ..ops.create import full_like
from .optimizer import Optimizer, check_at_least_zero, check_implementation, kernels, number


class Rprop(Optimizer):
    """p -= sign(g) size, parameters of any shape: size, lr at first, grows by etas[1] while the gradient keeps its sign and shrinks by
    etas[0] where it turns (g counts as 0 there), within step_sizes. Errors: ArgumentError for lr < 0 and unless 0 < etas[0] < 1 <
    etas[1]; for parameters see Optimizer. Source: torch.optim.Rprop (Riedmiller and Braun 1993).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.Rprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    rule = kernels.RPROP
    buffers = ("prev", "step_size")

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), *, capturable=False, foreach=None,
                 maximize=False, differentiable=False):
        check_at_least_zero(lr=lr)
        check_implementation(foreach, None, differentiable)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ArgumentError(f"Invalid eta values: {etas[0]}, {etas[1]} (must be in (0, 1) and above 1)")
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach,
                                  "maximize": maximize, "differentiable": differentiable, "capturable": capturable})

    def update(self, group):
        c = (*map(float, group["etas"]), *map(float, group["step_sizes"]))
        self.apply(group, lambda t, state: c, begin=lambda p: {"step_size": full_like(p, number(group["lr"]))})
