"""Convolutions forward and backward, beside the im2col convolution that textbooks write with NumPy.

NumPy's side is generous: textbooks fill `np.zeros` and draw with `np.random.randn`, so their convolution runs in float64. Here it
runs in float32, as ours does, but for the two cases that say so, the layers of examples/train_digits.py, which run as printed."""

from ..registry import both_ways, case


def conv(torch, dims, x, w, **geometry):
    f = getattr(torch.nn.functional, f"conv{dims}d")
    x, w, b = torch.rand(*x), torch.rand(*w), torch.rand(w[0])
    return both_ways(torch, lambda x, w, b: f(x, w, b, **geometry), x, w, b)


def transposed(torch, x, w, **geometry):
    f = torch.nn.functional.conv_transpose2d
    return both_ways(torch, lambda x, w: f(x, w, **geometry), torch.rand(*x), torch.rand(*w))


def forward(torch, x, w, **geometry):
    x, w = torch.rand(*x), torch.rand(*w)
    return lambda: torch.nn.functional.conv2d(x, w, **geometry)


def columns(torch, x, kernel):
    return both_ways(torch, lambda x: torch.nn.functional.unfold(x, kernel), torch.rand(*x))


def im2col(np, x, kh, kw, stride, padding):
    n, c, h, w = x.shape
    oh, ow = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    image = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.empty((n, c, kh, kw, oh, ow), x.dtype)
    for i in range(kh):
        for j in range(kw):
            out[:, :, i, j] = image[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride]
    return out.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, -1)


def col2im(np, col, shape, kh, kw, stride, padding):
    n, c, h, w = shape
    oh, ow = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    col = col.reshape(n, oh, ow, c, kh, kw).transpose(0, 3, 4, 5, 1, 2)
    image = np.zeros((n, c, h + 2 * padding, w + 2 * padding), col.dtype)
    for i in range(kh):
        for j in range(kw):
            image[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride] += col[:, :, i, j]
    return image[:, :, padding:padding + h, padding:padding + w]


def conv_numpy(np, dims, x, w, stride=1, padding=0, dtype="float32"):
    x, w = np.random.rand(*x).astype(dtype), np.random.rand(*w).astype(dtype)
    b = np.zeros(len(w), dtype)
    (n, _, h, wide), (co, _, kh, kw) = x.shape, w.shape
    oh, ow = (h + 2 * padding - kh) // stride + 1, (wide + 2 * padding - kw) // stride + 1
    g = np.ones((n, co, oh, ow), dtype)

    def step():
        col = im2col(np, x, kh, kw, stride, padding)
        y = (col @ w.reshape(co, -1).T + b).reshape(n, oh, ow, co).transpose(0, 3, 1, 2)
        rows = g.transpose(0, 2, 3, 1).reshape(-1, co)
        gw = (rows.T @ col).reshape(w.shape)
        gx = col2im(np, rows @ w.reshape(co, -1), x.shape, kh, kw, stride, padding)
        return y, gx, gw, rows.sum(0)
    return step


def work(x, w, stride=1, padding=0, dilation=1, passes=3):
    """Floating-point operations of the plain definition, forward and both gradients."""
    out = 1
    for size, k in zip(x[2:], w[2:], strict=True):
        out *= (size + 2 * padding - dilation * (k - 1) - 1) // stride + 1
        out *= k
    return 2 * passes * x[0] * w[0] * w[1] * out


def as_printed(np, *args, **kwargs):
    return conv_numpy(np, *args, **kwargs, dtype="float64")


def add(x, w, note="", slow=False, textbook=conv_numpy, **geometry):
    dims = len(x) - 2
    shape = " x ".join(map(str, x))
    kernel = "x".join(map(str, w[2:]))
    plain = {k: v for k, v in geometry.items() if k != "groups"}
    case(f"{kernel} {shape} -> {w[0]}{note}, f+b", conv, dims, x, w, **geometry, flops=work(x, w, **plain), slow=slow,
         numpy=textbook if dims == 2 else None)


add((32, 64, 56, 56), (64, 64, 3, 3), padding=1, slow=True)
add((32, 256, 14, 14), (256, 256, 3, 3), padding=1, slow=True)
add((50, 1, 28, 28), (16, 1, 5, 5))
add((50, 16, 12, 12), (32, 16, 5, 5))
add((50, 1, 28, 28), (16, 1, 5, 5), note=" padded, NumPy as printed", padding=2, textbook=as_printed)
add((50, 16, 14, 14), (32, 16, 5, 5), note=" padded, NumPy as printed", padding=2, textbook=as_printed)
add((32, 256, 28, 28), (128, 256, 1, 1), slow=True)
add((32, 128, 28, 28), (128, 1, 3, 3), note=" depthwise", padding=1, groups=128, textbook=None)
add((16, 64, 28, 28), (64, 16, 3, 3), note=" in 4 groups", padding=1, groups=4, textbook=None)
add((32, 3, 32, 32), (16, 3, 3, 3), padding=1)
add((8, 3, 224, 224), (64, 3, 7, 7), note=" by 2", stride=2, padding=3, slow=True)
add((16, 64, 56, 56), (128, 64, 3, 3), note=" by 2", stride=2, padding=1)
add((16, 32, 28, 28), (32, 32, 3, 3), note=" dilated", padding=2, dilation=2, textbook=None)
add((1, 1, 8, 8), (4, 1, 3, 3))
add((3, 5, 17, 13), (7, 5, 3, 2))
add((32, 64, 256), (64, 64, 3), padding=1)
add((4, 16, 16, 28, 28), (16, 16, 3, 3, 3), padding=1)
case("transposed 4x4 by 2 16 x 64 x 14 x 14 -> 32, f+b", transposed, (16, 64, 14, 14), (64, 32, 4, 4), stride=2,
     padding=1, flops=6 * 16 * 64 * 32 * 16 * 14 * 14)
case("3x3 1 x 64 x 56 x 56 -> 64, forward", forward, (1, 64, 56, 56), (64, 64, 3, 3), padding=1,
     flops=work((1, 64, 56, 56), (64, 64, 3, 3), padding=1, passes=1))
case("unfold 3x3 16 x 32 x 28 x 28, f+b", columns, (16, 32, 28, 28), 3)
