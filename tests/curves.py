"""Six small programs that run under tensorgrad and under PyTorch alike: the library is their argument.

`python tests/curves.py` runs them under PyTorch and writes curves_torch.json, which test_curves.py reads.
"""

import gzip
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "mnist"
STEPS = 100


def images(torch):
    """MNIST's test set: 10000 images of 28 x 28 in [0, 1], and their labels."""
    pixels = np.frombuffer(gzip.decompress((DATA / "t10k-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((DATA / "t10k-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    x = torch.tensor(pixels.reshape(-1, 1, 28, 28).astype(np.float32) / 255)
    return torch.utils.data.TensorDataset(x, torch.tensor(labels.astype(np.int64)))


def mlp(torch):
    """784 -> 128 -> 10 under Adam."""
    nn = torch.nn
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return net, torch.optim.Adam(net.parameters(), lr=1e-3), None


def mlp_dropout(torch):
    """Two hidden layers with dropout, momentum, and a rate that falls in steps."""
    nn = torch.nn
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Dropout(0.2), nn.Linear(100, 50), nn.Tanh(),
                        nn.Dropout(0.5), nn.Linear(50, 10))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    return net, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 30, gamma=0.5)


def cnn(torch):
    """Two convolutions with pooling under Adam."""
    nn = torch.nn
    net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(),
                        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(576, 10))
    return net, torch.optim.Adam(net.parameters(), lr=1e-3), None


def cnn_norm(torch):
    """Convolutions with batch normalisation under Nesterov momentum, weight decay and a cosine schedule."""
    nn = torch.nn
    net = nn.Sequential(nn.Conv2d(1, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Conv2d(8, 16, 3, stride=2), nn.BatchNorm2d(16), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(),
                        nn.Linear(144, 10))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4)
    return net, optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)


def recurrent(torch, layer):
    """An image as a sequence of 28 rows; the last hidden state is classified."""
    nn = torch.nn

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer(28, 64, batch_first=True)
            self.head = nn.Linear(64, 10)

        def forward(self, x):
            return self.head(self.layer(x.squeeze(1))[0][:, -1])

    return Reader()


def lstm(torch):
    """An LSTM under RMSprop."""
    net = recurrent(torch, torch.nn.LSTM)
    return net, torch.optim.RMSprop(net.parameters(), lr=1e-3), None


def gru(torch):
    """A GRU under AdamW, its gradient's norm clipped."""
    net = recurrent(torch, torch.nn.GRU)
    return net, torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01), None


PROGRAMS = {f.__name__: f for f in (mlp, mlp_dropout, cnn, cnn_norm, lstm, gru)}


def curve(torch, name):
    """The losses of the first STEPS steps."""
    torch.manual_seed(5)
    net, optimizer, scheduler = PROGRAMS[name](torch)
    loader = torch.utils.data.DataLoader(images(torch), batch_size=64, shuffle=True)
    losses = []
    for x, y in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        if name == "gru":
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        losses.append(loss.item())
        if len(losses) == STEPS:
            return losses


if __name__ == "__main__":

    import torch

    lines = [f'"{name}": [{", ".join(f"{v:.7g}" for v in curve(torch, name))}]' for name in PROGRAMS]
    Path(__file__).with_name("curves_torch.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
