"""Constraints: which values a parameter may take, or a sample can have. check(value) answers one bool an event. The names are
torch.distributions.constraints'.

>>> import tensorgrad
>>> tensorgrad.distributions.constraints.positive.check(tensorgrad.tensor([1.0, 0.0]))
tensor([ True, False])
"""

import tensorgrad

from .._core.errors import ArgumentError
from .constraint import Constraint, Dependent, DependentProperty, IndependentConstraint
from .constraint import MixtureSameFamilyConstraint as MixtureSameFamilyConstraint
from .constraint import is_dependent as is_dependent
from .constraints_matrix import (
    CorrCholesky,
    LowerCholesky,
    LowerTriangular,
    PositiveDefinite,
    PositiveSemidefinite,
    Square,
    Symmetric,
)


class Real(Constraint):
    """Any number but nan; check answers number by number, of any shape. No errors. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.real.check(tensorgrad.tensor([1.0, float("nan")]))
    tensor([ True, False])
    """

    def check(self, value):
        return value == value


class Boolean(Constraint):
    """0 or 1; check answers number by number, of any shape. No errors. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.boolean.check(tensorgrad.tensor([1, 2]))
    tensor([ True, False])
    """

    is_discrete = True

    def check(self, value):
        return (value == 0) | (value == 1)


class GreaterThan(Constraint):
    """Above lower_bound; check answers number by number, of any shape that broadcasts with the bound. Errors: ShapeError from check for
    others. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.greater_than(1).check(tensorgrad.tensor([2, 1]))
    tensor([ True, False])
    """

    def __init__(self, lower_bound):
        self.lower_bound = lower_bound

    def check(self, value):
        return value > self.lower_bound


class GreaterThanEq(GreaterThan):
    """lower_bound or above; check answers number by number, of any shape that broadcasts with the bound. Errors: ShapeError from check
    for others. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.greater_than_eq(1).check(tensorgrad.tensor([1, 0]))
    tensor([ True, False])
    """

    def check(self, value):
        return value >= self.lower_bound


class LessThan(Constraint):
    """Below upper_bound; check answers number by number, of any shape that broadcasts with the bound. Errors: ShapeError from check for
    others. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.less_than(1).check(tensorgrad.tensor([0, 1]))
    tensor([ True, False])
    """

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def check(self, value):
        return value < self.upper_bound


class Interval(Constraint):
    """In [lower_bound, upper_bound]; check answers number by number, of any shape that broadcasts with the bounds. Errors: ShapeError
    from check for others. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.interval(0, 1).check(tensorgrad.tensor([1, 2]))
    tensor([ True, False])
    """

    def __init__(self, lower_bound, upper_bound):
        self.lower_bound, self.upper_bound = lower_bound, upper_bound

    def check(self, value):
        return (value >= self.lower_bound) & (value <= self.upper_bound)


class HalfOpenInterval(Interval):
    """In [lower_bound, upper_bound); check answers number by number, of any shape that broadcasts with the bounds. Errors: ShapeError
    from check for others. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.half_open_interval(0, 1).check(tensorgrad.tensor([0, 1]))
    tensor([ True, False])
    """

    def check(self, value):
        return (value >= self.lower_bound) & (value < self.upper_bound)


def whole(value):
    """Where value is an integer."""
    return value % 1 == 0


class IntegerInterval(Interval):
    """An integer in [lower_bound, upper_bound]; check answers number by number, of any shape that broadcasts with the bounds. Errors:
    ShapeError from check for others. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.integer_interval(0, 3).check(tensorgrad.tensor([3.0, 0.5]))
    tensor([ True, False])
    """

    is_discrete = True

    def check(self, value):
        return whole(value) & super().check(value)


class IntegerGreaterThan(GreaterThan):
    """An integer of lower_bound or above; check answers number by number, of any shape that broadcasts with the bound. Errors: ShapeError
    from check for others. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.nonnegative_integer.check(tensorgrad.tensor([0.0, 0.5]))
    tensor([ True, False])
    """

    is_discrete = True

    def check(self, value):
        return whole(value) & (value >= self.lower_bound)


class OneHot(Constraint):
    """A vector of zeros and one 1; check: (..., n) -> (...). No errors for tensors: a number counts as a vector of one. Source:
    torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.one_hot.check(tensorgrad.tensor([[0, 1], [1, 1]]))
    tensor([ True, False])
    """

    is_discrete, event_dim = True, 1

    def check(self, value):
        return boolean.check(value).all(-1) & (value.sum(-1) == 1)


class Simplex(Constraint):
    """A vector of numbers >= 0 whose sum is 1 (to 1e-6); check: (..., n) -> (...). No errors for tensors: a number counts as a vector of
    one. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.simplex.check(tensorgrad.tensor([[0.5, 0.5], [0.5, 0.6]]))
    tensor([ True, False])
    """

    event_dim = 1

    def check(self, value):
        return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6)


class Multinomial(Constraint):
    """A vector of numbers >= 0 whose sum is at most upper_bound; check: (..., n) -> (...), a number counting as a vector of one. Errors:
    ShapeError from check for an upper_bound that does not broadcast. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.multinomial(3).check(tensorgrad.tensor([[1, 2], [2, 2]]))
    tensor([ True, False])
    """

    is_discrete, event_dim = True, 1

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def check(self, value):
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)


class Cat(Constraint):
    """Pieces of some lengths (1 each) along a dimension, each with a constraint of its own; check cuts the value, (..., sum of lengths,
    ...), there and joins the answers. Errors: ArgumentError for another number of lengths and, from check, another size, OutOfRangeError
    for a dimension that does not exist. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.cat([c.positive, c.real], lengths=[1, 2]).check(tensorgrad.tensor([0.0, -1.0, 2.0]))
    tensor([False,  True,  True])
    """

    def __init__(self, cseq, dim=0, lengths=None):
        self.cseq, self.dim = list(cseq), dim
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            raise ArgumentError(f"cat: {len(self.cseq)} constraints and {len(self.lengths)} lengths")

    @property
    def is_discrete(self):
        """Whether a piece is.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.cat([constraints.boolean, constraints.real]).is_discrete
        True
        """
        return any(c.is_discrete for c in self.cseq)

    @property
    def event_dim(self):
        """The largest of the pieces'.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.cat([constraints.simplex, constraints.real]).event_dim
        1
        """
        return max(c.event_dim for c in self.cseq)

    def check(self, value):
        return tensorgrad.cat([c.check(v) for c, v in zip(self.cseq, value.split(self.lengths, self.dim), strict=True)], self.dim)


class Stack(Cat):
    """Slices along a dimension, each with a constraint of its own; check takes the value, (..., n, ...), apart there and stacks the
    answers. Errors: ArgumentError from check for another size, OutOfRangeError for a dimension that does not exist. Source:
    torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.stack([c.positive, c.real]).check(tensorgrad.tensor([0.0, 0.0]))
    tensor([False,  True])
    """

    def __init__(self, cseq, dim=0):
        self.cseq, self.dim = list(cseq), dim

    @property
    def event_dim(self):
        """The largest of the slices', and the stacked dimension where it belongs to the event."""
        largest = super().event_dim
        return largest + (self.dim + largest < 0)

    def check(self, value):
        """Whether each slice satisfies its constraint. Errors: ArgumentError for another number of slices."""
        if value.size(self.dim) != len(self.cseq):
            raise ArgumentError(f"stack: dimension {self.dim} of shape {tuple(value.shape)} must have {len(self.cseq)} elements")
        return tensorgrad.stack([c.check(v) for c, v in zip(self.cseq, value.unbind(self.dim), strict=True)], self.dim)


dependent, dependent_property, independent = Dependent(), DependentProperty, IndependentConstraint
boolean, one_hot, simplex, real = Boolean(), OneHot(), Simplex(), Real()
real_vector = independent(real, 1)
positive, nonnegative, unit_interval = GreaterThan(0.0), GreaterThanEq(0.0), Interval(0.0, 1.0)
nonnegative_integer, positive_integer = IntegerGreaterThan(0), IntegerGreaterThan(1)
greater_than, greater_than_eq, less_than = GreaterThan, GreaterThanEq, LessThan
interval, half_open_interval, integer_interval, multinomial = Interval, HalfOpenInterval, IntegerInterval, Multinomial
lower_triangular, lower_cholesky, corr_cholesky = LowerTriangular(), LowerCholesky(), CorrCholesky()
square, symmetric, positive_semidefinite, positive_definite = Square(), Symmetric(), PositiveSemidefinite(), PositiveDefinite()
cat, stack = Cat, Stack

HELPERS = ("ArgumentError", "is_dependent", "tensorgrad", "whole")
__all__ = [name for name in dir() if not name.startswith("_") and name not in ("HELPERS", "constraint", "constraints_matrix", *HELPERS)]
