"""What an operation costs besides its arithmetic: numbers and tiny tensors through the whole machinery."""

from ..registry import case


def scalar_chain(torch, n):
    x = torch.tensor(1.0, requires_grad=True)

    def step():
        x.grad = None
        y = x
        for _ in range(n // 2):
            y = y * 1.0001 + x
        y.backward()
    return step


def forward_chain(torch, n):
    x = torch.tensor(1.0)

    def step():
        y = x
        for _ in range(n // 2):
            y = y * 1.0001 + x
    return step


def forward_chain_numpy(np, n):
    x = np.array(1.0, "float32")

    def step():
        y = x
        for _ in range(n // 2):
            y = np.add(np.multiply(y, 1.0001), x)
    return step


def create(torch):
    return lambda: torch.tensor([1.0, 2.0, 3.0])


def create_numpy(np):
    return lambda: np.array([1.0, 2.0, 3.0])


def item(torch):
    x = torch.rand(100)
    return lambda: [x[i].item() for i in range(100)]


def item_numpy(np):
    x = np.random.rand(100)
    return lambda: [x[i].item() for i in range(100)]


def module_call(torch):
    layers = torch.nn.Sequential(*(torch.nn.Identity() for _ in range(20)))
    x = torch.zeros(1)
    return lambda: layers(x)


def layers(torch, training):
    """Twenty linear layers of width 4: what a layer costs at least."""
    model = torch.nn.Sequential(*(torch.nn.Linear(4, 4) for _ in range(20)))
    x = torch.rand(1, 4)

    def train():
        model.zero_grad()
        model(x).sum().backward()

    def infer():
        with torch.no_grad():
            model(x)
    return train if training else infer


case("1000 scalar ops, f+b", scalar_chain, 1000)
case("1000 scalar ops", forward_chain, 1000, numpy=forward_chain_numpy)
case("tensor of a list", create, numpy=create_numpy)
case("100 items", item, numpy=item_numpy)
case("20 Identity modules", module_call)
case("20 Linear 4 -> 4, f+b", layers, True)
case("20 Linear 4 -> 4, inference", layers, False)
