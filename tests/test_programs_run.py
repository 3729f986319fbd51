"""Programs as people write them for PyTorch run unmodified, and say at the end how well they learned."""

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import tensorgrad as torch

PROGRAMS = Path(__file__).parent / "programs"
# name -> (lowest, highest) figure that the program may print last
FIGURES = {
    "mnist_mlp": (0.85, 1.0), "mnist_cnn": (0.9, 1.0), "convnet": (0.6, 1.0), "polynomial": (0.0, 0.1), "regression": (0.0, 1e-3),
    "vae": (0.0, 0.7), "time_sequence": (0.0, 0.2), "super_resolution": (0.0, 0.5), "word_language_model": (0.0, 0.5),
    "cifar10_tutorial": (0.3, 1.0), "name_rnn": (0.7, 1.0), "seq2seq": (0.5, 1.0), "dcgan": (0.5, 2.0), "reinforce": (0.8, 1.0),
    "nn_tutorial": (0.9, 1.0), "transfer_tutorial": (0.8, 1.0), "amp_recipe": (0.75, 1.0), "tensorboard_profiler": (0.9, 1.0),
    "ddp_tutorial": (0.0, 0.1), "vision_tutorial": (0.9, 1.0),
}


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    """A folder with MNIST's test files: ten made-up digits, moved and noisy."""
    folder = tmp_path_factory.mktemp("mnist")
    torch.manual_seed(0)
    count = 2000
    patterns = torch.nn.functional.interpolate((torch.rand(10, 1, 5, 5) > 0.5).float(), size=(20, 20))[:, 0]
    labels = torch.randint(0, 10, (count,))
    images = 0.2 * torch.rand(count, 28, 28)
    for i, (top, left) in enumerate(torch.randint(2, 7, (count, 2)).tolist()):
        images[i, top:top + 20, left:left + 20] += 0.8 * patterns[labels[i]]
    header = struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28)
    (folder / "t10k-images-idx3-ubyte").write_bytes(header + (images * 255).to(torch.uint8).numpy().tobytes())
    (folder / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, count) + labels.to(torch.uint8).numpy().tobytes())
    return folder


def test_every_program_is_run():
    assert {path.stem for path in PROGRAMS.glob("*.py")} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_program(name, mnist, tmp_path):
    arguments = ["--data", str(mnist)] if "--data" in (PROGRAMS / f"{name}.py").read_text() else []
    result = subprocess.run([sys.executable, "-m", "tensorgrad", "run", str(PROGRAMS / f"{name}.py"), *arguments],
                            capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    figure = float(re.search(r"^RESULT (\S+)$", result.stdout, re.M)[1])
    low, high = FIGURES[name]
    assert low <= figure <= high
