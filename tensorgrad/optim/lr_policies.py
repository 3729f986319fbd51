"""Schedulers that are made of others, follow the loss, or also move the momentum."""

import math
from bisect import bisect_right

from .._core.errors import ArgumentError
from .lr_schedules import LRScheduler, each_group, groups_of, set_rate, state_of, take_state
from .optimizer import number


class Combined(LRScheduler):
    """What schedulers made of others share. A ReduceLROnPlateau cannot be one of them: it needs a metric."""

    def __init__(self, optimizer, schedulers):
        name = type(self).__name__
        if not schedulers:
            raise ArgumentError(f"{name}: at least one scheduler is needed")
        self.optimizer, self._schedulers = optimizer or schedulers[0].optimizer, schedulers
        for i, scheduler in enumerate(schedulers):
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ArgumentError(f"{name}: scheduler {i} is a ReduceLROnPlateau, whose step() needs a metric")
            if scheduler.optimizer is not self.optimizer:
                raise ArgumentError(f"{name}: all schedulers must belong to the same optimizer; number {i} does not")

    def state_dict(self):
        """Everything but the optimizer, the schedulers as their state_dicts."""
        out = {k: v for k, v in self.__dict__.items() if k not in ("optimizer", "_schedulers")}
        return {**out, "_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict):
        """Take over a state_dict."""
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)
        self.__dict__.update({k: v for k, v in state_dict.items() if k != "_schedulers"})


class SequentialLR(Combined):
    """One scheduler after the other: the i-th from epoch milestones[i - 1] on, where it starts at its epoch 0. Errors: ArgumentError for
    another number of milestones than one less, no schedulers, a ReduceLROnPlateau and those of different optimizers. Source:
    torch.optim.lr_scheduler.SequentialLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> from tensorgrad.optim.lr_scheduler import ConstantLR, ExponentialLR
    >>> parts = [ConstantLR(optimizer, factor=0.5), ExponentialLR(optimizer, gamma=0.5)]
    >>> scheduler = tensorgrad.optim.lr_scheduler.SequentialLR(optimizer, parts, milestones=[1])
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.5]
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        super().__init__(optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ArgumentError(f"SequentialLR: {len(schedulers)} schedulers need {len(schedulers) - 1} milestones, "
                                f"got {len(milestones)}")
        self._milestones, self.last_epoch = milestones, last_epoch + 1
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        step_back(self)
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self):
        """Step the scheduler whose turn it is."""
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def step_back(scheduler):
    """Undo the first step of all schedulers that a scheduler is made of."""
    for part in getattr(scheduler, "_schedulers", ()):
        step_back(part)
    if not hasattr(scheduler, "_schedulers"):
        scheduler.last_epoch -= 1


class ChainedScheduler(Combined):
    """All schedulers at every step, their factors multiplied: rate *= f_1 f_2 ... Errors: ArgumentError for no schedulers, a
    ReduceLROnPlateau and those of different optimizers. Source: torch.optim.lr_scheduler.ChainedScheduler.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> parts = [tensorgrad.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5) for _ in range(2)]
    >>> scheduler = tensorgrad.optim.lr_scheduler.ChainedScheduler(parts)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.0625]
    """

    def __init__(self, schedulers, optimizer=None):
        super().__init__(optimizer, schedulers)
        self.remember()

    def step(self):
        """Step every scheduler."""
        for scheduler in self._schedulers:
            scheduler.step()
        self.remember()


class ReduceLROnPlateau(LRScheduler):
    """rate = max(rate * factor, min_lr) after more than `patience` steps without a metric better than the best: below best (1 -
    threshold), with threshold_mode='abs' best - threshold; mode 'max': above best (1 + threshold), best + threshold. cooldown: so many
    steps do not count then. Errors: ArgumentError for a factor >= 1, other modes and another number of min_lr, TypeError for what is no
    Optimizer. Source: torch.optim.lr_scheduler.ReduceLROnPlateau.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    >>> for loss in (1.0, 1.0):
    ...     scheduler.step(loss)
    >>> optimizer.param_groups[0]['lr']
    0.5
    """

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
                 min_lr=0, eps=1e-8):
        if factor >= 1.0:
            raise ArgumentError(f"ReduceLROnPlateau: factor must be < 1, got {factor}")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ArgumentError(f"ReduceLROnPlateau: mode {mode!r} must be min or max, threshold_mode "
                                f"{threshold_mode!r} rel or abs")
        groups_of(optimizer)
        self.optimizer, self.mode, self.factor = optimizer, mode, factor
        self.patience, self.threshold = patience, threshold
        self.threshold_mode, self.cooldown, self.eps = threshold_mode, cooldown, eps
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.min_lrs = each_group("min_lr", min_lr, optimizer)
        self.last_epoch = 0
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self._reset()
        self.remember()

    def _reset(self):
        """Forget the metrics seen so far."""
        self.best = self.mode_worse
        self.num_bad_epochs = self.cooldown_counter = 0

    @property
    def in_cooldown(self):
        """Whether the rate was reduced so lately that bad metrics do not count.

        >>> from tensorgrad import nn, optim, zeros
        >>> optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([nn.Parameter(zeros(1))], lr=0.1)).in_cooldown
        False
        """
        return self.cooldown_counter > 0

    def is_better(self, a, best):
        """Whether a improves on best by more than the threshold. No errors.

        >>> from tensorgrad import nn, optim, zeros
        >>> optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([nn.Parameter(zeros(1))], lr=0.1)).is_better(0.5, 1.0)
        True
        """
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            return sign * a > sign * best * (1 + sign * self.threshold)
        return sign * a > sign * (best + sign * self.threshold)

    def step(self, metrics, epoch=None):
        """Look at a metric."""
        metrics = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self.is_better(metrics, self.best):
            self.best, self.num_bad_epochs = metrics, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self.remember()

    def reduce(self):
        """Multiply every rate by the factor. A group that was added later takes the common min_lr. Errors: ArgumentError for a group
        added later where min_lr is a list.

        >>> from tensorgrad import nn, optim, zeros
        >>> scheduler = optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([nn.Parameter(zeros(1))], lr=1.0), factor=0.5)
        >>> scheduler.reduce()
        >>> scheduler.optimizer.param_groups[0]["lr"]
        0.5
        """
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise ArgumentError(f"ReduceLROnPlateau: the optimizer has {len(groups)} groups now, but min_lr has "
                                   f"{len(self.min_lrs)} values")
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, least in zip(groups, self.min_lrs, strict=True):
            old = number(group["lr"])
            new = max(old * self.factor, least)
            if old - new > self.eps:
                set_rate(group, new)


def momentum_of(group, value=None):
    """Read or write a group's momentum, which is betas[0] where there are betas."""
    if value is None:
        return group["betas"][0] if "betas" in group else group["momentum"]
    if "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value
    return value


def check_momentum(scheduler, optimizer):
    """Errors: ArgumentError where there is no momentum to be cycled."""
    if any("betas" not in g and "momentum" not in g for g in groups_of(optimizer)):
        raise ArgumentError(f"{type(scheduler).__name__}: the optimizer must have momentum or betas for cycle_momentum=True")


class OneCycleLR(LRScheduler):
    """From initial = max_lr / div_factor up to max_lr in pct_start of total_steps and down to initial / final_div_factor in the others,
    along half cosines b + (a - b)(1 + cos(pi t)) / 2 or lines; the momentum the other way round. three_phase: down to initial first, as
    fast as up. Errors: ArgumentError for arguments out of range, an optimizer without momentum or betas and a step beyond the last,
    TypeError for what is no Optimizer. Source: torch.optim.lr_scheduler.OneCycleLR (Smith and Topin 2018).

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [1.0]
    """

    def __init__(self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
                 anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
                 final_div_factor=1e4, three_phase=False, last_epoch=-1):
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ArgumentError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
        self.total_steps = epochs * steps_per_epoch if total_steps is None else total_steps
        if self.total_steps <= 0 or not isinstance(self.total_steps, int):
            raise ArgumentError(f"OneCycleLR: the number of steps must be an integer > 0, got {self.total_steps}")
        if not 0 <= pct_start <= 1:
            raise ArgumentError(f"OneCycleLR: pct_start must be in [0, 1], got {pct_start}")
        if not (div_factor > 0 and final_div_factor > 0):
            raise ArgumentError(f"OneCycleLR: div_factor and final_div_factor must be > 0, got {div_factor} and {final_div_factor}")
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(f"OneCycleLR: anneal_strategy must be cos or linear, got {anneal_strategy!r}")
        self._anneal_func_type, self.cycle_momentum = anneal_strategy, cycle_momentum
        top = float(pct_start * self.total_steps) - 1
        phases = [(top, "initial_lr", "max_lr", "max_momentum", "base_momentum")]
        if three_phase:
            phases += [(2 * top, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                       (self.total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        else:
            phases += [(self.total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        words = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
        self._schedule_phases = [dict(zip(words, phase, strict=True)) for phase in phases]
        if cycle_momentum:
            check_momentum(self, optimizer)
        lows = each_group("base_momentum", base_momentum, optimizer)
        highs = each_group("max_momentum", max_momentum, optimizer)
        peaks = each_group("max_lr", max_lr, optimizer)
        if last_epoch == -1:
            for group, peak, low, high in zip(optimizer.param_groups, peaks, lows, highs, strict=True):
                group.update(initial_lr=peak / div_factor, max_lr=peak, min_lr=peak / div_factor / final_div_factor)
                if cycle_momentum:
                    momentum_of(group, high)
                    group.update(max_momentum=high, base_momentum=low)
        super().__init__(optimizer, last_epoch)

    def anneal(self, start, end, share):
        """From start to end as share goes from 0 to 1. No errors.

        >>> from tensorgrad import nn, optim, zeros
        >>> optimizer = optim.SGD([nn.Parameter(zeros(1))], lr=0.1)
        >>> optim.lr_scheduler.OneCycleLR(optimizer, 0.5, 10, anneal_strategy="linear", cycle_momentum=False).anneal(1.0, 3.0, 0.25)
        1.5
        """
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)

    def get_lr(self):
        """The rates of this step. Errors: ArgumentError beyond the last one."""
        if self.last_epoch > self.total_steps:
            raise ArgumentError(f"OneCycleLR: step {self.last_epoch}, but the total number of steps is "
                                f"{self.total_steps}")
        begin = 0.0
        for phase in self._schedule_phases[:-1]:
            if self.last_epoch <= phase["end_step"]:
                break
            begin = phase["end_step"]
        else:
            phase = self._schedule_phases[-1]
        length = phase["end_step"] - begin
        share = (self.last_epoch - begin) / length if length else 1.0
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self.anneal(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                momentum_of(group, self.anneal(group[phase["start_momentum"]], group[phase["end_momentum"]], share))
        return rates


class CyclicLR(LRScheduler):
    """Between base_lr and max_lr in triangles: rate = base_lr + (max_lr - base_lr) h s, h from 0 to 1 in step_size_up steps and back in
    step_size_down, s = 1 (mode 'triangular'), 1/2^(cycle - 1) ('triangular2'), gamma^step ('exp_range') or scale_fn of cycle or step
    (scale_mode); the momentum the other way round. Errors: ArgumentError for another mode, step_size_up <= 0, another number of rates
    than groups and an optimizer without momentum or betas, TypeError for what is no Optimizer. Source: torch.optim.lr_scheduler.CyclicLR
    (Smith 2017).

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.25, max_lr=1.0, step_size_up=4)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.625]
    """

    def __init__(self, optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0,
                 scale_fn=None, scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=0.9,
                 last_epoch=-1):
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ArgumentError(f"CyclicLR: mode {mode!r} is unknown and there is no scale_fn")
        if not step_size_up > 0 or not (step_size_down is None or step_size_down >= 0):
            raise ArgumentError(f"CyclicLR: step_size_up must be > 0 and step_size_down >= 0, got {step_size_up} and {step_size_down}")
        bases = each_group("base_lr", base_lr, optimizer)
        self.max_lrs = each_group("max_lr", max_lr, optimizer)
        if cycle_momentum:
            check_momentum(self, optimizer)
            self.base_momentums = each_group("base_momentum", base_momentum, optimizer)
            self.max_momentums = each_group("max_momentum", max_momentum, optimizer)
        if last_epoch == -1:
            for group, base in zip(optimizer.param_groups, bases, strict=True):
                set_rate(group, base)
        down = float(step_size_up if step_size_down is None else step_size_down)
        self.total_size = float(step_size_up) + down
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self._scale_fn_custom = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn is not None else "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum and last_epoch == -1:
            for group, low, high in zip(optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True):
                momentum_of(group, high)
                group.update(max_momentum=high, base_momentum=low)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = bases

    def scale_fn(self, x):
        """The height of a cycle. No errors.

        >>> from tensorgrad import nn, optim, zeros
        >>> optimizer = optim.SGD([nn.Parameter(zeros(1))], lr=0.1)
        >>> optim.lr_scheduler.CyclicLR(optimizer, 0.1, 0.5, mode="triangular2", cycle_momentum=False).scale_fn(2)
        0.5
        """
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        return {"triangular": 1.0, "triangular2": 0.5 ** (x - 1)}.get(self.mode, self.gamma ** x)

    def get_lr(self):
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            limits = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in limits:
                momentum_of(group, high - (high - low) * height)
        return [base + (top - base) * height for base, top in zip(self.base_lrs, self.max_lrs, strict=True)]

    def state_dict(self):
        """Everything but the optimizer and a plain scale function (an object with a __call__ gives its __dict__)."""
        return {**super().state_dict(), "_scale_fn_custom": state_of(self._scale_fn_custom)}

    def load_state_dict(self, state_dict):
        """Take over a state_dict."""
        state_dict = dict(state_dict)
        take_state(self._scale_fn_custom, state_dict.pop("_scale_fn_custom"))
        super().load_state_dict(state_dict)
