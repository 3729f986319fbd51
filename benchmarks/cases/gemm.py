"""Matrix products: square, skinny, odd, batched, transposed; linear layers forward and backward."""

from ..registry import both_ways, case


def product(torch, m, n, k, dtype="float32", ta=False, tb=False):
    a = torch.rand(k, m, dtype=getattr(torch, dtype)).t() if ta else torch.rand(m, k, dtype=getattr(torch, dtype))
    b = torch.rand(n, k, dtype=getattr(torch, dtype)).t() if tb else torch.rand(k, n, dtype=getattr(torch, dtype))
    return lambda: a @ b


def product_numpy(np, m, n, k, dtype="float32", ta=False, tb=False):
    a = np.random.rand(k, m).astype(dtype).T if ta else np.random.rand(m, k).astype(dtype)
    b = np.random.rand(n, k).astype(dtype).T if tb else np.random.rand(k, n).astype(dtype)
    return lambda: a @ b


def batched(torch, batch, m, n, k):
    a, b = torch.rand(batch, m, k), torch.rand(batch, k, n)
    return lambda: a @ b


def batched_numpy(np, batch, m, n, k):
    a, b = np.random.rand(batch, m, k).astype("float32"), np.random.rand(batch, k, n).astype("float32")
    return lambda: a @ b


def linear(torch, batch, inputs, outputs):
    x, w, b = torch.rand(batch, inputs), torch.rand(outputs, inputs), torch.rand(outputs)
    return both_ways(torch, torch.nn.functional.linear, x, w, b)


def linear_numpy(np, batch, inputs, outputs):
    x, w, b = (np.random.rand(*s).astype("float32") for s in ((batch, inputs), (outputs, inputs), (outputs,)))
    g = np.ones((batch, outputs), "float32")
    return lambda: (x @ w.T + b, g @ w, g.T @ x, g.sum(0))


for m, n, k in [(8, 8, 8), (64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512), (1024, 1024, 1024),
                (2048, 2048, 2048), (100, 500, 784), (64, 4096, 1024), (4096, 64, 64), (127, 255, 63), (1000, 10, 500),
                (1, 1000, 1000), (1000, 1, 1000), (1, 1, 1 << 20)]:
    case(f"{m} x {n} x {k}", product, m, n, k, numpy=product_numpy, flops=2 * m * n * k if min(m, n) > 1 else 0,
         slow=m * n * k > 2e9)
for m, n, k in [(512, 512, 512), (100, 500, 784)]:
    case(f"{m} x {n} x {k}, a transposed", product, m, n, k, ta=True, numpy=product_numpy, flops=2 * m * n * k)
    case(f"{m} x {n} x {k}, b transposed", product, m, n, k, tb=True, numpy=product_numpy, flops=2 * m * n * k)
case("512 x 512 x 512, float64", product, 512, 512, 512, dtype="float64", numpy=product_numpy)
for batch, m, n, k in [(1000, 4, 4, 4), (96, 64, 64, 64), (48, 64, 64, 128), (7, 33, 65, 129)]:
    case(f"{batch} of {m} x {n} x {k}", batched, batch, m, n, k, numpy=batched_numpy, flops=2 * batch * m * n * k)
for batch, inputs, outputs in [(4, 16, 16), (100, 784, 500), (128, 1024, 1024), (1, 512, 512), (33, 65, 17)]:
    case(f"linear {batch} x {inputs} -> {outputs}, f+b", linear, batch, inputs, outputs, numpy=linear_numpy,
         flops=6 * batch * inputs * outputs)
