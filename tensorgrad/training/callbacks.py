"""What may happen between the steps and epochs of a training run."""

import csv
import math
import os

import tensorgrad

from .._core.errors import ArgumentError


class Callback:
    """Called by the Trainer; every method does nothing unless it is overridden.

    `logs` is the epoch's row of the history: {"epoch", "loss", metrics, "val_loss", "val_" + metrics, "lr"}, numbers all. No errors of
    its own: what a method raises ends the fit. Source: Keras' Callback.

    >>> from tensorgrad import training
    >>> class Hello(training.Callback): on_fit_start = lambda self, trainer: print('hello')
    >>> Hello().on_fit_start(None)
    hello
    """

    def on_fit_start(self, trainer):
        """Before the first step of a fit. Errors: none here; those of a callback end the fit.

        >>> from tensorgrad import training
        >>> training.Callback().on_fit_start(None)
        """

    def on_step_end(self, trainer, loss):
        """After an optimiser step; `loss` is a number. Errors: none here; those of a callback end the fit.

        >>> from tensorgrad import training
        >>> class Losses(training.Callback): on_step_end = lambda self, trainer, loss: print(loss)
        >>> Losses().on_step_end(None, 0.5)
        0.5
        """

    def on_epoch_end(self, trainer, logs):
        """After an epoch and its validation. Errors: none here; those of a callback end the fit.

        >>> from tensorgrad import training
        >>> class Rows(training.Callback): on_epoch_end = lambda self, trainer, logs: print(sorted(logs))
        >>> Rows().on_epoch_end(None, {"loss": 0.5, "epoch": 1})
        ['epoch', 'loss']
        """

    def on_fit_end(self, trainer):
        """After the last epoch, also when training was stopped. Errors: none here; those of a callback end the fit.

        >>> from tensorgrad import training
        >>> training.Callback().on_fit_end(None)
        """

    def state_dict(self):
        """What a resumed run must know.

        >>> from tensorgrad import training
        >>> training.Callback().state_dict()
        {}
        """
        return {}

    def load_state_dict(self, state):
        """Take over what state_dict gave. No errors.

        >>> from tensorgrad import training
        >>> stopping = training.EarlyStopping("loss")
        >>> stopping.load_state_dict(training.EarlyStopping("loss").state_dict())
        """


class _Monitor(Callback):
    """Watches one number of the logs and knows its best value."""

    def __init__(self, monitor, mode):
        if mode not in ("min", "max", "auto"):
            raise ArgumentError(f"{type(self).__name__}: mode must be 'min', 'max' or 'auto', got {mode!r}")
        self.monitor = monitor
        self.sign = -1 if mode == "max" or (mode == "auto" and not monitor.endswith(("loss", "error", "mae"))) else 1
        self.best = math.inf

    def improved(self, logs, margin=0.0):
        """Whether this epoch is better than the best so far by more than the margin (NaN never is). Errors: ArgumentError where the
        logs do not have it.

        >>> from tensorgrad import training
        >>> stopping = training.EarlyStopping("loss")
        >>> stopping.improved({"loss": 0.5}), stopping.improved({"loss": 0.6})
        (True, False)
        """
        if self.monitor not in logs:
            raise ArgumentError(f"{type(self).__name__}: there is no {self.monitor!r} in the logs, which have "
                                f"{', '.join(map(repr, logs))}")
        value = self.sign * logs[self.monitor]
        if not value < self.best - margin:
            return False
        self.best = value
        return True

    def state_dict(self):
        """The best value."""
        return {"best": self.best}

    def load_state_dict(self, state):
        """Take over the best value."""
        self.best = state["best"]


class EarlyStopping(_Monitor):
    """Stop when `monitor` has not improved by more than `min_delta` for `patience` epochs: fallen, or, with mode='max', risen ('auto':
    risen unless its name ends in loss, error or mae).

    `restore` gives the model the weights of its best epoch back at the end. Errors: ArgumentError for patience < 1, another mode, and at
    the end of an epoch for a monitor that is not in the logs. Source: Prechelt, "Early stopping - but when?"

    >>> from tensorgrad import training
    >>> training.EarlyStopping("loss", patience=3).patience
    3
    """

    def __init__(self, monitor="val_loss", patience=5, min_delta=0.0, mode="auto", restore=True):
        super().__init__(monitor, mode)
        if patience < 1:
            raise ArgumentError(f"EarlyStopping: patience must be at least 1 epoch, got {patience}")
        self.patience, self.min_delta, self.restore = patience, min_delta, restore
        self.waited, self.weights = 0, None

    def on_epoch_end(self, trainer, logs):
        """Count the epochs without improvement."""
        if self.improved(logs, self.min_delta):
            self.waited = 0
            if self.restore:
                self.weights = {name: value.clone() for name, value in trainer.model.state_dict().items()}
        else:
            self.waited += 1
            trainer.stop = trainer.stop or self.waited >= self.patience

    def on_fit_end(self, trainer):
        """Give the model the best weights."""
        if self.restore and self.weights is not None:
            trainer.model.load_state_dict(self.weights)

    def state_dict(self):
        """Best value, epochs waited and best weights."""
        return {**super().state_dict(), "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, state):
        """Take over what state_dict gave."""
        super().load_state_dict(state)
        self.waited, self.weights = state["waited"], state["weights"]


class ModelCheckpoint(_Monitor):
    """Save the model's state_dict to `path` after each epoch, or with `best_only` after each that improved `monitor` (see EarlyStopping
    for mode).

    `{epoch}` and the names of the logs in `path` are filled in: "model-{epoch:02d}-{val_loss:.3f}.safetensors". Errors: ArgumentError for
    another mode, and at the end of an epoch for a monitor that is not in the logs; TypeError for what is no path. Source: Keras'
    ModelCheckpoint.

    >>> from tensorgrad import training
    >>> training.ModelCheckpoint("best.pt", monitor="loss").monitor
    'loss'
    """

    def __init__(self, path, monitor="val_loss", mode="auto", best_only=True):
        super().__init__(monitor, mode)
        self.path, self.best_only = os.fspath(path), best_only

    def on_epoch_end(self, trainer, logs):
        """Save, all or nothing."""
        if not self.best_only or self.improved(logs):
            tensorgrad.save(trainer.model.state_dict(), self.path.format(**logs))


class LearningRateMonitor(Callback):
    """Remember the learning rate of every parameter group after each step: `rates`, a list of lists of numbers. No errors. Source:
    Lightning's LearningRateMonitor.

    >>> import tensorgrad
    >>> from tensorgrad import nn, optim, training
    >>> model, data = nn.Linear(1, 1), [(tensorgrad.ones(4, 1), tensorgrad.zeros(4, 1))]
    >>> monitor = training.LearningRateMonitor()
    >>> trainer = training.Trainer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), callbacks=[monitor], progress=False)
    >>> history = trainer.fit(data, epochs=2)
    >>> monitor.rates
    [[0.1], [0.1]]
    """

    def __init__(self):
        self.rates = []

    def on_step_end(self, trainer, loss):
        """Note the rates."""
        self.rates.append([float(group["lr"]) for group in trainer.optimizer.param_groups])

    def state_dict(self):
        """The rates so far."""
        return {"rates": self.rates}

    def load_state_dict(self, state):
        """Take over the rates."""
        self.rates = [list(row) for row in state["rates"]]


class CSVLog(Callback):
    """One row an epoch, of the numbers in its logs, in a CSV file; a resumed run goes on in the same file, without the rows after its
    checkpoint. Errors: TypeError for what is no path, OSError where it cannot be written. Source: Keras' CSVLogger.

    >>> from tensorgrad import training
    >>> training.CSVLog("log.csv").path
    'log.csv'
    """

    def __init__(self, path):
        self.path = os.fspath(path)

    def on_epoch_end(self, trainer, logs):
        """Write all rows of the history, all or nothing."""
        columns = list(dict.fromkeys(name for row in trainer.history for name in row))
        temporary = self.path + ".tmp"
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(trainer.history)
        os.replace(temporary, self.path)


class TensorBoardLog(Callback):
    """The loss of every step and the numbers in the logs of every epoch as TensorBoard scalars. Errors: ImportError without tensorboardX
    (extra [tensorboard]). Source: Keras' TensorBoard.

    >>> from tensorgrad import training
    >>> issubclass(training.TensorBoardLog, training.Callback)
    True
    """

    def __init__(self, folder):
        self.folder, self.writer = os.fspath(folder), None

    def on_fit_start(self, trainer):
        """Open the log. Errors: ImportError without tensorboardX."""
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise ImportError("TensorBoardLog needs tensorboardX: pip install tensorgrad-cpu[tensorboard]") from None
        self.writer = SummaryWriter(self.folder)

    def on_step_end(self, trainer, loss):
        """Log the loss of the step."""
        self.writer.add_scalar("step/loss", loss, trainer.step)

    def on_epoch_end(self, trainer, logs):
        """Log the row of the epoch."""
        for name, value in logs.items():
            if name != "epoch" and isinstance(value, (int, float)):
                self.writer.add_scalar(f"epoch/{name}", value, logs["epoch"])

    def on_fit_end(self, trainer):
        """Close the log."""
        self.writer.close()
