"""Pooling forward and backward, beside NumPy's pooling by reshape."""

from ..registry import both_ways, case


def pool(torch, name, x, *args, **kwargs):
    f = getattr(torch.nn.functional, name)
    return both_ways(torch, lambda x: f(x, *args, **kwargs), torch.rand(*x))


def max_numpy(np, name, x, k):
    x = np.random.rand(*x).astype("float32")
    n, c, h, w = x.shape
    g = np.ones((n, c, h // k, 1, w // k, 1), "float32")

    def step():
        windows = x.reshape(n, c, h // k, k, w // k, k)
        y = windows.max((3, 5), keepdims=True)
        return y, ((windows == y) * g).reshape(x.shape)
    return step


def mean_numpy(np, name, x, k):
    x = np.random.rand(*x).astype("float32")
    n, c, h, w = x.shape
    g = np.ones((n, c, h // k, w // k), "float32")
    return lambda: (x.reshape(n, c, h // k, k, w // k, k).mean((3, 5)), (g / k**2).repeat(k, 2).repeat(k, 3))


BIG = (32, 64, 56, 56)
NUMBERS = 32 * 64 * 56 * 56
case("max 2 32 x 64 x 56 x 56, f+b", pool, "max_pool2d", BIG, 2, numpy=max_numpy, bytes=NUMBERS * 4 * 5 // 2)
case("avg 2 32 x 64 x 56 x 56, f+b", pool, "avg_pool2d", BIG, 2, numpy=mean_numpy, bytes=NUMBERS * 4 * 5 // 2)
case("max 3 by 2 16 x 64 x 112 x 112, f+b", pool, "max_pool2d", (16, 64, 112, 112), 3, stride=2, padding=1, slow=True)
case("max 2 50 x 16 x 24 x 24, f+b", pool, "max_pool2d", (50, 16, 24, 24), 2, numpy=max_numpy)
case("max 2 1 x 4 x 8 x 8, f+b", pool, "max_pool2d", (1, 4, 8, 8), 2, numpy=max_numpy)
case("max 3 by 2 7 x 5 x 17 x 13, f+b", pool, "max_pool2d", (7, 5, 17, 13), 3, stride=2, padding=1)
case("adaptive avg 1 32 x 512 x 7 x 7, f+b", pool, "adaptive_avg_pool2d", (32, 512, 7, 7), 1)
case("adaptive avg 7 8 x 64 x 30 x 30, f+b", pool, "adaptive_avg_pool2d", (8, 64, 30, 30), 7)
case("max 1d 2 32 x 64 x 1024, f+b", pool, "max_pool1d", (32, 64, 1024), 2)
