"""biject_to and transform_to: from a constraint to a transform of all real numbers onto what satisfies it."""

from . import constraints, transforms


class ConstraintRegistry:
    """From a constraint a transform of all real numbers onto what satisfies it, found by the constraint's class: biject_to one that is
    bijective, transform_to any; shapes are the transform's. register(constraint, factory) enters one. Errors: NotImplementedError for a
    constraint that has none, TypeError from register for what is no constraint. Source: torch.distributions.constraint_registry.

    >>> from tensorgrad import distributions as d
    >>> d.biject_to(d.constraints.positive)
    ExpTransform()
    >>> d.transform_to(d.constraints.simplex)
    SoftmaxTransform()
    """

    def __init__(self):
        self._registry = {}

    def register(self, constraint, factory=None):
        """Enter factory(constraint) for a class (or the class of an instance); without factory: a decorator."""
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        kind = constraint if isinstance(constraint, type) else type(constraint)
        if not issubclass(kind, constraints.Constraint):
            raise TypeError(f"Expected constraint to be either a Constraint subclass or instance, but got {constraint}")
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint):
        if type(constraint) not in self._registry:
            raise NotImplementedError(f"Cannot transform {type(constraint).__name__} constraints")
        return self._registry[type(constraint)](constraint)


biject_to, transform_to = ConstraintRegistry(), ConstraintRegistry()


def interval(c):
    """Sigmoid, then scaled to the interval."""
    if isinstance(c.lower_bound, float) and c.lower_bound == 0 and isinstance(c.upper_bound, float) and c.upper_bound == 1:
        return transforms.SigmoidTransform()
    return transforms.ComposeTransform([transforms.SigmoidTransform(),
                                        transforms.AffineTransform(c.lower_bound, c.upper_bound - c.lower_bound)])


def shifted(bound, sign):
    """bound + sign exp(x)."""
    return transforms.ComposeTransform([transforms.ExpTransform(), transforms.AffineTransform(bound, sign)])


def above(c):
    """exp, then shifted to the bound, unless that is zero (positive, nonnegative)."""
    return transforms.ExpTransform() if c in (constraints.positive, constraints.nonnegative) else shifted(c.lower_bound, 1)


for registry in (biject_to, transform_to):
    registry.register(constraints.real, lambda c: transforms.identity_transform)
    registry.register(constraints.greater_than, above)
    registry.register(constraints.greater_than_eq, above)
    registry.register(constraints.less_than, lambda c: shifted(c.upper_bound, -1))
    registry.register(constraints.interval, interval)
    registry.register(constraints.half_open_interval, interval)
    registry.register(constraints.corr_cholesky, lambda c: transforms.CorrCholeskyTransform())
    registry.register(constraints.independent, lambda c, to=registry: transforms.IndependentTransform(
        to(c.base_constraint), c.reinterpreted_batch_ndims))
    registry.register(constraints.cat, lambda c, to=registry: transforms.CatTransform([to(p) for p in c.cseq], c.dim, c.lengths))
    registry.register(constraints.stack, lambda c, to=registry: transforms.StackTransform([to(p) for p in c.cseq], c.dim))
biject_to.register(constraints.simplex, lambda c: transforms.StickBreakingTransform())
transform_to.register(constraints.simplex, lambda c: transforms.SoftmaxTransform())
transform_to.register(constraints.lower_cholesky, lambda c: transforms.LowerCholeskyTransform())
transform_to.register(constraints.positive_definite, lambda c: transforms.PositiveDefiniteTransform())
transform_to.register(constraints.positive_semidefinite, lambda c: transforms.PositiveDefiniteTransform())
