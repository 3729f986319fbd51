"""Elementwise operations: in the cache, in memory, broadcast, strided; activations forward and backward."""

from ..registry import both_ways, case

MEGA = 1 << 20


def unary(torch, name, shape):
    f, x = getattr(torch, name), torch.rand(*shape)
    return lambda: f(x)


def unary_numpy(np, name, shape):
    f, x = getattr(np, name), np.random.rand(*shape).astype("float32")
    return lambda: f(x)


def binary(torch, name, a, b):
    f, a, b = getattr(torch, name), torch.rand(*a), torch.rand(*b)
    return lambda: f(a, b)


def binary_numpy(np, name, a, b):
    f = getattr(np, {"add": "add", "mul": "multiply", "div": "divide"}.get(name, name))
    a, b = np.random.rand(*a).astype("float32"), np.random.rand(*b).astype("float32")
    return lambda: f(a, b)


def activation(torch, name, shape):
    return both_ways(torch, getattr(torch.nn.functional, name), torch.randn(*shape))


def relu_numpy(np, name, shape):
    x = np.random.randn(*shape).astype("float32")
    g = np.ones_like(x)
    return lambda: (np.maximum(x, 0), g * (x > 0))


def tanh_numpy(np, name, shape):
    x = np.random.randn(*shape).astype("float32")
    g = np.ones_like(x)

    def step():
        y = np.tanh(x)
        return y, g * (1 - y * y)
    return step


def in_place(torch, n):
    a, b = torch.rand(n), torch.rand(n)
    return lambda: a.add_(b)


def in_place_numpy(np, n):
    a, b = np.random.rand(n).astype("float32"), np.random.rand(n).astype("float32")

    def step():
        a.__iadd__(b)
    return step


def chosen(torch, shape):
    x, y = torch.randn(*shape), torch.randn(*shape)
    return lambda: torch.where(x > 0, x, y)


def chosen_numpy(np, shape):
    x, y = np.random.randn(*shape).astype("float32"), np.random.randn(*shape).astype("float32")
    return lambda: np.where(x > 0, x, y)


def cast(torch, shape, dtype):
    x, to = torch.rand(*shape) * 100, getattr(torch, dtype)
    return lambda: x.to(to)


def cast_numpy(np, shape, dtype):
    x = np.random.rand(*shape).astype("float32") * 100
    return lambda: x.astype(dtype)


def transposed_sum(torch, n):
    a, b = torch.rand(n, n), torch.rand(n, n)
    return lambda: a + b.t()


def transposed_sum_numpy(np, n):
    a, b = np.random.rand(n, n).astype("float32"), np.random.rand(n, n).astype("float32")
    return lambda: a + b.T


for name in ("exp", "log", "sqrt", "sin", "tanh"):
    case(f"{name} 64K", unary, name, (65536,), numpy=unary_numpy)
for name in ("sigmoid", "erf"):
    case(f"{name} 64K", unary, name, (65536,))
case("exp 16M", unary, "exp", (16 * MEGA,), numpy=unary_numpy, bytes=16 * MEGA * 8)
for name in ("add", "mul", "div"):
    case(f"{name} 64K", binary, name, (65536,), (65536,), numpy=binary_numpy)
case("add 16M", binary, "add", (16 * MEGA,), (16 * MEGA,), numpy=binary_numpy, bytes=16 * MEGA * 12)
case("add 100", binary, "add", (100,), (100,), numpy=binary_numpy)
case("add 1024 x 1024 + 1024", binary, "add", (1024, 1024), (1024,), numpy=binary_numpy)
case("add 1024 x 1024 + 1024 x 1", binary, "add", (1024, 1024), (1024, 1), numpy=binary_numpy)
case("add 1023 x 1 + 1 x 1025", binary, "add", (1023, 1), (1, 1025), numpy=binary_numpy)
case("add 1024 x 1024 and its transpose", transposed_sum, 1024, numpy=transposed_sum_numpy)
case("add_ 16M", in_place, 16 * MEGA, numpy=in_place_numpy, bytes=16 * MEGA * 12)
case("where 1M", chosen, (MEGA,), numpy=chosen_numpy)
case("float32 to float64 1M", cast, (MEGA,), "float64", numpy=cast_numpy)
case("float32 to int64 1M", cast, (MEGA,), "int64", numpy=cast_numpy)
case("relu 16M, f+b", activation, "relu", (16 * MEGA,), numpy=relu_numpy, bytes=16 * MEGA * 20)
case("relu 50 x 16 x 24 x 24, f+b", activation, "relu", (50, 16, 24, 24), numpy=relu_numpy)
case("tanh 4M, f+b", activation, "tanh", (4 * MEGA,), numpy=tanh_numpy)
for name in ("gelu", "silu", "sigmoid", "elu", "softplus"):
    case(f"{name} 4M, f+b", activation, name, (4 * MEGA,))
