"""Generator: PyTorch's CPU stream of random numbers, and the fills that take from it.

A tensor is filled in the order of its memory, as PyTorch's loops run: a transposed tensor gets the numbers of the
tensor it is the transpose of. The GIL is held, so that two threads never tear the stream.
"""

from .csrc cimport (TG_F16, TG_F32, TG_F64, TG_I32, TG_I64, TG_MAX_DIMS, TG_OK, TG_RNG_BYTES, TG_U8, int64_t,
                    tg_copy, tg_rng_bernoulli, tg_rng_bernoulli_each, tg_rng_distribution, tg_rng_integers, tg_rng_load,
                    tg_rng_binomial, tg_rng_gamma, tg_rng_multinomial, tg_rng_next64, tg_rng_normal, tg_rng_permutation, tg_rng_poisson,
                    tg_rng_save, tg_rng_seed, tg_rng_uniform, uint64_t)
from .dtype cimport dtype, dtype_of
from .graph cimport check_in_place, grad_enabled, rebase
from .tensor cimport (TensorBase, as_operand, cast, check, is_contiguous, new_shaped, new_tensor, new_view, numel)

from .errors import ArgumentError, DTypeError

DEFAULT_SEED = 67280421310721  # PyTorch's


cdef class Generator:
    """A stream of random numbers, PyTorch's: the Mersenne twister MT19937; a tensor of any shape takes as many as it has elements.
    device: the CPU. Errors: ArgumentError for another device. Source: torch.Generator.

    >>> import tensorgrad
    >>> g = tensorgrad.Generator().manual_seed(42)
    >>> tensorgrad.rand(2, generator=g)
    tensor([0.8823, 0.9150])
    """

    def __init__(self, device="cpu"):
        if str(device) not in ("cpu", "cpu:0"):
            raise ArgumentError(f"Generator: device {device} does not exist here; tensorgrad computes on the CPU")
        tg_rng_seed(&self.rng, DEFAULT_SEED)

    @property
    def device(self):
        """Always the CPU.

        >>> import tensorgrad
        >>> tensorgrad.Generator().device
        device(type='cpu')
        """
        from ..tensor import CPU
        return CPU

    def manual_seed(self, seed):
        """Start the stream of a seed, an integer in [-2^63, 2^64); returns self. Errors: ArgumentError. Source:
        torch.Generator.manual_seed.

        >>> import tensorgrad
        >>> tensorgrad.Generator().manual_seed(7).initial_seed()
        7
        """
        seed = int(seed)
        if not -(1 << 63) <= seed < 1 << 64:
            raise ArgumentError(f"manual_seed: seed must be in [-2**63, 2**64), got {seed}")
        tg_rng_seed(&self.rng, <uint64_t>(seed % (1 << 64)))
        return self

    def seed(self):
        """Start the stream of a seed from the system's entropy, and return it. Source: torch.Generator.seed.

        >>> import tensorgrad
        >>> g = tensorgrad.Generator()
        >>> g.seed() == g.initial_seed()
        True
        """
        import os
        value = int.from_bytes(os.urandom(8), "little") >> 1
        self.manual_seed(value)
        return value

    def initial_seed(self):
        """The seed that the stream was started with. Source: torch.Generator.initial_seed.

        >>> import tensorgrad
        >>> tensorgrad.Generator().initial_seed()
        67280421310721
        """
        return self.rng.seed

    def random64(self):
        """The next 64 bits of the stream.

        >>> import tensorgrad
        >>> 0 <= tensorgrad.Generator().random64() < 2 ** 64
        True
        """
        return tg_rng_next64(&self.rng)

    def get_state(self):
        """The state as a uint8 tensor of 5056 bytes, laid out as PyTorch's. Source: torch.Generator.get_state.

        >>> import tensorgrad
        >>> tensorgrad.Generator().get_state().shape
        tensorgrad.Size([5056])
        """
        cdef int64_t n = TG_RNG_BYTES
        cdef TensorBase state = new_tensor(TG_U8, 1, &n)
        tg_rng_save(&self.rng, state.v.data)
        return state

    def set_state(self, new_state):
        """Go on from a state of get_state (tensorgrad's or PyTorch's). Errors: TypeError, ArgumentError; nothing changes then.
        Source: torch.Generator.set_state.

        >>> import tensorgrad
        >>> g, h = tensorgrad.Generator().manual_seed(1), tensorgrad.Generator()
        >>> h.set_state(g.get_state()).random64() == g.random64()
        True
        """
        cdef TensorBase state
        if not isinstance(new_state, TensorBase) or (<TensorBase>new_state).v.dtype != TG_U8:
            raise TypeError("set_state: a state must be a uint8 tensor")
        state = as_operand(<TensorBase>new_state, TG_U8)
        if numel(state) != TG_RNG_BYTES:
            raise ArgumentError(f"set_state: a state has {TG_RNG_BYTES} bytes, got {numel(state)}")
        if tg_rng_load(&self.rng, state.v.data) != TG_OK:
            raise ArgumentError("set_state: these bytes are no mt19937 state")
        return self

    def clone_state(self):
        """A generator of its own that goes on from the same state. Source: torch.Generator.clone_state.

        >>> import tensorgrad
        >>> g = tensorgrad.Generator()
        >>> g.clone_state().random64() == g.random64()
        True
        """
        return Generator().set_state(self.get_state())

    def __reduce__(self):
        return rebuild, (self.get_state(),)


def rebuild(state):
    """A generator with a state; what pickle calls."""
    return Generator().set_state(state)


default_generator = Generator()
cdef Generator DEFAULT = default_generator


cdef Generator chosen(object generator, str op):
    if generator is None:
        return DEFAULT
    if not isinstance(generator, Generator):
        raise TypeError(f"{op}: generator must be a tensorgrad.Generator, got {type(generator).__name__}")
    return <Generator>generator


# ---- fills ----

cdef enum:
    UNIFORM, NORMAL, INTEGERS, BERNOULLI, DISTRIBUTION, EACH


cdef struct Draw:
    int kind, which, wide
    int64_t low
    uint64_t range
    double a, b


cdef TensorBase by_memory(TensorBase x, TensorBase like):
    """x with its dimensions in the order of the falling strides of `like`."""
    cdef int order[TG_MAX_DIMS]
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t strides[TG_MAX_DIMS]
    cdef int i, j
    for i in range(like.v.ndim):
        j = i
        while j > 0 and like.v.strides[order[j - 1]] < like.v.strides[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    for i in range(like.v.ndim):
        shape[i] = x.v.shape[order[i]]
        strides[i] = x.v.strides[order[i]]
    return new_view(x, x.v.ndim, shape, strides, 0)


cdef int draw(Generator g, Draw d, int code, void *p, int64_t n, bint blocks, TensorBase each) noexcept:
    if d.kind == UNIFORM:
        return tg_rng_uniform(&g.rng, code, p, n, d.a, d.b)
    if d.kind == NORMAL:
        return tg_rng_normal(&g.rng, code, p, n, d.a, d.b, blocks)
    if d.kind == INTEGERS:
        return tg_rng_integers(&g.rng, code, p, n, d.low, d.range, d.wide)
    if d.kind == BERNOULLI:
        return tg_rng_bernoulli(&g.rng, code, p, n, d.a)
    if d.kind == EACH:
        return tg_rng_bernoulli_each(&g.rng, code, p, n, each.v.dtype, each.v.data)
    return tg_rng_distribution(&g.rng, d.which, code, p, n, d.a, d.b)


cdef object fill(TensorBase x, Draw d, object generator, str op, TensorBase each=None):
    """Write the numbers into x. each: the probabilities, in x's shape."""
    cdef Generator g = chosen(generator, op)
    cdef TensorBase target = x, room = x
    cdef bint blocks = is_contiguous(x)
    check_in_place(x, op)
    if not blocks:
        target = by_memory(x, x)
        if not is_contiguous(target):
            room = new_tensor(x.v.dtype, target.v.ndim, target.v.shape)
    if each is not None:
        each = as_operand(by_memory(each, x) if not blocks else each, TG_F64 if each.v.dtype == TG_F64 else TG_F32)
    check(draw(g, d, x.v.dtype, room.v.data, numel(x), blocks, each), op)
    if room is not x:
        check(tg_copy(&target.v, &room.v), op)
    x.storage.version += 1
    if grad_enabled():
        rebase(x, None)
    return x


cdef int floating(TensorBase x, str op) except -1:
    if x.v.dtype < TG_F16:
        raise DTypeError(f"{op}: there are no {dtype_of(x.v.dtype).name} numbers of this kind; the tensor must be "
                         "floating-point")
    return 0


def uniform_(TensorBase x not None, double low, double high, generator, str op):
    """x[i] = uniform in [low, high)."""
    cdef Draw d
    floating(x, op)
    d.kind, d.a, d.b = UNIFORM, low, high
    return fill(x, d, generator, op)


def normal_(TensorBase x not None, double mean, double std, generator, str op):
    """x[i] = normal with that mean and standard deviation."""
    cdef Draw d
    floating(x, op)
    d.kind, d.a, d.b = NORMAL, mean, std
    return fill(x, d, generator, op)


def integers_(TensorBase x not None, int64_t low, uint64_t range, bint wide, generator, str op):
    """x[i] = low + draw % range; range 0: 2^64; wide: two draws a number."""
    cdef Draw d
    d.kind, d.low, d.range, d.wide = INTEGERS, low, range, wide
    return fill(x, d, generator, op)


def bernoulli_(TensorBase x not None, double p, generator, str op):
    """x[i] = 1 with probability p, else 0."""
    cdef Draw d
    d.kind, d.a = BERNOULLI, p
    return fill(x, d, generator, op)


def bernoulli_each(TensorBase x not None, TensorBase p not None, generator, str op):
    """x[i] = 1 with probability p[i], else 0. p has x's shape."""
    cdef Draw d
    d.kind = EACH
    return fill(x, d, generator, op, p)


def distribution_(TensorBase x not None, int which, double a, double b, generator, str op):
    """x[i] from an exponential (0), Cauchy (1), geometric (2) or log-normal (3) distribution."""
    cdef Draw d
    if which != 2:
        floating(x, op)
    d.kind, d.which, d.a, d.b = DISTRIBUTION, which, a, b
    return fill(x, d, generator, op)


def permutation(int64_t n, dtype wanted, generator):
    """A random order of 0 .. n - 1."""
    cdef int kind = wanted.code if wanted.code == TG_I64 else TG_I32 if n < 1 << 31 else TG_I64
    cdef Generator g = chosen(generator, "randperm")
    cdef TensorBase out = new_shaped(kind, (n,))
    check(tg_rng_permutation(&g.rng, kind, out.v.data, n), "randperm")
    return cast(out, wanted.code)


def extremes(TensorBase x not None):
    """(smallest, largest) element of a floating-point tensor as numbers; both nan where there is a nan."""
    cdef TensorBase values = as_operand(x, TG_F64)
    cdef const double *v = <const double *>values.v.data
    cdef double low = float("inf"), high = -low
    cdef int64_t i
    for i in range(numel(x)):
        if v[i] != v[i]:
            return v[i], v[i]
        low, high = min(low, v[i]), max(high, v[i])
    return low, high


def multinomial(TensorBase p not None, int64_t samples, generator):
    """Indices into the rows of p (rows, k), drawn with replacement."""
    cdef TensorBase weights = as_operand(p, TG_F64 if p.v.dtype == TG_F64 else TG_F32)
    cdef Generator g = chosen(generator, "multinomial")
    cdef TensorBase out = new_shaped(TG_I64, (p.v.shape[0], samples))
    check(tg_rng_multinomial(&g.rng, weights.v.dtype, weights.v.data, p.v.shape[0], p.v.shape[1], samples,
                             <int64_t *>out.v.data), "multinomial")
    return out


def counts(TensorBase a not None, TensorBase b, generator, str op):
    """Poisson numbers of means a (b is None), or binomial ones of a trials of probability b, in a's shape and dtype."""
    cdef Generator g = chosen(generator, op)
    cdef TensorBase first = as_operand(a, TG_F64), out = new_tensor(TG_F64, a.v.ndim, a.v.shape), second
    if b is None:
        tg_rng_poisson(&g.rng, numel(first), <const double *>first.v.data, <double *>out.v.data)
    else:
        second = as_operand(b, TG_F64)
        tg_rng_binomial(&g.rng, numel(first), <const double *>first.v.data, <const double *>second.v.data,
                        <double *>out.v.data)
    return cast(out, a.v.dtype)


def gamma(TensorBase alpha not None, generator):
    """Gamma numbers of rate 1: element i has the concentration alpha[i]."""
    cdef TensorBase a = as_operand(alpha, TG_F64)
    cdef TensorBase out = new_tensor(TG_F64, a.v.ndim, a.v.shape)
    tg_rng_gamma(&chosen(generator, "gamma").rng, numel(a), <const double *>a.v.data, <double *>out.v.data)
    return cast(out, alpha.v.dtype)
