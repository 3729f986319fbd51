"""Automatic mixed precision, after PyTorch's recipe: autocast, GradScaler, clipping, data parallel, checkpoints that go on."""
import argparse
import os
import random
import shutil
import tempfile
import time
from enum import Enum

import numpy as np
import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn
import torch.nn.parallel
import torch.optim
import torch.utils.data
from torch.nn.utils import clip_grad_norm_, parameters_to_vector
from torch.optim.lr_scheduler import StepLR

parser = argparse.ArgumentParser(description="mixed precision")
parser.add_argument("--epochs", default=4, type=int, metavar="N")
parser.add_argument("--lr", "--learning-rate", default=0.02, type=float, dest="lr")
parser.add_argument("--amp", default=True, type=bool)
parser.add_argument("--seed", default=3, type=int)


class Summary(Enum):
    NONE = 0
    AVERAGE = 1


class AverageMeter(object):
    def __init__(self, name, fmt=":f", summary_type=Summary.AVERAGE):
        self.name, self.fmt, self.summary_type = name, fmt, summary_type
        self.reset()

    def reset(self):
        self.val = self.avg = self.sum = self.count = 0

    def update(self, val, n=1):
        self.val = val
        self.sum += val * n
        self.count += n
        self.avg = self.sum / self.count

    def __str__(self):
        fmtstr = "{name} {val" + self.fmt + "} ({avg" + self.fmt + "})"
        return fmtstr.format(**self.__dict__)


def accuracy(output, target, topk=(1,)):
    with torch.no_grad():
        maxk = max(topk)
        _, pred = output.topk(maxk, 1, True, True)
        pred = pred.t()
        correct = pred.eq(target.view(1, -1).expand_as(pred))
        return [correct[:k].reshape(-1).float().sum(0, keepdim=True).mul_(100.0 / target.size(0)) for k in topk]


def save_checkpoint(state, is_best, folder):
    torch.save(state, os.path.join(folder, "checkpoint.pth.tar"))
    if is_best:
        shutil.copyfile(os.path.join(folder, "checkpoint.pth.tar"), os.path.join(folder, "model_best.pth.tar"))


def build(args):
    model = nn.Sequential(nn.Linear(20, 64), nn.BatchNorm1d(64), nn.ReLU(inplace=True), nn.Dropout(0.1), nn.Linear(64, 5))
    if torch.cuda.is_available():
        model = model.cuda()
    model = torch.nn.DataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), args.lr, momentum=0.9, weight_decay=1e-4)
    return model, optimizer, StepLR(optimizer, step_size=3, gamma=0.1), torch.amp.GradScaler("cpu", enabled=args.amp)


def main():
    args = parser.parse_args()
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    torch.cuda.manual_seed_all(args.seed)
    cudnn.deterministic = True
    cudnn.benchmark = False
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.set_float32_matmul_precision("high")
    torch.use_deterministic_algorithms(True)
    torch.autograd.set_detect_anomaly(False)
    device_type = "cuda" if torch.cuda.is_available() else "cpu"

    means = torch.randn(5, 20)
    target = torch.randint(5, (600,))
    dataset = torch.utils.data.TensorDataset(means[target] + 1.5 * torch.randn(600, 20), target)
    train_set, val_set = torch.utils.data.random_split(dataset, [500, 100], generator=torch.Generator().manual_seed(0))
    train_loader = torch.utils.data.DataLoader(train_set, batch_size=25, shuffle=True, pin_memory=False, drop_last=True)
    val_loader = torch.utils.data.DataLoader(val_set, batch_size=50)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05).to(device_type)
    model, optimizer, scheduler, scaler = build(args)
    folder, best = tempfile.mkdtemp(), 0.0
    for epoch in range(args.epochs):
        if epoch == 2:  # as a run that was stopped and goes on
            model, optimizer, scheduler, scaler = build(args)
            checkpoint = torch.load(os.path.join(folder, "checkpoint.pth.tar"), map_location=device_type, weights_only=True)
            assert checkpoint["epoch"] == 2
            best = checkpoint["best_acc1"]
            model.load_state_dict(checkpoint["state_dict"])
            optimizer.load_state_dict(checkpoint["optimizer"])
            scheduler.load_state_dict(checkpoint["scheduler"])
            scaler.load_state_dict(checkpoint["scaler"])
        losses, batch_time = AverageMeter("Loss", ":.4e"), AverageMeter("Time", ":6.3f", Summary.NONE)
        end = time.time()
        model.train()
        for images, labels in train_loader:
            images, labels = images.to(device_type, non_blocking=True), labels.to(device_type, non_blocking=True)
            with torch.autocast(device_type=device_type, dtype=torch.bfloat16, enabled=args.amp):
                output = model(images)
                loss = criterion(output, labels)
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            clip_grad_norm_(model.parameters(), max_norm=5.0)
            scaler.step(optimizer)
            scaler.update()
            losses.update(loss.item(), images.size(0))
            batch_time.update(time.time() - end)
            end = time.time()
        scheduler.step()
        model.eval()
        top1, top5 = AverageMeter("Acc@1", ":6.2f"), AverageMeter("Acc@5", ":6.2f")
        with torch.inference_mode(), torch.autocast(device_type, enabled=args.amp):
            for images, labels in val_loader:
                acc1, acc5 = accuracy(model(images), labels, topk=(1, 5))
                top1.update(acc1[0].item(), images.size(0))
                top5.update(acc5[0].item(), images.size(0))
        print(epoch, losses, top1, scheduler.get_last_lr())
        is_best = top1.avg > best
        best = max(top1.avg, best)
        save_checkpoint({"epoch": epoch + 1, "state_dict": model.state_dict(), "best_acc1": best, "optimizer": optimizer.state_dict(),
                         "scheduler": scheduler.state_dict(), "scaler": scaler.state_dict()}, is_best, folder)
    assert scaler.get_scale() == 65536.0 and top5.avg == 100.0
    assert next(iter(model.state_dict())).startswith("module.")
    assert parameters_to_vector(model.module.parameters()).numel() == sum(p.numel() for p in model.parameters())
    shutil.rmtree(folder)
    print("RESULT", best / 100)


if __name__ == "__main__":
    main()
