"""kl_divergence: the expectation of log p - log q under p, by formulas for pairs of classes."""

import math
from itertools import product

import tensorgrad

from .._core.errors import ArgumentError
from . import composed, continuous, discrete, matrix, positive, simplex, transformed
from .distribution import EULER, Distribution, ExponentialFamily, sum_rightmost
from .matrix import log_diagonal, mahalanobis, solve, trace_square

FORMULAS: dict = {}


def register_kl(type_p, type_q):
    """A decorator that enters f(p, q) -> KL(p | q), of shape batch_shape, for two classes; the most derived classes win. Errors:
    TypeError for what are no classes of distributions. Source: torch.distributions.kl.register_kl.

    >>> from tensorgrad import distributions as d
    >>> class Mine(d.Normal): pass
    >>> d.register_kl(Mine, Mine)(lambda p, q: p.loc * 0 + 7.0)(Mine(0.0, 1.0), Mine(0.0, 1.0))
    tensor(7.)
    """
    for kind in (type_p, type_q):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(f"Expected a Distribution subclass but got {kind}")

    def enter(f):
        FORMULAS[type_p, type_q] = f
        return f

    return enter


def look_up(type_p, type_q):
    """The formula for the nearest base classes."""
    pairs = [(type_p.__mro__.index(a) + type_q.__mro__.index(b), i, f) for i, ((a, b), f) in enumerate(FORMULAS.items())
             if issubclass(type_p, a) and issubclass(type_q, b)]
    return min(pairs)[2] if pairs else None


def kl_divergence(p, q):
    """KL(p | q) = E_p (log p(x) - log q(x)), of the batch shapes of p and q, broadcast. Errors: NotImplementedError for pairs without a
    formula, ShapeError for batch shapes that do not broadcast. Source: torch.distributions.kl_divergence.

    >>> import tensorgrad
    >>> from tensorgrad.distributions import Normal, kl_divergence
    >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
    tensor(0.5000)
    """
    formula = look_up(type(p), type(q))
    if formula is None:
        raise NotImplementedError(f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}")
    return formula(p, q)


C, P, D, T = continuous, positive, discrete, transformed
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def entropy_and(cross):
    """-entropy(p) - E_p[log q], cross(p, q) being the expectation."""
    return lambda p, q: -p.entropy() - cross(p, q)


def register(p, q, formula):
    """register_kl without a decorator."""
    register_kl(p, q)(formula)


@register_kl(ExponentialFamily, ExponentialFamily)
def bregman(p, q):
    """A Bregman divergence of the log normalizer, for two of one class (Nielsen and Nock 2010)."""
    if type(p) is not type(q):
        raise NotImplementedError("The cross KL-divergence between different exponential families cannot be computed using "
                                  "Bregman divergences")
    with tensorgrad.enable_grad():
        ours = [x.detach().requires_grad_() for x in p._natural_params]
        normalizer = p._log_normalizer(*ours)
        means = tensorgrad.autograd.grad(normalizer.sum(), ours, create_graph=True)
    out = q._log_normalizer(*q._natural_params) - normalizer
    for a, b, mean in zip(ours, q._natural_params, means, strict=True):
        out = out - sum_rightmost((b - a) * mean, len(q.event_shape))
    return out


# ---- two of one class ----

@register_kl(D.Bernoulli, D.Bernoulli)
def bernoulli(p, q):
    one = p.probs * (p.probs / q.probs).log()
    one = tensorgrad.where(p.probs == 0, 0.0, tensorgrad.where(q.probs == 0, math.inf, one))
    none = (1 - p.probs) * ((1 - p.probs) / (1 - q.probs)).log()
    return one + tensorgrad.where(p.probs == 1, 0.0, tensorgrad.where(q.probs == 1, math.inf, none))


@register_kl(simplex.Beta, simplex.Beta)
def beta(p, q):
    return dirichlet(p._dirichlet, q._dirichlet)


@register_kl(D.Binomial, D.Binomial)
def binomial(p, q):
    if (p.total_count < q.total_count).any().item():
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not implemented")
    out = p.total_count * (p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p())
    return tensorgrad.where(p.total_count > q.total_count, math.inf, out)


@register_kl(D.Categorical, D.Categorical)
def categorical(p, q):
    each = p.probs * (p.logits - q.logits)
    return tensorgrad.where(p.probs == 0, 0.0, tensorgrad.where(q.probs == 0, math.inf, each)).sum(-1)


@register_kl(C.ContinuousBernoulli, C.ContinuousBernoulli)
def continuous_bernoulli(p, q):
    return p.mean * (p.logits - q.logits) + p.log_norm() + (-p.probs).log1p() - q.log_norm() - (-q.probs).log1p()


@register_kl(simplex.Dirichlet, simplex.Dirichlet)
def dirichlet(p, q):
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    slopes = a.digamma() - total.digamma().unsqueeze(-1)
    return total.lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1) + ((a - b) * slopes).sum(-1)


@register_kl(P.Exponential, P.Exponential)
def exponential(p, q):
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(P.Gamma, P.Gamma)
def gamma(p, q):
    a, b = p.concentration, q.concentration
    return b * (p.rate / q.rate).log() + b.lgamma() - a.lgamma() + (a - b) * a.digamma() + (q.rate - p.rate) * a / p.rate


@register_kl(T.Gumbel, T.Gumbel)
def gumbel(p, q):
    ratio, shift = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return shift - ratio.log() + ratio * EULER + ((1 + ratio).lgamma() - shift).exp() - (1 + EULER)


@register_kl(D.Geometric, D.Geometric)
def geometric(p, q):
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(T.HalfNormal, T.HalfNormal)
def half_normal(p, q):
    return normal(p.base_dist, q.base_dist)


@register_kl(C.Laplace, C.Laplace)
def laplace(p, q):
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + distance / q.scale + ratio * (-distance / p.scale).exp() - 1


@register_kl(C.Normal, C.Normal)
def normal(p, q):
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log())


@register_kl(D.OneHotCategorical, D.OneHotCategorical)
def one_hot(p, q):
    return categorical(p._categorical, q._categorical)


@register_kl(T.Pareto, T.Pareto)
def pareto(p, q):
    ratio = q.alpha / p.alpha
    out = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return tensorgrad.where(p.scale < q.scale, math.inf, out)


@register_kl(D.Poisson, D.Poisson)
def poisson(p, q):
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(C.Uniform, C.Uniform)
def uniform(p, q):
    out = ((q.high - q.low) / (p.high - p.low)).log()
    return tensorgrad.where((q.low > p.low) | (q.high < p.high), math.inf, out)


@register_kl(C.Cauchy, C.Cauchy)
def cauchy(p, q):
    return ((p.scale + q.scale) ** 2 + (p.loc - q.loc) ** 2).log() - (4 * p.scale * q.scale).log()


@register_kl(composed.TransformedDistribution, composed.TransformedDistribution)
def transformed_pair(p, q):
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("KL between TransformedDistributions with different transforms is not implemented")
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(composed.Independent, composed.Independent)
def independent(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("KL between Independent distributions of different event dimensions is not implemented")
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


# ---- normal vectors ----

def same_size(p, q):
    """Errors: ArgumentError for events of different shapes."""
    if p.event_shape != q.event_shape:
        raise ArgumentError(f"KL-divergence between normals with different event shapes cannot be computed: {p.event_shape} and "
                            f"{q.event_shape}")


@register_kl(matrix.MultivariateNormal, matrix.MultivariateNormal)
@register_kl(matrix.LowRankMultivariateNormal, matrix.MultivariateNormal)
def multivariate(p, q):
    same_size(p, q)
    return (log_diagonal(q.scale_tril) - log_diagonal(p.scale_tril) + 0.5 * (
        trace_square(solve(q.scale_tril, p.scale_tril)) + mahalanobis(q.scale_tril, q.loc - p.loc) - p.event_shape[0]))


def to_low_rank(p, q, p_log_determinant, p_root):
    """From a normal with a log-determinant and a root of the covariance to one of low rank."""
    same_size(p, q)
    inside = trace_square(p_root / q.cov_diag.sqrt().unsqueeze(-1)) - trace_square(solve(q.capacitance, q.weighted @ p_root))
    return 0.5 * (q.log_determinant() - p_log_determinant + inside + q.distance(q.loc - p.loc) - p.event_shape[0])


register(matrix.MultivariateNormal, matrix.LowRankMultivariateNormal,
         lambda p, q: to_low_rank(p, q, 2 * log_diagonal(p.scale_tril), p.scale_tril))
register(matrix.LowRankMultivariateNormal, matrix.LowRankMultivariateNormal, lambda p, q: to_low_rank(
    p, q, p.log_determinant(), tensorgrad.cat([p.cov_factor, p.cov_diag.sqrt().diag_embed()], -1)))


# ---- two classes: -entropy(p) - E_p[log q], from p's moments ----

def log_of(p):
    """E[log x] of a positive distribution."""
    if isinstance(p, simplex.Beta):
        return p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma()
    if isinstance(p, P.Exponential):
        return -EULER - p.rate.log()
    return p.concentration.digamma() - p.rate.log()


def exp_minus(p, q):
    """E[exp(-x / s)] for the scale s of q: the moment generating function at -1 / s."""
    t = 1 / q.scale
    if isinstance(p, P.Exponential):
        return p.rate / (p.rate + t)
    if isinstance(p, P.Gamma):
        return (1 + t / p.rate) ** -p.concentration
    if isinstance(p, C.Normal):
        return (0.5 * (p.scale * t) ** 2 - p.loc * t).exp()
    return ((-p.low * t).exp() - (-p.high * t).exp()) / (t * (p.high - p.low))  # uniform


def cross_normal(p, q):
    """E[log q], q normal: from the mean and the variance."""
    return -0.5 * (p.variance + (p.mean - q.loc) ** 2) / q.scale ** 2 - q.scale.log() - HALF_LOG_2PI


def cross_exponential(p, q):
    """E[log q], q exponential."""
    return q.rate.log() - q.rate * p.mean


def cross_gamma(p, q):
    """E[log q], q gamma."""
    a = q.concentration
    return a * q.rate.log() - a.lgamma() + (a - 1) * log_of(p) - q.rate * p.mean


def cross_gumbel(p, q):
    """E[log q], q Gumbel."""
    return -q.scale.log() - (p.mean - q.loc) / q.scale - (q.loc / q.scale).exp() * exp_minus(p, q)


def infinite(p, q):
    """inf in the shape of p and q together."""
    return tensorgrad.full(tuple(tensorgrad.broadcast_shapes(tuple(p.batch_shape), tuple(q.batch_shape))), math.inf,
                           dtype=p.mean.dtype)


def within(low, high):
    """The KL to a Uniform of a distribution on [low(p), high(p)]."""
    def formula(p, q):
        out = -p.entropy() + (q.high - q.low).log()
        return tensorgrad.where((q.low > low(p)) | (q.high < high(p)), math.inf, out)

    return formula


def zero(p):
    return 0.0


def one(p):
    return 1.0


Beta, CB = simplex.Beta, C.ContinuousBernoulli
for left, right, cross in [
        *product([Beta, CB, P.Exponential, P.Gamma, T.Gumbel, C.Laplace, C.Uniform], [C.Normal], [cross_normal]),
        *product([Beta, CB, P.Gamma, T.Pareto], [P.Exponential], [cross_exponential]),
        *product([Beta, P.Exponential], [P.Gamma], [cross_gamma]),
        *product([P.Exponential, P.Gamma, C.Normal, C.Uniform], [T.Gumbel], [cross_gumbel])]:
    register(left, right, entropy_and(cross))
register(D.Bernoulli, D.Poisson, entropy_and(lambda p, q: p.probs * q.rate.log() - q.rate))
register(Beta, CB, entropy_and(lambda p, q: p.mean * q.logits + (-q.probs).log1p() + q.log_norm()))
register(Beta, C.Uniform, within(zero, one))
register(CB, C.Uniform, within(zero, one))

# Values that q cannot have.
for left, right in [*product([P.Exponential, P.Gamma], [Beta, CB, T.Pareto, C.Uniform]),
                    *product([T.Gumbel, C.Laplace, C.Normal], [Beta, CB, P.Exponential, P.Gamma, T.Pareto, C.Uniform]),
                    *product([Beta, CB], [T.Pareto]), *product([T.Pareto], [Beta, CB, C.Uniform]),
                    (D.Poisson, D.Bernoulli), (D.Poisson, D.Binomial)]:
    register(left, right, infinite)


@register_kl(C.Normal, C.Laplace)
def normal_laplace(p, q):
    z = (p.loc - q.loc) / p.scale
    spread = math.sqrt(2 / math.pi) * p.scale * (-0.5 * z ** 2).exp() + p.scale * z * (math.sqrt(0.5) * z).erf()
    return -p.scale.log() + spread / q.scale + (2 * q.scale).log() - (0.5 + HALF_LOG_2PI)


@register_kl(T.Pareto, P.Gamma)
def pareto_gamma(p, q):
    a = q.concentration
    log = p.scale.log() + p.alpha.reciprocal()
    out = -p.entropy() - (a * q.rate.log() - a.lgamma() + (a - 1) * log - q.rate * p.mean)
    return tensorgrad.where(p.alpha <= 1, math.inf, out)


@register_kl(T.Pareto, C.Normal)
def pareto_normal(p, q):
    return tensorgrad.where(p.alpha <= 2, math.inf, -p.entropy() - cross_normal(p, q))


def uniform_inside(p, q, cross, low=0.0, high=math.inf):
    """The KL of a Uniform to a distribution on [low, high]."""
    return tensorgrad.where((p.low < low) | (p.high > high), math.inf, -p.entropy() - cross)


def log_mean(low, high):
    """E[log x] of a Uniform."""
    return (tensorgrad.xlogy(high, high) - tensorgrad.xlogy(low, low)) / (high - low) - 1


@register_kl(C.Uniform, Beta)
def uniform_beta(p, q):
    a, b = q.concentration1, q.concentration0
    cross = ((a - 1) * log_mean(p.low, p.high) + (b - 1) * log_mean(1 - p.high, 1 - p.low)
             + (a + b).lgamma() - a.lgamma() - b.lgamma())
    return uniform_inside(p, q, cross, 0.0, 1.0)


@register_kl(C.Uniform, CB)
def uniform_continuous_bernoulli(p, q):
    return uniform_inside(p, q, p.mean * q.logits + (-q.probs).log1p() + q.log_norm(), 0.0, 1.0)


@register_kl(C.Uniform, P.Exponential)
def uniform_exponential(p, q):
    return uniform_inside(p, q, q.rate.log() - q.rate * p.mean)


@register_kl(C.Uniform, P.Gamma)
def uniform_gamma(p, q):
    a = q.concentration
    return uniform_inside(p, q, a * q.rate.log() - a.lgamma() + (a - 1) * log_mean(p.low, p.high) - q.rate * p.mean)


@register_kl(C.Uniform, T.Pareto)
def uniform_pareto(p, q):
    cross = q.alpha.log() + q.alpha * q.scale.log() - (q.alpha + 1) * log_mean(p.low, p.high)
    return tensorgrad.where(p.low < q.scale, math.inf, -p.entropy() - cross)
