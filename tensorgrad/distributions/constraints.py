"""Constraints: which values a parameter may take, or a sample can have. check(value) answers one bool an event. The names are
torch.distributions.constraints'.

>>> import tensorgrad
>>> tensorgrad.distributions.constraints.positive.check(tensorgrad.tensor([1.0, 0.0]))
tensor([ True, False])
"""

import tensorgrad


class Constraint:
    """The base. event_dim: how many of the last dimensions make one value; is_discrete: whether values are isolated. Source:
    torch.distributions.constraints."""

    is_discrete = False
    event_dim = 0

    def check(self, value):
        """Whether each event satisfies the constraint."""
        raise NotImplementedError(f"{type(self).__name__}.check")

    def __repr__(self):
        bounds = ", ".join(f"{k}={v}" for k, v in self.__dict__.items())
        return f"{type(self).__name__}({bounds})"


class Dependent(Constraint):
    """A constraint that is known only together with other parameters. Source: torch.distributions.constraints."""

    def __init__(self, *, is_discrete=NotImplemented, event_dim=NotImplemented):
        self._is_discrete, self._event_dim = is_discrete, event_dim

    @property
    def is_discrete(self):
        """Whether values are isolated, if that is known."""
        return known(self._is_discrete, "is_discrete")

    @property
    def event_dim(self):
        """How many of the last dimensions make one value, if that is known."""
        return known(self._event_dim, "event_dim")

    def __call__(self, *, is_discrete=NotImplemented, event_dim=NotImplemented):
        return Dependent(is_discrete=self._is_discrete if is_discrete is NotImplemented else is_discrete,
                         event_dim=self._event_dim if event_dim is NotImplemented else event_dim)

    def check(self, value):
        """A dependent constraint cannot be checked."""
        raise ValueError("Cannot determine validity of dependent constraint")


def known(value, name):
    """value. Errors: NotImplementedError where it is NotImplemented."""
    if value is NotImplemented:
        raise NotImplementedError(f".{name} cannot be determined statically")
    return value


class DependentProperty(property, Dependent):
    """A property that computes a constraint from the parameters; its class still tells event_dim and is_discrete. Source:
    torch.distributions.constraints."""

    def __init__(self, fn=None, *, is_discrete=NotImplemented, event_dim=NotImplemented):
        super().__init__(fn)
        self._is_discrete, self._event_dim = is_discrete, event_dim

    def __call__(self, fn):
        return DependentProperty(fn, is_discrete=self._is_discrete, event_dim=self._event_dim)


def is_dependent(constraint):
    """Whether a constraint is known only together with other parameters."""
    return isinstance(constraint, Dependent)


def all_of_last(ok, dims):
    """Whether all of the last dims dimensions are true."""
    return ok.reshape(tuple(ok.shape[:ok.ndim - dims]) + (-1,)).all(-1) if dims else ok


class IndependentConstraint(Constraint):
    """A constraint of which the last batch dimensions belong to the event. Source: torch.distributions.constraints."""

    def __init__(self, base_constraint, reinterpreted_batch_ndims):
        self.base_constraint, self.reinterpreted_batch_ndims = base_constraint, reinterpreted_batch_ndims

    @property
    def is_discrete(self):
        """The base's."""
        return self.base_constraint.is_discrete

    @property
    def event_dim(self):
        """The base's and the reinterpreted dimensions."""
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def check(self, value):
        """Whether all values of each event satisfy the base."""
        ok = self.base_constraint.check(value)
        if ok.ndim < self.reinterpreted_batch_ndims:
            raise ValueError(f"Expected value.dim() >= {self.event_dim} but got {value.ndim}")
        return all_of_last(ok, self.reinterpreted_batch_ndims)


class MixtureSameFamilyConstraint(Constraint):
    """What a mixture's values satisfy: the constraint of every component. Source: torch.distributions.constraints."""

    def __init__(self, base_constraint):
        self.base_constraint = base_constraint

    @property
    def is_discrete(self):
        """The components'."""
        return self.base_constraint.is_discrete

    @property
    def event_dim(self):
        """The components'."""
        return self.base_constraint.event_dim

    def check(self, value):
        """Whether each event satisfies all components."""
        if value.ndim < self.event_dim:
            raise ValueError(f"Expected value.dim() >= {self.event_dim} but got {value.ndim}")
        ok = self.base_constraint.check(value.unsqueeze(-1 - self.event_dim))
        return all_of_last(ok, ok.ndim - (value.ndim - self.event_dim))


class Real(Constraint):
    """Any number but nan. Source: torch.distributions.constraints."""

    def check(self, value):
        return value == value


class Boolean(Constraint):
    """0 or 1. Source: torch.distributions.constraints."""

    is_discrete = True

    def check(self, value):
        return (value == 0) | (value == 1)


class GreaterThan(Constraint):
    """Above lower_bound. Source: torch.distributions.constraints."""

    def __init__(self, lower_bound):
        self.lower_bound = lower_bound

    def check(self, value):
        return value > self.lower_bound


class GreaterThanEq(GreaterThan):
    """lower_bound or above. Source: torch.distributions.constraints."""

    def check(self, value):
        return value >= self.lower_bound


class LessThan(Constraint):
    """Below upper_bound. Source: torch.distributions.constraints."""

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def check(self, value):
        return value < self.upper_bound


class Interval(Constraint):
    """In [lower_bound, upper_bound]. Source: torch.distributions.constraints."""

    def __init__(self, lower_bound, upper_bound):
        self.lower_bound, self.upper_bound = lower_bound, upper_bound

    def check(self, value):
        return (value >= self.lower_bound) & (value <= self.upper_bound)


class HalfOpenInterval(Interval):
    """In [lower_bound, upper_bound). Source: torch.distributions.constraints."""

    def check(self, value):
        return (value >= self.lower_bound) & (value < self.upper_bound)


def whole(value):
    """Where value is an integer."""
    return value % 1 == 0


class IntegerInterval(Interval):
    """An integer in [lower_bound, upper_bound]. Source: torch.distributions.constraints."""

    is_discrete = True

    def check(self, value):
        return whole(value) & super().check(value)


class IntegerGreaterThan(GreaterThan):
    """An integer of lower_bound or above. Source: torch.distributions.constraints."""

    is_discrete = True

    def check(self, value):
        return whole(value) & (value >= self.lower_bound)


class OneHot(Constraint):
    """A vector of zeros and one 1. Source: torch.distributions.constraints."""

    is_discrete, event_dim = True, 1

    def check(self, value):
        return boolean.check(value).all(-1) & (value.sum(-1) == 1)


class Simplex(Constraint):
    """A vector of numbers >= 0 whose sum is 1. Source: torch.distributions.constraints."""

    event_dim = 1

    def check(self, value):
        return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6)


class Multinomial(Constraint):
    """A vector of numbers >= 0 whose sum is at most upper_bound. Source: torch.distributions.constraints."""

    is_discrete, event_dim = True, 1

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def check(self, value):
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)


class LowerTriangular(Constraint):
    """A matrix with zeros above the diagonal. Source: torch.distributions.constraints."""

    event_dim = 2

    def check(self, value):
        return all_of_last(value.tril() == value, 2)


class LowerCholesky(LowerTriangular):
    """A lower triangular matrix with a positive diagonal. Source: torch.distributions.constraints."""

    def check(self, value):
        return super().check(value) & (value.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


class CorrCholesky(LowerCholesky):
    """The Cholesky factor of a correlation matrix: its rows have length one. Source: torch.distributions.constraints."""

    def check(self, value):
        tolerance = 10 * value.shape[-1] * tensorgrad.finfo(value.dtype).eps
        length = (value.detach() ** 2).sum(-1).sqrt()
        return super().check(value) & ((length - 1).abs() <= tolerance).all(-1)


class Square(Constraint):
    """A square matrix. Source: torch.distributions.constraints."""

    event_dim = 2

    def check(self, value):
        return tensorgrad.full(tuple(value.shape[:-2]), value.shape[-1] == value.shape[-2], dtype=tensorgrad.bool)


class Symmetric(Square):
    """A symmetric matrix. Source: torch.distributions.constraints."""

    def check(self, value):
        square = super().check(value)
        return all_of_last(tensorgrad.isclose(value, value.mT, atol=1e-6), 2) if square.all().item() else square


class PositiveSemidefinite(Symmetric):
    """A symmetric matrix without negative eigenvalues. Source: torch.distributions.constraints."""

    def least(self, value):
        """The smallest eigenvalue of each matrix."""
        import numpy as np
        return tensorgrad.from_numpy(np.asarray(np.linalg.eigvalsh(value.detach().double().numpy())[..., 0]))

    def check(self, value):
        symmetric = super().check(value)
        return self.least(value) >= 0 if symmetric.all().item() else symmetric


class PositiveDefinite(PositiveSemidefinite):
    """A symmetric matrix with positive eigenvalues. Source: torch.distributions.constraints."""

    def check(self, value):
        symmetric = Symmetric.check(self, value)
        return self.least(value) > 0 if symmetric.all().item() else symmetric


class Cat(Constraint):
    """Pieces of some lengths along a dimension, each with a constraint of its own. Source: torch.distributions.constraints."""

    def __init__(self, cseq, dim=0, lengths=None):
        self.cseq, self.dim = list(cseq), dim
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            raise ValueError(f"cat: {len(self.cseq)} constraints and {len(self.lengths)} lengths")

    @property
    def is_discrete(self):
        """Whether a piece is."""
        return any(c.is_discrete for c in self.cseq)

    @property
    def event_dim(self):
        """The largest of the pieces'."""
        return max(c.event_dim for c in self.cseq)

    def check(self, value):
        return tensorgrad.cat([c.check(v) for c, v in zip(self.cseq, value.split(self.lengths, self.dim), strict=True)], self.dim)


class Stack(Cat):
    """Slices along a dimension, each with a constraint of its own. Source: torch.distributions.constraints."""

    def __init__(self, cseq, dim=0):
        self.cseq, self.dim = list(cseq), dim

    @property
    def event_dim(self):
        """The largest of the slices', and the stacked dimension where it belongs to the event."""
        largest = super().event_dim
        return largest + (self.dim + largest < 0)

    def check(self, value):
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

HELPERS = ("all_of_last", "is_dependent", "known", "tensorgrad", "whole")
__all__ = [name for name in dir() if not name.startswith("_") and name not in ("HELPERS", *HELPERS)]
