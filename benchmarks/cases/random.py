"""Random numbers: PyTorch's stream, so the generator is the same work on both sides."""

from ..registry import case

MEGA = 1 << 20


def draw(torch, name, *args):
    f = getattr(torch, name)
    return lambda: f(*args)


def draw_numpy(np, name, *args):
    random = np.random.RandomState(0)
    f = {"rand": lambda n: random.rand(n).astype("float32"), "randn": lambda n: random.randn(n).astype("float32"),
         "randperm": random.permutation}[name]
    return lambda: f(*args)


def coin(torch, n):
    x = torch.empty(n)
    return lambda: x.bernoulli_(0.3)


case("rand 1M", draw, "rand", MEGA, numpy=draw_numpy)
case("randn 1M", draw, "randn", MEGA, numpy=draw_numpy)
case("randint 1M", draw, "randint", 0, 10, (MEGA,))
case("randperm 100K", draw, "randperm", 100_000, numpy=draw_numpy)
case("bernoulli_ 1M", coin, MEGA)
case("randn 10", draw, "randn", 10)
