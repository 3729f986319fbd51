"""A training loop that can be stopped at any moment and resumed exactly."""

import contextlib
import math
import os
import random
import sys

import tensorgrad

from .._core.errors import ArgumentError, GraphError
from ..nn.utils import clip_grad_norm_, clip_grad_value_
from ..optim.lr_scheduler import ReduceLROnPlateau


class Trainer:
    """Trains a model: batches of (input, target), tensors of the shapes that model and loss take, `loss(model(input), target)`, an
    optimiser.

    metrics: training.Metric objects, reset for each epoch. callbacks: training.Callback objects. scheduler: a learning-rate schedule,
    stepped after each epoch or, with scheduler_step="step", after each optimiser step. accumulate: batches whose mean gradient makes one
    step. clip_norm, clip_value: limits of the gradients. checkpoint: a file that always holds a complete state of the run, written after
    every epoch and, with checkpoint_every, after that many steps. progress: bars of tqdm (extra [progress]).

    Errors: ArgumentError for another scheduler_step, accumulate or checkpoint_every < 1 and limits <= 0; in fit GraphError where a loss
    or gradient is not a finite number, with the name of the first parameter concerned (that step changes no parameter), ImportError for
    progress without tqdm. Source: Keras' Model.fit and Lightning's Trainer.

    >>> import tensorgrad as torch
    >>> from tensorgrad import nn
    >>> from tensorgrad.training import Trainer
    >>> from tensorgrad.utils.data import DataLoader, TensorDataset
    >>> x = torch.linspace(-1, 1, 32).unsqueeze(1)
    >>> data = DataLoader(TensorDataset(x, 3 * x + 1), batch_size=8)
    >>> model = nn.Linear(1, 1)
    >>> trainer = Trainer(model, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.3), progress=False)
    >>> history = trainer.fit(data, epochs=30)
    >>> history[-1]["loss"] < 1e-3
    True
    """

    def __init__(self, model, loss, optimizer, *, scheduler=None, scheduler_step="epoch", metrics=(), callbacks=(), accumulate=1,
                 clip_norm=None, clip_value=None, checkpoint=None, checkpoint_every=None, progress=True):
        if scheduler_step not in ("epoch", "step"):
            raise ArgumentError(f"Trainer: scheduler_step must be 'epoch' or 'step', got {scheduler_step!r}")
        for name, value in (("accumulate", accumulate), ("checkpoint_every", checkpoint_every)):
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ArgumentError(f"Trainer: {name} must be an integer of at least 1, got {value!r}")
        for name, value in (("clip_norm", clip_norm), ("clip_value", clip_value)):
            if value is not None and not value > 0:
                raise ArgumentError(f"Trainer: {name} must be positive, got {value!r}")
        self.model, self.loss, self.optimizer, self.scheduler = model, loss, optimizer, scheduler
        self.scheduler_step, self.metrics, self.callbacks = scheduler_step, list(metrics), list(callbacks)
        self.accumulate, self.clip_norm, self.clip_value = accumulate, clip_norm, clip_value
        self.checkpoint, self.checkpoint_every, self.progress = checkpoint, checkpoint_every, progress
        self.names = {id(p): name for name, p in model.named_parameters()}
        self.epoch = self.step = 0  # complete epochs, optimiser steps
        self.history, self.losses = [], []  # a row an epoch, the loss of each step
        self.stop = False
        self._position = None  # inside an epoch: batches done, running sums, the RNG at its start

    # -- training --------------------------------------------------------------------------------------------------------

    def fit(self, data, epochs, validation=None, resume=False):
        """Train until `epochs` epochs are complete; returns the history, one dict an epoch. resume: go on from the checkpoint if its
        file exists: with the same data and arguments the losses are those, bit for bit, of a run that was never stopped. Errors:
        ArgumentError for resume without a checkpoint and for data without a batch, GraphError for a loss that is not finite.

        >>> import tensorgrad
        >>> from tensorgrad import nn, optim, training
        >>> model, data = nn.Linear(1, 1), [(tensorgrad.ones(4, 1), tensorgrad.zeros(4, 1))]
        >>> trainer = training.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), progress=False)
        >>> sorted(trainer.fit(data, epochs=2, validation=data)[-1])
        ['epoch', 'loss', 'lr', 'val_loss']
        """
        if resume:
            if self.checkpoint is None:
                raise ArgumentError("Trainer.fit: resume needs a checkpoint file, Trainer(checkpoint=PATH)")
            if os.path.exists(self.checkpoint):
                self.load_state_dict(tensorgrad.load(self.checkpoint))
        self._each("on_fit_start")
        try:
            while self.epoch < epochs and not self.stop:
                logs = self._epoch(data, epochs)
                if validation is not None:
                    logs.update({f"val_{name}": value for name, value in self.evaluate(validation).items()})
                logs["lr"] = float(self.optimizer.param_groups[0]["lr"])
                self._schedule("epoch", logs)
                self.history.append(logs)
                self.epoch += 1
                self._each("on_epoch_end", logs)
                self._save()
        finally:
            self._each("on_fit_end")
        return self.history

    def _epoch(self, data, epochs):
        """One pass over the data, from where a resumed run stood."""
        if self._position is None:
            self._position = {"batch": 0, "total": 0.0, "count": 0, "rng": rng_state()}
            for metric in self.metrics:
                metric.reset()
        done = self._position["batch"]
        here = rng_state() if done else None
        if done:
            set_rng_state(self._position["rng"])
        self.model.train()
        batches = iter(data)
        for _ in range(done):  # the batches before the checkpoint, drawn again and thrown away
            next(batches)
        if done:
            set_rng_state(here)
        else:
            self.optimizer.zero_grad()
        size = len(data) if hasattr(data, "__len__") else None
        with self._bar(size, f"epoch {self.epoch + 1}/{epochs}", done) as bar:
            for number, (inputs, target) in enumerate(batches, done + 1):
                last = number == size
                self._batch(inputs, target, number % self.accumulate == 0 or last)
                self._position["batch"] = number
                if bar is not None:
                    bar.set_postfix(loss=f"{self._position['total'] / self._position['count']:.4f}", refresh=False)
                    bar.update()
                if self.checkpoint_every and number % self.accumulate == 0 and self.step % self.checkpoint_every == 0 and not last:
                    self._save()
        position, self._position = self._position, None
        if not position["count"]:
            raise ArgumentError(f"Trainer.fit: epoch {self.epoch + 1} had no batch")
        return {"epoch": self.epoch + 1, "loss": position["total"] / position["count"], **self._values()}

    def _batch(self, inputs, target, full):
        """Forward and backward of one batch; where the accumulation is full, a step."""
        output = self.model(inputs)
        loss = self.loss(output, target)
        value = loss.item()
        (loss / self.accumulate if self.accumulate > 1 else loss).backward()
        count = len(target)
        self._position["total"] += value * count
        self._position["count"] += count
        with tensorgrad.no_grad():
            for metric in self.metrics:
                metric.update(output, target)
        if not full:
            return
        self._check_gradients(value)
        if self.clip_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.clip_norm)
        if self.clip_value is not None:
            clip_grad_value_(self.model.parameters(), self.clip_value)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        self.losses.append(value)
        self._schedule("step", None)
        self._each("on_step_end", value)

    def _check_gradients(self, loss):
        """Stop with the parameter's name where a gradient is NaN or infinite."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"] if p.grad is not None]
        # a sum of squares is finite only if all are, up to overflow, which the second look settles
        if math.isfinite(loss) and math.isfinite(sum(p.grad.square().sum().item() for p in parameters)):
            return
        for p in parameters:
            finite = p.grad.isfinite()
            if not finite.all():
                kind = "NaN" if p.grad.isnan().any() else "infinite"
                raise GraphError(f"Trainer.fit: the gradient of {self.names.get(id(p), 'a parameter')} {tuple(p.shape)} is {kind} in "
                                 f"{p.numel() - int(finite.sum())} elements at epoch {self.epoch + 1}, step {self.step + 1} "
                                 f"(loss {loss})")
        if not math.isfinite(loss):
            raise GraphError(f"Trainer.fit: the loss is {loss} at epoch {self.epoch + 1}, step {self.step + 1}, with finite gradients")

    def _schedule(self, when, logs):
        if self.scheduler is None or self.scheduler_step != when:
            return
        if isinstance(self.scheduler, ReduceLROnPlateau):
            if logs is None:
                raise ArgumentError("Trainer: ReduceLROnPlateau looks at epochs, use scheduler_step='epoch'")
            self.scheduler.step(logs.get("val_loss", logs["loss"]))
        else:
            self.scheduler.step()

    def _each(self, method, *arguments):
        for callback in self.callbacks:
            getattr(callback, method)(self, *arguments)

    def _values(self):
        return {metric.name: metric.compute() for metric in self.metrics}

    @contextlib.contextmanager
    def _bar(self, total, text, done=0):
        if not self.progress:
            yield None
            return
        try:
            from tqdm import tqdm
        except ImportError:
            raise ImportError("Trainer(progress=True) needs tqdm: pip install tensorgrad-cpu[progress]") from None
        with tqdm(total=total, desc=text, initial=done, unit="batch", leave=False) as bar:
            yield bar

    @contextlib.contextmanager
    def _evaluating(self):
        """The model in evaluation mode, afterwards in the one it had."""
        training = self.model.training
        self.model.eval()
        try:
            yield
        finally:
            self.model.train(training)

    # -- using a model ---------------------------------------------------------------------------------------------------

    @tensorgrad.no_grad()
    def evaluate(self, data):
        """{"loss", metrics} of the model in evaluation mode on batches of (input, target). Errors: ArgumentError for data without a
        batch.

        >>> import tensorgrad
        >>> from tensorgrad import nn, optim, training
        >>> model, data = nn.Linear(1, 1), [(tensorgrad.ones(4, 1), tensorgrad.zeros(4, 1))]
        >>> trainer = training.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), progress=False)
        >>> sorted(trainer.evaluate(data))
        ['loss']
        """
        total = count = 0
        for metric in self.metrics:
            metric.reset()
        with self._evaluating():
            for inputs, target in data:
                output = self.model(inputs)
                total += self.loss(output, target).item() * len(target)
                count += len(target)
                for metric in self.metrics:
                    metric.update(output, target)
        if not count:
            raise ArgumentError("Trainer.evaluate: the data had no batch")
        return {"loss": total / count, **self._values()}

    @tensorgrad.no_grad()
    def predict(self, data):
        """The model's outputs in evaluation mode, joined: of a tensor, or of batches of inputs or (input, target). Errors:
        ArgumentError for data without a batch.

        >>> import tensorgrad
        >>> from tensorgrad import nn, optim, training
        >>> model, data = nn.Linear(1, 1), [(tensorgrad.ones(4, 1), tensorgrad.zeros(4, 1))]
        >>> trainer = training.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), progress=False)
        >>> trainer.predict(tensorgrad.ones(3, 1)).shape
        tensorgrad.Size([3, 1])
        """
        batches = [data] if isinstance(data, tensorgrad.Tensor) else data
        with self._evaluating():
            outputs = [self.model(batch[0] if isinstance(batch, (tuple, list)) else batch) for batch in batches]
        if not outputs:
            raise ArgumentError("Trainer.predict: the data had no batch")
        return tensorgrad.cat(outputs)

    # -- state -----------------------------------------------------------------------------------------------------------

    def state_dict(self):
        """Everything a resumed run must know: model, optimiser, schedule, random numbers, position in the data, history.

        >>> import tensorgrad
        >>> from tensorgrad import nn, optim, training
        >>> model, data = nn.Linear(1, 1), [(tensorgrad.ones(4, 1), tensorgrad.zeros(4, 1))]
        >>> trainer = training.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), progress=False)
        >>> trainer.state_dict()["epoch"]
        0
        """
        return {
            "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "callbacks": [callback.state_dict() for callback in self.callbacks],
            "metrics": [dict(vars(metric)) for metric in self.metrics],
            "epoch": self.epoch, "step": self.step, "history": self.history, "losses": self.losses, "stop": self.stop,
            "position": self._position, "rng": rng_state(),
        }

    def load_state_dict(self, state):
        """Take over what state_dict gave; ArgumentError where it is of a Trainer with other callbacks, metrics or schedule.

        >>> import tensorgrad
        >>> from tensorgrad import nn, optim, training
        >>> model, data = nn.Linear(1, 1), [(tensorgrad.ones(4, 1), tensorgrad.zeros(4, 1))]
        >>> trainer = training.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), progress=False)
        >>> trainer.load_state_dict(trainer.state_dict())
        >>> trainer.epoch
        0
        """
        for name, mine in (("callbacks", self.callbacks), ("metrics", self.metrics)):
            if len(state[name]) != len(mine):
                raise ArgumentError(f"Trainer.load_state_dict: the state has {len(state[name])} {name}, this Trainer {len(mine)}")
        if (state["scheduler"] is None) != (self.scheduler is None):
            raise ArgumentError("Trainer.load_state_dict: one of the state and this Trainer has a scheduler, the other has none")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        for callback, saved in zip(self.callbacks, state["callbacks"], strict=True):
            callback.load_state_dict(saved)
        for metric, saved in zip(self.metrics, state["metrics"], strict=True):
            vars(metric).update(saved)
        self.epoch, self.step, self.stop = state["epoch"], state["step"], state["stop"]
        self.history, self.losses, self._position = list(state["history"]), list(state["losses"]), state["position"]
        set_rng_state(state["rng"])

    def _save(self):
        if self.checkpoint is not None:
            tensorgrad.save(self.state_dict(), self.checkpoint)


def rng_state():
    """The states of tensorgrad's default generator, of Python's and, where it is loaded, of NumPy's."""
    state = {"tensorgrad": tensorgrad.get_rng_state(), "python": random.getstate(), "numpy": None}
    if "numpy" in sys.modules:
        name, keys, *rest = sys.modules["numpy"].random.get_state()
        state["numpy"] = (str(name), [int(key) for key in keys], *rest)
    return state


def set_rng_state(state):
    """Go on from what rng_state gave."""
    tensorgrad.set_rng_state(state["tensorgrad"])
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    if state["numpy"] is not None:
        import numpy

        numpy.random.set_state(tuple(state["numpy"]))
