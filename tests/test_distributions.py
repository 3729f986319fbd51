"""Distributions: against values and draws stored from PyTorch 2.13 (distributions_torch.json), their own mathematics, and
what they promise about shapes, gradients and bad input."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from store_distributions import cases, facts, listed, pairs, transform_facts, transforms

import tensorgrad
from tensorgrad import distributions as d
from tensorgrad.distributions import constraints
from tensorgrad.ops.gamma import standard_gamma

STORED = json.loads((Path(__file__).parent / "distributions_torch.json").read_text())
# PyTorch's Wishart draws every sample twice, its Kumaraswamy has no mode where both concentrations exceed one.
OTHERWISE = {("Wishart", "sample"), ("Wishart", "sample more"), ("Wishart", "rsample"), ("Kumaraswamy", "mode")}
SINGLE = {"GeneralizedPareto": 1e-5, "Multinomial": 1e-7}  # PyTorch computes (a part of) these in float32


def same(got, expected, bound):
    if got is None or expected is None:
        return got is expected
    got, expected = np.array(got, float), np.array(expected, float)
    return got.shape == expected.shape and np.allclose(got, expected, rtol=bound, atol=bound * 1e-2, equal_nan=True)


def f64(*values):
    return tensorgrad.tensor(values, dtype=tensorgrad.float64)


@pytest.mark.parametrize("name", STORED["distributions"])
def test_facts_and_draws_equal_torch(name):
    got, expected = facts(tensorgrad, name), STORED["distributions"][name]
    assert got.keys() == expected.keys() and got["shapes"] == expected["shapes"]
    wrong = [key for key in expected if key != "shapes" and (name, key) not in OTHERWISE
             and not same(got[key], expected[key], SINGLE.get(name, 1e-9))]
    assert not wrong


def test_kl_divergences_equal_torch():
    known = pairs(tensorgrad)
    wrong = [name for name, expected in STORED["kl"].items()
             if not same(listed(d.kl_divergence(*known[name])), expected, 1e-9)]
    assert not wrong and len(STORED["kl"]) > 100


def test_every_case_is_stored():
    assert set(cases(tensorgrad)) == set(STORED["distributions"]) and set(transforms(tensorgrad)) == set(STORED["transforms"])


@pytest.mark.parametrize("name", STORED["transforms"])
def test_transforms_equal_torch(name):
    got, expected = transform_facts(tensorgrad, name), STORED["transforms"][name]
    assert got["shapes"] == expected["shapes"] and got["events"] == expected["events"]
    assert not [key for key in ("value", "inverse", "log_abs_det", "gradient") if not same(got[key], expected[key], 1e-9)]


@pytest.mark.parametrize("name", STORED["distributions"])
def test_expand_keeps_densities(name):
    dist, _ = cases(tensorgrad)[name]
    wide = dist.expand((4, *dist.batch_shape))
    assert tuple(wide.batch_shape) == (4, *dist.batch_shape) and wide.event_shape == dist.event_shape
    tensorgrad.manual_seed(4)
    value = dist.sample()
    got, expected = wide.log_prob(value.expand((4, *value.shape))), dist.log_prob(value)
    assert tuple(got.shape) == (4, *expected.shape)
    assert same(listed(got), listed(expected.expand((4, *expected.shape))), 1e-12)
    assert tuple(wide.sample((2,)).shape) == (2, 4, *dist.batch_shape, *dist.event_shape)


class Leaves:
    """tensorgrad, but its tensors require grad and are remembered."""

    def __init__(self):
        self.made = []

    def __getattr__(self, name):
        return getattr(tensorgrad, name)

    def tensor(self, *args, **kwargs):
        self.made.append(tensorgrad.tensor(*args, **kwargs).requires_grad_())
        return self.made[-1]


@pytest.mark.parametrize("name", STORED["distributions"])
def test_log_prob_is_differentiable_by_the_parameters(name):
    library = Leaves()
    dist, values = cases(library)[name]
    for leaf in library.made:
        leaf.grad = None
    dist.log_prob(values.detach()).sum().backward()
    gradients = [leaf.grad for leaf in library.made if leaf.grad is not None]
    assert gradients and all(g.isfinite().all().item() for g in gradients)
    assert any(g.abs().max().item() > 0 for g in gradients)


# ---- mathematics ----

@pytest.mark.parametrize("make", [
    lambda a, b: d.Normal(a, b), lambda a, b: d.Laplace(a, b), lambda a, b: d.Cauchy(a, b), lambda a, b: d.Uniform(a, a + b),
    lambda a, b: d.Exponential(b), lambda a, b: d.Gumbel(a, b), lambda a, b: d.LogNormal(a, b), lambda a, b: d.Weibull(b, b + 1),
    lambda a, b: d.Kumaraswamy(b, b + 1), lambda a, b: d.ContinuousBernoulli(logits=a), lambda a, b: d.RelaxedBernoulli(b, logits=a),
    lambda a, b: d.Gamma(b, b + 1), lambda a, b: d.StudentT(b + 1, a, b), lambda a, b: d.HalfNormal(b), lambda a, b: d.Pareto(b, b + 1),
    lambda a, b: d.InverseGamma(b + 1, b), lambda a, b: d.Beta(b, b + 1), lambda a, b: d.Dirichlet(tensorgrad.stack([b, b + 1], -1))])
def test_rsample_has_the_gradient_of_its_draw(make):
    """The draw as a function of the parameters, the random numbers held fixed, against finite differences."""
    values = [f64(-0.3, 0.4, 1.1), f64(0.7, 1.3, 2.1)]

    def draw(a, b):
        tensorgrad.manual_seed(11)
        return make(a, b).rsample((2,))

    if make(*values).__class__ in (d.Gamma, d.StudentT, d.InverseGamma, d.Beta, d.Dirichlet):
        # rejection: the draw jumps with the parameter at fixed numbers; the gradient holds the probability fixed instead
        leaves = [v.clone().requires_grad_() for v in values]
        x = draw(*leaves)
        (x * tensorgrad.arange(x.shape[-1], dtype=x.dtype).add(1)).sum().backward()
        assert leaves[1].grad.isfinite().all().item() and leaves[1].grad.abs().min().item() > 0
        return
    tensorgrad.autograd.gradcheck(draw, [v.clone().requires_grad_() for v in values], atol=1e-5)


def test_gamma_draws_move_along_their_quantile():
    special = pytest.importorskip("scipy.special")
    alpha = f64(*([0.05, 0.3, 1.0, 2.5, 10.0, 80.0, 1000.0] * 6)).requires_grad_()
    tensorgrad.manual_seed(0)
    x = standard_gamma(alpha)
    x.sum().backward()
    a, values = alpha.detach().numpy(), x.detach().numpy()
    p, h = special.gammainc(a, values), 1e-5 * a
    sure = (p > 1e-3) & (p < 1 - 1e-3) & (values > 1e-12)
    expected = (special.gammaincinv(a + h, p) - special.gammaincinv(a - h, p)) / (2 * h)
    assert sure.sum() > 25
    np.testing.assert_allclose(alpha.grad.numpy()[sure], expected[sure], rtol=1e-4)


@pytest.mark.parametrize("name", ["Normal", "Uniform", "Laplace", "Cauchy", "Exponential", "Gumbel", "LogNormal", "HalfNormal",
                                  "HalfCauchy", "Pareto", "Weibull", "Kumaraswamy", "ContinuousBernoulli", "GeneralizedPareto",
                                  "Transformed"])
def test_cdf_is_the_inverse_of_icdf_and_the_integral_of_the_density(name):
    dist, _ = cases(tensorgrad)[name]
    p = tensorgrad.linspace(0.1, 0.85, 5, dtype=dist.mean.dtype if name != "Transformed" else tensorgrad.float64).unsqueeze(-1)
    x = dist.icdf(p).detach().requires_grad_()
    assert same(listed(dist.cdf(x)), listed(p.expand_as(x)), 1e-5 if name == "GeneralizedPareto" else 1e-9)
    slope, = tensorgrad.autograd.grad(dist.cdf(x).sum(), x)
    assert same(listed(slope), listed(dist.log_prob(x.detach()).exp()), 1e-4 if name == "GeneralizedPareto" else 1e-8)


@pytest.mark.parametrize("name", ["Bernoulli", "Binomial", "Categorical", "OneHotCategorical"])
def test_probabilities_sum_to_one(name):
    dist, _ = cases(tensorgrad)[name]
    log = dist.log_prob(dist.enumerate_support())
    assert same(listed(log.exp().sum(0)), listed(tensorgrad.ones_like(log[0])), 1e-9)
    assert same(listed(-(log.exp() * log).sum(0)), listed(dist.entropy()), 1e-9)


def test_kumaraswamy_mode_is_where_the_density_is_largest():
    dist = d.Kumaraswamy(f64(2.0, 3.5), f64(3.0, 1.5))
    x = tensorgrad.linspace(0.001, 0.999, 9981, dtype=tensorgrad.float64)
    best = x[dist.log_prob(x.unsqueeze(-1)).argmax(0)]
    assert (best - dist.mode).abs().max().item() < 2e-4


def test_an_exponential_family_of_ones_own():
    class Decay(d.ExponentialFamily):
        arg_constraints, support, _mean_carrier_measure = {"rate": constraints.positive}, constraints.nonnegative, 0

        def __init__(self, rate):
            self.rate = rate
            super().__init__(rate.shape)

        _natural_params = property(lambda self: (-self.rate,))

        def _log_normalizer(self, x):
            return -(-x).log()

    p, q = Decay(f64(0.5, 2.0)), Decay(f64(1.0, 0.3))
    assert same(listed(p.entropy()), listed(d.Exponential(p.rate).entropy()), 1e-12)
    assert same(listed(d.kl_divergence(p, q)), listed(d.kl_divergence(d.Exponential(p.rate), d.Exponential(q.rate))), 1e-12)


# ---- transforms ----

TRANSFORMS = {
    "exp": (d.ExpTransform(), 0), "power": (d.PowerTransform(f64(2.5)[0]), 0), "sigmoid": (d.SigmoidTransform(), 0),
    "softplus": (d.SoftplusTransform(), 0), "tanh": (d.TanhTransform(), 0), "affine": (d.AffineTransform(0.5, -2.0), 0),
    "affine tensor": (d.AffineTransform(f64(0.5, 1.0, 2.0), f64(-2.0, 0.3, 1.0)), 0), "inverse": (d.ExpTransform().inv, 0),
    "compose": (d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 3.0), d.PowerTransform(f64(0.5)[0])]), 0),
    "cdf": (d.CumulativeDistributionTransform(d.Normal(f64(0.0)[0], 1.0)), 0),
    "independent": (d.IndependentTransform(d.ExpTransform(), 1), 1), "stick": (d.StickBreakingTransform(), 1),
    "correlation": (d.CorrCholeskyTransform(), 1), "reshape": (d.ReshapeTransform((3,), (3, 1)), 1),
    "cat": (d.CatTransform([d.ExpTransform(), d.TanhTransform()], dim=0, lengths=[1, 2]), 0),
    "stack": (d.StackTransform([d.ExpTransform(), d.TanhTransform(), d.SigmoidTransform()], dim=0), 0),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_invert_and_know_their_jacobian(name):
    transform, event = TRANSFORMS[name]
    x = f64(0.3, 0.9, 0.5).requires_grad_()
    y = transform(x)
    assert same(listed(transform.inv(y)), listed(x), 1e-9)
    assert transform.bijective and tuple(transform.forward_shape(x.shape)) == tuple(y.shape)
    assert tuple(transform.inverse_shape(y.shape)) == tuple(x.shape)
    got = transform.log_abs_det_jacobian(x, y)
    assert same(listed(transform.inv.log_abs_det_jacobian(y, x)), listed(-got), 1e-12)
    jacobian = tensorgrad.autograd.functional.jacobian(transform, x.detach()).reshape(-1, 3).numpy()
    if event == 0:
        assert same(listed(got), np.log(np.abs(np.diag(jacobian))).tolist(), 1e-8)
    elif name == "correlation":  # the free entries, below the diagonal
        free = jacobian[[3, 6, 7]]
        assert same(got.item(), float(np.linalg.slogdet(free)[1]), 1e-8)
    else:
        assert same(got.item(), float(np.linalg.slogdet(jacobian[:3])[1]), 1e-8)


def test_caches_and_equality():
    cached = d.SigmoidTransform(cache_size=1)
    x = f64(50.0)
    y = cached(x)
    assert cached.inv(y) is x and d.SigmoidTransform().inv(y).item() != 50.0
    assert d.ExpTransform() == d.ExpTransform() != d.TanhTransform()
    assert d.AffineTransform(1, 2) == d.AffineTransform(1, 2) != d.AffineTransform(1, 3)
    assert d.ComposeTransform([d.ExpTransform()]) == d.ComposeTransform([d.ExpTransform()])
    assert d.ExpTransform().inv.inv == d.ExpTransform() and cached.with_cache(0)._cache_size == 0
    with pytest.raises(ValueError):
        d.ExpTransform(cache_size=2)


@pytest.mark.parametrize("constraint", [
    constraints.real, constraints.positive, constraints.nonnegative, constraints.greater_than(-2.0), constraints.less_than(3.0),
    constraints.interval(-1.0, 4.0), constraints.unit_interval, constraints.half_open_interval(0.0, 2.0), constraints.simplex,
    constraints.corr_cholesky, constraints.real_vector, constraints.independent(constraints.positive, 1)], ids=repr)
def test_registries_reach_the_constraint(constraint):
    x = f64(-3.0, 0.0, 2.5)
    for registry in (d.biject_to, d.transform_to):
        transform = registry(constraint)
        y = transform(x)
        assert constraint.check(y).all().item()
    assert same(listed(d.biject_to(constraint).inv(d.biject_to(constraint)(x))), listed(x), 1e-7)


def test_matrices_that_are_positive_definite():
    x = tensorgrad.tensor([[0.1, 2.0], [-1.0, 0.4]], dtype=tensorgrad.float64)
    for constraint in (constraints.positive_definite, constraints.positive_semidefinite, constraints.lower_cholesky):
        assert constraint.check(d.transform_to(constraint)(x)).all().item()
    assert not constraints.positive_definite.check(x).item() and not constraints.lower_cholesky.check(x).item()
    y = d.PositiveDefiniteTransform()(x)
    assert same(listed(d.PositiveDefiniteTransform()(d.PositiveDefiniteTransform().inv(y))), listed(y), 1e-9)
    with pytest.raises(NotImplementedError):
        d.biject_to(constraints.positive_definite)


def test_constraints_of_pieces():
    cat = constraints.cat([constraints.positive, constraints.boolean], lengths=[2, 1])
    assert cat.check(f64(1.0, -1.0, 1.0)).tolist() == [True, False, True] and cat.is_discrete
    stack = constraints.stack([constraints.positive, constraints.boolean])
    assert stack.check(f64(1.0, 2.0)).tolist() == [True, False]
    assert constraints.integer_interval(0, 3).check(f64(0.0, 1.5, 4.0)).tolist() == [True, False, False]
    assert constraints.one_hot.check(tensorgrad.eye(2)).all().item() and constraints.is_dependent(constraints.dependent)
    assert repr(constraints.positive) == "GreaterThan(lower_bound=0.0)" and repr(constraints.real) == "Real()"


# ---- shapes and bad input ----

BAD = {
    "scale": lambda: d.Normal(0.0, -1.0), "nan": lambda: d.Normal(math.nan, 1.0), "probs": lambda: d.Bernoulli(1.5),
    "both": lambda: d.Bernoulli(0.5, 0.5), "neither": lambda: d.Categorical(), "low": lambda: d.Uniform(2.0, 1.0),
    "0-d categorical": lambda: d.Categorical(tensorgrad.tensor(1.0)), "0-d dirichlet": lambda: d.Dirichlet(tensorgrad.tensor(1.0)),
    "simplex": lambda: d.Dirichlet(f64(1.0, 2.0)).log_prob(f64(0.5, 0.6)), "support": lambda: d.Exponential(1.0).log_prob(f64(-1.0)),
    "shape": lambda: d.Normal(f64(0.0, 1.0), 1.0).log_prob(f64(0.0, 1.0, 2.0)), "value": lambda: d.Normal(0.0, 1.0).log_prob(1.0),
    "event": lambda: d.Dirichlet(f64(1.0, 2.0)).log_prob(f64(0.5, 0.2, 0.3)), "string": lambda: d.Normal("a", 1.0),
    "matrix": lambda: d.MultivariateNormal(f64(0.0, 0.0), f64(1.0, 1.0)), "two matrices": lambda: d.MultivariateNormal(
        f64(0.0), tensorgrad.eye(1), tensorgrad.eye(1)),
    "indefinite": lambda: d.MultivariateNormal(f64(0.0, 0.0), -tensorgrad.eye(2, dtype=tensorgrad.float64)),
    "df": lambda: d.Wishart(f64(1.0)[0], tensorgrad.eye(3, dtype=tensorgrad.float64)), "dim": lambda: d.LKJCholesky(1),
    "mixture": lambda: d.MixtureSameFamily(d.Categorical(f64(0.5, 0.5)), d.Normal(f64(0.0, 1.0, 2.0), 1.0)),
    "no mixture": lambda: d.MixtureSameFamily(d.Normal(0.0, 1.0), d.Normal(0.0, 1.0)),
    "independent": lambda: d.Independent(d.Normal(0.0, 1.0), 1), "transforms": lambda: d.TransformedDistribution(d.Normal(0.0, 1.0), [3]),
    "geometric": lambda: d.Geometric(0.0), "binomial": lambda: d.Binomial(-1, f64(0.5)),
    "validate": lambda: d.Distribution.set_default_validate_args(3),
    "reshape": lambda: d.ReshapeTransform((2,), (3,)), "square": lambda: d.CorrCholeskyTransform()(f64(1.0, 2.0)),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    with pytest.raises(ValueError):
        BAD[name]()


def test_what_does_not_exist():
    for call in (lambda: d.kl_divergence(d.Normal(0.0, 1.0), d.Poisson(1.0)), lambda: d.Poisson(1.0).entropy(),
                 lambda: d.Multinomial(f64(2.0), f64(0.5, 0.5)), lambda: d.Normal(0.0, 1.0).enumerate_support(),
                 lambda: d.Binomial(f64(1.0, 2.0), f64(0.5, 0.5)).entropy()):
        with pytest.raises(NotImplementedError):
            call()
    with pytest.raises(TypeError):
        d.register_kl(int, d.Normal)


def test_validation_can_be_left_out():
    assert d.Normal(0.0, -1.0, validate_args=False).log_prob(tensorgrad.tensor(0.0)).isnan().item()
    d.Distribution.set_default_validate_args(False)
    try:
        d.Bernoulli(2.0)
    finally:
        d.Distribution.set_default_validate_args(True)


def test_numbers_take_the_default_dtype_and_tensors_keep_theirs():
    assert d.Normal(0, 1).sample().dtype is tensorgrad.float32 and d.Normal(0, 1).batch_shape == ()
    assert d.Normal(f64(0.0), 1).rsample((2,)).dtype is tensorgrad.float64
    assert repr(d.Normal(0.0, 1.0)) == "Normal(loc: 0.0, scale: 1.0)"
    assert "size" not in repr(d.Normal(f64(0.0, 1.0), 1.0)) and "[2]" in repr(d.Normal(f64(0.0, 1.0), 1.0))


def test_samples_have_no_graph_and_rsamples_have():
    loc = tensorgrad.zeros(2, requires_grad=True)
    assert not d.Normal(loc, 1.0).sample().requires_grad and d.Normal(loc, 1.0).rsample().requires_grad
    logits = tensorgrad.zeros(3, requires_grad=True)
    one_hot = d.OneHotCategoricalStraightThrough(logits=logits).rsample()
    (one_hot * tensorgrad.arange(3.0)).sum().backward()
    assert one_hot.detach().sum().item() == pytest.approx(1.0) and logits.grad.abs().sum().item() > 0


def test_a_stick_is_broken_into_a_vector():
    stick = d.StickBreakingTransform()
    for transform in (stick, stick.inv):
        with pytest.raises(tensorgrad.ArgumentError, match="dimensions"):
            transform(tensorgrad.tensor(0.5))


REFUSED = {  # what -> call, what the message must say
    "a vector that is a number": (lambda: d.Dirichlet(2.0), "`concentration` .* got float"),
    "a vector that is text": (lambda: d.Categorical("x"), "`probs` .* got str"),
    "a matrix that is a vector": (lambda: d.Wishart(3.0, tensorgrad.ones(2)), r"2 dimensions, got shape \(2,\)"),
    "loc of another size": (lambda: d.MultivariateNormal(tensorgrad.zeros(7), tensorgrad.eye(2)), r"\(7,\) does not fit .* \(2, 2\)"),
    "no base": (lambda: d.Independent(3, 1), "must be a Distribution, got int"),
    "no base to transform": (lambda: d.TransformedDistribution(3, []), "must be a Distribution, got int"),
    "negative count": (lambda: d.Multinomial(-1, tensorgrad.ones(2)), "got -1"),
    "temperature": (lambda: d.RelaxedBernoulli(0.0, tensorgrad.tensor(0.5)), "got 0.0"),
    "temperature of a vector": (lambda: d.RelaxedOneHotCategorical(-1.0, tensorgrad.ones(2)), "got -1.0"),
    "dim": (lambda: d.LKJCholesky(2.5), "dim=2.5"),
    "pieces": (lambda: d.constraints.cat([d.constraints.real], lengths=[1, 2]), "1 constraints and 2 lengths"),
    "slices": (lambda: d.constraints.stack([d.constraints.real]).check(tensorgrad.ones(2)), r"shape \(2,\) must have 1"),
    "no matrix": (lambda: d.constraints.positive_definite.check(tensorgrad.ones(2)), r"a matrix is needed, got shape \(2,\)"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_named(what):
    call, says = REFUSED[what]
    with pytest.raises((tensorgrad.ArgumentError, tensorgrad.ShapeError), match=says):
        call()


@pytest.mark.parametrize("make", [lambda: d.ComposeTransform([3]), lambda: d.IndependentTransform(3, 1),
                                  lambda: d.CatTransform([3]), lambda: d.StackTransform([3])])
def test_parts_are_transforms(make):
    with pytest.raises(TypeError, match="expected transforms, got int"):
        make()
