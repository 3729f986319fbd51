"""Threads: every driver that starts a team gives the same bits on any number of threads; whose number of threads is whose."""

import re
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
from machine import isa_tables, with_isa, with_threads

import tensorgrad as tg
from tensorgrad._core.kernels import conv as kernels
from tensorgrad.nn import functional as F

CSRC = Path(__file__).parents[1] / "csrc"
CASES = {}


def driver(*names):
    """A case: results, and gradients in float leaves, of a function of the drivers in these files of csrc."""
    def take(function):
        CASES[names] = function
        return function
    return take


def noise(*shape, dtype=tg.float32):
    """Numbers from a generator of their own, of several magnitudes: sums in another order have other bits."""
    x = tg.randn(shape, generator=tg.Generator().manual_seed(sum(shape)), dtype=dtype)
    return (x * x * x).requires_grad_()


def both(function, *leaves):
    """What function(*leaves) returns, and the gradients of its first tensor."""
    for x in leaves:
        x.grad = None
    found = function(*leaves)
    found = list(found) if isinstance(found, (tuple, list)) else [found]
    found[0].backward(noise(*found[0].shape, dtype=found[0].dtype).detach())
    return found + [x.grad for x in leaves if x.grad is not None]


def convolved(algorithm, x, w, **options):
    kernels.force(algorithm)
    try:
        return both(lambda x, w: F.conv2d(x, w, **options), noise(*x), noise(*w))
    finally:
        kernels.force("auto")


@driver("gemm", "entry")
def _(dtype):
    few = both(lambda a, b: a @ b, noise(200, 150, dtype=dtype), noise(150, 170, dtype=dtype))
    many = both(lambda a, b: a @ b, noise(40, 30, 20, dtype=dtype), noise(40, 20, 30, dtype=dtype))
    vector = both(lambda a, b: a @ b, noise(500, 700, dtype=dtype), noise(700, dtype=dtype))
    return few + many + vector


@driver("conv", "conv_weight")
def _(dtype):
    layer = (4, 20, 24, 24), (24, 20, 3, 3)
    return [t for algorithm in ("shift", "panel") for t in convolved(algorithm, *layer, padding=1)]


@driver("conv_spread")
def _(dtype):
    return convolved("auto", (8, 3, 32, 32), (24, 3, 5, 5)) + convolved("auto", (8, 24, 14, 14), (32, 24, 5, 5))


@driver("winograd")
def _(dtype):
    return (convolved("winograd", (4, 40, 28, 28), (48, 40, 3, 3), padding=1)
            + convolved("winograd", (4, 20, 28, 28), (24, 20, 5, 5), padding=2))


@driver("depthwise")
def _(dtype):
    return both(lambda x, w: F.conv2d(x, w, padding=1, groups=40), noise(6, 40, 28, 28, dtype=dtype), noise(40, 1, 3, 3, dtype=dtype))


@driver("im2col")
def _(dtype):
    return both(lambda x: F.unfold(x, 3, padding=1), noise(4, 16, 24, 24, dtype=dtype))


@driver("pool")
def _(dtype):
    x = noise(8, 32, 32, 32, dtype=dtype)
    return (both(lambda x: F.max_pool2d(x, 3, 2, 1), x) + both(lambda x: F.avg_pool2d(x, 3, 2, 1), x)
            + both(lambda x: F.adaptive_avg_pool2d(x, 5), x)
            + both(lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2), x))


@driver("norm")
def _(dtype):
    x, w, b = noise(16, 48, 12, 12, dtype=dtype), noise(48, dtype=dtype), noise(48, dtype=dtype)
    rows, v = noise(300, 500, dtype=dtype), noise(500, dtype=dtype)
    return (both(lambda x, w, b: F.batch_norm(x, None, None, w, b, True), x, w, b)
            + both(lambda x, w, b: F.group_norm(x, 6, w, b), x, w, b)
            + both(lambda x, w: F.layer_norm(x, (500,), w), rows, v) + both(lambda x, w: F.rms_norm(x, (500,), w), rows, v))


@driver("rows")
def _(dtype):
    x = noise(300, 500, dtype=dtype)
    tg.manual_seed(1)
    return (both(lambda x: F.softmax(x, 1), x) + both(lambda x: F.log_softmax(x, 0), x) + both(lambda x: F.dropout(x, 0.3), x))


@driver("loss")
def _(dtype):
    x, labels = noise(3000, 60, dtype=dtype), tg.arange(3000) % 60
    return [t for reduction in ("none", "mean", "sum") for t in both(lambda x, r=reduction: F.cross_entropy(x, labels, reduction=r), x)]


@driver("map_sum")
def _(dtype):
    x, y = noise(700, 300, dtype=dtype), noise(700, 300, dtype=dtype).detach().exp()
    return both(lambda x: F.mse_loss(x, y), x) + both(lambda x: F.binary_cross_entropy_with_logits(x, y.clamp(0, 1)), x)


@driver("ctc")
def _(dtype):
    x, labels = noise(30, 6, 20, dtype=dtype), tg.arange(60).reshape(6, 10) % 19 + 1
    return both(lambda x: F.ctc_loss(F.log_softmax(x, 2), labels, (30,) * 6, (10,) * 6), x)


@driver("reduce")
def _(dtype):
    x = noise(60, 70, 80, dtype=dtype)
    return [t for dim in (0, 1, 2, (0, 2), (0, 1, 2))
            for t in (*both(lambda x, d=dim: x.sum(d), x), x.var(dim), x.amax(dim), x.logsumexp(dim), x.norm(dim=dim))]


@driver("scan")
def _(dtype):
    x = noise(60, 70, 80, dtype=dtype)
    return [t for dim in (0, 2) for t in (*both(lambda x, d=dim: x.cumsum(d), x), x.cummax(dim)[0], x.logcumsumexp(dim))]


@driver("sort")
def _(dtype):
    x = noise(60, 700, dtype=dtype)
    return both(lambda x: x.sort(1), x) + both(lambda x: x.topk(30, 1), x) + [x.argsort(0)]


@driver("index")
def _(dtype):
    x, at = noise(500, 40, dtype=dtype), tg.arange(20000).reshape(500, 40) * 7919 % 500
    return (both(lambda x: x[at[:, 0]], x) + both(lambda x: x.gather(0, at), x) + both(lambda x: F.embedding(at, x), x)
            + both(lambda x: x.scatter_add(0, at, x), x) + both(lambda x: x.scatter_reduce(0, at, x.detach(), "prod"), x)
            + [(x > 0).nonzero(), tg.zeros(900, dtype=dtype).index_add(0, at.flatten(), x.detach().flatten())])


@driver("loops", "copy")
def _(dtype):
    x = noise(300, 400, dtype=dtype)
    return (both(lambda x: (x.exp() + x.t().contiguous().t()) * x.sigmoid(), x) + both(lambda x: tg.cat([x, x * 2], 1), x)
            + [x.half(), tg.zeros_like(x), x.detach().permute(1, 0).flip(0), tg.where(x > 0, x, 1)])


@driver("random")
def _(dtype):
    tg.manual_seed(3)
    return [tg.randn(90001, dtype=dtype), tg.rand(90001, dtype=dtype), tg.randperm(9001), tg.empty(30001, dtype=dtype).exponential_()]


def stepped(leaves, optimizer, steps=2):
    """The leaves after some steps of 1/4 sum of x^4 - sum of x."""
    for _ in range(steps):
        def closure():
            optimizer.zero_grad()
            loss = sum((x**4).sum() / 4 - x.sum() for x in leaves)
            loss.backward()
            return loss
        optimizer.step(closure)
    return leaves


@driver("update")
def _(dtype):
    w = noise(300, 400, dtype=dtype)
    return stepped([w], tg.optim.AdamW([w], lr=0.01))


@driver("adafactor")
def _(dtype):
    leaves = [noise(300, 400, dtype=dtype), noise(3, 90, 300, dtype=dtype), noise(70000, dtype=dtype)]
    return stepped(leaves, tg.optim.Adafactor(leaves, lr=0.01))


@driver("flat")
def _(dtype):
    leaves = [noise(300, 400, dtype=dtype), noise(70000, dtype=dtype)]
    return stepped(leaves, tg.optim.LBFGS(leaves, max_iter=4, line_search_fn="strong_wolfe"))


@driver("muon")
def _(dtype):
    w = noise(200, 300, dtype=dtype)
    return stepped([w], tg.optim.Muon([w], lr=0.01))


@driver("resample")
def _(dtype):
    x = noise(6, 20, 30, 30, dtype=dtype)
    return (both(lambda x: F.interpolate(x, size=(47, 41), mode="bilinear"), x)
            + both(lambda x: F.interpolate(x, size=(13, 17), mode="bicubic", antialias=True), x))


@driver("sample")
def _(dtype):
    x, at = noise(4, 12, 20, 20, dtype=dtype), noise(4, 30, 30, 2, dtype=dtype)
    return both(lambda x, at: F.grid_sample(x, at, align_corners=False), x, at)


@driver("rnn")
def _(dtype):
    found = []
    for kind in (tg.nn.LSTM, tg.nn.GRU, tg.nn.RNN):
        tg.manual_seed(0)
        layer, cell = kind(20, 150, dtype=dtype), getattr(tg.nn, kind.__name__ + "Cell")(20, 150, dtype=dtype)
        found += both(lambda x, *_, layer=layer: layer(x)[0], noise(9, 12, 20, dtype=dtype), *layer.parameters())
        found += both(lambda x, *_, cell=cell: cell(x), noise(80, 20, dtype=dtype), *cell.parameters())
    return [t for f in found for t in (f if isinstance(f, tuple) else (f,))]


@driver("attention")
def _(dtype):
    q, k, v = noise(1, 2, 130, 16, dtype=dtype), noise(1, 2, 140, 16, dtype=dtype), noise(1, 2, 140, 16, dtype=dtype)
    many = noise(30, 40, 16, dtype=dtype)
    return both(F.scaled_dot_product_attention, q, k, v) + both(lambda q: F.scaled_dot_product_attention(q, q, q, is_causal=True), many)


def digest(function, dtype):
    """Of dtypes, shapes and bits."""
    text = sha256()
    for t in function(dtype):
        text.update(f"{t.dtype} {tuple(t.shape)}".encode() + t.detach().contiguous().numpy().tobytes())
    return text.hexdigest()


@pytest.mark.parametrize("isa", isa_tables())
@pytest.mark.parametrize("names", CASES, ids="+".join)
def test_bits_do_not_depend_on_the_number_of_threads(names, isa):
    for dtype in (tg.float32, tg.float64):
        assert len({with_isa(isa, with_threads, n, digest, CASES[names], dtype) for n in (1, 2, 3, 8)}) == 1


def test_every_driver_that_starts_a_team_is_tested():
    teams = re.compile(r"TG_PARALLEL_FOR|TG_TEAM\(|TG_OVER_ROWS")
    drivers = {path.stem for path in CSRC.rglob("*.c") if teams.search(path.read_text())} - {"machine", "parallel"}  # no results
    assert drivers == {name for names in CASES for name in names}


def test_a_thread_keeps_its_number():
    """A driver sizes its workspaces by it, while another thread runs Python."""
    before, seen = tg.get_num_threads(), []

    def other():
        seen.append(tg.get_num_threads())
        tg.set_num_threads(before + 3)
        seen.append(tg.get_num_threads())

    thread = Thread(target=other)
    thread.start()
    thread.join()
    assert tg.get_num_threads() == before and seen == [before, before + 3]
    tg.set_num_threads(before)  # for threads to come
