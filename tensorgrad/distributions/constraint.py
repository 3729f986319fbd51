"""Constraint, the base of all constraints, and those that are made of others' parameters or dimensions."""

from .._core.errors import ArgumentError


class Constraint:
    """The base. event_dim: how many of the last dimensions make one value; check(value) answers one bool for each, of shape value.shape
    without them; is_discrete: whether values are isolated. Errors: NotImplementedError from the base's check. Source:
    torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.positive.check(tensorgrad.tensor([1.0, 0.0]))
    tensor([ True, False])
    """

    is_discrete = False
    event_dim = 0

    def check(self, value):
        """Whether each event satisfies the constraint: (..., event dimensions) -> (...) of bool. Errors: ArgumentError where that
        cannot be told.

        >>> import tensorgrad
        >>> from tensorgrad.distributions import constraints as c
        >>> c.simplex.check(tensorgrad.tensor([[0.5, 0.5], [0.5, 0.6]]))
        tensor([ True, False])
        """
        raise NotImplementedError(f"{type(self).__name__}.check")

    def __repr__(self):
        bounds = ", ".join(f"{k}={v}" for k, v in self.__dict__.items())
        return f"{type(self).__name__}({bounds})"


class Dependent(Constraint):
    """A constraint that is known only together with other parameters, whatever their shapes. Errors: ArgumentError from check,
    NotImplementedError for what is not known of its values. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.is_dependent(c.dependent), c.dependent(event_dim=1).event_dim
    (True, 1)
    """

    def __init__(self, *, is_discrete=NotImplemented, event_dim=NotImplemented):
        self._is_discrete, self._event_dim = is_discrete, event_dim

    @property
    def is_discrete(self):
        """Whether values are isolated, if that is known.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.Dependent(is_discrete=True).is_discrete
        True
        """
        return known(self._is_discrete, "is_discrete")

    @property
    def event_dim(self):
        """How many of the last dimensions make one value, if that is known.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.Dependent(event_dim=1).event_dim
        1
        """
        return known(self._event_dim, "event_dim")

    def __call__(self, *, is_discrete=NotImplemented, event_dim=NotImplemented):
        return Dependent(is_discrete=self._is_discrete if is_discrete is NotImplemented else is_discrete,
                         event_dim=self._event_dim if event_dim is NotImplemented else event_dim)

    def check(self, value):
        """A dependent constraint cannot be checked. Errors: ArgumentError."""
        raise ArgumentError("Cannot determine validity of dependent constraint")


def known(value, name):
    """value. Errors: NotImplementedError where it is NotImplemented."""
    if value is NotImplemented:
        raise NotImplementedError(f".{name} cannot be determined statically")
    return value


class DependentProperty(property, Dependent):
    """A property that computes a constraint from the parameters, whatever their shapes; its class still tells event_dim and is_discrete.
    Errors: ArgumentError from the class's check, NotImplementedError for event_dim or is_discrete that were not given. Source:
    torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad import distributions as d
    >>> c = d.constraints
    >>> c.is_dependent(d.Uniform.support), d.Uniform(0.0, 2.0).support
    (True, Interval(lower_bound=0.0, upper_bound=2.0))
    """

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
    """A constraint of which the last batch dimensions belong to the event: all of them must satisfy it; check drops them: (..., *event)
    -> (...). Errors: ArgumentError from check for fewer dimensions. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> c.independent(c.positive, 1).check(tensorgrad.tensor([[1.0, 2.0], [1.0, 0.0]]))
    tensor([ True, False])
    """

    def __init__(self, base_constraint, reinterpreted_batch_ndims):
        self.base_constraint, self.reinterpreted_batch_ndims = base_constraint, reinterpreted_batch_ndims

    @property
    def is_discrete(self):
        """The base's.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.independent(constraints.real, 1).is_discrete
        False
        """
        return self.base_constraint.is_discrete

    @property
    def event_dim(self):
        """The base's and the reinterpreted dimensions.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.independent(constraints.simplex, 1).event_dim
        2
        """
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def check(self, value):
        """Whether all values of each event satisfy the base. Errors: ArgumentError for fewer dimensions than an event has."""
        ok = self.base_constraint.check(value)
        if ok.ndim < self.reinterpreted_batch_ndims:
            raise ArgumentError(f"Expected value.dim() >= {self.event_dim} but got {value.ndim}")
        return all_of_last(ok, self.reinterpreted_batch_ndims)


class MixtureSameFamilyConstraint(Constraint):
    """What a mixture's values, (..., *event), satisfy: the constraint of every component; check -> (...). Errors: ArgumentError from
    check for fewer dimensions than the event's. Source: torch.distributions.constraints.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import constraints as c
    >>> components = c.interval(tensorgrad.zeros(2), tensorgrad.tensor([1.0, 2.0]))
    >>> c.MixtureSameFamilyConstraint(components).check(tensorgrad.tensor([0.5, 1.5]))
    tensor([ True, False])
    """

    def __init__(self, base_constraint):
        self.base_constraint = base_constraint

    @property
    def is_discrete(self):
        """The components'.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.MixtureSameFamilyConstraint(constraints.boolean).is_discrete
        True
        """
        return self.base_constraint.is_discrete

    @property
    def event_dim(self):
        """The components'.

        >>> from tensorgrad.distributions import constraints
        >>> constraints.MixtureSameFamilyConstraint(constraints.simplex).event_dim
        1
        """
        return self.base_constraint.event_dim

    def check(self, value):
        """Whether each event satisfies all components. Errors: ArgumentError for fewer dimensions than an event has."""
        if value.ndim < self.event_dim:
            raise ArgumentError(f"Expected value.dim() >= {self.event_dim} but got {value.ndim}")
        ok = self.base_constraint.check(value.unsqueeze(-1 - self.event_dim))
        return all_of_last(ok, ok.ndim - (value.ndim - self.event_dim))
