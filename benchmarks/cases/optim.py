"""Optimiser steps: 8M parameters in one piece, many small ones, a tiny model."""

from ..registry import case


def optimise(torch, name, shapes, **kwargs):
    parameters = [torch.nn.Parameter(torch.rand(*s)) for s in shapes]
    for p in parameters:
        p.grad = torch.rand(*p.shape)
    return getattr(torch.optim, name)(parameters, lr=1e-4, **kwargs).step


def search(torch, name, shapes, **kwargs):
    """Steps of one iteration down a valley, sum c p^2 / 2, with a closure that costs a multiplication; the history is full."""
    if not hasattr(torch.optim, name):
        return None
    parameters = [torch.nn.Parameter(torch.rand(*s)) for s in shapes]
    scales = [torch.rand(*s) + 0.1 for s in shapes]
    for p in parameters:
        p.grad = torch.empty(*p.shape)
    loss, steps = torch.tensor(1.0), 0
    optimiser = getattr(torch.optim, name)(parameters, max_iter=1, tolerance_grad=0, **kwargs)

    def closure():
        nonlocal steps
        steps += 1
        with torch.no_grad():
            for p, c in zip(parameters, scales, strict=True):
                torch.mul(p, c, out=p.grad)
        return loss - steps

    for _ in range(kwargs.get("history_size", 0) + 1):
        optimiser.step(closure)
    return lambda: optimiser.step(closure)


def adam_numpy(np, name, shapes):
    state = [[np.random.rand(*s).astype("float32") for _ in range(2)] + [np.zeros(s, "float32") for _ in range(2)]
             for s in shapes]
    steps = 0

    def step():
        nonlocal steps
        steps += 1
        for p, g, m, v in state:
            m *= 0.9
            m += 0.1 * g
            v *= 0.999
            v += 0.001 * g * g
            p -= np.float32(1e-4 / (1 - 0.9**steps)) * m / (np.sqrt(v / (1 - 0.999**steps)) + np.float32(1e-8))
    return step


BIG = [(8 << 20,)]
SMALL = [(64, 64) if i % 2 else (64,) for i in range(100)]
case("Adam 8M", optimise, "Adam", BIG, numpy=adam_numpy, bytes=(8 << 20) * 4 * 7)
case("AdamW 8M", optimise, "AdamW", BIG, bytes=(8 << 20) * 4 * 7)
case("SGD 8M", optimise, "SGD", BIG, bytes=(8 << 20) * 4 * 3)
case("SGD momentum 8M", optimise, "SGD", BIG, momentum=0.9, bytes=(8 << 20) * 4 * 5)
case("Adam 100 small tensors", optimise, "Adam", SMALL, numpy=adam_numpy)
case("SGD 100 small tensors", optimise, "SGD", SMALL)
for name in ("RMSprop", "Adagrad", "NAdam"):
    case(f"{name} 8M", optimise, name, BIG, slow=True)
TINY = [(16, 2), (16,), (16, 16), (16,), (1, 16), (1,)]
case("Adam 6 tiny tensors", optimise, "Adam", TINY, numpy=adam_numpy)
case("Adafactor 2048 x 4096", optimise, "Adafactor", [(2048, 4096)], slow=True)
case("Muon 256 x 256", optimise, "Muon", [(256, 256)], slow=True)
case("LBFGS 1M, history 10", search, "LBFGS", [(1 << 20,)], lr=1e-3, history_size=10)
case("LBFGS 1M, strong Wolfe", search, "LBFGS", [(1 << 20,)], lr=1e-3, history_size=10, line_search_fn="strong_wolfe", slow=True)
case("LBFGS 6 tiny tensors, history 100", search, "LBFGS", TINY, lr=1e-3, history_size=100)
case("NonlinearCG 1M", search, "NonlinearCG", [(1 << 20,)], slow=True)
