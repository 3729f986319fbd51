"""Losses beyond the registry's samples: any shape against the definition, weights, labels that do not exist, extreme
logits, what PyTorch does at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad._core import engine
from tensorgrad.ops import loss

try:
    import torch
except ImportError:  # the oracle is optional
    torch = None

F = tg.nn.functional


def problem(shape, seed=0, dtype=np.float64, ignored=None):
    """(logits, labels, weights); about a third of the labels are the ignored one."""
    random = np.random.RandomState(seed)
    d = 0 if len(shape) == 1 else 1
    labels = np.asarray(random.randint(0, shape[d], shape[:d] + shape[d + 1:]))
    if ignored is not None:
        labels[random.uniform(size=labels.shape) < 0.3] = ignored
    return random.uniform(-4, 4, shape).astype(dtype), labels, random.uniform(0.5, 2, shape[d]).astype(dtype)


def leaf(array):
    return tg.from_numpy(array.copy()).requires_grad_()


SHAPES = st.lists(st.integers(1, 70), min_size=1, max_size=3).map(tuple).filter(lambda s: np.prod(s) < 8000)
OPTIONS = st.fixed_dictionaries({"reduction": st.sampled_from(["none", "mean", "sum"]),
                                 "label_smoothing": st.sampled_from([0.0, 0.2])})


@given(SHAPES, st.integers(0, 99), st.booleans(), OPTIONS, st.sampled_from([np.float32, np.float64]))
def test_cross_entropy_is_its_definition(shape, seed, weighted, options, dtype):
    x, labels, w = problem(shape, seed, dtype, ignored=-100)
    w = w if weighted else None
    found = F.cross_entropy(tg.from_numpy(x), tg.from_numpy(labels), None if w is None else tg.from_numpy(w), **options)
    wide = None if w is None else w.astype(np.float64)
    with np.errstate(all="ignore"):
        expected = loss.like_cross_entropy(np, x.astype(np.float64), labels, wide, **options)
    tolerance = 1e-5 if dtype is np.float32 else 1e-11
    np.testing.assert_allclose(found.numpy(), expected, tolerance, tolerance)


@given(SHAPES, st.integers(0, 99), st.booleans(), OPTIONS, st.booleans())
def test_fused_gradients_equal_the_formulas(shape, seed, weighted, options, logits):
    x, labels, w = problem(shape, seed, ignored=-100)
    w = tg.from_numpy(w) if weighted else None
    if not logits:
        del options["label_smoothing"]
    gradients = []
    for formulas in (False, True):
        before = engine.use_formulas(formulas)
        t = leaf(x)
        y = (F.cross_entropy if logits else F.nll_loss)(t, tg.from_numpy(labels), w, **options)
        y.backward(tg.ones(tuple(y.shape), dtype=y.dtype) * 0.7)
        engine.use_formulas(before)
        gradients.append(t.grad.numpy())
    np.testing.assert_allclose(*gradients, 1e-10, 1e-12)


@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 5, 3), (3, 70)])
@pytest.mark.parametrize("options", [{}, {"reduction": "sum", "label_smoothing": 0.3}, {"reduction": "none"}])
def test_derivatives_with_weights(shape, options):
    x, labels, w = problem(shape, 3, ignored=1)
    labels.flat[0] = 2

    def function(t):
        return F.cross_entropy(t, tg.from_numpy(labels), tg.from_numpy(w), ignore_index=1, **options)
    assert tg.autograd.gradcheck(function, (leaf(x),))
    assert tg.autograd.gradgradcheck(function, (leaf(x),), atol=1e-4)


@pytest.mark.parametrize("n", [3, 100])
@pytest.mark.parametrize("inner", [(), (2,)])
def test_extreme_logits(n, inner):
    x = np.zeros((2, n, *inner), np.float32)
    x[:, 0], x[:, 1] = 1e4, -1e4
    labels = tg.from_numpy(np.array([0, 1])[(...,) + (None,) * len(inner)].repeat(inner[0], 1) if inner else
                           np.array([0, 1]))
    t = leaf(x)
    y = F.cross_entropy(t, labels, reduction="none")
    assert (y.detach().numpy()[0] == 0).all() and (y.detach().numpy()[1] == 2e4).all()
    y.sum().backward()
    assert (t.grad.numpy()[0] == 0).all()
    assert (t.grad.numpy()[1, 0] == 1).all() and (t.grad.numpy()[1, 1] == -1).all()
    x[1, 2] = -np.inf
    assert np.isfinite(F.cross_entropy(tg.from_numpy(x), labels).item())


@pytest.mark.parametrize("function", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("label", [-1, 4, 2**62, -2**63])
@pytest.mark.parametrize("inner", [(), (3,)])
def test_labels_that_are_no_class(function, label, inner):
    labels = np.zeros((2, *inner), np.int64)
    labels.flat[-1] = label
    x = tg.zeros(2, 4, *inner, requires_grad=True)
    with pytest.raises(tg.OutOfRangeError, match=f"{label} is out of range"):
        function(x, tg.from_numpy(labels))
    with pytest.raises(IndexError):
        function(x, tg.from_numpy(labels), reduction="none")
    assert function(x, tg.from_numpy(labels), ignore_index=label, reduction="sum").item() >= 0


def test_labels_changed_behind_the_graph_are_noticed():
    labels = np.zeros(2, np.int64)
    y = F.cross_entropy(tg.zeros(2, 4, requires_grad=True), tg.from_numpy(labels))
    labels[1] = 1 << 40
    with pytest.raises(IndexError):
        y.backward()


def results(dtype):
    out = []
    for shape in ((700, 10), (300, 200), (3, 21, 130)):
        x, labels, w = problem(shape, 5, dtype, ignored=-100)
        for reduction in ("none", "mean", "sum"):
            t = leaf(x)
            y = F.cross_entropy(t, tg.from_numpy(labels), tg.from_numpy(w), reduction=reduction, label_smoothing=0.1)
            out += [y, *tg.autograd.grad(y, [t], tg.ones(tuple(y.shape), dtype=y.dtype))]
    return [t.detach().numpy() for t in out]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_and_instruction_sets(dtype):
    first, *others = [with_threads(n, results, dtype) for n in (1, 2, 3, 8)]
    assert all(a.tobytes() == b.tobytes() for other in others for a, b in zip(first, other, strict=True))
    tolerance = 1e-4 if dtype is np.float32 else 1e-10
    for isa in isa_tables():
        for a, b in zip(first, with_isa(isa, results, dtype), strict=True):
            np.testing.assert_allclose(a, b, tolerance, tolerance)


def test_edges():
    none = tg.zeros(0, 4)
    assert np.isnan(F.cross_entropy(none, tg.zeros(0, dtype=tg.int64)).item())
    assert F.cross_entropy(none, tg.zeros(0, dtype=tg.int64), reduction="sum").item() == 0
    ignored = tg.full((2,), -100)
    x = tg.zeros(2, 4, requires_grad=True)
    y = F.cross_entropy(x, ignored)
    y.backward()
    assert np.isnan(y.item()) and x.grad.tolist() == [[0.0] * 4] * 2
    byte = F.cross_entropy(tg.zeros(1, 4), tg.tensor([3], dtype=tg.uint8))
    assert abs(byte.item() - np.log(4)) < 1e-6
    with pytest.warns(UserWarning, match="size_average"):
        assert F.mse_loss(tg.ones(2), tg.zeros(2), size_average=False).item() == 2
    with pytest.warns(UserWarning, match="target size"):
        assert F.mse_loss(tg.ones(2, 2), tg.zeros(2)).item() == 1
    with pytest.warns(UserWarning, match="batchmean"):
        F.kl_div(tg.zeros(2, 2), tg.ones(2, 2))


def test_binary_losses_at_the_ends():
    x = tg.tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    y = F.binary_cross_entropy(x, tg.tensor([0.0, 1.0, 1.0, 0.0]), reduction="none")
    assert y.tolist() == [0.0, 0.0, 100.0, 100.0]
    y.sum().backward()
    assert np.isfinite(x.grad.numpy()).all() and x.grad[0].item() == 0
    x = tg.tensor([1e4, -1e4, 1e4, 0.0], requires_grad=True)
    y = F.binary_cross_entropy_with_logits(x, tg.tensor([1.0, 0.0, 0.0, 1.0]), reduction="none")
    np.testing.assert_allclose(y.tolist(), [0, 0, 1e4, np.log(2)], 1e-6)
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 1.0, -0.5]


FLOAT_LABELS = tg.zeros(2)
BAD = [
    (tg.DTypeError, lambda: F.cross_entropy(tg.zeros(2, 3), FLOAT_LABELS)),
    (tg.DTypeError, lambda: F.nll_loss(tg.zeros(2, 3), FLOAT_LABELS)),
    (tg.DTypeError, lambda: F.cross_entropy(tg.zeros(2, 3, dtype=tg.int64), tg.zeros(2, dtype=tg.int64))),
    (tg.DTypeError, lambda: F.cross_entropy(tg.zeros(2, 3), tg.zeros(2, 3, dtype=tg.int64))),
    (tg.ShapeError, lambda: F.cross_entropy(tg.zeros(2, 3), tg.zeros(3, dtype=tg.int64))),
    (tg.ShapeError, lambda: F.cross_entropy(tg.zeros(2, 3), tg.zeros(2, 1, dtype=tg.int64))),
    (tg.ShapeError, lambda: F.cross_entropy(tg.zeros(2, 3, 4), tg.zeros(2, 3, dtype=tg.int64))),
    (tg.ShapeError, lambda: F.cross_entropy(tg.zeros(()), tg.zeros(1, dtype=tg.int64))),
    (tg.ShapeError, lambda: F.nll_loss(tg.zeros(2, 3), tg.zeros(2, dtype=tg.int64), tg.ones(2))),
    (tg.DTypeError, lambda: F.nll_loss(tg.zeros(2, 3), tg.zeros(2, dtype=tg.int64), tg.ones(3, dtype=tg.float64))),
    (tg.ArgumentError, lambda: F.cross_entropy(tg.zeros(2, 3), tg.zeros(2, dtype=tg.int64), label_smoothing=1.5)),
    (tg.ArgumentError, lambda: F.cross_entropy(tg.zeros(2, 3), tg.zeros(2, 3), ignore_index=1)),
    (tg.ArgumentError, lambda: F.cross_entropy(tg.zeros(2, 3), tg.zeros(2, dtype=tg.int64), reduction="max")),
    (tg.ShapeError, lambda: F.mse_loss(tg.zeros(2), tg.zeros(2), weight=tg.ones(3))),
    (tg.ArgumentError, lambda: F.smooth_l1_loss(tg.zeros(2), tg.zeros(2), beta=-1)),
    (tg.ArgumentError, lambda: F.huber_loss(tg.zeros(2), tg.zeros(2), delta=0)),
    (tg.ShapeError, lambda: F.binary_cross_entropy(tg.zeros(2), tg.zeros(3))),
    (tg.ArgumentError, lambda: F.binary_cross_entropy(tg.full((2,), 1.5), tg.zeros(2))),
    (tg.ArgumentError, lambda: F.binary_cross_entropy(tg.full((2,), float("nan")), tg.zeros(2))),
    (tg.ShapeError, lambda: F.binary_cross_entropy_with_logits(tg.zeros(2), tg.zeros(2, 1))),
    (tg.ArgumentError, lambda: F.gaussian_nll_loss(tg.zeros(2), tg.zeros(2), tg.full((2,), -1.0))),
    (tg.ShapeError, lambda: F.gaussian_nll_loss(tg.zeros(2), tg.zeros(2), tg.ones(3))),
    (tg.ShapeError, lambda: F.margin_ranking_loss(tg.zeros(2), tg.zeros(2), tg.zeros(2, 1))),
    (tg.ShapeError, lambda: F.cosine_embedding_loss(tg.zeros(2), tg.zeros(2), tg.ones(2))),
    (tg.DTypeError, lambda: F.cosine_similarity(tg.zeros(2, 2, dtype=tg.int64), tg.zeros(2, 2, dtype=tg.int64))),
    (tg.ShapeError, lambda: F.triplet_margin_loss(tg.zeros(2), tg.zeros(2), tg.zeros(1, 2))),
    (tg.ArgumentError, lambda: F.triplet_margin_loss(tg.zeros(2), tg.zeros(2), tg.zeros(2), margin=0)),
    (tg.OutOfRangeError, lambda: F.multi_margin_loss(tg.zeros(2, 3), tg.full((2,), 3))),
    (tg.ArgumentError, lambda: F.multi_margin_loss(tg.zeros(2, 3), tg.full((2,), 1), p=3)),
    (tg.DTypeError, lambda: F.multi_margin_loss(tg.zeros(2, 3), FLOAT_LABELS)),
    (tg.OutOfRangeError, lambda: F.multilabel_margin_loss(tg.zeros(3), tg.tensor([0, 3, -1]))),
    (tg.ShapeError, lambda: F.multilabel_margin_loss(tg.zeros(3), tg.tensor([0, 1]))),
    (tg.ArgumentError, lambda: F.dropout(tg.zeros(2), 1.5)),
    (tg.ShapeError, lambda: F.dropout1d(tg.zeros(2))),
]


@pytest.mark.parametrize(("error", "call"), BAD)
def test_bad_arguments(error, call):
    with pytest.raises(error):
        call()


def uniform(seed, *shape):
    return np.random.RandomState(seed).uniform(0.1, 0.9, shape)


LABELS = np.array([2, 0, 1])
SIGNS = np.array([1.0, -1.0, 1.0])
WEIGHTED = {  # what no sample can say, because PyTorch's weights and targets have no gradient: (inputs, constants, options)
    "cross_entropy": [((3, 4), [LABELS, uniform(1, 4)], {}), ((3, 4), [LABELS, uniform(1, 4)], {"label_smoothing": 0.2})],
    "nll_loss": [((3, 4), [LABELS, uniform(1, 4)], {"reduction": "sum"})],
    "binary_cross_entropy": [((3, 4), [uniform(1, 3, 4), uniform(2, 4)], {}),
                             ((3, 4), [uniform(1, 3, 4), uniform(2, 3, 4)], {"reduction": "none"})],
    "binary_cross_entropy_with_logits": [
        ((3, 4), [uniform(1, 3, 4), uniform(2, 4)], {}),
        ((3, 4), [uniform(1, 3, 4)], {"pos_weight": uniform(3, 4), "reduction": "none"}),
        ((3, 4), [uniform(1, 3, 4), uniform(2, 4)], {"pos_weight": uniform(3, 4)})],
    "mse_loss": [((3, 4), [uniform(1, 3, 4)], {"weight": uniform(2, 3, 4)})],
    "l1_loss": [((3, 4), [uniform(1, 3, 4)], {"weight": uniform(2, 3, 4)})],
    "huber_loss": [((3, 4), [uniform(1, 3, 4)], {"weight": uniform(2, 3, 4), "delta": 0.2})],
    "soft_margin_loss": [((3,), [SIGNS], {}), ((3,), [0 * SIGNS], {"reduction": "none"})],
    "hinge_embedding_loss": [((3,), [SIGNS], {}), ((3,), [0 * SIGNS], {"reduction": "none"})],
    "cosine_embedding_loss": [((3, 4), [uniform(1, 3, 4), SIGNS], {"margin": 0.1})],
    "margin_ranking_loss": [((3,), [uniform(1, 3), SIGNS], {"margin": 0.1})],
    "multi_margin_loss": [((3, 4), [LABELS, 2, 0.5, uniform(1, 4)], {"reduction": "none"})],
    "multilabel_soft_margin_loss": [((3, 4), [uniform(1, 3, 4), uniform(2, 4)], {})],
    "poisson_nll_loss": [((3, 4), [uniform(1, 3, 4) * 5], {"full": True}), ((3,), [np.zeros(3)], {"full": True})],
    "gaussian_nll_loss": [((3, 4), [uniform(1, 3, 4), np.zeros((3, 4))], {"full": True})],
}


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
@pytest.mark.parametrize(("name", "case"), [(n, c) for n, cases in WEIGHTED.items() for c in cases])
def test_pytorch_agrees_on_weights_and_targets(name, case):
    shape, constants, options = case
    found = []
    for place, make in ((F, tg.from_numpy), (torch and torch.nn.functional, torch and torch.from_numpy)):
        x = make(uniform(0, *shape)).requires_grad_()

        def array(a, make=make):
            return make(a.copy()) if isinstance(a, np.ndarray) else a
        y = getattr(place, name)(x, *map(array, constants), **{k: array(v) for k, v in options.items()})
        y.sum().backward()
        found.append((y.detach().numpy(), x.grad.numpy()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, 1e-10, 1e-12)


@pytest.mark.skipif(torch is None, reason="PyTorch, the oracle, is not installed")
@pytest.mark.parametrize("p", [0.1, 0.5, 1.0])
@pytest.mark.parametrize(("name", "shape"), [
    ("dropout", (3, 7)), ("dropout1d", (2, 3, 4)), ("dropout1d", (3, 4)), ("dropout2d", (2, 3, 4, 5)),
    ("dropout3d", (2, 3, 2, 2, 2)), ("alpha_dropout", (40,)), ("feature_alpha_dropout", (2, 3, 4))])
def test_dropout_draws_as_pytorch_does(name, shape, p):
    x = np.random.RandomState(0).uniform(-1, 1, shape).astype(np.float32)
    tg.manual_seed(3)
    torch.manual_seed(3)
    ours, theirs = leaf(x), torch.from_numpy(x.copy()).requires_grad_()
    y, z = getattr(F, name)(ours, p, True), getattr(torch.nn.functional, name)(theirs, p, True)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), 1e-6, 1e-7)
    y.sum().backward()
    z.sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), 1e-6)


def test_dropout_in_place_and_at_rest():
    x = tg.ones(1000)
    assert F.dropout(x, 0.5, False) is x and F.dropout(x, 0.0) is x
    assert F.dropout(x, 0.5, inplace=True) is x and set(x.tolist()) == {0.0, 2.0}
    leaf = tg.ones(50, dtype=tg.float64, requires_grad=True)

    def function(t):
        tg.manual_seed(1)
        return F.dropout(t * t, 0.3)
    assert tg.autograd.gradcheck(function, (leaf,))
    assert tg.autograd.gradgradcheck(function, (leaf,))


@pytest.mark.parametrize("n", [0, 1, 1023, 1025, 8193, 300000])
def test_means_and_sums_in_one_pass_equal_the_elements(n):
    """mse and bce with logits: every table, any number of threads the same bits, NaN and memory order as without it."""
    random = np.random.default_rng(5)
    x, t = (tg.tensor(random.standard_normal((2, n)), dtype=tg.float32).t() for _ in range(2))
    for f in (tg.nn.functional.mse_loss, tg.nn.functional.binary_cross_entropy_with_logits):
        for reduction in ("sum", "mean"):
            exact = getattr(f(x.double(), t.double(), reduction="none"), reduction)().item()
            for isa in isa_tables():
                y = with_isa(isa, lambda f=f, r=reduction: [with_threads(k, lambda: f(x, t, reduction=r)) for k in (1, 2, 3, 8)])
                assert len({v.numpy().tobytes() for v in y}) == 1
                np.testing.assert_allclose(y[0].item(), exact, rtol=1e-6)
        a = x.clone().requires_grad_()
        f(a, t).backward()
        b = x.clone().requires_grad_()
        f(b, t, reduction="none").mean().backward()
        if n:
            np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-5, atol=1e-9)
            a.detach()[n // 2, 0] = float("nan")
            assert f(a, t).isnan().item()
