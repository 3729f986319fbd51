"""Learning rates that follow the epoch (or the loss): each scheduler rewrites group["lr"] at every step()."""

import itertools
import math
from bisect import bisect_right
from collections import Counter

from .._core.errors import ArgumentError
from .._core.tensor import TensorBase
from .optimizer import Optimizer, number


def set_rate(group, rate):
    """Write a group's rate: into the tensor where it is one."""
    if isinstance(group["lr"], TensorBase):
        group["lr"].fill_(number(rate))
    else:
        group["lr"] = rate


def groups_of(optimizer):
    """The groups whose rates a schedule sets. Errors: TypeError."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    return optimizer.param_groups


class LRScheduler:
    """The base: get_lr() says each group's rate, a number whatever its parameters' shapes, after step number last_epoch, from what it is
    now, so that schedulers can be chained. Errors: TypeError for what is no Optimizer, KeyError for a resumed one (last_epoch other than
    -1) without initial_lr; every scheduler has these. Source: torch.optim.lr_scheduler.LRScheduler.

    >>> import tensorgrad
    >>> class Halving(tensorgrad.optim.lr_scheduler.LRScheduler):
    ...     def get_lr(self):
    ...         return [rate / 2 ** self.last_epoch for rate in self.base_lrs]
    >>> scheduler = Halving(tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0))
    >>> scheduler.optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    _get_lr_called_within_step = False
    _is_initial = False  # whether the step is the one that the constructor makes

    def __init__(self, optimizer, last_epoch=-1):
        for i, group in enumerate(groups_of(optimizer)):
            if last_epoch == -1:
                group.setdefault("initial_lr", number(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{i}] when resuming an optimizer")
        self.optimizer = optimizer
        self.base_lrs = [number(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self):
        """The step that sets the first rates."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def step(self, epoch=None):
        """Go to the next epoch (or to a given one) and set the rates. Errors: TypeError for an epoch that is no number.

        >>> import tensorgrad
        >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
        >>> scheduler = tensorgrad.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
        >>> optimizer.step()
        >>> scheduler.step()
        >>> optimizer.param_groups[0]["lr"]
        0.5
        """
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch=None):
        """step() without counting it."""
        self._get_lr_called_within_step = True
        try:
            if epoch is None:
                self.last_epoch += 1
                rates = self.get_lr()
            else:
                self.last_epoch = epoch
                rates = self._get_closed_form_lr() if hasattr(self, "_get_closed_form_lr") else self.get_lr()
        finally:
            self._get_lr_called_within_step = False
        self.set_rates(rates)

    def set_rates(self, rates):
        """Write the rates into the groups. Errors: ValueError for another number of rates than groups.

        >>> from tensorgrad import nn, optim, zeros
        >>> scheduler = optim.lr_scheduler.StepLR(optim.SGD([nn.Parameter(zeros(1))], lr=1.0), 10)
        >>> scheduler.set_rates([0.25])
        >>> scheduler.get_last_lr()
        [0.25]
        """
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, rate)
        self.remember()

    def remember(self):
        """Keep the rates for get_last_lr(), apart from the tensors that hold them.

        >>> from tensorgrad import nn, optim, zeros
        >>> scheduler = optim.lr_scheduler.StepLR(optim.SGD([nn.Parameter(zeros(1))], lr=1.0), 10)
        >>> scheduler.optimizer.param_groups[0]["lr"] = 0.25
        >>> scheduler.remember()
        >>> scheduler.get_last_lr()
        [0.25]
        """
        self._last_lr = [group["lr"].clone() if isinstance(group["lr"], TensorBase) else group["lr"]
                         for group in self.optimizer.param_groups]

    def get_lr(self):
        """The rate of each group at last_epoch.

        >>> from tensorgrad import nn, optim, zeros
        >>> class Halving(optim.lr_scheduler.LRScheduler):
        ...     def get_lr(self):
        ...         return self.scaled(0.5)
        >>> Halving(optim.SGD([nn.Parameter(zeros(1))], lr=1.0)).get_last_lr()
        [0.5]
        """
        raise NotImplementedError(f"{type(self).__name__}.get_lr")

    def get_last_lr(self):
        """The rates that step() set last.

        >>> import tensorgrad
        >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
        >>> scheduler = tensorgrad.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
        >>> scheduler.get_last_lr()
        [1.0]
        """
        return self._last_lr

    def rates(self):
        """The groups' present rates.

        >>> from tensorgrad import nn, optim, zeros
        >>> optim.lr_scheduler.StepLR(optim.SGD([nn.Parameter(zeros(1))], lr=1.0), 10).rates()
        [1.0]
        """
        return [number(group["lr"]) for group in self.optimizer.param_groups]

    def scaled(self, factor):
        """The present rates times a factor. Errors: TypeError for what is no number.

        >>> from tensorgrad import nn, optim, zeros
        >>> optim.lr_scheduler.StepLR(optim.SGD([nn.Parameter(zeros(1))], lr=1.0), 10).scaled(0.5)
        [0.5]
        """
        return [rate * factor for rate in self.rates()]

    def state_dict(self):
        """Everything but the optimizer.

        >>> import tensorgrad
        >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
        >>> scheduler = tensorgrad.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
        >>> scheduler.state_dict()["last_epoch"]
        0
        """
        return {k: v for k, v in self.__dict__.items() if k != "optimizer"}

    def load_state_dict(self, state_dict):
        """Take over a state_dict. Errors: TypeError for what is no state.

        >>> import tensorgrad
        >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
        >>> scheduler = tensorgrad.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
        >>> scheduler.load_state_dict({"last_epoch": 3})
        >>> scheduler.last_epoch
        3
        """
        self.__dict__.update(state_dict)


def each_group(name, value, optimizer):
    """One value a group, from a value or a list of them."""
    groups = len(groups_of(optimizer))
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ArgumentError(f"{name}: expected {groups} values, one a group, got {len(value)}")
    return list(value)


def state_of(function):
    """What is to be saved of a function: nothing of a plain one, the __dict__ of an object with a __call__."""
    return None if function is None or hasattr(function, "__code__") else dict(function.__dict__)


def take_state(function, state):
    """Give a function what state_of() kept of it."""
    if state is not None:
        function.__dict__.update(state)


class LambdaLR(LRScheduler):
    """rate = initial rate * lr_lambda(epoch), with one function for all groups or a list of one a group. Errors: ArgumentError for
    another number of functions, TypeError for what is no Optimizer. Source: torch.optim.lr_scheduler.LambdaLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5 ** epoch)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.25]
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = each_group("lr_lambda", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * f(self.last_epoch) for f, base in zip(self.lr_lambdas, self.base_lrs, strict=True)]

    def state_dict(self):
        """Everything but the optimizer and plain functions (objects with a __call__ give their __dict__)."""
        return {**super().state_dict(), "lr_lambdas": list(map(state_of, self.lr_lambdas))}

    def load_state_dict(self, state_dict):
        """Take over a state_dict."""
        state_dict = dict(state_dict)
        for f, state in zip(self.lr_lambdas, state_dict.pop("lr_lambdas"), strict=True):
            take_state(f, state)
        super().load_state_dict(state_dict)


class MultiplicativeLR(LambdaLR):
    """rate *= lr_lambda(epoch) every epoch, with one function for all groups or a list of one a group. Errors: ArgumentError for another
    number of functions, TypeError for what is no Optimizer. Source: torch.optim.lr_scheduler.MultiplicativeLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.25]
    """

    def get_lr(self):
        if self._is_initial:
            return self.rates()
        return [rate * f(self.last_epoch) for rate, f in zip(self.rates(), self.lr_lambdas, strict=True)]


class InverseTimeLR(LRScheduler):
    """rate = initial rate / (1 + gamma epoch / decay_steps); staircase: floor(epoch / decay_steps) for the quotient. PyTorch has no such
    scheduler; it is the 1/t rule of stochastic approximation. Errors: ArgumentError for gamma < 0 and decay_steps <= 0, TypeError for
    what is no Optimizer. Source: Robbins and Monro, Ann. Math. Statist. 22 (1951).

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.InverseTimeLR(optimizer, 0.5)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer, gamma, decay_steps=1, staircase=False, last_epoch=-1):
        if not gamma >= 0:
            raise ArgumentError(f"InverseTimeLR: gamma must be >= 0, got {gamma}")
        if not decay_steps > 0:
            raise ArgumentError(f"InverseTimeLR: decay_steps must be > 0, got {decay_steps}")
        self.gamma, self.decay_steps, self.staircase = gamma, decay_steps, staircase
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t = self.last_epoch // self.decay_steps if self.staircase else self.last_epoch / self.decay_steps
        return [base / (1 + self.gamma * t) for base in self.base_lrs]


class PiecewiseConstantLR(LRScheduler):
    """rate = initial rate * factors[i], i the number of milestones that the epoch has reached: one factor more than milestones. PyTorch
    has no such scheduler. Errors: ArgumentError for milestones that do not rise and another number of factors, TypeError for what is no
    Optimizer. Source: tf.keras.optimizers.schedules.PiecewiseConstantDecay.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.PiecewiseConstantLR(optimizer, milestones=[2], factors=[1.0, 0.1])
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.1]
    """

    def __init__(self, optimizer, milestones, factors, last_epoch=-1):
        self.milestones, self.factors = list(milestones), list(factors)
        if len(self.factors) != len(self.milestones) + 1:
            raise ArgumentError(f"PiecewiseConstantLR: {len(self.milestones)} milestones need {len(self.milestones) + 1} "
                                f"factors, got {len(self.factors)}")
        if any(a >= b for a, b in itertools.pairwise(self.milestones)):
            raise ArgumentError(f"PiecewiseConstantLR: milestones must rise, got {self.milestones}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        factor = self.factors[bisect_right(self.milestones, self.last_epoch)]
        return [base * factor for base in self.base_lrs]


class StepLR(LRScheduler):
    """rate *= gamma every step_size epochs: initial rate * gamma^floor(epoch / step_size). Errors: ArgumentError for step_size <= 0,
    TypeError for what is no Optimizer. Source: torch.optim.lr_scheduler.StepLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.25]
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        if step_size <= 0:
            raise ArgumentError(f"StepLR: step_size must be > 0, got {step_size}")
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch == 0 or self.last_epoch % self.step_size:
            return self.rates()
        return self.scaled(self.gamma)

    def _get_closed_form_lr(self):
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """rate *= gamma at each milestone: initial rate * gamma^(number of milestones that the epoch has reached). Errors: TypeError for what
    is no Optimizer, and milestones that cannot be iterated over. Source: torch.optim.lr_scheduler.MultiStepLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1], gamma=0.5)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.5]
    """

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch not in self.milestones:
            return self.rates()
        return self.scaled(self.gamma ** self.milestones[self.last_epoch])

    def _get_closed_form_lr(self):
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma ** passed for base in self.base_lrs]


class ConstantLR(LRScheduler):
    """rate = initial rate * factor for the first total_iters epochs, then the initial rate. Errors: ArgumentError for a factor outside
    [0, 1], TypeError for what is no Optimizer. Source: torch.optim.lr_scheduler.ConstantLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=5)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.5]
    """

    def __init__(self, optimizer, factor=1.0 / 3, total_iters=5, last_epoch=-1):
        if not 0 <= factor <= 1:
            raise ArgumentError(f"ConstantLR: factor must be in [0, 1], got {factor}")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch == 0:
            return self.scaled(self.factor)
        return self.scaled(1.0 / self.factor) if self.last_epoch == self.total_iters else self.rates()

    def _get_closed_form_lr(self):
        return [base * (self.factor if self.last_epoch < self.total_iters else 1.0) for base in self.base_lrs]


class LinearLR(LRScheduler):
    """rate = initial rate * (start_factor + (end_factor - start_factor) min(epoch, total_iters) / total_iters). Errors: ArgumentError for
    start_factor outside (0, 1] and end_factor outside [0, 1], TypeError for what is no Optimizer. Source:
    torch.optim.lr_scheduler.LinearLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=4)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.75]
    """

    def __init__(self, optimizer, start_factor=1.0 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if not 0 < start_factor <= 1:
            raise ArgumentError(f"LinearLR: start_factor must be in (0, 1], got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ArgumentError(f"LinearLR: end_factor must be in [0, 1], got {end_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch == 0:
            return self.scaled(self.start_factor)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self.rates()
        slope = self.end_factor - self.start_factor
        return self.scaled(1.0 + slope / (self.total_iters * self.start_factor + (self.last_epoch - 1) * slope))

    def _get_closed_form_lr(self):
        share = min(self.total_iters, self.last_epoch) / self.total_iters
        return [base * (self.start_factor + (self.end_factor - self.start_factor) * share) for base in self.base_lrs]


class ExponentialLR(LRScheduler):
    """rate *= gamma every epoch: initial rate * gamma^epoch. Errors: TypeError for what is no Optimizer. Source:
    torch.optim.lr_scheduler.ExponentialLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.25]
    """

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return self.rates() if self._is_initial else self.scaled(self.gamma)

    def _get_closed_form_lr(self):
        return [base * self.gamma ** self.last_epoch for base in self.base_lrs]


class PolynomialLR(LRScheduler):
    """rate = initial rate * (1 - min(epoch, total_iters) / total_iters)^power. Errors: TypeError for what is no Optimizer. Source:
    torch.optim.lr_scheduler.PolynomialLR.

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.5]
    """

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self._is_initial or self.last_epoch > self.total_iters:
            return self.rates()
        now, before = 1.0 - self.last_epoch / self.total_iters, 1.0 - (self.last_epoch - 1) / self.total_iters
        return self.scaled((now / before) ** self.power)

    def _get_closed_form_lr(self):
        left = 1.0 - min(self.total_iters, self.last_epoch) / self.total_iters
        return [base * left ** self.power for base in self.base_lrs]


class CosineAnnealingLR(LRScheduler):
    """rate = eta_min + (initial rate - eta_min)(1 + cos(pi epoch / T_max)) / 2. Errors: ArgumentError for T_max <= 0, TypeError for what
    is no Optimizer. Source: torch.optim.lr_scheduler.CosineAnnealingLR (Loshchilov and Hutter 2017).

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.5]
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        if not T_max > 0:
            raise ArgumentError(f"CosineAnnealingLR: T_max must be > 0, got {T_max}")
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t, period, least = self.last_epoch, self.T_max, self.eta_min
        if self._is_initial:
            return self.rates()
        if self._step_count == 1 and t > 0:
            return [least + (base - least) * (1 + math.cos(t * math.pi / period)) / 2 for base in self.base_lrs]
        if (t - 1 - period) % (2 * period) == 0:
            return [rate + (base - least) * (1 - math.cos(math.pi / period)) / 2
                    for rate, base in zip(self.rates(), self.base_lrs, strict=True)]
        ratio = (1 + math.cos(math.pi * t / period)) / (1 + math.cos(math.pi * (t - 1) / period))
        return [ratio * (rate - least) + least for rate in self.rates()]

    def _get_closed_form_lr(self):
        wave = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * wave for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """rate = eta_min + (initial rate - eta_min)(1 + cos(pi T_cur / T_i)) / 2, T_cur the epochs since the last restart: after T_i = T_0
    epochs, then T_0 T_mult, T_0 T_mult^2, ... Errors: ArgumentError for T_0 or T_mult less than 1 or no integers, TypeError for what is
    no Optimizer. Source: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts (Loshchilov and Hutter 2017).

    >>> import tensorgrad
    >>> optimizer = tensorgrad.optim.SGD([tensorgrad.nn.Parameter(tensorgrad.ones(1))], lr=1.0)
    >>> scheduler = tensorgrad.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=4)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [group['lr'] for group in optimizer.param_groups]
    [0.5]
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ArgumentError(f"CosineAnnealingWarmRestarts: T_0 must be an integer > 0, got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ArgumentError(f"CosineAnnealingWarmRestarts: T_mult must be an integer >= 1, got {T_mult}")
        self.T_0, self.T_i, self.T_mult, self.eta_min, self.T_cur = T_0, T_0, T_mult, eta_min, last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        wave = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * wave for base in self.base_lrs]

    def step(self, epoch=None):
        """Go to the next epoch, or to a given one, which may be a fraction. Errors: ArgumentError for a negative epoch."""
        if epoch is None and self.last_epoch >= 0:
            self.last_epoch += 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = 0 if epoch is None else epoch
            if epoch < 0:
                raise ArgumentError(f"CosineAnnealingWarmRestarts: epoch must be >= 0, got {epoch}")
            self.T_i, self.T_cur = self.T_0, epoch
            if epoch >= self.T_0 and self.T_mult == 1:
                self.T_cur = epoch % self.T_0
            elif epoch >= self.T_0:
                n = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
                self.T_cur = epoch - self.T_0 * (self.T_mult ** n - 1) / (self.T_mult - 1)
                self.T_i = self.T_0 * self.T_mult ** n
            self.last_epoch = math.floor(epoch)
        self._step_count += 1
        self.set_rates(self.get_lr())
