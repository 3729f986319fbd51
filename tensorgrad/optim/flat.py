"""Optimisers that see all parameters as one vector, and search along directions with a closure."""

from .._core.errors import ArgumentError
from .._core.kernels import update as kernels
from ..autograd import enable_grad, no_grad
from .optimizer import Optimizer

ARMIJO = 1e-4  # the share of the predicted decrease that a step must bring


class FlatOptimizer(Optimizer):
    """The base of optimisers whose step needs a closure, has one parameter group, and keeps its state with the first
    parameter."""

    def __init__(self, params, defaults):
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ArgumentError(f"{type(self).__name__} doesn't support per-parameter options (parameter groups)")
        if defaults["line_search_fn"] not in (None, "strong_wolfe"):
            raise ArgumentError(f"{type(self).__name__}: line_search_fn must be None or 'strong_wolfe', got "
                                f"{defaults['line_search_fn']!r}")

    @property
    def params(self):
        """The parameters.

        >>> import tensorgrad
        >>> tensorgrad.optim.LBFGS([tensorgrad.nn.Parameter(tensorgrad.ones(2))]).params[0].data
        tensor([1., 1.])
        """
        return self.param_groups[0]["params"]

    def gradient(self, d=None):
        """All gradients as one vector g, zeros where there is none: ((g, the largest |g_i|, their sum), g d), in one pass. Errors:
        TypeError for what is no vector, ShapeError for one of another length.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(2))
        >>> (3 * p).sum().backward()
        >>> (g, *_), _ = tensorgrad.optim.LBFGS([p]).gradient()
        >>> g
        tensor([3., 3.])
        """
        return kernels.flatten(type(self).__name__, self.params, True, d)

    def place(self, start, t=0.0, d=None):
        """params = start + t d, in one pass; without d: start, without start: params + t d. Errors: TypeError for what is no
        vector, ShapeError for one of another length.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(2))
        >>> tensorgrad.optim.LBFGS([p]).place(tensorgrad.zeros(2), 0.5, tensorgrad.tensor([1.0, 2.0]))
        >>> p.data
        tensor([0.5000, 1.0000])
        """
        kernels.place(type(self).__name__, self.params, start, t, d)

    def search(self, closure, d, t, loss, gradient, slope, longest, curvature, tolerance, evaluations):
        """Go along d, whose largest element is `longest`, as far as the strong Wolfe conditions say; gradient as gradient() has it.
        Returns (loss, gradient, t, evaluations). Errors: those of the closure, after which the parameters are where they were.

        >>> import tensorgrad
        >>> p = tensorgrad.nn.Parameter(tensorgrad.tensor([3.0]))
        >>> optimizer = tensorgrad.optim.LBFGS([p])
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (p * p).sum()
        ...     loss.backward()
        ...     return loss
        >>> loss = closure().item()
        >>> gradient, _ = optimizer.gradient()
        >>> d = -gradient[0]
        >>> loss, _, t, used = optimizer.search(closure, d, 1.0, loss, gradient, -36.0, 6.0, 0.9, 1e-9, 25)
        >>> loss, t, p.item()
        (0.0, 0.5, 0.0)
        """
        (start, *_), _ = kernels.flatten(type(self).__name__, self.params, False)
        last = None

        def at(t):
            nonlocal last
            self.place(start, t, d)
            loss = float(closure())
            last = t, loss, *self.gradient(d)
            return last

        try:
            point, used = strong_wolfe(at, t, (0.0, loss, gradient, slope), longest, curvature, tolerance, evaluations)
        except BaseException:  # the closure's
            self.place(start)
            raise
        t, loss, gradient, _ = point
        if point is not last:  # else the parameters are there
            self.place(start, t, d)
        return loss, gradient, t, used

    def step(self, closure):
        """Several iterations; closure clears the gradients, computes the loss, calls backward() and returns the
        loss. Returns the loss before the step."""
        with no_grad():
            return self.iterate(self.param_groups[0], self.state[self.params[0]], enable_grad()(closure))

    def iterate(self, group, state, closure):
        """What step() does, outside the graph. Errors: those of the closure.

        >>> import tensorgrad
        >>> class Descent(tensorgrad.optim.LBFGS):
        ...     def iterate(self, group, state, closure):
        ...         loss = closure()
        ...         self.place(None, -group["lr"], self.gradient()[0][0])
        ...         return loss
        >>> p = tensorgrad.nn.Parameter(tensorgrad.ones(2))
        >>> def closure():
        ...     p.grad = None
        ...     loss = (p * p).sum()
        ...     loss.backward()
        ...     return loss
        >>> loss = Descent([p], lr=0.25).step(closure)
        >>> p.data
        tensor([0.5000, 0.5000])
        """
        raise NotImplementedError(f"{type(self).__name__}.iterate")


def cubic(a, b, bounds=None):
    """Where the cubic polynomial through two points (t, value, ..., slope) has its minimum, kept within bounds (else
    between the points); their middle where there is none."""
    if a[0] > b[0]:
        a, b = b, a
    (x1, f1, _, g1), (x2, f2, _, g2) = a, b
    low, high = bounds or (x1, x2)
    if x1 != x2:
        d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
        square = d1 * d1 - g1 * g2
        if square >= 0 and (below := g2 - g1 + 2 * square ** 0.5):
            return min(max(x2 - (x2 - x1) * ((g2 + square ** 0.5 - d1) / below), low), high)
    return (low + high) / 2


def strong_wolfe(at, t, origin, size, curvature, tolerance, evaluations):
    """A point (t, value, gradient, slope) that decreases the value enough and has a slope of at most curvature times the
    first one, and the number of evaluations. at(t) evaluates a point, size is the largest element of the direction. Source:
    Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6."""
    _, f, _, slope = origin
    before, new, used, rounds, done = origin, at(t), 1, 0, False

    def poor(point):
        return point[1] > f + ARMIJO * point[0] * slope

    while rounds < evaluations:  # until two points have a minimum between them
        worse, flat = poor(new) or (rounds > 1 and new[1] >= before[1]), abs(new[3]) <= -curvature * slope
        if worse or flat or new[3] >= 0:
            done = flat and not worse
            bracket = [new] if done else [before, new]
            break
        t = cubic(before, new, (new[0] + 0.01 * (new[0] - before[0]), new[0] * 10))
        before, new = new, at(t)
        used, rounds = used + 1, rounds + 1
    else:
        bracket = [origin, new]

    low = 0 if done or bracket[0][1] <= bracket[1][1] else 1
    stuck = False  # the last point was close to the end of the interval
    while not done and rounds < evaluations:
        ends = sorted((bracket[0][0], bracket[1][0]))
        if (ends[1] - ends[0]) * size < tolerance:
            break
        t = cubic(*bracket)
        margin = 0.1 * (ends[1] - ends[0])
        close = min(ends[1] - t, t - ends[0]) < margin
        if close and (stuck or not ends[0] < t < ends[1]):
            t = ends[1] - margin if abs(t - ends[1]) < abs(t - ends[0]) else ends[0] + margin
            close = False
        stuck = close
        new = at(t)
        used, rounds = used + 1, rounds + 1
        if poor(new) or new[1] >= bracket[low][1]:
            bracket[1 - low] = new
            low = 0 if bracket[0][1] <= bracket[1][1] else 1
            continue
        if abs(new[3]) <= -curvature * slope:
            done = True
        elif new[3] * (bracket[1 - low][0] - bracket[low][0]) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = new
    return bracket[low], used
