"""Softmax, normalisations, dropout, embeddings and losses, forward and backward."""

from ..registry import both_ways, case

FOUR_M = (4096, 1024)


def functional(torch, name, x, *args, **kwargs):
    f = getattr(torch.nn.functional, name)
    return both_ways(torch, lambda x: f(x, *args, **kwargs), torch.randn(*x))


def softmax_numpy(np, name, x, dim):
    x = np.random.randn(*x).astype("float32")
    g = np.ones_like(x)

    def step():
        e = np.exp(x - x.max(dim, keepdims=True))
        y = e / e.sum(dim, keepdims=True)
        return y, y * (g - (g * y).sum(dim, keepdims=True))
    return step


def layer_norm(torch, x):
    w, b = torch.ones(x[-1]), torch.zeros(x[-1])
    f = torch.nn.functional.layer_norm
    return both_ways(torch, lambda x, w, b: f(x, x.shape[-1:], w, b), torch.randn(*x), w, b)


def layer_norm_numpy(np, x):
    x = np.random.randn(*x).astype("float32")
    w, g = np.ones(x.shape[-1], "float32"), np.ones_like(x)

    def step():
        centred = x - x.mean(-1, keepdims=True)
        r = 1 / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
        normal = centred * r
        y, gn = normal * w, g * w
        gx = r * (gn - gn.mean(-1, keepdims=True) - normal * (gn * normal).mean(-1, keepdims=True))
        return y, gx, (g * normal).sum(0), g.sum(0)
    return step


def group_norm(torch, x, groups):
    w, b = torch.ones(x[1]), torch.zeros(x[1])
    return both_ways(torch, lambda x, w, b: torch.nn.functional.group_norm(x, groups, w, b), torch.randn(*x), w, b)


def batch_norm(torch, x, training):
    c = x[1]
    mean, var = torch.zeros(c), torch.ones(c)
    f = torch.nn.functional.batch_norm
    x, w, b = torch.randn(*x), torch.ones(c), torch.zeros(c)
    return both_ways(torch, lambda x, w, b: f(x, mean, var, w, b, training), x, w, b)


def batch_norm_numpy(np, x, training):
    x = np.random.randn(*x).astype("float32")
    w, g, axes = np.ones((1, x.shape[1], 1, 1), "float32"), np.ones_like(x), (0, 2, 3)

    def step():
        centred = x - x.mean(axes, keepdims=True)
        r = 1 / np.sqrt((centred * centred).mean(axes, keepdims=True) + 1e-5)
        normal = centred * r
        y, gw, gb = normal * w, (g * normal).mean(axes, keepdims=True), g.mean(axes, keepdims=True)
        return y, w * r * (g - gb - normal * gw), gw, gb
    return step


def labelled(torch, name, n, classes, **kwargs):
    f = getattr(torch.nn.functional, name)
    y = torch.randint(0, classes, (n,))
    return both_ways(torch, lambda x: f(x, y, **kwargs), torch.randn(n, classes))


def cross_entropy_numpy(np, name, n, classes):
    x = np.random.randn(n, classes).astype("float32")
    y, rows = np.random.randint(0, classes, n), np.arange(n)

    def step():
        e = np.exp(x - x.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        loss = -np.log(p[rows, y]).mean()
        p[rows, y] -= 1
        return loss, p / n
    return step


def compared(torch, name, shape):
    f = getattr(torch.nn.functional, name)
    y = torch.rand(*shape)
    return both_ways(torch, lambda x: f(x, y), torch.randn(*shape))


def mse_numpy(np, name, shape):
    x, y = np.random.randn(*shape).astype("float32"), np.random.rand(*shape).astype("float32")
    return lambda: (((x - y) ** 2).mean(), (x - y) * np.float32(2 / x.size))


def embedding(torch, words, width, shape):
    at = torch.randint(0, words, shape)
    return both_ways(torch, lambda w: torch.nn.functional.embedding(at, w), torch.randn(words, width))


def attention(torch, shape, causal):
    f = torch.nn.functional.scaled_dot_product_attention
    return both_ways(torch, lambda q, k, v: f(q, k, v, is_causal=causal), *(torch.randn(*shape) for _ in range(3)))


def einsum(torch, equation, *shapes):
    return both_ways(torch, lambda *xs: torch.einsum(equation, *xs), *(torch.rand(*s) for s in shapes))


for causal in (False, True):
    case(f"attention 8 x 8 x 256 x 64{', causal' if causal else ''}, f+b", attention, (8, 8, 256, 64), causal)
case("attention 12 x 4 x 64 x 32, causal, f+b", attention, (12, 4, 64, 32), True)
case("attention 1 x 8 x 2048 x 64, causal, f+b", attention, (1, 8, 2048, 64), True)
case("einsum bij,bjk->bik 32 x 64 x 64, f+b", einsum, "bij,bjk->bik", (32, 64, 64), (32, 64, 64))
for dim in (-1, 0):
    case(f"softmax 4M dim {dim}, f+b", functional, "softmax", FOUR_M, dim, numpy=softmax_numpy)
case("softmax 64 x 10, f+b", functional, "softmax", (64, 10), -1, numpy=softmax_numpy)
case("softmax 33 x 1001, f+b", functional, "softmax", (33, 1001), -1, numpy=softmax_numpy)
case("log_softmax 4M, f+b", functional, "log_softmax", FOUR_M, -1)
case("layer_norm 4M, f+b", layer_norm, FOUR_M, numpy=layer_norm_numpy)
case("layer_norm 64 x 128, f+b", layer_norm, (64, 128), numpy=layer_norm_numpy)
case("group_norm 16 x 64 x 28 x 28, f+b", group_norm, (16, 64, 28, 28), 8)
case("batch_norm 32 x 64 x 56 x 56, f+b", batch_norm, (32, 64, 56, 56), True, numpy=batch_norm_numpy,
     bytes=32 * 64 * 56 * 56 * 4 * 7)
case("batch_norm 32 x 64 x 56 x 56 in evaluation, f+b", batch_norm, (32, 64, 56, 56), False)
case("batch_norm 50 x 16 x 12 x 12, f+b", batch_norm, (50, 16, 12, 12), True, numpy=batch_norm_numpy)
case("batch_norm 256 x 512, f+b", batch_norm, (256, 512), True)
case("dropout 4M, f+b", functional, "dropout", FOUR_M, 0.5)
case("cross_entropy 100 x 10, f+b", labelled, "cross_entropy", 100, 10, numpy=cross_entropy_numpy)
case("cross_entropy 4096 x 1000, f+b", labelled, "cross_entropy", 4096, 1000, numpy=cross_entropy_numpy)
case("nll_loss 4096 x 1000, f+b", labelled, "nll_loss", 4096, 1000)
case("mse_loss 4M, f+b", compared, "mse_loss", FOUR_M, numpy=mse_numpy)
case("binary_cross_entropy_with_logits 4M, f+b", compared, "binary_cross_entropy_with_logits", FOUR_M)
case("embedding 10000 x 128 at 64 x 64, f+b", embedding, 10000, 128, (64, 64))
