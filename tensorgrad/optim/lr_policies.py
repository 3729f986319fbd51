"""Schedulers that are made of others, follow the loss, or also move the momentum."""

import math
from bisect import bisect_right

from .._core.errors import ArgumentError
from .lr_schedules import LRScheduler, each_group
from .optimizer import number


class SequentialLR(LRScheduler):
    """One scheduler after the other, changing at the milestones. Source: torch.optim.lr_scheduler.SequentialLR."""

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if not schedulers:
            raise ArgumentError("SequentialLR: at least one scheduler is needed")
        if len(milestones) != len(schedulers) - 1:
            raise ArgumentError(f"SequentialLR: {len(schedulers)} schedulers need {len(schedulers) - 1} milestones, "
                                f"got {len(milestones)}")
        if any(s.optimizer is not optimizer for s in schedulers):
            raise ArgumentError("SequentialLR: all schedulers must belong to the given optimizer")
        self.optimizer, self._schedulers, self._milestones = optimizer, schedulers, milestones
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for scheduler in schedulers:
            scheduler.last_epoch -= 1
            scheduler._step_count -= 1
        schedulers[0].step()
        self._last_lr = schedulers[0].get_last_lr()

    def step(self):
        """Step the scheduler whose turn it is."""
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler.step(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def state_dict(self):
        """Everything but the optimizer, the schedulers as their state_dicts."""
        out = {k: v for k, v in self.__dict__.items() if k not in ("optimizer", "_schedulers")}
        return {**out, "_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict):
        """Take over a state_dict."""
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)
        self.__dict__.update({k: v for k, v in state_dict.items() if k != "_schedulers"})


class ChainedScheduler(SequentialLR):
    """All schedulers at every step, their factors multiplied. Source: torch.optim.lr_scheduler.ChainedScheduler."""

    def __init__(self, schedulers, optimizer=None):
        if not schedulers:
            raise ArgumentError("ChainedScheduler: at least one scheduler is needed")
        optimizer = optimizer or schedulers[0].optimizer
        if any(s.optimizer is not optimizer for s in schedulers):
            raise ArgumentError("ChainedScheduler: all schedulers must belong to the same optimizer")
        self.optimizer, self._schedulers = optimizer, schedulers
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self):
        """Step every scheduler."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


class ReduceLROnPlateau(LRScheduler):
    """rate *= factor after `patience` steps without a better metric. Source:
    torch.optim.lr_scheduler.ReduceLROnPlateau."""

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
                 min_lr=0, eps=1e-8):
        if factor >= 1.0:
            raise ArgumentError(f"ReduceLROnPlateau: factor must be < 1, got {factor}")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ArgumentError(f"ReduceLROnPlateau: mode {mode!r} must be min or max, threshold_mode "
                                f"{threshold_mode!r} rel or abs")
        self.optimizer, self.mode, self.factor = optimizer, mode, factor
        self.patience, self.threshold = patience, threshold
        self.threshold_mode, self.cooldown, self.eps = threshold_mode, cooldown, eps
        self.min_lrs = each_group("min_lr", min_lr, optimizer)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = self.rates()

    def is_better(self, a, best):
        """Whether a improves on best by more than the threshold."""
        sign = 1 if self.mode == "max" else -1
        margin = self.threshold * (best if self.threshold_mode == "rel" else 1.0) if math.isfinite(best) else 0.0
        return sign * a > sign * (best + sign * margin)

    def step(self, metrics, epoch=None):
        """Look at a metric."""
        metrics = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self.is_better(metrics, self.best):
            self.best, self.num_bad_epochs = metrics, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
                old = number(group["lr"])
                new = max(old * self.factor, least)
                if old - new > self.eps:
                    group["lr"] = new
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self.rates()


def momentum_of(group, value=None):
    """Read or write a group's momentum, which is betas[0] where there are betas."""
    if value is None:
        return group["betas"][0] if "betas" in group else group["momentum"]
    if "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value
    return value


class OneCycleLR(LRScheduler):
    """From max_lr / div_factor up to max_lr and down to initial / final_div_factor within total_steps, the momentum
    the other way round. Source: torch.optim.lr_scheduler.OneCycleLR (Smith and Topin 2018)."""

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
        if anneal_strategy not in ("cos", "linear"):
            raise ArgumentError(f"OneCycleLR: anneal_strategy must be cos or linear, got {anneal_strategy!r}")
        self._anneal_func_type, self.cycle_momentum = anneal_strategy, cycle_momentum
        top = pct_start * self.total_steps - 1
        rates = [(top, "initial_lr", "max_lr", "max_momentum", "base_momentum")]
        if three_phase:
            rates += [(2 * top, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                      (self.total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        else:
            rates += [(self.total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        self._schedule_phases = rates
        lows = each_group("base_momentum", base_momentum, optimizer)
        highs = each_group("max_momentum", max_momentum, optimizer)
        peaks = each_group("max_lr", max_lr, optimizer)
        if last_epoch == -1:
            for group, peak, low, high in zip(optimizer.param_groups, peaks, lows, highs, strict=True):
                group.update(initial_lr=peak / div_factor, max_lr=peak, min_lr=peak / div_factor / final_div_factor)
                group["lr"] = group["initial_lr"]
                if cycle_momentum:
                    if "betas" not in group and not group.get("momentum"):
                        raise ArgumentError("OneCycleLR: the optimizer must have momentum or betas for "
                                            "cycle_momentum=True")
                    momentum_of(group, high)
                    group.update(max_momentum=high, base_momentum=low)
        super().__init__(optimizer, last_epoch)

    def anneal(self, start, end, share):
        """From start to end as share goes from 0 to 1."""
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)

    def get_lr(self):
        if self.last_epoch > self.total_steps:
            raise ArgumentError(f"OneCycleLR: step {self.last_epoch}, but the total number of steps is "
                                f"{self.total_steps}")
        begin, phase = 0.0, 0
        while self.last_epoch > self._schedule_phases[phase][0] and phase < len(self._schedule_phases) - 1:
            begin, phase = self._schedule_phases[phase][0], phase + 1
        end, *names = self._schedule_phases[phase]
        share = (self.last_epoch - begin) / (end - begin)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self.anneal(group[names[0]], group[names[1]], share))
            if self.cycle_momentum:
                momentum_of(group, self.anneal(group[names[2]], group[names[3]], share))
        return rates


class CyclicLR(LRScheduler):
    """Between base_lr and max_lr in triangles (mode triangular, triangular2: halved each cycle, exp_range: times
    gamma^step). Source: torch.optim.lr_scheduler.CyclicLR (Smith 2017)."""

    def __init__(self, optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0,
                 scale_fn=None, scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=0.9,
                 last_epoch=-1):
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ArgumentError(f"CyclicLR: mode {mode!r} is unknown and there is no scale_fn")
        bases = each_group("base_lr", base_lr, optimizer)
        if last_epoch == -1:
            for group, base in zip(optimizer.param_groups, bases, strict=True):
                group["lr"] = base
        self.max_lrs = each_group("max_lr", max_lr, optimizer)
        down = float(step_size_up if step_size_down is None else step_size_down)
        self.total_size = float(step_size_up) + down
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self._scale_fn_ref = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn is not None else "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            if any("betas" not in g and "momentum" not in g for g in optimizer.param_groups):
                raise ArgumentError("CyclicLR: the optimizer must have momentum or betas for cycle_momentum=True")
            self.base_momentums = each_group("base_momentum", base_momentum, optimizer)
            self.max_momentums = each_group("max_momentum", max_momentum, optimizer)
            for group, high in zip(optimizer.param_groups, self.max_momentums, strict=True):
                momentum_of(group, high)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = bases

    def scale_fn(self, x):
        """The height of a cycle."""
        if self._scale_fn_ref is not None:
            return self._scale_fn_ref(x)
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
        """Everything but the optimizer and a scale function."""
        return {k: v for k, v in self.__dict__.items() if k not in ("optimizer", "_scale_fn_ref")}
