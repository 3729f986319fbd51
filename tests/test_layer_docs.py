"""Which of tensorgrad's errors a layer ends in when its arguments or its inputs are spoilt stands in its docstring."""

import inspect

import pytest
import stubs
from nn_cases import LAYERS, draw, name_of, split
from test_doctests import REFUSALS

import tensorgrad
from tensorgrad import nn

BEYOND = """
Maxout(3, 2) | 4,3
DropConnect(nn.Linear(3, 2)) | 4,3
RBF(3, 2) | 4,3
RBM(3, 2) | b:4,3
DBN([3, 2]) | 4,3
LogCoshLoss() | 2,3 2,3
MSLELoss() | u:2,3 u:2,3
RMSELoss() | 2,3 2,3
HingeLoss() | 2,3 s:2,3
DataParallel(nn.Linear(3, 2)) | 4,3
Buffer(L.ones(2)) | 2
"""
CASES = {name: [case for case in split(LAYERS) + split(BEYOND) if name_of(case[0]) == name]
         for name, value in stubs.public_names(nn).items() if inspect.isclass(value)}
SCOPE = {"L": tensorgrad, "nn": nn, "F": nn.functional, "R": nn.utils.rnn}
SPOILT = (-5, 0, 99, 0.5, "?", (1, 2))


def test_every_class_has_a_case():
    assert [name for name, cases in CASES.items() if not cases] == []


def constructions(name, expression):
    """The arguments as they are, then with each of them, and each default, spoilt."""
    args, kwargs = eval(f"(lambda *args, **kwargs: (args, kwargs)){expression.removeprefix(name)}", SCOPE)
    yield args, kwargs
    named = [*kwargs, *(p.name for p in list(inspect.signature(getattr(nn, name)).parameters.values())[len(args):]
                        if p.name not in kwargs and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))]
    for bad in SPOILT:
        yield from (((*args[:i], bad, *args[i + 1:]), kwargs) for i in range(len(args)))
        yield from ((args, {**kwargs, key: bad}) for key in named)


def spoilt(values):
    """The inputs with each of them spoilt: of another number of dimensions, another size, another dtype, out of range."""
    for i, x in enumerate(values):
        for bad in (x.unsqueeze(-1).expand(*x.shape, 7), x.sum(-1) if x.ndim else x, x.new_ones((3,) * max(x.ndim, 1)), x.new_ones(()),
                    x.float() if x.dtype is tensorgrad.bool else x.bool(), x.long() if x.is_floating_point() else x * 0 + 1000):
            yield [*values[:i], bad, *values[i + 1:]]


def is_called(layer):
    return isinstance(layer, nn.Module) and type(layer).forward is not nn.Module.forward


def refusals(name):
    """The kinds of tensorgrad's errors that a class's spoilt constructions end in, and calls with spoilt layers or inputs. What is
    no layer itself, but holds some, is not called."""
    kinds = set()

    def attempt(call, *args, **kwargs):
        try:
            return call(*args, **kwargs)
        except REFUSALS as error:
            kinds.add(next(kind.__name__ for kind in REFUSALS if isinstance(error, kind)))
        except Exception:  # a TypeError, or what Python itself says
            pass

    for expression, specs, how in CASES[name]:
        values = [draw(tensorgrad, spec) for spec in specs]
        plain = f"m({', '.join('xyz'[:len(values)])})"
        call = eval(f"lambda m, x=None, y=None, z=None: {how or plain}", SCOPE)
        for n, (args, kwargs) in enumerate(constructions(name, expression)):
            layer = attempt(getattr(nn, name), *args, **kwargs)
            if is_called(layer):
                layer.double()
                for inputs in spoilt(values) if n == 0 else (values,):
                    attempt(call, layer, *inputs)
    return kinds


@pytest.mark.filterwarnings("ignore")
def test_what_a_layer_refuses_stands_in_its_docstring():
    found = {name: refusals(name) for name in CASES}
    assert sum(map(len, found.values())) > 250
    assert {name: lacking for name, kinds in found.items()
            if (lacking := {kind for kind in kinds if kind not in getattr(nn, name).__doc__})} == {}


@pytest.mark.filterwarnings("ignore")
def test_what_is_no_tensor_is_a_type_error():
    """Where it is refused: some take a number, and what does nothing takes anything."""
    wrong = {}
    for expression, specs, _ in (case for cases in CASES.values() for case in cases if not case[2]):
        layer = eval(f"nn.{expression}", SCOPE)
        values = [draw(tensorgrad, spec) for spec in specs]
        for i in range(len(values) if is_called(layer) else 0):
            for bad in (None, "text", [1.0, 2.0], 3.0):
                try:
                    layer.double()(*values[:i], bad, *values[i + 1:])
                except TypeError:
                    pass
                except Exception as error:
                    wrong[expression, i, str(bad)] = error
    assert wrong == {}
