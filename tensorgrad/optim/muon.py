"""Muon."""

import math

from .._core.dtype import BY_NAME
from .._core.errors import ArgumentError
from .._core.kernels import update as kernels
from ..autograd import no_grad
from ..ops.create import empty_like, zeros_like
from .optimizer import Optimizer, check_at_least_zero, number

ADJUST = {
    "original": lambda rows, columns: math.sqrt(max(1, rows / columns)),
    "match_rms_adamw": lambda rows, columns: 0.2 * math.sqrt(max(rows, columns)),
}


class Muon(Optimizer):
    """Momentum whose matrix is made nearly orthogonal before it is subtracted; for matrices [rows, columns] only: buf += (1 - momentum)(g
    - buf), m = buf, with nesterov (1 - momentum) g + momentum buf, p = (1 - lr weight_decay) p - lr k O(m).

    O(m): x = m / max(|m|, eps), then ns_steps times x = a x + (b x x' + c (x x')^2) x with a, b, c = ns_coefficients, in bfloat16. k:
    sqrt(max(1, rows / columns)), with adjust_lr_fn='match_rms_adamw' 0.2 sqrt(max(rows, columns)). Errors: ArgumentError for parameters
    of other dimensions, lr, momentum or weight_decay < 0, another adjust_lr_fn, other than 3 ns_coefficients and ns_steps outside [0,
    100). Source: torch.optim.Muon (Jordan et al. 2024).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2, 2))
    >>> optimizer = tensorgrad.optim.Muon([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    def __init__(self, params, lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True,
                 ns_coefficients=(3.4445, -4.775, 2.0315), eps=1e-7, ns_steps=5, adjust_lr_fn=None):
        check_at_least_zero(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if adjust_lr_fn is not None and adjust_lr_fn not in ADJUST:
            raise ArgumentError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        if len(ns_coefficients) != 3:
            raise ArgumentError(f"Coefficients must be a tuple of exactly 3 values, got {ns_coefficients}")
        if not 0 <= ns_steps < 100:
            raise ArgumentError(f"Number of steps must be less than 100, got {ns_steps}")
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
                                  "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps,
                                  "adjust_lr_fn": adjust_lr_fn})

    def add_param_group(self, param_group):
        """Add a group of matrices."""
        super().add_param_group(param_group)
        for p in self.param_groups[-1]["params"]:
            if p.ndim != 2:
                self.param_groups.pop()
                raise ArgumentError(f"Muon only supports 2D parameters whereas we found a parameter with size: {tuple(p.shape)}")

    @no_grad()
    def update(self, group):
        lr, momentum = number(group["lr"]), group["momentum"]
        params = [p for p in group["params"] if p.grad is not None]
        for p in params:
            if "momentum_buffer" not in self.state[p]:
                self.state[p]["momentum_buffer"] = zeros_like(p.grad)
        moves = [empty_like(p.grad) for p in params]
        kernels.sweep("Muon", kernels.BLEND, [(x, p.grad, self.state[p]["momentum_buffer"]) for x, p in zip(moves, params, strict=True)],
                      [(1 - momentum, momentum)] * len(params), kernels.NESTEROV if group["nesterov"] else 0)
        moves = [orthogonal(x, group["ns_coefficients"], group["ns_steps"], group["eps"]) for x in moves]
        adjust = ADJUST[group["adjust_lr_fn"] or "original"]
        kernels.sweep("Muon", kernels.SHIFT, list(zip(params, moves, strict=True)),
                      [(1 - lr * group["weight_decay"], lr * adjust(*p.shape)) for p in params])


def orthogonal(matrix, coefficients, steps, eps):
    """Newton-Schulz: x = a x + (b x x' + c (x x')^2) x pulls the singular values of x / |x| towards 1, in bfloat16; x may be
    written over `matrix`."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(BY_NAME["float32"]).contiguous()
    kernels.bfloat(x)
    norm = x.norm()
    kernels.bfloat(norm)
    kernels.bfloat(x, max(norm.item(), eps))
    kernels.newton_schulz(x, steps, *coefficients)
    return x.T if tall else x
