"""Whole training steps (forward, loss, backward, optimiser) and inference."""

from itertools import pairwise

from .. import zoo
from ..registry import case


def train(torch, model, x, classes, optimiser="Adam"):
    """A step of classification on random images (x: a shape) or words (x: (n, t) and classes of each)."""
    model = getattr(zoo, model[0])(torch, *model[1:])
    words = len(x) == 2 and isinstance(x[0], str)
    data = torch.randint(0, classes, x[1]) if words else torch.randn(*x)
    labels = torch.randint(0, classes, (data.numel() if words else x[0],))
    optimiser = getattr(torch.optim, optimiser)(model.parameters(), lr=1e-3)
    loss = torch.nn.CrossEntropyLoss()

    def step():
        optimiser.zero_grad()
        loss(model(data), labels).backward()
        optimiser.step()
    return step


def regress(torch, sizes, batch):
    """A step of a tiny net on a tiny batch: nothing but overhead."""
    model = zoo.mlp(torch, *sizes, activation="Tanh")
    x, y = torch.randn(batch, sizes[0]), torch.randn(batch, sizes[-1])
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
    loss = torch.nn.MSELoss()

    def step():
        optimiser.zero_grad()
        loss(model(x), y).backward()
        optimiser.step()
    return step


def regress_numpy(np, sizes, batch):
    layers = [(np.random.randn(a, b).astype("float32"), np.zeros(b, "float32")) for a, b in pairwise(sizes)]
    x, y = np.random.randn(batch, sizes[0]).astype("float32"), np.random.randn(batch, sizes[-1]).astype("float32")

    def step():
        values = [x]
        for i, (w, b) in enumerate(layers):
            z = values[-1] @ w + b
            values.append(np.tanh(z) if i < len(layers) - 1 else z)
        g = 2 * (values[-1] - y) / y.size
        for i in reversed(range(len(layers))):
            w, b = layers[i]
            gw, gb = values[i].T @ g, g.sum(0)
            if i:
                g = (g @ w.T) * (1 - values[i] ** 2)
            w -= 0.01 * gw
            b -= 0.01 * gb
    return step


def mlp_numpy(np, model, x, classes):
    """Two layers, cross entropy and Adam as textbooks write them."""
    _, inputs, hidden, outputs = model
    n = x[0]
    values = [np.random.randn(*s).astype("float32") * np.float32(0.03)
              for s in ((inputs, hidden), (hidden,), (hidden, outputs), (outputs,))]
    m, v = [np.zeros_like(p) for p in values], [np.zeros_like(p) for p in values]
    data, labels, rows = np.random.randn(*x).astype("float32"), np.random.randint(0, classes, n), np.arange(n)
    steps = 0

    def step():
        nonlocal steps
        steps += 1
        w1, b1, w2, b2 = values
        z = data @ w1 + b1
        h = np.maximum(z, 0)
        logits = h @ w2 + b2
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[rows, labels] -= 1
        p /= n
        gh = (p @ w2.T) * (z > 0)
        rate = 1e-3 * (1 - 0.999**steps) ** 0.5 / (1 - 0.9**steps)
        for i, g in enumerate((data.T @ gh, gh.sum(0), h.T @ p, p.sum(0))):
            m[i] += 0.1 * (g - m[i])
            v[i] += 0.001 * (g * g - v[i])
            values[i] -= np.float32(rate) * m[i] / (np.sqrt(v[i]) + np.float32(1e-8))
    return step


def infer(torch, model, x):
    model = getattr(zoo, model[0])(torch, *model[1:]).eval()
    x = torch.randn(*x)

    def step():
        with torch.no_grad():
            model(x)
    return step


case("tiny MLP 2-16-16-1, batch 4", regress, (2, 16, 16, 1), 4, numpy=regress_numpy)
case("MLP 784-500-10, batch 100, Adam", train, ("mlp", 784, 500, 10), (100, 784), 10, numpy=mlp_numpy, memory=True,
     flops=2 * 100 * 500 * (2 * 784 + 3 * 10))
case("CNN 16-32, 28 x 28, batch 50, Adam", train, ("small_cnn",), (50, 1, 28, 28), 10, memory=True,
     flops=2 * 50 * (2 * 24 * 24 * 16 * 25 + 3 * 8 * 8 * 32 * 400 + 3 * 5120))
case("LeNet, batch 128, Adam", train, ("lenet",), (128, 1, 32, 32), 10, memory=True)
case("ResNet-20, 32 x 32, batch 128, Adam", train, ("resnet20",), (128, 3, 32, 32), 10, memory=True, slow=True,
     flops=6 * 128 * 40.8e6)
case("AlexNet, 227 x 227, batch 16, SGD", train, ("alexnet",), (16, 3, 227, 227), 1000, "SGD", memory=True, slow=True,
     flops=6 * 16 * 1.13e9)
case("VGG-16, 224 x 224, batch 4, SGD", train, ("vgg16",), (4, 3, 224, 224), 1000, "SGD", memory=True, slow=True,
     flops=6 * 4 * 15.5e9)
case("ResNet-18, 224 x 224, batch 8, SGD", train, ("resnet18",), (8, 3, 224, 224), 1000, "SGD", memory=True, slow=True,
     flops=6 * 8 * 1.81e9)
case("ResNet-18, 224 x 224, batch 1, inference", infer, ("resnet18",), (1, 3, 224, 224), slow=True, flops=2 * 1.81e9)
for kind, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
    case(f"{kind} t64 b32 h256, Adam", train, ("tagger", kind, 256, 256, 10), (32, 64, 256), 10, memory=kind == "LSTM",
         flops=6 * 32 * 64 * gates * 256 * 512)
case("LSTMCell t64 b32 h256, Adam", train, ("cell_tagger", 256, 256, 10), (32, 64, 256), 10, flops=6 * 32 * 64 * 4 * 256 * 512)
case("LSTM t64 b32 h256, inference", infer, ("tagger", "LSTM", 256, 256, 10), (32, 64, 256), flops=2 * 32 * 64 * 4 * 256 * 512)
case("LSTM t64 b1 h256, inference", infer, ("tagger", "LSTM", 256, 256, 10), (1, 64, 256))
case("GPT 4 x 128, t64, batch 12, AdamW", train, ("gpt", 65, 64, 128, 4, 4), ("words", (12, 64)), 65, "AdamW",
     memory=True)
