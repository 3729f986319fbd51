"""Moving data: copies of permuted tensors, joining, picking."""

from ..registry import both_ways, case

MEGA = 1 << 20


def permuted(torch, shape, order):
    x = torch.rand(*shape).permute(*order)
    return lambda: x.contiguous()


def permuted_numpy(np, shape, order):
    x = np.random.rand(*shape).astype("float32").transpose(order)
    return lambda: np.ascontiguousarray(x)


def joined(torch, n, shape, dim):
    xs = [torch.rand(*shape) for _ in range(n)]
    return lambda: torch.cat(xs, dim)


def joined_numpy(np, n, shape, dim):
    xs = [np.random.rand(*shape).astype("float32") for _ in range(n)]
    return lambda: np.concatenate(xs, dim)


def joined_back(torch, n, shape, dim):
    return both_ways(torch, lambda *xs: torch.cat(xs, dim), *(torch.rand(*shape) for _ in range(n)))


def rows(torch, shape, n):
    x, at = torch.rand(*shape), torch.randint(0, shape[0], (n,))
    return lambda: x[at]


def rows_numpy(np, shape, n):
    x, at = np.random.rand(*shape).astype("float32"), np.random.randint(0, shape[0], n)
    return lambda: x[at]


def masked(torch, shape):
    x = torch.randn(*shape)
    return lambda: x[x > 0]


def masked_numpy(np, shape):
    x = np.random.randn(*shape).astype("float32")
    return lambda: x[x > 0]


def gathered(torch, shape, n):
    at = torch.randint(0, shape[1], (shape[0], n))
    return both_ways(torch, lambda x: torch.gather(x, 1, at), torch.rand(*shape))


def added(torch, name, rows, width, n):
    """index_add of whole rows, scatter_add of single elements."""
    x, src = torch.zeros(rows, width), torch.rand(n, width)
    at = torch.randint(0, rows, (n,))
    if name == "scatter_add":
        at = at.unsqueeze(1).expand(n, width).contiguous()
    return lambda: getattr(x, name)(0, at, src)


def filled(torch, shape):
    mask = torch.ones(*shape[-2:], dtype=torch.bool).triu(1)
    return both_ways(torch, lambda x: x.masked_fill(mask, float("-inf")), torch.rand(*shape))


def views(torch):
    x = torch.rand(8, 8, 8)
    return lambda: x[1:5, :, 2].t().reshape(4, 8).unsqueeze(0)


def views_numpy(np):
    x = np.random.rand(8, 8, 8)
    return lambda: x[1:5, :, 2].T.reshape(4, 8)[None]


case("transpose 2048 x 2048", permuted, (2048, 2048), (1, 0), numpy=permuted_numpy, bytes=2048 * 2048 * 8)
case("permute 32 x 64 x 28 x 28 to channels last", permuted, (32, 64, 28, 28), (0, 2, 3, 1), numpy=permuted_numpy,
     bytes=32 * 64 * 28 * 28 * 8)
case("permute 12 x 64 x 4 x 32 to heads", permuted, (12, 64, 4, 32), (0, 2, 1, 3), numpy=permuted_numpy)
for dim in (0, 1):
    case(f"cat 8 of 128 x 1024 dim {dim}", joined, 8, (128, 1024), dim, numpy=joined_numpy)
case("cat 8 of 128 x 1024 dim 1, f+b", joined_back, 8, (128, 1024), 1)
case("rows 4096 of 10000 x 128", rows, (10000, 128), 4096, numpy=rows_numpy)
case("mask 1M", masked, (MEGA,), numpy=masked_numpy)
case("gather 4096 x 16 of 1000, f+b", gathered, (4096, 1000), 16)
case("five views", views, numpy=views_numpy)
for name in ("index_add", "scatter_add"):
    case(f"{name} 4096 into 1000 x 64", added, name, 1000, 64, 4096)
case("masked_fill 8 x 8 x 256 x 256, f+b", filled, (8, 8, 256, 256))
