"""Trajectories of every optimiser and scheduler for 100 steps; `python tests/store_optim.py` runs them under PyTorch and
writes optim_torch.json, which test_optim.py reads. Programs take the library as their argument."""

import itertools
import json
from pathlib import Path

STEPS, SEEN = 100, (1, 3, 10, 30, 100)


def grid(**options):
    """Every combination of the options' values."""
    return [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]


def wolfe(**options):
    return {"line_search_fn": "strong_wolfe", **options}


OPTIMIZERS = {
    "SGD": [o for o in grid(lr=[0.1], momentum=[0, 0.9], dampening=[0, 0.3], weight_decay=[0, 0.1], nesterov=[False, True],
                            maximize=[False, True]) if not (o["nesterov"] and (o["momentum"] == 0 or o["dampening"]))],
    "Adam": grid(lr=[0.02], weight_decay=[0, 0.1], amsgrad=[False, True], maximize=[False, True],
                 decoupled_weight_decay=[False, True]) + [{"betas": [0.5, 0.7], "eps": 1e-3}],
    "AdamW": grid(lr=[0.02], weight_decay=[0, 0.1], amsgrad=[False, True], maximize=[False, True]) + [{}],
    "RMSprop": grid(lr=[0.01], alpha=[0.9], weight_decay=[0, 0.1], momentum=[0, 0.8], centered=[False, True],
                    maximize=[False, True]) + [{}],
    "Adagrad": grid(lr=[0.1], lr_decay=[0, 0.01], weight_decay=[0, 0.1], initial_accumulator_value=[0, 0.2],
                    maximize=[False, True]) + [{}],
    "Adadelta": grid(lr=[0.5], rho=[0.9, 0.5], weight_decay=[0, 0.1], maximize=[False, True]) + [{}],
    "Adamax": grid(lr=[0.02], betas=[[0.9, 0.99], [0.5, 0.7]], weight_decay=[0, 0.1], maximize=[False, True]) + [{}],
    "NAdam": grid(lr=[0.02], weight_decay=[0, 0.1], momentum_decay=[4e-3, 0.1], decoupled_weight_decay=[False, True],
                  maximize=[False, True]) + [{}],
    "RAdam": grid(lr=[0.02], betas=[[0.9, 0.999], [0.8, 0.9]], weight_decay=[0, 0.1], decoupled_weight_decay=[False, True],
                  maximize=[False, True]) + [{}],
    "ASGD": grid(lr=[0.05], lambd=[1e-4, 0.1], t0=[1e6, 20], weight_decay=[0, 0.1], maximize=[False, True]) + [{}],
    "Rprop": grid(lr=[0.01], etas=[[0.5, 1.2], [0.3, 1.5]], step_sizes=[[1e-6, 50], [1e-3, 0.05]], maximize=[False, True]),
    "Adafactor": grid(lr=[0.05], beta2_decay=[-0.8, -0.5], weight_decay=[0, 0.1], d=[1.0, 2.0], maximize=[False, True])
    + [{}, {"eps": [1e-3, 1e-2]}],
    "Muon": grid(lr=[0.02], nesterov=[True, False], adjust_lr_fn=[None, "match_rms_adamw"], weight_decay=[0, 0.1])
    + [{"ns_steps": 3}],
    "LBFGS": [{"max_iter": 1, "lr": 0.5}, {"max_iter": 2, "history_size": 5, "lr": 0.2}, wolfe(max_iter=1),
              wolfe(max_iter=2, lr=2.0), wolfe(history_size=2, max_iter=1), wolfe(history_size=3, max_iter=2, max_eval=4)],
}


def half(epoch):
    """A function for LambdaLR and MultiplicativeLR."""
    return 1 / (1 + epoch / 7)


def combined(s, o):
    """Warm-up, then cosine, one after the other."""
    return s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=10), s.CosineAnnealingLR(o, 60), s.ConstantLR(o, 0.2, 5)], [10, 70])


SCHEDULERS = {
    "lambda": lambda s, o: s.LambdaLR(o, half),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 0.97),
    "step": lambda s, o: s.StepLR(o, 7, 0.7),
    "multistep": lambda s, o: s.MultiStepLR(o, [5, 30, 30, 80], 0.3),
    "constant": lambda s, o: s.ConstantLR(o, 0.25, 12),
    "linear": lambda s, o: s.LinearLR(o, 0.2, 0.8, 40),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.95),
    "polynomial": lambda s, o: s.PolynomialLR(o, 60, 2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 30, 0.01),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 10, 2, 0.01),
    "restarts even": lambda s, o: s.CosineAnnealingWarmRestarts(o, 7),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.5, 101),
    "one cycle linear": lambda s, o: s.OneCycleLR(o, 0.5, epochs=11, steps_per_epoch=10, anneal_strategy="linear",
                                                  three_phase=True, div_factor=10.0),
    "cyclic": lambda s, o: s.CyclicLR(o, 0.1, 0.5, 13, 7),
    "cyclic 2": lambda s, o: s.CyclicLR(o, 0.1, 0.5, 10, mode="triangular2", cycle_momentum=False),
    "cyclic exp": lambda s, o: s.CyclicLR(o, 0.1, 0.5, 10, mode="exp_range", gamma=0.98),
    "cyclic own": lambda s, o: s.CyclicLR(o, 0.1, 0.5, 10, scale_fn=half, scale_mode="iterations"),
    "sequential": combined,
    "nested": lambda s, o: s.SequentialLR(o, [combined(s, o), s.ExponentialLR(o, 0.9)], [80]),
    "chained": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9), s.StepLR(o, 30)]),
    "plateau": lambda s, o: s.ReduceLROnPlateau(o, factor=0.5, patience=3, cooldown=2, min_lr=0.01),
    "plateau max": lambda s, o: s.ReduceLROnPlateau(o, "max", threshold=0.05, threshold_mode="abs", patience=2),
    "plateau rel": lambda s, o: s.ReduceLROnPlateau(o, "min", 0.3, threshold=0.1, patience=4, eps=1e-3),
}


def trajectory(lib, name, options, dtype):
    """A matrix (and, but for Muon, a vector) after the steps SEEN of a least-squares problem with a tanh. Each step has
    another linear term, and a quadratic one keeps them bounded: near a minimum the sign of a gradient would hang on its
    last bits. LBFGS follows the valley of Rosenbrock's function."""
    lib.manual_seed(7)
    draw = lambda *shape: (lib.rand(*shape, dtype=lib.float64) - 0.5).to(dtype)
    a, target = draw(6, 3), 2 * draw(6, 2)
    params = [draw(3, 2).requires_grad_()] + ([] if name == "Muon" else [draw(2).requires_grad_()])
    lists = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    optimizer = getattr(lib.optim, name)(params, **lists)

    def closure():
        optimizer.zero_grad()
        if name == "LBFGS":
            x = lib.cat([p.flatten() for p in params])
            loss = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
        else:
            loss = ((a @ params[0] + (params[1] if len(params) > 1 else 0)).tanh() - target).pow(2).sum()
            loss = loss + sum((p * (p + q)).sum() for p, q in zip(params, push, strict=True))
        loss.backward()
        return loss

    out = []
    for step in range(1, STEPS + 1):
        push = [2 * draw(*p.shape) for p in params]
        optimizer.step(closure)
        if step in SEEN:
            out.append([v for p in params for v in p.detach().flatten().tolist()])
    return out


def rates(lib, name):
    """[lr, momentum] before each of 101 steps of a scheduler."""
    optimizer = lib.optim.SGD([lib.ones(2, requires_grad=True)], lr=0.3, momentum=0.8)
    scheduler = SCHEDULERS[name](lib.optim.lr_scheduler, optimizer)
    out = []
    for step in range(STEPS + 1):
        group = optimizer.param_groups[0]
        out.append([group["lr"], group["momentum"]])
        assert scheduler.get_last_lr() == [group["lr"]]
        optimizer.step()
        if step < STEPS:
            scheduler.step(*([3 + 40 / (1 + step) + step % 5 / 3] if "plateau" in name else []))
    return out


if __name__ == "__main__":
    import warnings

    import torch

    warnings.simplefilter("ignore")

    def digits(values, n):
        return json.dumps([[float(f"{v:.{n}g}") for v in row] for row in values])

    one = [f'[{json.dumps(name)}, {json.dumps(o)}, {digits(trajectory(torch, name, o, torch.float64), 12)}]'
           for name, all_options in OPTIMIZERS.items() for o in all_options]
    two = [f'[{json.dumps(name)}, {digits(rates(torch, name), 13)}]' for name in SCHEDULERS]
    Path(__file__).with_name("optim_torch.json").write_text(
        '{"optimizers": [\n' + ",\n".join(one) + '\n],\n"schedulers": [\n' + ",\n".join(two) + "\n]}\n")
