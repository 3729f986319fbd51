"""Finding a learning rate and other hyper-parameters."""

import math

import tensorgrad

from .._core.errors import ArgumentError


def find_lr(model, loss, optimizer, data, low=1e-6, high=10.0, steps=100, smooth=0.9):
    """Train with a rate low (high / low)^(i / (steps - 1)) that grows geometrically from `low` to `high`; (rates, smoothed losses,
    suggestion), lists and a number.

    The suggestion is the rate of the steepest fall of the smoothed loss over the logarithm of the rate: s_i / (1 - smooth^i), s_i =
    smooth s_(i-1) + (1 - smooth) loss_i. It stops early where the loss is 4 times its best. Model, optimiser and random numbers are as
    before afterwards. Errors: ArgumentError unless 0 < low < high and steps >= 3, and for data without a batch; those of model and loss,
    as ShapeError for batches that do not fit. Source: Smith, "Cyclical learning rates for training neural networks", 2017.

    >>> import tensorgrad as torch
    >>> from tensorgrad import training
    >>> x = torch.linspace(-1, 1, 8).unsqueeze(1)
    >>> model = torch.nn.Linear(1, 1)
    >>> rates, losses, best = training.find_lr(model, torch.nn.MSELoss(), torch.optim.SGD(model.parameters()), [(x, 2 * x)], steps=9)
    >>> len(rates) == len(losses), best in rates
    (True, True)
    """
    if not 0 < low < high:
        raise ArgumentError(f"find_lr: 0 < low < high is needed, got low={low}, high={high}")
    if steps < 3:
        raise ArgumentError(f"find_lr: steps must be at least 3, got {steps}")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    kept = [group["lr"] for group in optimizer.param_groups]
    state, rng, training = optimizer.state, tensorgrad.get_rng_state(), model.training
    optimizer.state = type(state)(state.default_factory) if hasattr(state, "default_factory") else type(state)()
    rates, losses, average = [], [], 0.0
    model.train()
    try:
        batches = iter(data)
        for number in range(steps):
            rate = low * (high / low) ** (number / (steps - 1))
            batch = next(batches, None)
            if batch is None:
                batches = iter(data)
                batch = next(batches, None)
            if batch is None:
                raise ArgumentError("find_lr: the data had no batch")
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            value = loss(model(batch[0]), batch[1])
            value.backward()
            optimizer.step()
            average = smooth * average + (1 - smooth) * value.item()
            rates.append(rate)
            losses.append(average / (1 - smooth ** (number + 1)))
            if not losses[-1] <= 4 * min(losses):
                break
    finally:
        optimizer.zero_grad()
        optimizer.state = state
        for group, rate in zip(optimizer.param_groups, kept, strict=True):
            group["lr"] = rate
        model.load_state_dict(before)
        model.train(training)
        tensorgrad.set_rng_state(rng)
    falls = [(losses[i + 1] - losses[i - 1], rates[i]) for i in range(1, len(losses) - 1) if math.isfinite(losses[i + 1])]
    return rates, losses, min(falls)[1] if falls else rates[0]


def log_uniform(low, high):
    """exp(u), u uniform between log(low) and log(high): a random number between low and high whose logarithm is uniform, of the default
    generator. Errors: ArgumentError unless 0 < low < high. Source: Bergstra and Bengio 2012.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import log_uniform
    >>> _ = torch.manual_seed(0)
    >>> 1e-4 <= log_uniform(1e-4, 1e-1) <= 1e-1
    True
    """
    if not 0 < low < high:
        raise ArgumentError(f"log_uniform: 0 < low < high is needed, got low={low}, high={high}")
    share = tensorgrad.rand((), dtype=tensorgrad.float64).item()
    return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))


def random_search(objective, space, trials, maximize=False):
    """Try `trials` random choices; all of them as (value, choice), best first.

    space: name -> (low, high), drawn on a log scale; a list, one of which is drawn; or a function of no arguments. The objective gets a
    dict of the names and answers a number (NaN comes last). Errors: ArgumentError for trials < 1 and an entry of space that is none of
    these. Source: Bergstra & Bengio, "Random search for hyper-parameter optimization", 2012.

    >>> import tensorgrad as torch
    >>> from tensorgrad.training import random_search
    >>> _ = torch.manual_seed(0)
    >>> best, choice = random_search(lambda c: abs(c["x"] - 1), {"x": (0.1, 10.0)}, trials=50)[0]
    >>> best < 0.2
    True
    """
    if trials < 1:
        raise ArgumentError(f"random_search: trials must be at least 1, got {trials}")
    results = []
    for _ in range(trials):
        choice = {name: _draw(name, options) for name, options in space.items()}
        results.append((float(objective(dict(choice))), choice))
    return sorted(results, key=lambda pair: (math.isnan(pair[0]), -pair[0] if maximize else pair[0]))


def _draw(name, options):
    if callable(options):
        return options()
    if isinstance(options, tuple) and len(options) == 2:
        return log_uniform(*options)
    if isinstance(options, list) and options:
        return options[tensorgrad.randint(len(options), ()).item()]
    raise ArgumentError(f"random_search: {name!r} must be (low, high), a list of choices or a function, got {options!r}")
