"""Random numbers: PyTorch's CPU generator, number for number. Bernoulli draws follow PyTorch on CPUs that are not
Intel's (on Intel's it may take MKL's generator)."""

from .._core import random as core
from .._core.dtype import BY_NAME, get_default_dtype
from .._core.errors import ArgumentError, DTypeError, OutOfRangeError, ShapeError
from .._core.history import detach
from .._core.kernels import create as create_kernels
from .._core.random import default_generator
from .._core.tensor import TensorBase
from .create import checked_dtype, finish, from_numpy, new_like, number, on_cpu
from .declare import case, check_tensors, method, public
from .shape import broadcast_to, index, sizes

INT64, BOOL = BY_NAME["int64"], BY_NAME["bool"]
MANTISSA = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
INTEGERS = {"bool": (0, 1), "uint8": (0, 255), "int8": (-128, 127), "int16": (-1 << 15, (1 << 15) - 1),
            "int32": (-1 << 31, (1 << 31) - 1), "int64": (-1 << 63, (1 << 63) - 1)}


# ---- the generator ----

@public(grad=False)
def manual_seed(seed):
    """Start the default generator with a seed and return it: draws of any shape go on from there. Errors: ArgumentError for a seed
    outside [-2^63, 2^64). Source: torch.manual_seed.

    >>> import tensorgrad
    >>> _ = tensorgrad.manual_seed(42)
    >>> tensorgrad.rand(2)
    tensor([0.8823, 0.9150])
    """
    return default_generator.manual_seed(seed)


@public(grad=False)
def seed():
    """Start the default generator with a seed from the system's entropy and return the seed. Source: torch.seed.

    >>> import tensorgrad
    >>> isinstance(tensorgrad.seed(), int)
    True
    """
    return default_generator.seed()


@public(grad=False)
def initial_seed():
    """The seed that the default generator was started with. Source: torch.initial_seed.

    >>> import tensorgrad
    >>> tensorgrad.manual_seed(3).initial_seed()
    3
    """
    return default_generator.initial_seed()


@public(grad=False)
def get_rng_state():
    """The state of the default generator as a uint8 tensor [5056], byte for byte PyTorch's. Source: torch.get_rng_state.

    >>> import tensorgrad
    >>> tensorgrad.get_rng_state().shape
    tensorgrad.Size([5056])
    """
    return default_generator.get_state()


@public(grad=False)
def set_rng_state(new_state):
    """Go on from a state of get_rng_state, [5056]. Errors: ArgumentError for bytes that are no state, TypeError for what is no uint8
    tensor. Source: torch.set_rng_state.

    >>> import tensorgrad
    >>> state = tensorgrad.get_rng_state()
    >>> first = tensorgrad.rand(1)
    >>> tensorgrad.set_rng_state(state)
    >>> bool(tensorgrad.rand(1) == first)
    True
    """
    default_generator.set_state(new_state)


# ---- methods that fill ----

def in_range(ok, message):
    """The one check of numbers in this file."""
    if not ok:
        raise ArgumentError(message)


@method
def uniform_(self, from_=0.0, to=1.0, *, generator=None, **low):
    """Fill with uniform numbers of [from, to); any shape. Errors: ArgumentError for from > to, DTypeError for integers, GraphError for a
    leaf that requires grad. Source: torch.Tensor.uniform_.

    >>> import tensorgrad
    >>> bool((tensorgrad.empty(9).uniform_(2, 3) >= 2).all())
    True
    """
    if low:
        from_ = low.pop("from")
        if low:
            raise TypeError(f"uniform_: unexpected argument {next(iter(low))!r}")
    a, b = float(number(from_)), float(number(to))
    in_range(a <= b, f"uniform_: expects from <= to, got from={a}, to={b}")
    in_range(b - a <= {"float16": 65504.0, "float64": 1.7976931348623157e308}.get(self.dtype.name,
    3.4028234663852886e38), f"uniform_: the range from={a} to={b} is too wide for {self.dtype.name}")
    return core.uniform_(self, a, b, generator, "uniform_")


@method
def normal_(self, mean=0.0, std=1.0, *, generator=None):
    """Fill with normal numbers, density exp(-((x - mean) / std)^2 / 2) / (std sqrt(2 pi)); any shape. Errors: ArgumentError for std < 0,
    DTypeError for integers, GraphError for a leaf that requires grad. Source: torch.Tensor.normal_.

    >>> import tensorgrad
    >>> tensorgrad.empty(2).normal_(5.0, 0.0)
    tensor([5., 5.])
    """
    mean, std = float(number(mean)), float(number(std))
    in_range(std >= 0, f"normal_: std must be >= 0, got {std}")
    return core.normal_(self, mean, std, generator, "normal_")


@method
def bernoulli_(self, p=0.5, *, generator=None):
    """Fill with 1 (probability p, a number or a tensor that broadcasts to self's shape) and 0. Errors: ArgumentError for p outside [0,
    1], ShapeError where it does not broadcast, GraphError for a leaf that requires grad. Source: torch.Tensor.bernoulli_.

    >>> import tensorgrad
    >>> tensorgrad.zeros(2).bernoulli_(tensorgrad.tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    if isinstance(p, TensorBase):
        check_probabilities(p, "bernoulli_")
        return core.bernoulli_each(self, broadcast_to(detach(p), tuple(self.shape)), generator, "bernoulli_")
    p = float(p)
    in_range(0 <= p <= 1, f"bernoulli_: p must be in [0, 1], got {p}")
    return core.bernoulli_(self, p, generator, "bernoulli_")


@method
def exponential_(self, lambd=1.0, *, generator=None):
    """Fill with exponential numbers, density lambd exp(-lambd x); any shape. Errors: ArgumentError for lambd <= 0, DTypeError for
    integers, GraphError for a leaf that requires grad. Source: torch.Tensor.exponential_.

    >>> import tensorgrad
    >>> bool((tensorgrad.empty(9).exponential_() > 0).all())
    True
    """
    lambd = float(lambd)
    in_range(lambd > 0, f"exponential_: lambd must be > 0, got {lambd}")
    return core.distribution_(self, 0, lambd, 0.0, generator, "exponential_")


@method
def cauchy_(self, median=0.0, sigma=1.0, *, generator=None):
    """Fill with Cauchy numbers, density sigma / (pi (sigma^2 + (x - median)^2)); any shape. Errors: ArgumentError for sigma <= 0,
    DTypeError for integers, GraphError for a leaf that requires grad. Source: torch.Tensor.cauchy_.

    >>> import tensorgrad
    >>> tensorgrad.empty(3).cauchy_().shape
    tensorgrad.Size([3])
    """
    sigma = float(sigma)
    in_range(sigma > 0, f"cauchy_: sigma must be > 0, got {sigma}")
    return core.distribution_(self, 1, float(median), sigma, generator, "cauchy_")


@method
def geometric_(self, p, *, generator=None):
    """Fill with the number of trials up to the first success, each of probability p: k with (1 - p)^(k - 1) p. Errors: ArgumentError
    for p outside (0, 1). Source: torch.Tensor.geometric_.

    >>> import tensorgrad
    >>> bool((tensorgrad.empty(9).geometric_(0.5) >= 1).all())
    True
    """
    p = float(p)
    in_range(0 < p < 1, f"geometric_: p must be in (0, 1), got {p}")
    if self.dtype is BOOL:
        raise DTypeError("geometric_: a bool tensor cannot hold numbers of trials")
    return core.distribution_(self, 2, p, 0.0, generator, "geometric_")


@method
def log_normal_(self, mean=1.0, std=2.0, *, generator=None):
    """Fill with exp of normal numbers of that mean and std; any shape. Errors: ArgumentError for std <= 0, DTypeError for integers,
    GraphError for a leaf that requires grad. Source: torch.Tensor.log_normal_.

    >>> import tensorgrad
    >>> bool((tensorgrad.empty(9).log_normal_() > 0).all())
    True
    """
    std = float(std)
    in_range(std > 0, f"log_normal_: std must be > 0, got {std}")
    return core.distribution_(self, 3, float(mean), std, generator, "log_normal_")


def storable(value, dtype, ceiling):
    """An end of a range that a floating dtype can hold, on the inner side of `value`, as PyTorch rounds it. Beyond
    2^digits only every 2^k-th integer exists; ceiling: value is the end that is not included."""
    digits = MANTISSA[dtype.name]
    inner = value - 1 if ceiling else value + 1
    stored = int(create_kernels.full((), inner, dtype).item())
    if stored >= value if ceiling else stored < value:
        step = 1 << max(abs(inner).bit_length() - digits, 0)
        return stored - step if ceiling else stored + step
    return value


def draw_integers(x, low, high, generator, name):
    """x[...] = uniform integers of [low, high); high None: up to the largest that the dtype holds."""
    kind = x.dtype.name
    if kind in MANTISSA:
        smallest, largest = -(1 << MANTISSA[kind]), 1 << MANTISSA[kind]
        top = largest + 1 if high is None else storable(high, x.dtype, True)
        bottom = storable(low, x.dtype, False)
    else:
        smallest, largest = INTEGERS[kind]
        top, bottom = largest + 1 if high is None else high, low
        in_range(smallest <= bottom <= largest, f"{name}: low={low} is out of range for {kind}")
        in_range(smallest <= top - 1 <= largest, f"{name}: high - 1 = {top - 1} is out of range for {kind}")
    in_range(bottom < top, f"{name}: expects low < high, got low={low}, high={high}")
    span = top - bottom
    if span == 1 << 64:
        bottom = 0  # all 64 bits as they come
    return core.integers_(x, bottom, span % (1 << 64), span >= 1 << 28, generator, name)


@method
def random_(self, *ends, generator=None, to=None, **low):
    """Fill with uniform integers: random_() of all that the dtype holds from 0, random_(to) of [0, to), random_(from, to). Errors:
    TypeError for other arguments, ArgumentError for an empty range or one that the dtype does not hold. Source:
    torch.Tensor.random_.

    >>> import tensorgrad
    >>> bool((tensorgrad.empty(9).random_(2, 4) >= 2).all())
    True
    """
    if len(ends) > 2 or low.keys() - {"from"} or (len(ends) == 2 and (to is not None or low)):
        raise TypeError("random_: expected random_(), random_(to) or random_(from, to)")
    if not ends and to is None and not low:
        kind = self.dtype.name
        top = (1 << MANTISSA[kind]) + 1 if kind in MANTISSA else INTEGERS[kind][1] + 1
        return core.integers_(self, 0, top, kind in ("int64", "float64"), generator, "random_")
    if len(ends) == 2:
        a, b = ends
    elif to is not None:
        a, b = ends[0] if ends else low.get("from", 0), to
    else:
        a, b = (0, ends[0]) if not low else (low["from"], ends[0] if ends else None)
    return draw_integers(self, int(a), None if b is None else int(b), generator, "random_")


# ---- new tensors ----

def target(name, size, dtype, device, out):
    """The tensor to fill: a new one, or `out` in the wanted shape."""
    if device is not None:
        on_cpu(device, name)
    if out is not None:
        return out if tuple(out.shape) == size else out.resize_(size)
    return create_kernels.empty(size, get_default_dtype() if dtype is None else checked_dtype(dtype, name))


def size_of(name, args, size):
    """The sizes from positional arguments or the keyword."""
    if size is not None:
        args = (size,)
    if not args:
        raise TypeError(f"{name}: missing argument 'size'")
    return sizes(args, name)


@public(grad=False)
def rand(*args, size=None, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False,
         pin_memory=False):
    """Uniform numbers of [0, 1), of shape size. Errors: ShapeError for a negative size, ArgumentError for another device, DTypeError for
    an integer dtype, TypeError for what is no generator. Source: torch.rand.

    >>> import tensorgrad
    >>> tensorgrad.rand(2, generator=tensorgrad.Generator().manual_seed(0))
    tensor([0.4963, 0.7682])
    """
    x = target("rand", sizes(args, "rand") if args and size is None else size_of("rand", args, size), dtype, device, out)
    core.uniform_(x, 0.0, 1.0, generator, "rand")
    return finish(x, True) if requires_grad else x


@public(grad=False)
def randn(*args, size=None, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False,
          pin_memory=False):
    """Normal numbers of mean 0 and standard deviation 1, of shape size. Errors: ShapeError for a negative size, ArgumentError for another
    device, DTypeError for an integer dtype, TypeError for what is no generator. Source: torch.randn.

    >>> import tensorgrad
    >>> tensorgrad.randn(2, generator=tensorgrad.Generator().manual_seed(0))
    tensor([ 1.5410, -0.2934])
    """
    x = target("randn", sizes(args, "randn") if args and size is None else size_of("randn", args, size), dtype, device, out)
    core.normal_(x, 0.0, 1.0, generator, "randn")
    return finish(x, True) if requires_grad else x


def bounds(name, args, low, high, size):
    """(low, high, size) of randint(high, size) and randint(low, high, size), with keywords for any of them."""
    args = list(args)
    if size is None and args:
        size = args.pop()
    if high is None and args:
        high = args.pop()
    if args:
        low = args.pop()
    if args or high is None or size is None:
        raise TypeError(f"{name}: expected {name}(high, size) or {name}(low, high, size)")
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"{name}: argument 'size' must be a tuple of integers, got {type(size).__name__}")
    return int(number(low)), int(number(high)), sizes((size,), name)


@public(grad=False)
def randint(*args, low=0, high=None, size=None, generator=None, out=None, dtype=None, layout=None, device=None,
            requires_grad=False, pin_memory=False):
    """Uniform integers of [low, high), of shape size: randint(high, size) or randint(low, high, size). Errors: ArgumentError unless low <
    high, ShapeError for a negative size, TypeError without a size. Source: torch.randint.

    >>> import tensorgrad
    >>> tensorgrad.randint(10, (3,), generator=tensorgrad.Generator().manual_seed(0))
    tensor([4, 9, 3])
    """
    low, high, size = bounds("randint", args, low, high, size)
    x = target("randint", size, dtype or INT64, device, out)
    return finish(draw_integers(x, low, high, generator, "randint"), requires_grad)


@public(grad=False)
def randperm(n, *, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False,
             pin_memory=False):
    """A random order of 0 .. n - 1: [n], int64. Errors: ShapeError for n < 0, TypeError for one that is no integer, ArgumentError where
    the dtype does not reach so far. Source: torch.randperm.

    >>> import tensorgrad
    >>> tensorgrad.randperm(4, generator=tensorgrad.Generator().manual_seed(0))
    tensor([0, 1, 3, 2])
    """
    on_cpu(device, "randperm")
    n, dtype = index(n, "randperm"), checked_dtype(dtype or INT64, "randperm")
    if n < 0:
        raise ShapeError(f"randperm: n must not be negative, got {n}")
    most = (1 << MANTISSA[dtype.name]) + 1 if dtype.name in MANTISSA else INTEGERS[dtype.name][1]
    in_range(n <= most, f"randperm: n={n} is too large for {dtype.name}")
    order = core.permutation(n, dtype, generator)
    if out is not None:
        return (out if tuple(out.shape) == (n,) else out.resize_((n,))).copy_(order)
    return finish(order, requires_grad)


@public(grad=False)
def rand_like(input, *, generator=None, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Uniform numbers of [0, 1) in input's shape and dtype. Errors: ArgumentError for another device, DTypeError for integers, TypeError
    for what is no tensor. Source: torch.rand_like.

    >>> import tensorgrad
    >>> tensorgrad.rand_like(tensorgrad.tensor([1.0, 2.0])).shape
    tensorgrad.Size([2])
    """
    x = new_like("rand_like", input, dtype, device, False, create_kernels.empty)
    return finish(core.uniform_(x, 0.0, 1.0, generator, "rand_like"), requires_grad)


@public(grad=False)
def randn_like(input, *, generator=None, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Normal numbers of mean 0 and standard deviation 1 in input's shape and dtype. Errors: ArgumentError for another device, DTypeError
    for integers, TypeError for what is no tensor. Source: torch.randn_like.

    >>> import tensorgrad
    >>> tensorgrad.randn_like(tensorgrad.tensor([1.0, 2.0])).shape
    tensorgrad.Size([2])
    """
    x = new_like("randn_like", input, dtype, device, False, create_kernels.empty)
    return finish(core.normal_(x, 0.0, 1.0, generator, "randn_like"), requires_grad)


@public(grad=False)
def randint_like(input, *args, low=0, high=None, generator=None, dtype=None, layout=None, device=None,
                 requires_grad=False, memory_format=None):
    """Uniform integers of [low, high) in input's shape and dtype. Errors: ArgumentError unless low < high, TypeError without high and for
    what is no tensor. Source: torch.randint_like.

    >>> import tensorgrad
    >>> tensorgrad.randint_like(tensorgrad.tensor([1.0, 2.0]), 5).shape
    tensorgrad.Size([2])
    """
    low, high, _ = bounds("randint_like", args, low, high, tuple(input.shape))
    x = new_like("randint_like", input, dtype, device, False, create_kernels.empty)
    return finish(draw_integers(x, low, high, generator, "randint_like"), requires_grad)


@public(grad=False)
def normal(mean, std=1.0, size=None, *, generator=None, out=None, dtype=None, layout=None, device=None,
           requires_grad=False, pin_memory=False):
    """Normal numbers; mean and std are numbers (then size is the shape) or tensors that broadcast to it. Errors: TypeError without a
    size, ArgumentError for std < 0, ShapeError where they do not broadcast, DTypeError for integers. Source: torch.normal.

    >>> import tensorgrad
    >>> tensorgrad.normal(5.0, 0.0, (2,))
    tensor([5., 5.])
    """
    m, s = isinstance(mean, TensorBase), isinstance(std, TensorBase)
    if not m and not s:
        if size is None:
            raise TypeError("normal: 'size' is needed where mean and std are numbers")
        x = target("normal", sizes((size,), "normal"), dtype, device, out)
        return finish(normal_(x, mean, std, generator=generator), requires_grad)
    mean, std = detach(mean) if m else float(mean), detach(std) if s else float(std)
    if s:
        in_range(core.extremes(std)[0] >= 0, "normal: all elements of std must be >= 0")
    shape = tuple((mean + std).shape)
    x = target("normal", shape, (mean if m else std).dtype, device, out)
    normal_(x, 0.0, 1.0 if s else std, generator=generator)
    return x.mul_(std).add_(mean) if s else x.add_(mean)


def check_probabilities(p, name):
    """Floating-point, each in [0, 1]."""
    if not p.is_floating_point():
        raise DTypeError(f"{name}: probabilities must be floating-point, got {p.dtype.name}")
    low, high = core.extremes(p)
    if p.numel() and not (low >= 0 and high <= 1):
        raise ArgumentError(f"{name}: every probability must be in [0, 1]")


@public(grad=False, method=True)
def bernoulli(input, p=None, *, generator=None, out=None):
    """1 with the probability that input holds (or p, a number), else 0; of input's shape and dtype. Errors: ArgumentError for a
    probability outside [0, 1], DTypeError for integers without p. Source: torch.bernoulli.

    >>> import tensorgrad
    >>> tensorgrad.bernoulli(tensorgrad.tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    x = target("bernoulli", tuple(input.shape), input.dtype, None, out)
    return bernoulli_(x, input if p is None else p, generator=generator)


@public(samples=[case((50,))], on=(0, 30), grad=False)
def poisson(input, generator=None):
    """Poisson numbers, k with probability m^k e^-m / k!, whose means m input holds; of input's shape and dtype. Errors: ArgumentError for
    a mean that is negative, infinite or NaN, DTypeError for integers. Source: torch.poisson.

    >>> import tensorgrad
    >>> tensorgrad.poisson(tensorgrad.zeros(2))
    tensor([0., 0.])
    """
    check_tensors("poisson", input=input)
    if not input.is_floating_point():
        raise DTypeError(f"poisson: means must be floating-point, got {input.dtype.name}")
    low, high = core.extremes(input)
    in_range(not input.numel() or (low >= 0 and high < float("inf")), "poisson: every mean must be finite and >= 0")
    return core.counts(detach(input), None, generator, "poisson")


@public(grad=False)
def binomial(count, prob, generator=None):
    """Successes in count trials of probability prob, two tensors that broadcast. Errors: ArgumentError for counts that are not finite and
    >= 0 and for probabilities outside [0, 1], DTypeError for different dtypes, ShapeError. Source: torch.binomial.

    >>> import tensorgrad
    >>> tensorgrad.binomial(tensorgrad.tensor([3.0]), tensorgrad.tensor([1.0]))
    tensor([3.])
    """
    if count.dtype is not prob.dtype:
        raise DTypeError(f"binomial: count is of {count.dtype}, prob of {prob.dtype}; they must be the same")
    check_probabilities(prob, "binomial")
    low, high = core.extremes(count)
    in_range(not count.numel() or (low >= 0 and high < float("inf")), "binomial: every count must be finite and >= 0")
    return core.counts(detach(count), broadcast_to(detach(prob), tuple(count.shape)), generator, "binomial")


@public(grad=False, method=True)
def multinomial(input, num_samples, replacement=False, *, generator=None, out=None):
    """Indices drawn from each row of weights, i with probability w_i / sum w: input [k] or [rows, k], result [num_samples] or [rows,
    num_samples]. Errors: ArgumentError for negative, infinite or all-zero weights and for too many or no samples, ShapeError for other
    dimensions, DTypeError for integers. Source: torch.multinomial.

    >>> import tensorgrad
    >>> tensorgrad.multinomial(tensorgrad.tensor([0.0, 1.0, 0.0]), 2, replacement=True)
    tensor([1, 1])
    """
    if not input.is_floating_point():
        raise DTypeError(f"multinomial: weights must be floating-point, got {input.dtype.name}")
    if input.ndim not in (1, 2):
        raise ShapeError(f"multinomial: weights must have 1 or 2 dimensions, got shape {tuple(input.shape)}")
    k = input.shape[-1]
    in_range(num_samples > 0, f"multinomial: num_samples must be > 0, got {num_samples}")
    in_range(replacement or num_samples <= k,
             f"multinomial: cannot draw {num_samples} samples without replacement from {k} categories")
    if k > 1 << 24:
        raise OutOfRangeError(f"multinomial: at most 2**24 categories, got {k}")
    p = detach(input)
    if p.numel():
        lowest, highest = core.extremes(p)
        in_range(lowest >= 0 and highest < float("inf"), "multinomial: weights must be finite and >= 0")
        in_range(core.extremes(p.sum(-1))[0] > 0, "multinomial: a row of weights sums to zero")
    elif k == 0 and p.shape[0]:
        raise ArgumentError("multinomial: there are no categories to draw from")
    rows = p.reshape(-1, k) if p.ndim == 1 else p
    if replacement and num_samples > 1:
        index = core.multinomial(rows, num_samples, generator)
    else:
        index = race(rows, num_samples, generator)
    index = index.reshape(num_samples) if input.ndim == 1 else index
    return index if out is None else (out if out.shape == index.shape else out.resize_(tuple(index.shape))).copy_(index)


def race(p, samples, generator):
    """The first arrivals of exponential races with rates p: a draw without replacement."""
    import numpy
    waits = exponential_(create_kernels.empty(tuple(p.shape), p.dtype), generator=generator)
    speed = (p / waits).double().numpy()
    first = numpy.argsort(-speed, axis=-1, kind="stable")[:, :samples]
    return from_numpy(numpy.ascontiguousarray(first, dtype=numpy.int64))
