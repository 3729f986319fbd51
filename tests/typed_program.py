"""A typed user's program: mypy reads it, and test_typed.py runs it."""

import tensorgrad as torch
from tensorgrad import nn, optim
from tensorgrad.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    """A line."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.line = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.line(x)


def train(epochs: int, lr: float = 0.1) -> float:
    """The last loss of fitting y = 2 x."""
    torch.manual_seed(0)
    x: torch.Tensor = torch.randn(64, 1)
    loader = DataLoader(TensorDataset(x, 2 * x), batch_size=16, shuffle=True)
    model = Net(1)
    optimizer = optim.SGD(model.parameters(), lr=lr)
    loss = torch.zeros(())
    for _ in range(epochs):
        for inputs, targets in loader:
            loss = nn.functional.mse_loss(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return loss.item()
