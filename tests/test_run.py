"""python -m tensorgrad run: unmodified programs, the names they may use, and what is said about those that are missing."""

import subprocess
import sys

import pytest

MLP = """
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset
import torch.backends.cudnn as cudnn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(4, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=5)
    args = parser.parse_args()
    cudnn.benchmark = True
    torch.manual_seed(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    x = torch.randn(96, 4)
    y = x[:, :3].argmax(1)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    model = Net().to(device)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    for epoch in range(args.epochs):
        for data, target in loader:
            data, target = data.to(device), target.to(device)
            optimizer.zero_grad()
            loss = F.nll_loss(model(data), target)
            loss.backward()
            optimizer.step()
    print(__name__, args.epochs, f"{loss.item():.4f}", torch.__name__, isinstance(x, torch.Tensor))


if __name__ == "__main__":
    main()
"""


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "tensorgrad", *map(str, arguments)], capture_output=True, text=True, timeout=120)


def script(folder, text):
    path = folder / "program.py"
    path.write_text(text)
    return path


def test_program(tmp_path):
    result = run("run", script(tmp_path, MLP), "--epochs", 12)
    assert result.returncode == 0, result.stderr
    name, epochs, loss, module, same = result.stdout.split()
    assert (name, epochs, module, same) == ("__main__", "12", "tensorgrad", "True") and float(loss) < 0.6


def test_both_names_are_one_module(tmp_path):
    text = ("import torch.nn.functional, tensorgrad.nn.functional, torchvision.datasets as d, tensorgrad.vision\n"
            "from torch.utils.data import DataLoader\n"
            "print(torch.nn.functional is tensorgrad.nn.functional, d is tensorgrad.vision.datasets, tensorgrad.nn.__spec__.name)")
    result = run("run", script(tmp_path, text))
    assert result.stdout.split() == ["True", "True", "tensorgrad.nn"], result.stderr


@pytest.mark.parametrize("text, last, note", [
    ("from torch.nn import Conv2D", "ImportError", "tensorgrad.nn.Conv2D; the closest is Conv2d"),
    ("import torch\ntorch.sofmax", "AttributeError", "tensorgrad.sofmax; the closest is softmax"),
    ("import torch.nn.functionals", "ModuleNotFoundError", "'torch.nn.functionals'; the closest is functional"),
    ("import torch.nn as nn\nnn.Qqqqqq", "AttributeError", "tensorgrad does not offer tensorgrad.nn.Qqqqqq\n"),
    ("import torchvision.dataset", "ModuleNotFoundError", "'torchvision.dataset'; the closest is datasets"),
    ("import torch.optin", "ModuleNotFoundError", "'torch.optin'; the closest is optim"),
    ("from torch import tensr", "ImportError", "tensorgrad.tensr; the closest is tensor"),
    ("import torch\ntorch.nn.Convolution2d", "AttributeError", "tensorgrad.nn.Convolution2d; the closest is Conv2d"),
    ("from torchvision import transform", "ImportError", "tensorgrad.vision.transform; the closest is transforms"),
    ("from torchvision.models import resnet19", "ImportError", "tensorgrad.vision.models.resnet19; the closest is resnet1"),
    ("import torch\ntorch.ones(1).sqare()", "AttributeError", "Did you mean: 'square'"),
    ("import torch.nn.modules.activations", "ModuleNotFoundError", "'torch.nn.modules.activations'; the closest is activation"),
])
def test_missing_names(tmp_path, text, last, note):
    result = run("run", script(tmp_path, text))
    assert result.returncode == 1 and last in result.stderr and note in result.stderr


def test_arguments(tmp_path):
    missing = run("run", tmp_path / "nothing.py")
    assert missing.returncode == 2 and "nothing.py" in missing.stderr and missing.stderr.count("\n") == 1
    assert run().returncode == 2 and run("run").returncode == 2
    info = run("info")
    assert info.returncode == 0 and info.stdout.startswith("tensorgrad ") and "threads:" in info.stdout


def test_install_refuses_a_second_meaning(monkeypatch):
    from tensorgrad import alias

    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setitem(sys.modules, "torch", sys)
    with pytest.raises(RuntimeError, match="torch has been imported already"):
        alias.install()


WORKERS = """
import sys
import torch
from torch.utils.data import DataLoader, Dataset


class Squares(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        return torch.tensor(i * i), torch.__name__


if __name__ == "__main__":
    for x, name in DataLoader(Squares(), batch_size=2, num_workers=2, multiprocessing_context=sys.argv[1]):
        print(x.tolist(), *name)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_see_the_same_torch(tmp_path, method):
    result = run("run", script(tmp_path, WORKERS), method)
    assert result.stdout == "[0, 1] tensorgrad tensorgrad\n[4, 9] tensorgrad tensorgrad\n", result.stderr
