"""How an op is declared: records (`op`, `unary`, `binary`) and public functions (`public`) with what tests and docs need.

A declaration is the one place of an op: the function, the method, the in-place method, the stub, the docs entry, the
tests and the benchmark row are made from it. docs/architecture.md explains the vocabulary.
"""

from functools import wraps

from .._core.apply import binary_function, check_tensors, set_operator, store, unary_function, write_back  # noqa: F401 (for the families)
from .._core.maps import refused
from .._core.op import Op
from .shown import SHOWN

REGISTRY = {}   # (namespace, name) -> Public
METHODS = {}    # name -> function: what tensor.py attaches to Tensor
IN_PLACE = {}   # name_ -> (name, function, how): what the docstring of an in-place method is made from, at the first look


class Public:
    """A public function: where users find it and what it promises."""

    __slots__ = ("aliases", "domain", "function", "grad", "like", "name", "namespace", "op", "samples", "torch")

    def __init__(self, name, namespace, function, op, like, samples, domain, grad, torch, aliases):
        self.name, self.namespace, self.function, self.op = name, namespace, function, op
        self.like, self.samples, self.domain, self.grad = like, samples, domain, grad
        self.torch, self.aliases = torch, aliases

    def __repr__(self):
        return f"<public {self.namespace + '.' if self.namespace else ''}{self.name}>"


class Ints:
    """Stands for an int64 tensor of a shape with values in [low, high)."""

    def __init__(self, shape, low, high):
        self.shape, self.low, self.high = shape, low, high

    def __repr__(self):
        return f"ints({self.shape}, {self.low}, {self.high})"


class Bools:
    """Stands for a bool tensor of a shape."""

    def __init__(self, shape):
        self.shape = shape

    def __repr__(self):
        return f"bools({self.shape})"


class Floats:
    """Stands for a float tensor of a shape, for tensors that go by keyword."""

    def __init__(self, shape):
        self.shape = shape

    def __repr__(self):
        return f"floats({self.shape})"


class Definite:
    """Stands for symmetric positive definite matrices of a shape, with eigenvalues of about 1 to 10."""

    def __init__(self, shape):
        self.shape = shape

    def __repr__(self):
        return f"definite({self.shape})"


class Case:
    """One call that a function promises to handle."""

    def __init__(self, inputs, attributes):
        self.inputs, self.attributes = inputs, attributes

    def __repr__(self):
        return f"case({', '.join([*map(repr, self.inputs), *(f'{k}={v!r}' for k, v in self.attributes.items())])})"


def case(*inputs, **attributes):
    """A sample: a positional tuple stands for a random float tensor of that shape, `ints` and `bools` for theirs, a list of
    tuples for a list of tensors, anything else for itself. Tuples and lists by keyword are attributes."""
    return Case(inputs, attributes)


ints, bools, floats, definite = Ints, Bools, Floats, Definite


def op(name, forward, inputs, *, aux="", outputs=1, view=False, into=False, fused=None, **formulas):
    """A record with a forward of its own; see docs/architecture.md. `into`: a view whose gradient is added in place."""
    return Op(name, forward, tuple(inputs.split()), formulas, aux=tuple(aux.split()), outputs=outputs, view=view, into=into,
              fused=fused)


def register(name, function, *, record=None, namespace="", like=None, samples=(), on=(-3, 3), grad=True, method=False,
             torch="", aliases=(), in_place=None):
    """Enter a public function (and its aliases) into the registry, and its methods into METHODS."""
    torch = torch if torch is None else torch or (f"{namespace}.{name}" if namespace else name)
    for n in (name, *aliases):
        REGISTRY[namespace, n] = Public(n, namespace, function, record, like, samples, on, grad, torch, n != name)
        if method:
            METHODS[n] = function
            if in_place is not None:
                enter_in_place(n + "_", in_place, name, function)
    return function


def dress(function, name, doc, namespace=""):
    """Name and docstring for a generated function."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    function.__module__ = "tensorgrad" + ("." + namespace if namespace else "")
    return function


def as_method(name, function, same=None):
    """Enter a function as Tensor's method of a name; same: the public function whose docstring is the method's, too."""
    METHODS[name] = dress(function, name, (same or function).__doc__)
    return function


def method(function):
    """Decorator: enter a function as Tensor's method of its own name."""
    return as_method(function.__name__, function)


def map_doc(name, doc, namespace, record, samples, on):
    """The docstring of a map: its formula, what all maps have in common, and an example."""
    operands = len(record.inputs)
    place = f"{namespace}.{name}" if namespace else name
    whole = isinstance(samples[0].inputs[0], (Ints, Bools))
    a = "[1, 2]" if whole else "[-0.5, 0.75]" if on[0] <= -0.5 else "[0.5, 0.75]" if on[0] <= 0.75 else "[1.5, 2.0]"
    b = "[3, 3]" if whole else "[2.0, 0.5]"
    broadcast = " of operands that broadcast" if operands == 2 else ""
    *more, last = [*(() if record.to_float else refused(record.map)), "complex numbers"]
    kinds = f"{', '.join(more)} and {last}" if more else last
    wrong = "neither tensor nor number, ShapeError" if operands == 2 else "no tensor"
    floats = " Integers give floats." if record.to_float and any(record.formulas) else ""
    return f"""{doc} Element by element{broadcast}, of any shape.{floats}

    Errors: TypeError for what is {wrong}, DTypeError for {kinds}. Source: torch.{place}.

    >>> import tensorgrad
    >>> tensorgrad.{place}({", ".join(f"tensorgrad.tensor({x})" for x in (a, b)[:operands])})
    {SHOWN.get(place)}
    """


WRITTEN = """In place: the result is written into input, which is returned. Errors: GraphError for a leaf that requires grad and for an
    expanded tensor, ShapeError where the result has another shape, DTypeError where its dtype does not convert to input's."""


def enter_in_place(method, in_place, name, function, how=WRITTEN):
    """Enter an in-place method. Its docstring is made from that of the function `name`, which says what the result is, and of how."""
    METHODS[method], IN_PLACE[method] = in_place, (name, function, how)


def in_place_doc(name, doc, how):
    """The docstring of Tensor's `name_`, from the function's: the first operand of its example becomes the receiver, and what is true
    is shown as the number that it is written as."""
    text, start, example = (doc or "").replace(f"torch.{name}.", f"torch.Tensor.{name}_.").partition("\n\n    >>>")
    before, _, call = example.partition(f"tensorgrad.{name}(")
    operand, _, rest = call.partition(")")
    arguments, line, shown = rest.removeprefix(", ").partition("\n")
    shown = shown.replace("[ True", "[True").replace(",  True", ", True").replace("True", "1.").replace("False", "0.")
    return f"{text}\n    {how}{start}{before}{operand}).{name}_({arguments}{line}{shown}"


UNARY_SAMPLES = (case((2, 3)), case(()), case((0, 3)), case((5, 1, 7)))
BINARY_SAMPLES = (case((2, 3), (2, 3)), case((4, 1, 3), (2, 1)), case((), (3,)), case((0, 3), (1, 3)), case((2, 3), 2))


def unary(name, formula=None, *, like="", on=(-3, 3), doc="", map="", operator=None, namespace="", method=True,
          to_float=False, aliases=(), torch="", samples=UNARY_SAMPLES):
    """A map of one operand. formula(g, x or y): its derivative, None where there is none (comparisons, rounding).
    to_float: integers are computed in the default floating-point dtype. Returns the public function."""
    kernel = map or name
    record = Op(name, None, ("x",), {} if formula is None else {"x": formula}, map=kernel,
                grad_map=kernel + "_grad" if formula is not None else "", to_float=to_float)
    function, in_place = unary_function(record)
    dress(function, name, map_doc(name, doc, namespace, record, samples, on), namespace)
    if operator:
        set_operator(operator, record)
    return register(name, function, record=record, namespace=namespace, like=name if like == "" else like, samples=samples, on=on,
                    grad=formula is not None, method=method, torch=torch, aliases=aliases, in_place=in_place)


def binary(name, a=None, b=None, *, like="", on=(-3, 3), doc="", map="", operator=None, namespace="", method=True,
           to_float=False, aliases=(), torch="", samples=BINARY_SAMPLES):
    """A map of two operands. a(g, ...), b(g, ...): the derivatives, whose parameters may name a, b and y."""
    formulas = {k: f for k, f in (("a", a), ("b", b)) if f is not None}
    record = Op(name, None, ("a", "b"), formulas, map=map or name, to_float=to_float)
    function, in_place = binary_function(record)
    dress(function, name, map_doc(name, doc, namespace, record, samples, on), namespace)
    if operator:
        set_operator(operator, record)
        if operator in ("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>"):
            set_operator(operator + "=", in_place)
    return register(name, function, record=record, namespace=namespace, like=name if like == "" else like, samples=samples, on=on,
                    grad=bool(formulas), method=method, torch=torch, aliases=aliases, in_place=in_place)


def map_record(name, inputs, *, fixed=0, to_float=False, map="", **formulas):
    """A map of one to four operands as a bare record, for public functions written by hand (where, clamp, lerp).
    fixed: so many leading operands (conditions) take no part in promotion."""
    names, kernel = tuple(inputs.split()), map or name
    return Op(name, None, names, formulas, map=kernel, grad_map=kernel + "_grad" if formulas and len(names) == 1 else "",
              fixed=fixed, to_float=to_float)


def in_place_of(name, function, copied=False):
    """The `name_` method of a function: its result is written into the first argument, which takes its place in the graph.
    copied: a step inside needs the first argument for its derivative, so it gets a copy."""
    def in_place(input, *args, **kwargs):
        x = input.clone() if copied and input.requires_grad else input
        return write_back(input, function(x, *args, **kwargs), name + "_")
    return in_place


def no_tensor(name, error, args, kwargs):
    """What to raise for an AttributeError: a TypeError that names the function if it is an argument, or in a list of them, that has no
    such attribute."""
    given = (*args, *kwargs.values())
    if any(error.obj is value for group in (given, *given) if isinstance(group, (tuple, list)) for value in group):
        return TypeError(f"{name}: expected a tensor, got {type(error.obj).__name__}")
    return error


def writes_out(function):
    """Decorator, below `public`: `out=` (a tensor, or one a result) takes what the function returns. Source: torch's out=."""
    name = function.__name__

    @wraps(function)
    def with_out(*args, out=None, **kwargs):
        try:
            result = function(*args, **kwargs)
        except AttributeError as error:
            raise no_tensor(name, error, args, kwargs) from None
        if out is None:
            return result
        if not isinstance(result, tuple):
            return store(out, result, name)
        if not isinstance(out, (tuple, list)) or len(out) != len(result):
            raise TypeError(f"{name}: out must be {len(result)} tensors, one a result")
        stored = [store(o, r, name) for o, r in zip(out, result, strict=True)]
        return result._make(stored) if hasattr(result, "_make") else tuple(stored)
    return with_out


# How NumPy names what PyTorch names dim, keepdim, input and other.
NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}


def other_names(function, namespace):
    """function with the arguments' NumPy names too, as PyTorch's functions have them. Functions that are called often list
    `axis` themselves instead, not behind a *: functions without keyword-only arguments are called the fastest. In linalg PyTorch
    documents A and B, but accepts input and other."""
    code = getattr(function, "__wrapped__", function).__code__
    names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    spoken = {**NUMPY_NAMES, "input": "A", "other": "B", "b": "B"} if namespace == "linalg" else NUMPY_NAMES
    if namespace not in ("", "linalg") or (not namespace and ("dim" not in names or "axis" in names)):
        return function
    known = {theirs: ours for theirs, ours in spoken.items() if ours in names and theirs not in names}

    @wraps(function)
    def renamed(*args, **kwargs):
        if kwargs:
            kwargs = {known.get(k, k): v for k, v in kwargs.items()}
        try:
            return function(*args, **kwargs)
        except AttributeError as error:
            raise no_tensor(function.__name__, error, args, kwargs) from None
    return renamed


def public(*, samples=(), like=None, on=(-3, 3), grad=True, method=False, in_place=False, namespace="", torch="", aliases=()):
    """Decorator: make a hand-written function public. in_place: True adds the `name_` method beside the method ("copied":
    see in_place_of), a function is that method."""
    def declare(function):
        name = function.__name__
        function.__module__ = "tensorgrad" + ("." + namespace if namespace else "")
        function = function if isinstance(function, type) else other_names(function, namespace)
        return register(name, function, namespace=namespace, like=like, samples=samples, on=on, grad=grad, method=method,
                        torch=torch, aliases=aliases,
                        in_place=in_place_of(name, function, in_place == "copied") if in_place in (True, "copied") else in_place or None)
    return declare
