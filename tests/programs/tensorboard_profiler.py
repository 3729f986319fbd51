"""Logs and profiles, after PyTorch's tutorials: TensorBoard, torch.profiler with a schedule, torch.compile, torch.jit, benchmarks."""
import contextlib
import glob
import io
import os
import tempfile

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules.utils import _pair
from torch.profiler import ProfilerActivity, profile, record_function, schedule, tensorboard_trace_handler
from torch.utils.tensorboard import SummaryWriter

torch.manual_seed(0)
torch.set_printoptions(precision=3, sci_mode=False, linewidth=100)
torch.set_num_interop_threads(1)
print(torch.__version__, torch.version.cuda, torch.get_default_device(), torch.backends.mkldnn.is_available(), torch.get_num_threads())


class Smooth(nn.modules.Module):
    def __init__(self, kernel_size: int):
        super().__init__()
        self.kernel_size = _pair(kernel_size)

    @torch.jit.ignore
    def note(self):
        return "not compiled"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.jit.is_scripting():
            return x
        return F.avg_pool2d(x, self.kernel_size, stride=1, padding=1)


@torch.jit.script
def swish(x):
    return x * torch.sigmoid(x)


@torch.compile(mode="reduce-overhead", disable=True)
def mean_square(a, b):
    return ((a - b) ** 2).mean()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.smooth = Smooth(3)
        self.fc = nn.Linear(6 * 12 * 12, 10)

    def forward(self, x):
        with record_function("features"):
            x = self.pool(swish(self.conv1(self.smooth(x))))
        return self.fc(torch.flatten(x, 1))


def main():
    images = 0.3 * torch.rand(256, 1, 28, 28)
    labels = torch.randint(0, 10, (256,))
    for i, label in enumerate(labels.tolist()):
        images[i, 0, 2 + 2 * label:5 + 2 * label, 4:24] += 0.7
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    folder = tempfile.mkdtemp()
    logs, traces = os.path.join(folder, "logs"), os.path.join(folder, "traces")
    with SummaryWriter(logs) as writer, profile(
            activities=[ProfilerActivity.CPU], schedule=schedule(wait=1, warmup=1, active=2, repeat=2),
            on_trace_ready=tensorboard_trace_handler(traces), record_shapes=True, profile_memory=True) as prof:
        writer.add_text("setup", "a small network")
        for step in range(40):
            batch = torch.randint(0, 256, (64,))
            output = net(images[batch])
            loss = F.cross_entropy(output, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            prof.step()
            right = (output.argmax(1) == labels[batch]).float().mean()
            writer.add_scalar("train/loss", loss, step)
            writer.add_scalars("train/both", {"loss": loss.item(), "right": right.item()}, step)
        for name, p in net.named_parameters():
            writer.add_histogram(name, p, step)
        writer.add_image("first", images[0], 0)
        writer.add_images("some", images[:4], 0)
        writer.add_embedding(output.detach()[:8], metadata=labels[batch][:8].tolist(), tag="scores")
        writer.flush()
        log_dir = writer.log_dir
    assert log_dir == logs and glob.glob(os.path.join(logs, "**", "events.out.tfevents.*"), recursive=True)
    assert len(glob.glob(os.path.join(traces, "*.pt.trace.json"))) == 2
    table = prof.key_averages().table(sort_by="self_cpu_time_total", row_limit=5)
    assert "Self CPU" in table
    assert any(event.key == "features" for event in prof.key_averages())

    traced = torch.jit.trace(net.eval(), images[:2])
    torch.testing.assert_close(traced(images[:3]), net(images[:3]))
    assert mean_square(torch.ones(2), torch.zeros(2)).item() == 1.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        torch.rand(3)
    with contextlib.redirect_stdout(io.StringIO()) as text:
        print(torch.tensor([1.23456, 2.0]))
    assert text.getvalue() == "tensor([1.235, 2.000])\n"
    with torch.no_grad():
        print("RESULT", (net(images).argmax(1) == labels).float().mean().item())


if __name__ == "__main__":
    main()
