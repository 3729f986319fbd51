"""Averages of a model's weights along its training: stochastic weight averaging and moving averages."""

import math
from copy import deepcopy

from .._core.errors import ArgumentError
from .._core.tensor import TensorBase
from ..autograd import no_grad
from ..nn import Module
from ..nn.norm import _BatchNorm
from .lr_schedules import LRScheduler, each_group

__all__ = ["SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn", "get_swa_multi_avg_fn", "update_bn"]


def get_swa_avg_fn():
    """The function (average, weight, number of averaged) -> average + (weight - average) / (number + 1), the mean of all, of tensors of
    one shape. No errors. Source: torch.optim.swa_utils.get_swa_avg_fn.

    >>> import tensorgrad
    >>> from tensorgrad.optim import swa_utils
    >>> swa_utils.get_swa_avg_fn()(2.0, 5.0, 2)
    3.0
    """
    return lambda average, weight, number: average + (weight - average) / (number + 1)


def get_ema_avg_fn(decay=0.999):
    """The function (average, weight, number) -> decay average + (1 - decay) weight, of tensors of one shape. Errors: ArgumentError for
    decay outside [0, 1]. Source: torch.optim.swa_utils.get_ema_avg_fn.

    >>> import tensorgrad
    >>> from tensorgrad.optim import swa_utils
    >>> swa_utils.get_ema_avg_fn(0.5)(2.0, 5.0, 2)
    3.5
    """
    if not 0 <= decay <= 1:
        raise ArgumentError(f"get_ema_avg_fn: decay must be in [0, 1], got {decay}")
    return lambda average, weight, number: decay * average + (1 - decay) * weight


def over_lists(function):
    """The same for lists of averages, in place, and weights."""
    def update(averages, weights, number):
        for average, weight in zip(averages, weights, strict=True):
            average.copy_(function(average, weight, number))
    return update


def get_swa_multi_avg_fn():
    """The function (averages, weights, number) that makes average + (weight - average) / (number + 1) of every average of a list, in
    place; the weights have their shapes. No errors. Source: torch.optim.swa_utils.get_swa_multi_avg_fn.

    >>> import tensorgrad
    >>> from tensorgrad.optim import swa_utils
    >>> x = [tensorgrad.zeros(1)]
    >>> swa_utils.get_swa_multi_avg_fn()(x, [tensorgrad.ones(1)], 3)
    >>> x
    [tensor([0.2500])]
    """
    return over_lists(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay=0.999):
    """The function (averages, weights, number) that makes decay average + (1 - decay) weight of every average of a list, in place; the
    weights have their shapes. Errors: ArgumentError for decay outside [0, 1]. Source: torch.optim.swa_utils.get_ema_multi_avg_fn.

    >>> import tensorgrad
    >>> from tensorgrad.optim import swa_utils
    >>> x = [tensorgrad.zeros(1)]
    >>> swa_utils.get_ema_multi_avg_fn(0.5)(x, [tensorgrad.ones(1)], 3)
    >>> x
    [tensor([0.5000])]
    """
    return over_lists(get_ema_avg_fn(decay))


class AveragedModel(Module):
    """A copy of a model, with its shapes, whose weights are averages: update_parameters(model) counts one more in, by default for the
    mean of all.

    avg_fn(average, weight, number) or multi_avg_fn(averages, weights, number): another average. use_buffers: average the buffers too,
    else they are taken over. Errors: ArgumentError for both functions, ShapeError in update_parameters for a model of other shapes.
    Source: torch.optim.swa_utils.AveragedModel; Izmailov et al., "Averaging weights leads to wider optima", 2018.

    >>> import tensorgrad as torch
    >>> model = torch.nn.Linear(1, 1, bias=False)
    >>> average = torch.optim.swa_utils.AveragedModel(model)
    >>> for value in (1.0, 4.0):
    ...     model.weight.data.fill_(value)
    ...     average.update_parameters(model)
    tensor([[1.]])
    tensor([[4.]])
    >>> average.module.weight.item()
    2.5
    """

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ArgumentError("AveragedModel: give avg_fn or multi_avg_fn, not both")
        self.module = deepcopy(model)
        self.use_buffers = use_buffers
        self.update_fn = multi_avg_fn or over_lists(avg_fn or get_swa_avg_fn())
        from ..ops.create import tensor

        self.register_buffer("n_averaged", tensor(0))

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model):
        """Count the present weights of the model in; the first time they are taken over."""
        def values(m, buffers):
            return [*m.parameters(), *(m.buffers() if buffers else ())]
        averages, weights = values(self.module, self.use_buffers), values(model, self.use_buffers)
        number = int(self.n_averaged)
        if number == 0:
            for average, weight in zip(averages, weights, strict=True):
                average.copy_(weight)
        else:
            self.update_fn(averages, weights, self.n_averaged)
        if not self.use_buffers:
            for mine, theirs in zip(self.module.buffers(), model.buffers(), strict=True):
                mine.copy_(theirs)
        self.n_averaged += 1


@no_grad()
def update_bn(loader, model, device=None):
    """Run the batches (or the first part of tuples) of a loader through the model, so that the statistics of its batch norms are the
    means over these batches; each of the shape that the model takes. Errors: TypeError for a loader that cannot be iterated over, and the
    model's own. Source: torch.optim.swa_utils.update_bn.

    >>> import tensorgrad
    >>> from tensorgrad.optim import swa_utils
    >>> norm = tensorgrad.nn.BatchNorm1d(1)
    >>> swa_utils.update_bn([tensorgrad.tensor([[1.0], [3.0]])], norm)
    >>> norm.running_mean
    tensor([2.])
    """
    norms = {m: m.momentum for m in model.modules() if isinstance(m, _BatchNorm)}
    if not norms:
        return
    training = model.training
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over batches
    try:
        model.train()
        for batch in loader:
            x = batch[0] if isinstance(batch, (list, tuple)) else batch
            model(x.to(device) if device is not None and isinstance(x, TensorBase) else x)
    finally:
        for norm, momentum in norms.items():
            norm.momentum = momentum
        model.train(training)


class SWALR(LRScheduler):
    """rate = swa_lr a + start (1 - a), start the present rate, a = t or (1 - cos(pi t)) / 2 at t = min(1, step / anneal_epochs): from the
    present rate to swa_lr in anneal_epochs steps, and then constant. Errors: ArgumentError for another anneal_strategy, anneal_epochs < 0
    and another number of rates than groups, TypeError for what is no Optimizer. Source: torch.optim.swa_utils.SWALR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.swa_utils.SWALR(optimizer, swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> optimizer.param_groups[0]["lr"]
    0.5
    """

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(f"SWALR: anneal_strategy must be 'cos' or 'linear', got {anneal_strategy!r}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ArgumentError(f"SWALR: anneal_epochs must be an integer >= 0, got {anneal_epochs}")
        rates = each_group("SWALR: swa_lr", swa_lr, optimizer)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
        self.anneal_epochs, self._anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def share(self, step):
        """How much of the way is done at a step, in [0, 1]."""
        t = min(max(step / max(self.anneal_epochs, 1), 0.0), 1.0) if self.anneal_epochs else 1.0
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2

    def get_lr(self):
        """The rates of this step, from those of the one before."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self.share(step - 1) if step > 0 else 0.0, self.share(step)
        rates = []
        for group in self.optimizer.param_groups:
            start = group["lr"] if before == 1 else (group["lr"] - before * group["swa_lr"]) / (1 - before)
            rates.append(group["swa_lr"] * now + start * (1 - now))
        return rates
