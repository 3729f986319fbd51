"""Every public name has a docstring, and every example in a docstring runs and prints what it says."""

import doctest
import importlib
import inspect
import pkgutil
import re
from random import Random

import pytest
import stubs

import tensorgrad
from tensorgrad._core import errors
from tensorgrad.autograd.function import FunctionCtx
from tensorgrad.ops.declare import REGISTRY, Bools, Definite, Floats, Ints
from tensorgrad.ops.families import load

load()
for _name in dir(tensorgrad.Tensor):
    getattr(tensorgrad.Tensor, _name)  # puts the method in the place of what stands for it


def modules():
    yield "tensorgrad"
    for info in pkgutil.walk_packages(tensorgrad.__path__, "tensorgrad."):
        if not info.name.endswith(("__main__", "libtensorgrad")):  # a program, and the C library, which is no module
            yield info.name


def run(name, found):
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    output = []
    for test in found:
        runner.run(test, out=output.append)
    assert not runner.failures, f"{name}\n{''.join(output)}"


@pytest.mark.parametrize("name", list(modules()))
def test_module(name):
    module = importlib.import_module(name)
    dir(module)  # fetches what is loaded when it is first named
    finder = doctest.DocTestFinder(exclude_empty=True)
    run(name, finder.find(module, name, module=module, globs={}))


def public():
    """(name, value, docstring) of every public function and class, once."""
    seen = set()
    for space, module in stubs.modules().items():
        for name, value in stubs.public_names(module).items():
            if callable(value) and id(value) not in seen:
                seen.add(id(value))
                text = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
                yield f"{space}.{name}".lstrip("."), value, text or ""


def test_every_public_name_is_documented():
    """A docstring with its source and an example that runs."""
    assert not [name for name, _, text in public() if ">>>" not in text or "Source" not in text]


def takes_nothing(value):
    """Whether it is a function without parameters, but for the object that a method belongs to."""
    return not inspect.isclass(value) and not inspect.signature(value).parameters.keys() - {"self", "cls"}


ERRORS = r"\bErrors\b|\berrors:|[Nn]o errors|[a-z]Error\b"
SHAPES = (r"shapes?\b|broadcast|element by element|\bscalars?\b|\bvectors?\b|\bmatri(x|ces)\b|\d-dim"
          r"|(?<!extra )\[(?!-?\d[\d.]*, -?\d[\d.]*\])[^\]]*\]|\((N|K|C|H|L|B|\d|\*|\.\.\.),|\(N\)")  # but no interval [0, 1]
# What says nothing of shapes, and why.
SHAPELESS = {
    "it is an exception": {
        "": "ArgumentError DTypeError FileFormatError GraphError OutOfMemoryError OutOfRangeError UnsafeFileError"},
    "it was removed from PyTorch, and calling it is always an error": {"": "eig lstsq solve symeig"},
    "it asks for a setting of the process or changes it": {
        "": "are_deterministic_algorithms_enabled get_default_device get_default_dtype get_float32_matmul_precision "
            "get_num_interop_threads get_num_threads is_anomaly_check_nan_enabled is_anomaly_enabled "
            "is_deterministic_algorithms_warn_only_enabled is_grad_enabled is_inference_mode_enabled set_default_device "
            "set_default_dtype set_default_tensor_type set_num_interop_threads set_num_threads show_config"},
    "it tells of dtypes": {"": "finfo iinfo"},
    "it sets or tells the state of random numbers": {"": "initial_seed seed"},
    "it holds modules, which have the shapes": {"nn": "Container ModuleDict ModuleList"},
    "it holds options or makes a number of numbers": {"nn": "LinearCrossEntropyOptions", "nn.init": "calculate_gain",
                                                      "training": "log_uniform random_search"},
    "it changes a number, the rate": {
        "optim.lr_scheduler": "ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR ExponentialLR "
                              "InverseTimeLR LambdaLR MultiStepLR MultiplicativeLR OneCycleLR PolynomialLR ReduceLROnPlateau StepLR"},
    "it follows numbers from epoch to epoch": {"training": "CSVLog Callback EarlyStopping LearningRateMonitor ModelCheckpoint find_lr"},
    "it chooses samples of any kind by their numbers": {
        "utils.data": "BatchSampler ChainDataset ConcatDataset DataChunk Dataset DistributedSampler IterDataPipe IterableDataset "
                      "MapDataPipe RandomSampler Sampler SequentialSampler StackDataset Subset SubsetRandomSampler random_split"},
    "it is about pipes and processes": {
        "utils.data": "WorkerInfo functional_datapipe get_worker_info guaranteed_datapipes_determinism non_deterministic "
                      "runtime_validation_disabled"},
    "it reads images of any size from a folder": {
        "vision.datasets": "CocoDetection DatasetFolder ImageFolder VOCDetection VOCSegmentation"},
    "it looks a name up": {"vision.models": "get_model get_model_builder get_model_weights get_weight list_models",
                           "vision.transforms": "InterpolationMode"},
}


def test_every_public_name_says_its_errors():
    """Which exceptions it raises, or that there are none; a function that takes nothing need not."""
    assert not [name for name, value, text in public() if not re.search(ERRORS, text.split(">>>")[0]) and not takes_nothing(value)]


def test_every_public_name_says_its_shapes():
    """Of what it takes and of what comes out."""
    silent = {name for name, _, text in public() if not re.search(SHAPES, text.split(">>>")[0], re.IGNORECASE)}
    exempt = {f"{space}.{name}".lstrip(".") for names in SHAPELESS.values() for space in names for name in names[space].split()}
    assert silent == exempt  # none that says nothing, none that is exempt without need


RAISES = re.compile(r"\braise (?!NotImplemented)\w+Error\b")


def test_what_raises_an_error_says_so():
    """In the docstring of the function, or of the class for its constructor."""
    lacking = []
    for name, value, text in public():
        function = vars(value).get("__init__") if inspect.isclass(value) else inspect.unwrap(value)
        if inspect.isfunction(function) and not re.search(ERRORS, text) and RAISES.search(inspect.getsource(function)):
            lacking.append(name)
    assert not lacking


REFUSALS = (errors.ShapeError, errors.DTypeError, errors.ArgumentError, errors.OutOfRangeError)


def spoilt(entry, case):
    """Calls like a sample: with a tensor of one more dimension or of another dtype, or with a dim that does not exist."""
    inputs = [stubs.stand_in(item, entry.domain, Random(1)) for item in case.inputs]
    named = {k: stubs.stand_in(v, entry.domain, Random(1)) if isinstance(v, (Ints, Bools, Floats, Definite)) else v
             for k, v in case.attributes.items()}
    for i, x in enumerate(inputs):
        if isinstance(x, tensorgrad.Tensor):
            for bad in (x.unsqueeze(-1).expand(*x.shape, 7), x.float() if x.dtype is tensorgrad.bool else x.bool()):
                yield [*inputs[:i], bad, *inputs[i + 1:]], named
    if "dim" in inspect.signature(entry.function).parameters:
        yield inputs, {**named, "dim": 99}


def test_what_refuses_bad_input_says_so():
    """Beyond `raise` in its own text: which of tensorgrad's errors the calls with bad input end in stands in the docstring, or whose
    errors they are."""
    lacking = set()
    for (space, name), entry in REGISTRY.items():
        if entry.aliases or isinstance(entry.function, type) or "errors: those of" in entry.function.__doc__:
            continue
        for inputs, named in (call for case in entry.samples for call in spoilt(entry, case)):
            try:
                entry.function(*inputs, **named)
            except REFUSALS as error:
                kind = next(kind.__name__ for kind in REFUSALS if isinstance(error, kind))
                if kind not in entry.function.__doc__:
                    lacking.add(f"{space}.{name}: {kind}")
            except Exception:  # a TypeError, or what Python itself says
                continue
    assert not lacking


def test_what_pytorch_names_has_an_example_and_says_its_errors():
    """Beyond the modules with stubs: a docstring whose source is PyTorch is that of a name which programs use. What ops and _core
    keep to themselves needs neither."""
    lacking = []
    for place in modules():
        for name, value in vars(importlib.import_module(place)).items():
            own = getattr(value, "__module__", None) == place and not place.startswith(("tensorgrad.ops", "tensorgrad._core"))
            if own and callable(value) and re.search(r"Source:[^>]*\btorch", value.__doc__ or ""):
                head, _, example = value.__doc__.partition(">>>")
                if not example or not (re.search(ERRORS, head) or takes_nothing(value)):
                    lacking.append(f"{place}.{name}")
    assert not lacking


# ---- methods, properties and attributes ----

def members(cls):
    """{name: (base class that has it first, docstring)} of the public methods and properties that a class has from tensorgrad's
    classes. What overrides another may leave the docstring, or the example, to it; data without a docstring (Cython's attributes, what is
    computed on the first look, fields) is named in a class's."""
    found = {}
    for owner in cls.__mro__:
        if not owner.__module__.startswith("tensorgrad"):
            continue
        for name, member in vars(owner).items():
            function = getattr(member, "__func__", member)  # of a static or class method
            data = inspect.isdatadescriptor(function)
            if name.startswith("_") or inspect.isclass(function) or not (callable(function) or data):
                continue
            named = (o.__doc__ for o in cls.__mro__ if re.search(rf"\b{name}\b", o.__doc__ or ""))
            text = found[name][1] if name in found else ""
            more = function.__doc__ or (next(named, "") if data else "")
            found[name] = owner.__name__, text if ">>>" in text else f"{text}\n\n{more}".strip()
    return found


def classes():
    """(name, class) of every public class, once."""
    seen = {FunctionCtx}
    yield "autograd.function.FunctionCtx", FunctionCtx
    for space, module in stubs.modules().items():
        for name, value in stubs.public_names(module).items():
            if inspect.isclass(value) and value not in seen:
                seen.add(value)
                yield f"{space}.{name}".lstrip("."), value


def test_every_member_of_tensor_is_documented():
    """With its source and an example."""
    found = members(tensorgrad.Tensor)
    assert len(found) > 500
    constants = {name for name, value in vars(tensorgrad.Tensor).items() if name[0] != "_" and name not in found}
    assert not [name for name in constants if not re.search(rf"\b{name}\b", tensorgrad.Tensor.__doc__)]
    assert not [name for name, (_, text) in found.items() if ">>>" not in text or "Source" not in text]


def test_every_member_of_a_public_class_is_documented():
    """With an example; the fields of named tuples are named in the class's."""
    lacking = [f"{name}.{member} ({base})" for name, cls in classes() for member, (base, text) in members(cls).items()
               if ">>>" not in text and not (text and member in getattr(cls, "_fields", ()))]
    assert not lacking


def test_every_method_says_its_errors():
    """Also in the docstring of what it overrides; one that takes nothing need not."""
    lacking = set()
    for _, cls in classes():
        for member, (base, text) in members(cls).items():
            value = inspect.getattr_static(cls, member)
            method = getattr(value, "__func__", value)
            if callable(method) and not inspect.isdatadescriptor(method) and not re.search(ERRORS, text) and not takes_nothing(method):
                lacking.add(f"{base}.{member}")
    assert not lacking


def test_members_that_raise_errors_say_so():
    """Methods and properties, in their docstrings or in those of what they override, whatever they take."""
    lacking = set()
    for name, cls in classes():
        for member, (_, text) in members(cls).items():
            value = inspect.getattr_static(cls, member)
            for part in (value.fget, value.fset) if isinstance(value, property) else (getattr(value, "__func__", value),):
                function = inspect.unwrap(part) if part else None
                if inspect.isfunction(function) and not re.search(ERRORS, text) and RAISES.search(inspect.getsource(function)):
                    lacking.add(f"{name}.{member}")
    assert not lacking


def public_docstrings():
    """(name, docstring) of every public name, of the members of classes, and of what records say of their functions."""
    for space, module in stubs.modules().items():
        for name, value in stubs.public_names(module).items():
            if callable(value):
                yield f"{space}.{name}".lstrip("."), value.__doc__ or ""
    for (space, name), entry in REGISTRY.items():
        yield f"{space}.{name}".lstrip("."), entry.function.__doc__ or ""
    for name, cls in classes():
        for member, (_, text) in members(cls).items():
            yield f"{name}.{member}", text


def test_examples_of_public_names():
    """doctest itself looks neither at functions and methods that were made elsewhere, nor at properties of Cython's classes."""
    parse, seen = doctest.DocTestParser().get_doctest, set()
    for name, text in public_docstrings():
        if ">>>" in text and text not in seen:
            seen.add(text)
            run(name, [parse(text, {}, name, None, None)])
    assert len(seen) > 1300
