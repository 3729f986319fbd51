"""A typed user's program: `mypy --strict` reads it (make lint), and test_typed.py runs it. A classifier of points in a spiral, trained
from a data loader, with a scheduler, clipped gradients, a regulariser of its own and a hand-written derivative."""

from collections.abc import Iterator
from dataclasses import dataclass

import tensorgrad as torch
from tensorgrad import distributions, fft, linalg, nn, optim, special, vision
from tensorgrad.autograd import Function
from tensorgrad.nn import functional as F
from tensorgrad.optim.lr_scheduler import CosineAnnealingLR
from tensorgrad.training import Accuracy, Trainer
from tensorgrad.utils.data import DataLoader, TensorDataset


@dataclass
class Settings:
    """What a run is made of."""

    width: int = 32
    epochs: int = 12
    batch_size: int = 50
    lr: float = 2e-2
    decay: float = 1e-4


class Swish(Function):
    """x sigmoid(x), with its derivative."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * (s + x * s * (1 - s))


class Net(nn.Module):
    """Two hidden layers, the first one normalised."""

    def __init__(self, settings: Settings, classes: int) -> None:
        super().__init__()
        self.first = nn.Linear(2, settings.width)
        self.norm = nn.BatchNorm1d(settings.width)
        self.body: nn.Sequential = nn.Sequential(nn.Linear(settings.width, settings.width), nn.ReLU(), nn.Dropout(0.05))
        self.head = nn.Linear(settings.width, classes)
        nn.init.kaiming_normal_(self.first.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = Swish.apply(self.norm(self.first(x)))
        return self.head(self.body(hidden))

    def weights(self) -> Iterator[torch.Tensor]:
        """Every matrix."""
        return (p for name, p in self.named_parameters() if p.ndim == 2 and name.endswith("weight"))


def spiral(points: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Points on `classes` arms, and the number of the arm of each."""
    radius = torch.linspace(0.1, 1, points).repeat(classes)
    labels = torch.arange(classes).repeat_interleave(points)
    angle = radius * 3 + labels.float() * (2 * torch.pi / classes) + 0.05 * torch.randn(points * classes)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), labels


def accuracy(model: nn.Module, x: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of right answers."""
    model.eval()
    with torch.no_grad():
        right: torch.Tensor = (model(x).argmax(dim=1) == labels).float().mean()
    model.train()
    return float(right)


def train(settings: Settings, classes: int = 3) -> tuple[float, float]:
    """(the last loss, the accuracy)."""
    torch.manual_seed(0)
    x, labels = spiral(100, classes)
    loader = DataLoader(TensorDataset(x, labels), batch_size=settings.batch_size, shuffle=True)
    model = Net(settings, classes)
    optimizer = optim.AdamW(model.parameters(), lr=settings.lr)
    scheduler = CosineAnnealingLR(optimizer, T_max=settings.epochs)
    losses: list[float] = []
    for _ in range(settings.epochs):
        for inputs, targets in loader:
            loss = F.cross_entropy(model(inputs), targets)
            penalty = sum((linalg.matrix_norm(w) ** 2 for w in model.weights()), torch.zeros(()))
            optimizer.zero_grad()
            (loss + settings.decay * penalty).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
    return losses[-1], accuracy(model, x, labels)


class Ring(vision.transforms.Transform):
    """Noise around an image, as a transform of one's own."""

    def __init__(self, noise: distributions.Distribution, width: int) -> None:
        super().__init__()
        self.noise, self.width = noise, width

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        drawn: torch.Tensor = self.noise.sample(tuple(image.shape))
        inner: torch.Tensor = vision.transforms.functional.center_crop(image, [image.shape[-1] - 2 * self.width])
        return drawn * 0.01 + F.pad(inner, (self.width,) * 4)


def spectra(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Power spectra of waves of two lengths, on a logarithmic scale, and which of them it is."""
    labels = torch.arange(count) % 2
    time = torch.linspace(0, 1, 32)
    waves = torch.sin(2 * torch.pi * (labels.unsqueeze(1) * 3 + 2) * time) + 0.1 * torch.randn(count, 32)
    power = fft.rfft(waves).abs()
    return special.log1p(power).reshape(count, 1, 1, 17).expand(count, 1, 17, 17).contiguous(), labels


def train_images(count: int = 60) -> float:
    """The accuracy of a small network on such images, trained by a Trainer."""
    torch.manual_seed(1)
    images, labels = spectra(count)
    ring = Ring(distributions.Normal(0.0, 1.0), 1)
    x = torch.stack([ring(image) for image in images])
    model = nn.Sequential(nn.Flatten(), nn.Linear(17 * 17, 2))
    trainer = Trainer(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.01), metrics=[Accuracy()], progress=False)
    trainer.fit(DataLoader(TensorDataset(x, labels), batch_size=20), epochs=8)
    prior = distributions.kl_divergence(distributions.Normal(0.0, 1.0), distributions.Normal(0.0, 2.0))
    assert bool(prior > 0) and vision.utils.make_grid(x[:4]).shape[0] == 3
    return accuracy(model, x, labels)
