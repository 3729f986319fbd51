"""Adafactor."""

from .._core.errors import ArgumentError
from .._core.kernels import update as kernels
from ..autograd import no_grad
from ..ops.create import zeros_like
from .optimizer import Optimizer, check_at_least_zero, check_implementation, number, scalar

EPSILON = {"float64": 2.0 ** -52, "float32": 2.0 ** -23, "float16": 2.0 ** -10, "bfloat16": 2.0 ** -7}


class Adafactor(Optimizer):
    """Adam's second moment kept as the outer product of a row and a column mean: v = r c / mean(r), r and c the means of g^2 over the
    last and the last but one dimension, forgotten with weight b = t^beta2_decay: r = (1 - b) r + b mean(g^2) (parameters of one dimension
    or none: v whole).

    p *= 1 - lr weight_decay, then p -= min(lr, 1 / sqrt(t)) max(eps[1], rms(p)) u / max(1, rms(u) / d), u = g / max(sqrt(v), eps[0]):
    steps relative to the size of the parameter, of any shape; eps[0] None: the dtype's. Errors: ArgumentError for lr, eps or weight_decay
    < 0, beta2_decay > 0 and d < 1; for parameters see Optimizer. Source: torch.optim.Adafactor (Shazeer and Stern 2018).

    >>> import tensorgrad
    >>> w = tensorgrad.nn.Parameter(tensorgrad.ones(2))
    >>> optimizer = tensorgrad.optim.Adafactor([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> bool((w < 1).all())
    True
    """

    def __init__(self, params, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0, *, foreach=None,
                 maximize=False):
        check_at_least_zero(lr=lr, weight_decay=weight_decay)
        check_implementation(foreach, None, False)
        if not beta2_decay <= 0:
            raise ArgumentError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0:
            raise ArgumentError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0:
            raise ArgumentError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1:
            raise ArgumentError(f"Clipping threshold d should be >= 1 but is: {d}")
        super().__init__(params, {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay,
                                  "foreach": foreach, "maximize": maximize})

    @no_grad()
    def update(self, group):
        lr, (eps1, eps2), sign = number(group["lr"]), group["eps"], -1.0 if group["maximize"] else 1.0
        for p in group["params"]:
            if p.grad is None:
                continue
            state = self.state[p] or self.begin(p)
            state["step"] += 1
            t = state["step"].item()
            least = EPSILON[p.dtype.name] if eps1 is None else eps1
            kernels.adafactor(p, p.grad, state.get("row_var"), state["col_var" if "row_var" in state else "variance"],
                              t ** group["beta2_decay"], least, sign * min(lr, t ** -0.5), eps2, group["d"],
                              1 - lr * group["weight_decay"])

    def begin(self, p):
        """The first state of a parameter. No errors.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(2, 3))
        >>> p.sum().backward()
        >>> optimizer = tensorgrad.optim.Adafactor([p])
        >>> sorted(optimizer.begin(p))
        ['col_var', 'row_var', 'step']
        """
        state = self.state[p]
        state["step"] = scalar(0)
        if p.ndim > 1:
            state["row_var"] = zeros_like(p.grad[..., :1])
            state["col_var"] = zeros_like(p.grad[..., :1, :])
        else:
            state["variance"] = zeros_like(p.grad)
        return state
