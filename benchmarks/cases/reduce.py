"""Reductions, scans, sorting and selection."""

from ..registry import both_ways, case

MEGA = 1 << 20


def reduce(torch, name, shape, *args):
    f, x = getattr(torch, name), torch.rand(*shape)
    return lambda: f(x, *args)


def reduce_numpy(np, name, shape, *args):
    f, x = getattr(np, name), np.random.rand(*shape).astype("float32")
    return lambda: f(x, *args)


def backward(torch, name, shape, *args):
    f = getattr(torch, name)
    return both_ways(torch, lambda x: f(x, *args), torch.rand(*shape))


case("sum 16M", reduce, "sum", (16 * MEGA,), numpy=reduce_numpy, bytes=16 * MEGA * 4)
for dim in (0, 1):
    case(f"sum 1024 x 1024 dim {dim}", reduce, "sum", (1024, 1024), dim, numpy=reduce_numpy)
case("sum 64 x 100 x 7 x 7 dim 1", reduce, "sum", (64, 100, 7, 7), 1, numpy=reduce_numpy)
case("sum 100", reduce, "sum", (100,), numpy=reduce_numpy)
case("mean 1024 x 1024 dim 1, f+b", backward, "mean", (1024, 1024), 1)
case("sum 1024 x 1024 dim 0, f+b", backward, "sum", (1024, 1024), 0)
case("var 1024 x 1024 dim 1", reduce, "var", (1024, 1024), 1)
case("amax 1024 x 1024 dim 1", reduce, "amax", (1024, 1024), 1, numpy=reduce_numpy)
case("argmax 1024 x 1024 dim 1", reduce, "argmax", (1024, 1024), 1, numpy=reduce_numpy)
case("argmax 1024 x 10 dim 1", reduce, "argmax", (1024, 10), 1, numpy=reduce_numpy)
case("logsumexp 1024 x 1024 dim 1", reduce, "logsumexp", (1024, 1024), 1)
case("cumsum 1024 x 1024 dim 1", reduce, "cumsum", (1024, 1024), 1, numpy=reduce_numpy)
case("prod 1024 x 1024 dim 1", reduce, "prod", (1024, 1024), 1, numpy=reduce_numpy)
case("sort 1024 x 1024", reduce, "sort", (1024, 1024), 1, numpy=reduce_numpy)
case("topk 1024 x 1000, 5", reduce, "topk", (1024, 1000), 5)
case("argsort 1M", reduce, "argsort", (MEGA,))
case("cumsum 1024 x 1024 dim 0", reduce, "cumsum", (1024, 1024), 0, numpy=reduce_numpy)
case("topk 64 x 50000, 50", reduce, "topk", (64, 50000), 50)
case("sum 33 x 65 x 17 dim 1", reduce, "sum", (33, 65, 17), 1, numpy=reduce_numpy)
