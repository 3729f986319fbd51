"""Distributed data parallel and averaged weights, after PyTorch's tutorials, with one process: spawn, gloo, DDP, SWA, EMA."""
import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn as nn
import torch.optim as optim
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler


def setup(rank, world_size):
    os.environ["MASTER_ADDR"] = "localhost"
    os.environ["MASTER_PORT"] = "29531"
    dist.init_process_group("gloo", rank=rank, world_size=world_size)


class ToyModel(nn.Module):
    def __init__(self):
        super(ToyModel, self).__init__()
        self.net1 = nn.Linear(10, 32)
        self.norm = nn.BatchNorm1d(32)
        self.relu = nn.ReLU()
        self.net2 = nn.Linear(32, 1)

    def forward(self, x):
        return self.net2(self.relu(self.norm(self.net1(x))))


def train(rank, world_size, path):
    setup(rank, world_size)
    torch.manual_seed(0)
    x = torch.randn(512, 10)
    y = x[:, :1] * x[:, 1:2] + 0.5 * x[:, 2:3]
    dataset = TensorDataset(x, y)
    sampler = DistributedSampler(dataset, num_replicas=dist.get_world_size(), rank=dist.get_rank(), shuffle=True)
    loader = DataLoader(dataset, batch_size=32, sampler=sampler)
    model = DDP(ToyModel())
    optimizer = optim.AdamW(model.parameters(), lr=0.01)
    averaged = AveragedModel(model)
    moving = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    slow = SWALR(optimizer, anneal_strategy="linear", anneal_epochs=2, swa_lr=0.004)
    loss_fn = nn.MSELoss()
    for epoch in range(30):
        sampler.set_epoch(epoch)
        for data, target in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(data), target)
            loss.backward()
            optimizer.step()
            moving.update_parameters(model)
        if epoch >= 20:
            averaged.update_parameters(model)
            slow.step()
        else:
            scheduler.step()
    update_bn(loader, averaged)
    averaged.eval()
    moving.eval()
    with torch.no_grad():
        errors = torch.stack([loss_fn(averaged(x), y), loss_fn(moving(x), y)])
    dist.all_reduce(errors, op=dist.ReduceOp.SUM)
    errors /= world_size
    if dist.get_rank() == 0:
        torch.save({"errors": errors, "lr": optimizer.param_groups[0]["lr"], "state": model.state_dict()}, path)
    dist.barrier()
    dist.destroy_process_group()


def main():
    path = os.path.join(tempfile.mkdtemp(), "result.pt")
    mp.spawn(train, args=(1, path), nprocs=1, join=True)
    result = torch.load(path)
    assert abs(result["lr"] - 0.004) < 1e-9 and all(name.startswith("module.") for name in result["state"])
    print(result["errors"].tolist())
    print("RESULT", result["errors"].max().item())


if __name__ == "__main__":
    main()
