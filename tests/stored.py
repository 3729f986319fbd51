"""What tensorgrad is held against without PyTorch being installed: the names whose values are stored, and the tests that read
them. parity.py counts them; test_parity.py wants one for every listed name of nn, optim and distributions."""

import json
import re
import typing
from functools import cache

import store_optim
import test_distributions
import test_nn_torch
import test_optim
from nn_cases import FUNCTIONS, INITIALISERS, LAYERS, UTILITIES, WITHOUT_TWIN, name_of, split

import tensorgrad

__all__ = ["WITHOUT_TWIN", "checks", "verdicts"]
TABLES = [("nn. classes", LAYERS), ("nn.functional", FUNCTIONS), ("nn.init", INITIALISERS), ("utilities", UTILITIES)]


def classes(thing):
    """The names of a thing's class and of the classes that it is made from."""
    return [kind.__name__ for kind in type(thing).__mro__]


def utilities(line):
    """The names of nn.utils in a line."""
    called = re.findall(r"(?:^|nn\.)utils\.(\w+)(?:\.(\w+))?|\bR\.(\w+)", line)
    return {"nn.utils." + name for first, second, rnn in called
            for name in ([f"rnn.{rnn}"] if rnn else [first, f"{first}.{second}"])}


@cache
def checks():
    """{namespace: {name: [(test, its arguments), ...]}} of everything that is stored."""
    out = {}

    def held(namespace, names, test, *arguments):
        for name in names:
            out.setdefault(namespace, {}).setdefault(name, []).append((test, arguments))

    for namespace, table in TABLES:
        for case in split(table):
            key = " | ".join([case[0], " ".join(case[1]), case[2]])
            names = utilities(key) if namespace == "utilities" else [name_of(case[0]).removeprefix("init.")]
            held(namespace, names, test_nn_torch.test_case_equals_pytorchs, key)
    leaf = tensorgrad.ones(2, 2, requires_grad=True)
    for name, options, expected in test_optim.STORED["optimizers"]:
        held("optim", classes(getattr(tensorgrad.optim, name)([leaf])), test_optim.test_trajectory_equals_torch, name, options, expected)
    for name, expected in test_optim.STORED["schedulers"]:
        optimizer = tensorgrad.optim.SGD([leaf], lr=0.3, momentum=0.8)
        names = classes(store_optim.SCHEDULERS[name](tensorgrad.optim.lr_scheduler, optimizer))
        held("optim.lr_scheduler", names, test_optim.test_rates_equal_torch, name, expected)
    held("optim.lr_scheduler", ["SupportsFloat"], is_typings)
    for name, (thing, _) in test_distributions.cases(tensorgrad).items():
        held("distributions", classes(thing), test_distributions.test_facts_and_draws_equal_torch, name)
    for name, (thing, _) in test_distributions.transforms(tensorgrad).items():
        held("distributions", classes(thing), test_distributions.test_transforms_equal_torch, name)
    return out


def is_typings():
    """PyTorch's module has this name of the standard library."""
    assert tensorgrad.optim.lr_scheduler.SupportsFloat is typing.SupportsFloat


@cache
def passes(test, arguments):
    """None where a test passes, else the first line of what it says. arguments as JSON: lists are no keys."""
    try:
        test(*json.loads(arguments))
    except Exception as error:
        return f"{test.__name__}: {error!r}".splitlines()[0]
    return None


def verdicts(namespace):
    """{name: None where all that is stored of it agrees, else what differs}."""
    return {name: next(filter(None, (passes(test, json.dumps(arguments)) for test, arguments in found)), None)
            for name, found in checks().get(namespace, {}).items()}
