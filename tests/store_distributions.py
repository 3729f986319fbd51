"""Distributions, pairs of them, and transforms; `python tests/store_distributions.py` computes densities, entropies, moments,
divergences, first samples, values and determinants under PyTorch and writes distributions_torch.json, for test_distributions.py."""

import json
from pathlib import Path


def cases(lib):
    """name -> (distribution, values where the density is asked for)."""
    d = lib.distributions

    def t(*values):
        return lib.tensor(values, dtype=lib.float64)

    real, positive, unit, counts = t(-1.3, 0.2, 0.7), t(0.3, 1.7, 4.2), t(0.15, 0.5, 0.93), t(0.0, 1.0, 3.0)
    a, b, loc, scale, p = t(0.4, 1.5, 3.2), t(2.3, 0.7, 1.1), t(-0.5, 0.0, 1.2), t(0.6, 1.0, 2.5), t(0.1, 0.5, 0.85)
    simplex = t(0.2, 0.3, 0.5)
    logits = t(0.5, -1.0, 0.2)
    factor = lib.tensor([[1.2, 0.0, 0.0], [0.3, 0.9, 0.0], [-0.4, 0.2, 0.7]], dtype=lib.float64)
    covariance = factor @ factor.mT
    wide = lib.tensor([[0.5, -0.2], [0.1, 0.4], [0.9, 0.3]], dtype=lib.float64)
    corr = lib.tensor([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]], dtype=lib.float64)
    return {
        "Normal": (d.Normal(loc, scale), real), "Uniform": (d.Uniform(loc - 3, loc + scale), real - 1),
        "Laplace": (d.Laplace(loc, scale), real), "Cauchy": (d.Cauchy(loc, scale), real),
        "Exponential": (d.Exponential(scale), positive), "Gamma": (d.Gamma(a, b), positive), "Chi2": (d.Chi2(a), positive),
        "StudentT": (d.StudentT(t(0.8, 1.7, 5.0), loc, scale), real),
        "FisherSnedecor": (d.FisherSnedecor(t(1.5, 3.0, 7.0), t(1.0, 3.0, 9.0)), positive),
        "VonMises": (d.VonMises(loc, t(0.5, 3.0, 9.0)), real), "ContinuousBernoulli": (d.ContinuousBernoulli(p), unit),
        "ContinuousBernoulli logits": (d.ContinuousBernoulli(logits=logits), unit),
        # PyTorch 2.13 has this one for float32 alone
        "GeneralizedPareto": (d.GeneralizedPareto(loc.float(), scale.float(), t(-0.2, 0.0, 0.3).float()), positive.float() + 1),
        "Bernoulli": (d.Bernoulli(p), t(0.0, 1.0, 1.0)), "Bernoulli logits": (d.Bernoulli(logits=logits), t(1.0, 1.0, 0.0)),
        "Geometric": (d.Geometric(p), counts), "Geometric logits": (d.Geometric(logits=logits), counts),
        "Poisson": (d.Poisson(scale * 4), counts), "Binomial": (d.Binomial(5, p), counts),
        "Binomial logits": (d.Binomial(3, logits=logits), counts),
        "NegativeBinomial": (d.NegativeBinomial(b, p), counts), "NegativeBinomial logits": (d.NegativeBinomial(4, logits=logits), counts),
        "Categorical": (d.Categorical(simplex * 3), t(0.0, 2.0)), "Categorical logits": (d.Categorical(logits=logits), t(0.0, 2.0)),
        "OneHotCategorical": (d.OneHotCategorical(simplex), lib.eye(3, dtype=lib.float64)),
        "OneHotCategoricalStraightThrough": (d.OneHotCategoricalStraightThrough(logits=logits), lib.eye(3, dtype=lib.float64)),
        "Multinomial": (d.Multinomial(4, simplex), t(1.0, 0.0, 3.0)), "Dirichlet": (d.Dirichlet(a), simplex),
        "Beta": (d.Beta(a, b), unit),
        "LogNormal": (d.LogNormal(loc, scale), positive), "HalfNormal": (d.HalfNormal(scale), positive),
        "HalfCauchy": (d.HalfCauchy(scale), positive), "Gumbel": (d.Gumbel(loc, scale), real),
        "Pareto": (d.Pareto(scale, a), positive + 3),
        "Weibull": (d.Weibull(scale, b), positive), "Kumaraswamy": (d.Kumaraswamy(a, b), unit),
        "InverseGamma": (d.InverseGamma(a, b), positive), "RelaxedBernoulli": (d.RelaxedBernoulli(t(0.7)[0], p), unit),
        "RelaxedOneHotCategorical": (d.RelaxedOneHotCategorical(t(0.7)[0], simplex), t(0.1, 0.6, 0.3)),
        "LogisticNormal": (d.LogisticNormal(loc, scale), t(0.1, 0.2, 0.3, 0.4)),
        "MultivariateNormal": (d.MultivariateNormal(loc, covariance), lib.stack([real, positive])),
        "MultivariateNormal tril": (d.MultivariateNormal(loc, scale_tril=factor), real),
        "MultivariateNormal precision": (d.MultivariateNormal(loc, precision_matrix=covariance), real),
        "LowRankMultivariateNormal": (d.LowRankMultivariateNormal(loc, wide, scale), lib.stack([real, positive])),
        "Wishart": (d.Wishart(t(4.5)[0], covariance), covariance + lib.eye(3, dtype=lib.float64)),
        "LKJCholesky": (d.LKJCholesky(3, t(1.7)[0]), corr),
        "Independent": (d.Independent(d.Normal(loc, scale), 1), real),
        "Transformed": (d.TransformedDistribution(d.Normal(loc, scale), [d.AffineTransform(1.0, -2.0), d.SigmoidTransform()]), unit),
        "Mixture": (d.MixtureSameFamily(d.Categorical(simplex), d.Normal(loc, scale)), real),
        "Mixture of vectors": (d.MixtureSameFamily(d.Categorical(t(0.4, 0.6)),
                                                    d.Independent(d.Normal(lib.stack([loc, scale]), 1.0), 1)), real),
    }


def transforms(lib):
    """name -> (transform, values of its domain)."""
    d = lib.distributions

    def t(*values):
        return lib.tensor(values, dtype=lib.float64)

    real, unit = t(-0.7, 0.4, 1.3), t(0.2, 0.9, 0.5)
    square = lib.tensor([[0.3, -0.2], [0.8, 1.1]], dtype=lib.float64)
    parts = [d.ExpTransform(), d.TanhTransform(), d.SigmoidTransform()]
    return {
        "exp": (d.ExpTransform(), real), "inverse": (d.ExpTransform().inv, unit), "power": (d.PowerTransform(t(2.5)[0]), unit),
        "sigmoid": (d.SigmoidTransform(), real), "softplus": (d.SoftplusTransform(), real), "tanh": (d.TanhTransform(), real),
        "abs": (d.AbsTransform(), real), "affine": (d.AffineTransform(0.5, -2.0), real),
        "affine event": (d.AffineTransform(t(0.5, 1.0, 2.0), t(-2.0, 0.3, 1.0), event_dim=1), real),
        "compose": (d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 3.0), d.PowerTransform(t(0.5)[0])]), real),
        "cdf": (d.CumulativeDistributionTransform(d.Normal(t(0.2)[0], t(1.5)[0])), real),
        "independent": (d.IndependentTransform(d.ExpTransform(), 1), real), "softmax": (d.SoftmaxTransform(), real),
        "stick": (d.StickBreakingTransform(), real), "correlation": (d.CorrCholeskyTransform(), real),
        "lower": (d.LowerCholeskyTransform(), square), "definite": (d.PositiveDefiniteTransform(), square),
        "reshape": (d.ReshapeTransform((3,), (3, 1)), real), "cat": (d.CatTransform(parts[:2], dim=0, lengths=[1, 2]), real),
        "stack": (d.StackTransform(parts, dim=0), real),
    }


def pairs(lib):
    """name -> (p, q) for kl_divergence."""
    d = lib.distributions

    def t(*values):
        return lib.tensor(values, dtype=lib.float64)

    one, two = t(0.6, 1.4, 2.2), t(1.3, 0.5, 0.8)
    loc, low = t(-0.5, 0.0, 1.2), t(0.3, 0.7, 0.9)
    p, q = t(0.1, 0.5, 0.8), t(0.3, 0.45, 0.95)
    f = lib.tensor([[1.2, 0.0, 0.0], [0.3, 0.9, 0.0], [-0.4, 0.2, 0.7]], dtype=lib.float64)
    w = lib.tensor([[0.5, -0.2], [0.1, 0.4], [0.9, 0.3]], dtype=lib.float64)
    pool = {
        "Beta": (d.Beta(one, two), d.Beta(two, one)), "ContinuousBernoulli": (d.ContinuousBernoulli(p), d.ContinuousBernoulli(q)),
        "Exponential": (d.Exponential(one), d.Exponential(two)), "Gamma": (d.Gamma(one, two), d.Gamma(two, one)),
        "Gumbel": (d.Gumbel(loc, one), d.Gumbel(one, two)), "Laplace": (d.Laplace(loc, one), d.Laplace(one, two)),
        "Normal": (d.Normal(loc, one), d.Normal(one, two)), "Pareto": (d.Pareto(one, two + 3), d.Pareto(low / 2, one)),
        "Uniform": (d.Uniform(low / 3, low), d.Uniform(loc - 3, one + 2)), "Bernoulli": (d.Bernoulli(p), d.Bernoulli(q)),
        "Binomial": (d.Binomial(5, p), d.Binomial(5, q)), "Poisson": (d.Poisson(one), d.Poisson(two)),
        "Geometric": (d.Geometric(p), d.Geometric(q)), "Categorical": (d.Categorical(p), d.Categorical(q)),
        "OneHotCategorical": (d.OneHotCategorical(p), d.OneHotCategorical(q)), "Dirichlet": (d.Dirichlet(one), d.Dirichlet(two)),
        "Cauchy": (d.Cauchy(loc, one), d.Cauchy(one, two)), "HalfNormal": (d.HalfNormal(one), d.HalfNormal(two)),
        "LogNormal": (d.LogNormal(loc, one), d.LogNormal(one, two)),
        "Independent": (d.Independent(d.Normal(loc, one), 1), d.Independent(d.Normal(one, two), 1)),
        "MultivariateNormal": (d.MultivariateNormal(loc, scale_tril=f), d.MultivariateNormal(one, f @ f.mT + 0.5 * (w @ w.mT))),
        "LowRankMultivariateNormal": (d.LowRankMultivariateNormal(loc, w, one), d.LowRankMultivariateNormal(one, w * 2, two)),
        "Wishart": (d.Wishart(t(4.5)[0], f @ f.mT), d.Wishart(t(5.5)[0], scale_tril=f)), "Chi2": (d.Chi2(one), d.Chi2(two)),
    }
    return {f"{a} {b}": (pool[a][0], pool[b][1]) for a in pool for b in pool}


def listed(x):
    """A tensor as nested lists of rounded numbers; None for what does not exist."""
    if x is None:
        return None
    if isinstance(x, float):
        return float(f"{x:.12g}")
    return [listed(v) for v in x] if isinstance(x, list) else listed(x.detach().double().tolist())


def attempt(f):
    """f(), or None where the library has no formula."""
    try:
        return f()
    except (NotImplementedError, AttributeError):
        return None


def facts(lib, name):
    """Everything that is stored about a distribution."""
    dist, values = cases(lib)[name]
    out = {"log_prob": dist.log_prob(values), "entropy": attempt(dist.entropy), "cdf": attempt(lambda: dist.cdf(values)),
           "icdf": attempt(lambda: dist.icdf(lib.tensor([0.2, 0.5, 0.9], dtype=values.dtype))),
           **{key: attempt(lambda key=key: getattr(dist, key)) for key in ("mean", "variance", "mode", "stddev")}}
    lib.manual_seed(3)
    out["sample"] = dist.sample((2,))
    out["sample more"] = dist.sample((20,))[..., -1:]
    if dist.has_rsample:
        out["rsample"] = dist.rsample((2,))
    if dist.has_enumerate_support:
        out["enumerate"] = dist.enumerate_support()
    return {key: listed(v) for key, v in out.items()} | {"shapes": [list(dist.batch_shape), list(dist.event_shape)]}


def transform_facts(lib, name):
    """Everything that is stored about a transform: its value, its inverse there, the determinant and both gradients."""
    transform, x = transforms(lib)[name]
    x = x.clone().requires_grad_()
    y = transform(x)
    back = transform.inv(y)
    log = attempt(lambda: transform.log_abs_det_jacobian(x, y))
    total = (y * y.detach().cos()).sum() + (0 if log is None else (log * 0.7).sum())
    gradient, = lib.autograd.grad(total, x)
    return {"value": listed(y), "inverse": listed(back), "log_abs_det": listed(log), "gradient": listed(gradient),
            "shapes": [list(transform.forward_shape(x.shape)), list(transform.inverse_shape(y.shape))],
            "events": [transform.domain.event_dim, transform.codomain.event_dim]}


if __name__ == "__main__":
    import torch

    lines = [f"{json.dumps(name)}: {json.dumps(facts(torch, name))}" for name in cases(torch)]
    transform_lines = [f"{json.dumps(name)}: {json.dumps(transform_facts(torch, name))}" for name in transforms(torch)]
    kls = {name: listed(attempt(lambda p=p, q=q: torch.distributions.kl_divergence(p, q))) for name, (p, q) in pairs(torch).items()}
    kl_lines = [f"{json.dumps(name)}: {json.dumps(v)}" for name, v in kls.items() if v is not None]
    Path(__file__).with_name("distributions_torch.json").write_text(
        '{"distributions": {\n' + ",\n".join(lines) + '\n},\n"transforms": {\n' + ",\n".join(transform_lines)
        + '\n},\n"kl": {\n' + ",\n".join(kl_lines) + "\n}}\n")
