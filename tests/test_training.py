"""Trainer, metrics, callbacks, summaries, searches and plots."""

import csv
import math
import os
import signal
import subprocess
import sys
import textwrap

import pytest

import tensorgrad as torch
from tensorgrad import nn, training
from tensorgrad.training import Trainer, plots
from tensorgrad.utils.data import DataLoader, TensorDataset
from tensorgrad.vision import models


def data(n=64, shuffle=False, batch=16):
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(n, 4, generator=generator)
    return DataLoader(TensorDataset(x, x[:, :3].argmax(1)), batch_size=batch, shuffle=shuffle)


def trainer(seed=0, lr=0.05, **options):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))
    options.setdefault("progress", False)
    return Trainer(model, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=lr), **options)


def test_fit_evaluate_predict():
    t = trainer(metrics=[training.Accuracy(), training.F1Score(3)])
    history = t.fit(data(shuffle=True), 15, validation=data())
    assert list(history[0]) == ["epoch", "loss", "accuracy", "f1", "val_loss", "val_accuracy", "val_f1", "lr"]
    assert [row["epoch"] for row in history] == list(range(1, 16)) and t.step == 60 == len(t.losses)
    assert history[-1]["val_accuracy"] > 0.9 and history[-1]["loss"] < history[0]["loss"]
    output = t.predict(data())
    assert output.shape == (64, 3) and not output.requires_grad
    x, y = next(iter(data(batch=64)))
    assert t.evaluate(data())["accuracy"] == (output.argmax(1) == y).float().mean().item()
    assert torch.equal(t.predict(x), output) and t.model.training


def test_equals_a_loop_by_hand():
    t = trainer(clip_norm=0.5)
    t.fit(data(shuffle=True), 2)
    by_hand = trainer()
    losses = []
    for _ in range(2):
        for x, y in data(shuffle=True):
            by_hand.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(by_hand.model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(by_hand.model.parameters(), 0.5)
            by_hand.optimizer.step()
            losses.append(loss.item())
    assert t.losses == losses


def test_accumulation_equals_a_larger_batch():
    small, large = trainer(accumulate=4), trainer()
    small.model[2].p = large.model[2].p = 0.0
    small.fit(data(batch=8), 3)
    large.fit(data(batch=32), 3)
    assert small.step == large.step == 6
    for a, b in zip(small.model.parameters(), large.model.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-5)


def test_clip_value():
    t = trainer(clip_value=1e-3)
    seen = []
    t.optimizer.step = lambda: seen.append(max(p.grad.abs().max().item() for p in t.model.parameters()))
    t.fit(data(), 1)
    assert max(seen) <= 1e-3 * (1 + 1e-6) and len(seen) == 4


def test_nan_gradient_names_the_parameter():
    t = trainer()

    def poison(grad):
        grad = grad.clone()
        grad[0, 0] = math.nan
        return grad if t.step == 5 else None

    t.model[3].weight.register_hook(poison)
    with pytest.raises(torch.GraphError, match=r"gradient of 3.weight \(3, 16\) is NaN in 1 elements at epoch 2, step 6"):
        t.fit(data(), 3)
    assert t.step == 5 and all(p.isfinite().all() for p in t.model.parameters())


def test_infinite_loss_stops():
    t = trainer()
    t.loss = lambda output, target: output.sum() * 0 + math.inf
    with pytest.raises(torch.GraphError, match="loss is inf"):
        t.fit(data(), 1)


def test_large_finite_gradients_go_on():
    t = trainer(lr=1e-12)
    t.loss = lambda output, target: nn.functional.cross_entropy(output, target) * 1e25  # squares overflow, gradients do not
    t.fit(data(), 1)
    assert t.step == 4


def test_scheduler():
    t = trainer(scheduler_step="step")
    t.scheduler = torch.optim.lr_scheduler.StepLR(t.optimizer, 2, gamma=0.1)
    t.fit(data(), 1)
    assert t.optimizer.param_groups[0]["lr"] == pytest.approx(0.05 * 0.01)
    t = trainer()
    t.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(t.optimizer, patience=0, threshold=100.0)
    history = t.fit(data(), 3)
    assert history[-1]["lr"] < 0.05


def test_early_stopping_restores_the_best():
    stop = training.EarlyStopping(patience=2)
    t = trainer(lr=3.0, callbacks=[stop])
    history = t.fit(data(), 50, validation=data())
    best = min(row["val_loss"] for row in history)
    assert len(history) < 50 and t.stop and t.evaluate(data())["loss"] == pytest.approx(best, rel=1e-6)
    assert history[-3]["val_loss"] == best


def test_callbacks(tmp_path):
    rates = training.LearningRateMonitor()
    saved = training.ModelCheckpoint(tmp_path / "best-{epoch}.safetensors", monitor="val_accuracy")
    log = training.CSVLog(tmp_path / "log.csv")
    board = training.TensorBoardLog(tmp_path / "board")
    t = trainer(callbacks=[rates, saved, log, board], metrics=[training.Accuracy()])
    t.fit(data(), 4, validation=data())
    assert rates.rates == [[0.05]] * 16
    best = max(t.history, key=lambda row: row["val_accuracy"])
    state = torch.load(tmp_path / f"best-{best['epoch']}.safetensors")
    assert set(state) == set(t.model.state_dict())
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val_loss"]) for row in rows] == [row["val_loss"] for row in t.history]
    assert any(name.startswith("events") for name in os.listdir(tmp_path / "board"))


PROGRAM = """
    import os, signal, sys
    import tensorgrad as torch
    from tensorgrad import nn, training
    from tensorgrad.utils.data import DataLoader, TensorDataset

    torch.manual_seed(5)
    x = torch.randn(60, 4)
    loader = DataLoader(TensorDataset(x, x[:, :3].argmax(1)), batch_size=8, shuffle=True)
    model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)


    class Kill(training.Callback):
        def on_step_end(self, trainer, loss):
            if trainer.step == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)


    trainer = training.Trainer(model, nn.CrossEntropyLoss(), optimizer, scheduler=scheduler, metrics=[training.Accuracy()],
                               callbacks=[Kill()], checkpoint=sys.argv[1], checkpoint_every=3, progress=False)
    trainer.fit(loader, 5, resume=True)
    print([loss.hex() for loss in trainer.losses], [sorted(row.items()) for row in trainer.history])
    print([float(p.double().sum()).hex() for p in model.parameters()])
"""


def test_resumed_run_is_the_same_run(tmp_path):
    """Killed by SIGKILL inside the second and the fourth epoch and resumed, the curve is that of a run never stopped."""
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))

    def run(checkpoint, kill):
        return subprocess.run([sys.executable, str(program), str(tmp_path / checkpoint), str(kill)], capture_output=True,
                              text=True, timeout=120)

    whole = run("whole.pt", -1)
    assert whole.returncode == 0, whole.stderr
    assert run("parts.pt", 13).returncode == -signal.SIGKILL
    assert run("parts.pt", 28).returncode == -signal.SIGKILL
    parts = run("parts.pt", -1)
    assert parts.returncode == 0, parts.stderr
    assert parts.stdout == whole.stdout and whole.stdout.count("0x") == 40 + 6


def test_resume_checks():
    with pytest.raises(torch.ArgumentError, match="checkpoint"):
        trainer().fit(data(), 1, resume=True)
    state = trainer().state_dict()
    with pytest.raises(torch.ArgumentError, match="0 metrics, this Trainer 1"):
        trainer(metrics=[training.Accuracy()]).load_state_dict(state)


@pytest.mark.parametrize("options", [{"accumulate": 0}, {"clip_norm": -1.0}, {"clip_value": math.nan}, {"scheduler_step": "hour"},
                                     {"checkpoint_every": 0}])
def test_bad_options(options):
    with pytest.raises(torch.ArgumentError, match=next(iter(options))):
        trainer(**options)


def test_no_data():
    t = trainer()
    with pytest.raises(torch.ArgumentError, match="no batch"):
        t.fit([], 1)
    with pytest.raises(torch.ArgumentError, match="no batch"):
        t.evaluate([])


# -- metrics ---------------------------------------------------------------------------------------------------------------

def test_class_metrics_against_the_definition():
    torch.manual_seed(1)
    scores, target = torch.randn(200, 5), torch.randint(0, 4, (200,))  # class 4 never occurs
    metrics = {name: getattr(training, name)(5, average=None) for name in ("Precision", "Recall", "F1Score")}
    macro, micro, matrix = training.F1Score(5), training.F1Score(5, average="micro"), training.ConfusionMatrix(5)
    for metric in [*metrics.values(), macro, micro, matrix]:
        metric.update(scores[:90], target[:90])
        metric.update(scores[90:], target[90:])
    predicted, true = scores.argmax(1).tolist(), target.tolist()
    for c in range(5):
        hits = sum(p == t == c for p, t in zip(predicted, true, strict=True))
        precision = hits / max(predicted.count(c), 1)
        recall = hits / max(true.count(c), 1)
        f1 = 2 * hits / max(predicted.count(c) + true.count(c), 1)
        assert metrics["Precision"].compute()[c].item() == pytest.approx(precision)
        assert metrics["Recall"].compute()[c].item() == pytest.approx(recall)
        assert metrics["F1Score"].compute()[c].item() == pytest.approx(f1)
        assert matrix.compute()[:, c].sum().item() == predicted.count(c)
    assert macro.compute() == pytest.approx(metrics["F1Score"].compute().mean().item())
    accuracy = sum(p == t for p, t in zip(predicted, true, strict=True)) / 200
    assert micro.compute() == pytest.approx(accuracy)


def test_top_k():
    metric = training.Accuracy(k=2)
    metric.update(torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]]), torch.tensor([1, 2]))
    assert metric.compute() == 0.5 and metric.name == "top2_accuracy"
    with pytest.raises(torch.ShapeError, match=r"\(2, 3\)"):
        training.Accuracy(k=4).update(torch.zeros(2, 3), torch.zeros(2, dtype=torch.int64))


@pytest.mark.parametrize("metric", [training.Accuracy(), training.MeanAbsoluteError(), training.F1Score(3)])
def test_metric_shapes(metric):
    with pytest.raises(torch.ShapeError, match=r"\(4(, 3)?,?\).*\(5,\)"):
        metric.update(torch.zeros(4, 3), torch.zeros(5))


def test_metric_classes_out_of_range():
    with pytest.raises(torch.OutOfRangeError, match="from 0 to 3, allowed are 0 to 2"):
        training.ConfusionMatrix(3).update(torch.tensor([0, 0]), torch.tensor([0, 3]))


def test_mean_average_precision():
    def image(boxes, labels, scores=None):
        entry = {"boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4), "labels": torch.tensor(labels, dtype=torch.int64)}
        return entry if scores is None else {**entry, "scores": torch.tensor(scores)}

    a, b, away = [0, 0, 10, 10], [20, 20, 30, 30], [50, 50, 60, 60]
    metric = training.MeanAveragePrecision()
    # class 0, by falling score: a hit, the same box again, a miss, a hit: precision 1, 1/2, 1/3, 2/4 -> (1 + 1/2) / 2
    metric.update([image([a, a, away, b], [0, 0, 0, 0], [0.9, 0.8, 0.7, 0.6])], [image([a, b], [0, 0])])
    metric.update([image([], [], [])], [image([a], [1])])  # class 1: never found
    metric.update([image([a], [2], [0.5])], [image([], [])])  # class 2 has no true box: it does not count
    assert metric.compute() == pytest.approx((0.75 + 0.0) / 2)
    assert math.isnan(training.MeanAveragePrecision().compute())


# -- summary, search, plots ------------------------------------------------------------------------------------------------

def test_summary_counts():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 10))
    model[4].bias.requires_grad_(False)
    state = torch.get_rng_state()
    table = training.summary(model, (2, 3, 6, 6))
    assert torch.equal(torch.get_rng_state(), state) and model.training
    assert table.parameters == sum(p.numel() for p in model.parameters()) and table.trainable == table.parameters - 10
    assert table.flops == 2 * (2 * 8 * 36 * 27) + 2 * (2 * 10 * 288)
    assert "Conv2d" in repr(table) and "(2, 8, 6, 6)" in repr(table)
    lstm = training.summary(nn.LSTM(5, 7), (3, 2, 5))
    assert lstm.flops == 2 * 6 * 4 * 7 * (5 + 7)


def test_operations_of_resnet18_counted_by_hand():
    """7 x 7 from 3 to 64 channels at 112 x 112; four stages of 3 x 3, whose first convolution (and a 1 x 1 shortcut) halves the size."""
    macs = 112**2 * 64 * 3 * 49 + 4 * 56**2 * 64 * 64 * 9 + 512 * 1000
    for size, channels in ((28, 128), (14, 256), (7, 512)):
        macs += size**2 * channels * (channels // 2 * 9 + 3 * channels * 9 + channels // 2)
    facts = training.summary(models.resnet18(), (1, 3, 224, 224))
    assert facts.flops == 2 * macs == 3_628_146_688 and facts.parameters == 11_689_512


def test_find_lr_leaves_everything_as_it_was():
    t = trainer()
    before = {name: value.clone() for name, value in t.model.state_dict().items()}
    state = torch.get_rng_state()
    rates, losses, suggestion = training.find_lr(t.model, t.loss, t.optimizer, data(), steps=60)
    assert 1e-4 < suggestion < 1 and len(rates) == len(losses) and rates[0] == 1e-6
    assert all(torch.equal(before[name], value) for name, value in t.model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state) and t.optimizer.param_groups[0]["lr"] == 0.05 and not t.optimizer.state
    with pytest.raises(torch.ArgumentError, match="low"):
        training.find_lr(t.model, t.loss, t.optimizer, data(), low=1.0, high=0.1)
    with pytest.raises(torch.ArgumentError, match="no batch"):
        training.find_lr(t.model, t.loss, t.optimizer, [])


@pytest.mark.parametrize("what", ["evaluate", "predict"])
def test_an_error_leaves_the_model_training(what):
    model = nn.Linear(2, 1)
    trainer = Trainer(model, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1), progress=False)
    with pytest.raises(torch.ShapeError):
        getattr(trainer, what)([(torch.ones(3, 5), torch.ones(3, 1))])
    assert model.training


def test_random_search():
    torch.manual_seed(0)
    results = training.random_search(lambda c: c["lr"] if c["act"] == "relu" else math.nan,
                                     {"lr": (1e-4, 1e-1), "act": ["relu", "tanh"], "fixed": lambda: 3}, trials=40)
    numbers = [value for value, choice in results if not math.isnan(value)]
    assert numbers == sorted(numbers) and math.isnan(results[-1][0]) and all(c["fixed"] == 3 for _, c in results)
    assert sum(value < 1e-2 for value in numbers) > len(numbers) / 3  # two of three decades
    with pytest.raises(torch.ArgumentError, match="'x'"):
        training.random_search(lambda c: 0, {"x": 5}, 1)


def test_plots(tmp_path):
    t = trainer(metrics=[training.Accuracy()])
    t.fit(data(), 2, validation=data())
    plots.curves(t.history, tmp_path / "curves.png")
    plots.lr_curve([1e-3, 1e-2, 1e-1], [1.0, 0.5, 2.0], 1e-2, tmp_path / "lr.png")
    plots.images(torch.rand(7, 1, 5, 5), tmp_path / "images.png", titles=range(7), columns=4, marked={2})
    plots.filters(torch.randn(5, 2, 3, 3), tmp_path / "filters.png")
    values = plots.activations(t.model, torch.randn(8, 4), tmp_path / "activations.png", kinds=(nn.Linear,))
    assert [name for name, _, _ in values] == ["0", "3"]
    plots.confusion_matrix(torch.tensor([[3, 1], [0, 4]]), tmp_path / "sub" / "confusion.png")
    made = sorted(p.name for p in tmp_path.rglob("*.*"))
    assert made == ["activations.png", "confusion.png", "curves.png", "filters.png", "images.png", "lr.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in tmp_path.rglob("*.png"))
    with pytest.raises(torch.ShapeError, match=r"\(2, 5, 3, 3\)"):
        plots.images(torch.zeros(2, 5, 3, 3), tmp_path / "bad.png")
    with pytest.raises(torch.ArgumentError):
        plots.curves([], tmp_path / "bad.png")
    assert not (tmp_path / "bad.png").exists()
