"""Random numbers against values stored from PyTorch 2.13 (random_torch.json: name -> [expression, values] for seed
1234), and what samplers and generators promise about states, ranges and bad input."""

import copy
import json
import math
import pickle
from pathlib import Path

import pytest
from machine import with_isa

import tensorgrad
from tensorgrad._core import runtime

STORED = json.loads((Path(__file__).parent / "random_torch.json").read_text())
SEED = 1234
# What goes through Box-Muller in float32, a QR or erfinv is right to a few units in the last place; the rest is exact.
ROUNDED = 3e-6
ROUNDED_NAMES = ("randn", "normal", "orthogonal", "alpha", "state_after")


def values(expression):
    """The flat list that an expression gives for the seed."""
    names = {name: getattr(tensorgrad, name) for name in dir(tensorgrad) if not name.startswith("_")}
    tensorgrad.manual_seed(SEED)
    return eval(expression, {**names, "nn": tensorgrad.nn}).detach().reshape(-1).tolist()


def same(got, expected, bound):
    return len(got) == len(expected) and all(
        a == b or math.isclose(a, b, rel_tol=bound, abs_tol=bound) for a, b in zip(got, expected, strict=True))


@pytest.mark.parametrize("name", STORED)
def test_equals_torch(name):
    expression, expected = STORED[name]
    bound = ROUNDED if any(part in name for part in ROUNDED_NAMES) else 1e-8  # the file has nine digits of a float32
    assert same(values(expression), expected, bound)


@pytest.mark.parametrize("isa", runtime.isas_available())
def test_every_instruction_set_draws_the_same(isa):
    before = runtime.isa()
    runtime.select_isa(isa)
    try:
        for name, (expression, expected) in STORED.items():
            assert same(values(expression), expected, 2e-5), name
    finally:
        runtime.select_isa(before)


def words(n, seed):
    """The first n draws of a stream."""
    g = tensorgrad.Generator().manual_seed(seed)
    pairs = [g.random64() for _ in range((n + 1) // 2)]
    return [w for p in pairs for w in (p >> 32, p & 0xffffffff)][:n]


@pytest.mark.parametrize("isa", runtime.isas_available())
def test_integers_and_permutations_are_remainders_of_draws(isa):
    for n in (1, 2, 3, 7, 10, 1 << 16, (1 << 28) - 1):  # wider ones take two draws
        g = tensorgrad.Generator().manual_seed(n)
        found = with_isa(isa, lambda g=g, n=n: tensorgrad.randint(-5, n - 5, (2100,), generator=g).tolist())
        assert found == [w % n - 5 for w in words(2100, n)]
    for n in (1, 2, 3, 1024, 1025, 5000):
        p, draws = list(range(n)), words(n - 1, n)
        for i, w in enumerate(draws):
            z = i + w % (n - i)
            p[i], p[z] = p[z], p[i]
        g = tensorgrad.Generator().manual_seed(n)
        assert with_isa(isa, lambda g=g, n=n: tensorgrad.randperm(n, generator=g).tolist()) == p


def test_default_seed_is_torchs():
    assert tensorgrad.Generator().initial_seed() == 67280421310721


def test_state_goes_on():
    g = tensorgrad.Generator().manual_seed(3)
    tensorgrad.randn(5, generator=g)  # leaves a normal number waiting
    state = g.get_state()
    first = tensorgrad.randn(7, generator=g).tolist()
    other = tensorgrad.Generator()
    other.set_state(state)
    assert tensorgrad.randn(7, generator=other).tolist() == first
    assert pickle.loads(pickle.dumps(state)).tolist() == state.tolist()
    again = pickle.loads(pickle.dumps(g))
    assert tensorgrad.rand(3, generator=again).tolist() == tensorgrad.rand(3, generator=g).tolist()
    twin = copy.deepcopy(g)
    assert tensorgrad.rand(3, generator=twin).tolist() == tensorgrad.rand(3, generator=g).tolist()


def test_generator_leaves_the_default_alone():
    tensorgrad.manual_seed(5)
    a = tensorgrad.rand(3)
    tensorgrad.manual_seed(5)
    tensorgrad.rand(100, generator=tensorgrad.Generator().manual_seed(1))
    assert tensorgrad.rand(3).tolist() == a.tolist()


def test_pieces_equal_the_whole():
    """Chunks of the fill and blocks of the twister leave no trace."""
    whole = tensorgrad.rand(5000, generator=tensorgrad.Generator().manual_seed(9))
    g = tensorgrad.Generator().manual_seed(9)
    sizes = [1, 623, 624, 625, 7, 1024, 1025, 0, 1071]
    pieces = tensorgrad.cat([tensorgrad.rand(n, generator=g) for n in sizes])
    assert sum(sizes) == 5000 and pieces.tolist() == whole.tolist()


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_bits_do_not_depend_on_threads(threads):
    before = tensorgrad.get_num_threads()
    expected = tensorgrad.randn(100003, generator=tensorgrad.Generator().manual_seed(2)).tolist()
    tensorgrad.set_num_threads(threads)
    try:
        assert tensorgrad.randn(100003, generator=tensorgrad.Generator().manual_seed(2)).tolist() == expected
    finally:
        tensorgrad.set_num_threads(before)


def test_moments():
    g = tensorgrad.Generator().manual_seed(0)
    x = tensorgrad.randn(200000, generator=g, dtype=tensorgrad.float64).tolist()
    assert abs(sum(x) / 200000) < 0.01 and abs(sum(v * v for v in x) / 200000 - 1) < 0.01
    u = tensorgrad.rand(200000, generator=g).tolist()
    assert min(u) >= 0 and max(u) < 1 and abs(sum(u) / 200000 - 0.5) < 0.01
    index = tensorgrad.multinomial(tensorgrad.tensor([0.1, 0.0, 0.9]), 20000, True, generator=g).tolist()
    assert abs(index.count(2) / 20000 - 0.9) < 0.01 and 1 not in index
    assert sorted(tensorgrad.randperm(1000, generator=g).tolist()) == list(range(1000))


def test_keywords():
    x = tensorgrad.rand(2, 3, dtype=tensorgrad.float64, requires_grad=True)
    assert x.requires_grad and x.dtype is tensorgrad.float64 and tuple(x.shape) == (2, 3)
    assert tuple(tensorgrad.randn((2, 0)).shape) == (2, 0) and tuple(tensorgrad.rand(size=()).shape) == ()
    assert tensorgrad.randint(high=5, size=(2,)).dtype is tensorgrad.int64
    assert tensorgrad.rand_like(x).dtype is tensorgrad.float64
    assert set(tensorgrad.randint_like(tensorgrad.ones(50), 2, 4).tolist()) == {2.0, 3.0}
    out = tensorgrad.empty(2, 3)
    assert tensorgrad.rand(2, 3, out=out) is out


def test_dropout_gradient_is_the_mask():
    x = tensorgrad.ones(1000, requires_grad=True)
    y = tensorgrad.nn.functional.dropout(x, 0.25)
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


BAD = {
    "uniform ends": (RuntimeError, lambda: tensorgrad.zeros(3).uniform_(1, 0)),
    "uniform nan": (RuntimeError, lambda: tensorgrad.zeros(3).uniform_(math.nan, 1)),
    "uniform width": (RuntimeError, lambda: tensorgrad.zeros(3).uniform_(-3e38, 3e38)),
    "uniform int": (RuntimeError, lambda: tensorgrad.zeros(3, dtype=tensorgrad.int64).uniform_()),
    "normal std": (RuntimeError, lambda: tensorgrad.zeros(3).normal_(0, -1)),
    "normal std nan": (RuntimeError, lambda: tensorgrad.zeros(3).normal_(0, math.nan)),
    "normal int": (RuntimeError, lambda: tensorgrad.randn(2, dtype=tensorgrad.int64)),
    "normal std tensor": (RuntimeError, lambda: tensorgrad.normal(0.0, tensorgrad.tensor([-1.0]))),
    "normal shapes": (RuntimeError, lambda: tensorgrad.normal(tensorgrad.zeros(3), tensorgrad.ones(2))),
    "randint empty": (RuntimeError, lambda: tensorgrad.randint(3, 3, (2,))),
    "randint uint8": (RuntimeError, lambda: tensorgrad.randint(0, 300, (2,), dtype=tensorgrad.uint8)),
    "randint size": (TypeError, lambda: tensorgrad.randint(5, 2)),
    "random_ below": (RuntimeError, lambda: tensorgrad.zeros(2, dtype=tensorgrad.uint8).random_(-1, 3)),
    "randperm": (RuntimeError, lambda: tensorgrad.randperm(-1)),
    "randperm uint8": (RuntimeError, lambda: tensorgrad.randperm(300, dtype=tensorgrad.uint8)),
    "bernoulli p": (RuntimeError, lambda: tensorgrad.zeros(2).bernoulli_(1.5)),
    "bernoulli nan": (RuntimeError, lambda: tensorgrad.zeros(2).bernoulli_(math.nan)),
    "bernoulli tensor": (RuntimeError, lambda: tensorgrad.bernoulli(tensorgrad.tensor([1.5]))),
    "bernoulli int": (RuntimeError, lambda: tensorgrad.bernoulli(tensorgrad.tensor([1]))),
    "bernoulli shape": (RuntimeError, lambda: tensorgrad.zeros(2).bernoulli_(tensorgrad.zeros(3))),
    "exponential": (RuntimeError, lambda: tensorgrad.zeros(2).exponential_(0)),
    "cauchy": (RuntimeError, lambda: tensorgrad.zeros(2).cauchy_(0, 0)),
    "geometric": (RuntimeError, lambda: tensorgrad.zeros(2).geometric_(1)),
    "log normal": (RuntimeError, lambda: tensorgrad.zeros(2).log_normal_(0, 0)),
    "multinomial many": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.ones(3), 4)),
    "multinomial none": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.ones(3), 0)),
    "multinomial negative": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.tensor([1.0, -1.0]), 1)),
    "multinomial nan": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.tensor([1.0, math.nan]), 1)),
    "multinomial inf": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.tensor([1.0, math.inf]), 1)),
    "multinomial zero": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.zeros(2, 3), 2, True)),
    "multinomial empty": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.zeros(2, 0), 2, True)),
    "multinomial dims": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.ones(2, 2, 2), 1)),
    "multinomial int": (RuntimeError, lambda: tensorgrad.multinomial(tensorgrad.tensor([1, 2]), 1)),
    "negative size": (RuntimeError, lambda: tensorgrad.rand(-1)),
    "no size": (TypeError, lambda: tensorgrad.rand()),
    "generator": (TypeError, lambda: tensorgrad.rand(2, generator=3)),
    "expanded": (RuntimeError, lambda: tensorgrad.zeros(3).expand(2, 3).normal_()),
    "leaf": (RuntimeError, lambda: tensorgrad.ones(2, requires_grad=True).uniform_()),
    "seed": (ValueError, lambda: tensorgrad.manual_seed(2 ** 64)),
    "seed text": (ValueError, lambda: tensorgrad.manual_seed("a")),
    "state size": (RuntimeError, lambda: tensorgrad.set_rng_state(tensorgrad.zeros(10, dtype=tensorgrad.uint8))),
    "state bytes": (RuntimeError, lambda: tensorgrad.set_rng_state(tensorgrad.zeros(5056, dtype=tensorgrad.uint8))),
    "state dtype": (TypeError, lambda: tensorgrad.set_rng_state(tensorgrad.zeros(5056))),
    "gain": (ValueError, lambda: tensorgrad.nn.init.calculate_gain("nothing")),
    "fan": (ValueError, lambda: tensorgrad.nn.init.xavier_uniform_(tensorgrad.zeros(3))),
    "fan mode": (ValueError, lambda: tensorgrad.nn.init.kaiming_normal_(tensorgrad.zeros(3, 3), mode="fan")),
    "eye": (ValueError, lambda: tensorgrad.nn.init.eye_(tensorgrad.zeros(3))),
    "dirac": (ValueError, lambda: tensorgrad.nn.init.dirac_(tensorgrad.zeros(3, 3))),
    "dirac groups": (ValueError, lambda: tensorgrad.nn.init.dirac_(tensorgrad.zeros(3, 3, 3), 2)),
    "orthogonal": (ValueError, lambda: tensorgrad.nn.init.orthogonal_(tensorgrad.zeros(3))),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_draws_nothing(name):
    error, call = BAD[name]
    before = tensorgrad.get_rng_state().tolist()
    with pytest.raises(error):
        call()
    assert tensorgrad.get_rng_state().tolist() == before
