"""One optimiser step over a group of parameters: collects their memory and calls the multi-tensor kernel once."""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize
from libc.stdint cimport int32_t
from libc.string cimport memset

from ..csrc cimport (TG_ADADELTA, TG_ADAGRAD, TG_ADAM, TG_ADAMAX, TG_AMSGRAD, TG_ASGD, TG_BLEND, TG_CENTERED, TG_COMBINE,
                     TG_DECAY, TG_F16, TG_F32, TG_F64, TG_FIRST, TG_FLAT_LARGEST, TG_FLAT_MIXES, TG_FLAT_PRODUCTS,
                     TG_FLAT_SUM, TG_MAXIMIZE, TG_MOMENTUM, TG_NADAM, TG_NESTEROV, TG_RADAM, TG_RECTIFIED, TG_RMSPROP,
                     TG_RPROP, TG_SGD, TG_SHIFT, TG_UPDATE_COEFFICIENTS, int64_t, tg_adafactor, tg_bfloat,
                     tg_copy, tg_factored, tg_flat, tg_flat_pass, tg_newton_schulz, tg_piece, tg_update, tg_update_item)
from ..dtype cimport default_float, dtype_of
from ..graph cimport check_in_place, set_grad
from ..tensor cimport (TensorBase, as_operand, check, fill, is_contiguous, new_like, new_scalar, new_tensor, numel, same_shape,
                       shape_of)

from ..errors import ShapeError

SGD, ADAM, RMSPROP, ADAGRAD, ADADELTA = TG_SGD, TG_ADAM, TG_RMSPROP, TG_ADAGRAD, TG_ADADELTA
ADAMAX, NADAM, RADAM, ASGD, RPROP = TG_ADAMAX, TG_NADAM, TG_RADAM, TG_ASGD, TG_RPROP
BLEND, SHIFT = TG_BLEND, TG_SHIFT
MAXIMIZE, DECAY, MOMENTUM, NESTEROV = TG_MAXIMIZE, TG_DECAY, TG_MOMENTUM, TG_NESTEROV
AMSGRAD, CENTERED, RECTIFIED = TG_AMSGRAD, TG_CENTERED, TG_RECTIFIED


cdef TensorBase zeros(TensorBase p):
    cdef TensorBase t = new_like(p)
    fill(t, 0)
    return t


cdef TensorBase bring(TensorBase x, int dtype, list held, list back):
    """x as the kernel takes it: contiguous, of that dtype. What is written and was copied goes back afterwards."""
    cdef TensorBase t
    if x.v.dtype == dtype and is_contiguous(x):
        return x
    t = as_operand(x, dtype)
    held.append(t)
    if back is not None:
        back.append((x, t))
    return t


cdef double count(dict s) except -1:
    """The number of steps done, kept as a 0-d tensor in the state."""
    cdef object step = s["step"]
    cdef TensorBase t
    if not isinstance(step, TensorBase):
        step = s["step"] = new_scalar(default_float(), float(step))
    t = <TensorBase>step
    if t.v.dtype == TG_F32:
        return (<float *>t.v.data)[0]
    return t.item()


cdef int advance(dict s, double t) except -1:
    fill(<TensorBase>s["step"], t)
    return 0


cdef TensorBase buffer(dict s, str name, TensorBase p, str op):
    cdef object value = s.get(name)
    if value is None:
        return None
    if not isinstance(value, TensorBase) or not same_shape(<TensorBase>value, p) \
            or (<TensorBase>value).v.dtype < TG_F16:
        raise ShapeError(f"{op}: state {name!r} does not fit the parameter of shape {shape_of(p)}")
    return <TensorBase>value


cdef int written(TensorBase p, str op) except -1:
    """p may be written to, outside the graph."""
    cdef bint old
    if p.storage.readonly or not is_contiguous(p):
        old = set_grad(False)
        try:
            check_in_place(p, op)
        finally:
            set_grad(old)
    return 0


cdef int fits(TensorBase p, TensorBase x, str op, str role) except -1:
    """x is a floating tensor of p's shape."""
    if not same_shape(p, x) or x.v.dtype < TG_F16 or p.v.dtype < TG_F16:
        raise ShapeError(f"{op}: the {role} of shape {shape_of(x)} ({dtype_of(x.v.dtype)}) does not fit the parameter of shape "
                         f"{shape_of(p)} ({dtype_of(p.v.dtype)})")
    return 0


cdef bytearray zeroed(size_t nbytes):
    """Memory for a list that a driver reads, freed with the object."""
    cdef bytearray memory = PyByteArray_FromStringAndSize(NULL, nbytes)
    memset(PyByteArray_AS_STRING(memory), 0, nbytes)
    return memory


cdef tg_update_item *next_item(int dtype, tg_update_item *items, int64_t n, int64_t *singles, int64_t *doubles) noexcept:
    """Where the next of n items goes: those of float32 from the front on, those of float64 from the back."""
    if dtype == TG_F32:
        singles[0] += 1
        return items + singles[0] - 1
    doubles[0] += 1
    return items + n - doubles[0]


cdef int launch(int rule, tg_update_item *items, int64_t n, int64_t singles, list back, str op) except -1:
    """Run the rule over n items, first those of float32; then copy back what was copied to be written."""
    cdef int64_t i, elements = 0
    cdef int status = 0
    for i in range(n):
        elements += items[i].n
    if elements < 16384:  # not worth giving up the GIL for
        if singles:
            status = tg_update(rule, TG_F32, singles, items)
        if singles < n:
            status |= tg_update(rule, TG_F64, n - singles, items + singles)
    else:
        with nogil:
            if singles:
                status = tg_update(rule, TG_F32, singles, items)
            if singles < n:
                status |= tg_update(rule, TG_F64, n - singles, items + singles)
    check(status, op)
    for original, copy in back:
        check(tg_copy(&(<TensorBase>original).v, &(<TensorBase>copy).v), op)
    return 0


def step(str op, int rule, list params, state, tuple names, coefficients, bint shared, int flags, begin=None):
    """Update every parameter that has a gradient, and its state; nothing changes if one of them does not fit.

    names: the state that goes into slots 2, 3 ... (None: the slot stays empty). coefficients(t, state of the parameter)
    gives the kernel's coefficients for step t, and flags of that step where there are more than it takes; shared: they
    depend on t alone. begin(p): the first state of a parameter, where it is more than a step count and zeros. SGD
    counts no steps, and its momentum starts with the first gradient."""
    cdef TensorBase p, g, b
    cdef list todo = [], held = [], back = []
    cdef dict s
    cdef tuple c = None
    cdef double t, last = -1
    cdef int64_t i, k, n, singles = 0, doubles = 0
    cdef int32_t extra
    cdef int slot, dtype
    cdef bytearray memory
    cdef tg_update_item *items
    cdef tg_update_item *item = NULL
    for x in params:
        p = <TensorBase>x
        if p.grad_ is None:
            continue
        g = <TensorBase>p.grad_
        fits(p, g, op, "gradient")
        written(p, op)
        s = None
        if names or rule != TG_SGD:
            s = <dict>state[p]
            for name in names:
                if name is not None:
                    buffer(s, name, p, op)
        todo.append((p, g, s))
    n = len(todo)
    if n == 0:
        return
    memory = zeroed(n * sizeof(tg_update_item))
    items = <tg_update_item *>PyByteArray_AS_STRING(memory)
    for p, g, s in todo:
        dtype = TG_F64 if p.v.dtype == TG_F64 else TG_F32
        item = next_item(dtype, items, n, &singles, &doubles)
        extra = 0
        if s is not None:
            if not s and rule != TG_SGD:
                s["step"] = new_scalar(default_float(), 0.0)
                if begin is not None:
                    s.update(begin(p))
            slot = 2
            for name in names:
                if name is not None:
                    b = buffer(s, name, p, op)
                    if b is None:
                        if rule == TG_SGD:
                            b = new_like(p)
                            extra = TG_FIRST
                        else:
                            b = zeros(p)
                        s[name] = b
                    item.slot[slot] = bring(b, dtype, held, back).v.data
                slot += 1
        item.n = numel(p)
        item.slot[0] = bring(p, dtype, held, back).v.data
        item.slot[1] = bring(g, dtype, held, None).v.data
        if rule == TG_SGD:
            c = <tuple>coefficients
        else:
            t = count(s) + 1
            if not shared or t != last:
                c = <tuple>coefficients(t, s)
                last = t
            advance(s, t)
        k = len(c)
        if k > TG_UPDATE_COEFFICIENTS:
            k = TG_UPDATE_COEFFICIENTS
            extra |= <int32_t>c[k]
        for i in range(k):
            item.c[i] = c[i]
        item.flags = flags | extra
        p.storage.version += 1
    launch(rule, items, n, singles, back, op)


def sweep(str op, int rule, list rows, list coefficients, int flags=0):
    """Run a rule's kernel over rows of tensors, (slot 0, slot 1, ...) each, all at once; slot 1 is read, the others are written.
    coefficients: a tuple a row."""
    cdef list held = [], back = []
    cdef tuple row, c
    cdef TensorBase first, x
    cdef tg_update_item *items
    cdef tg_update_item *item
    cdef int64_t i, n = len(rows), singles = 0, doubles = 0
    cdef int dtype
    cdef bytearray memory
    for row in rows:
        first = <TensorBase?>row[0]
        written(first, op)
        for value in row[1:]:
            fits(first, <TensorBase?>value, op, "tensor")
    if not n:
        return
    memory = zeroed(n * sizeof(tg_update_item))
    items = <tg_update_item *>PyByteArray_AS_STRING(memory)
    for row, c in zip(rows, coefficients, strict=True):
        first = <TensorBase>row[0]
        dtype = TG_F64 if first.v.dtype == TG_F64 else TG_F32
        item = next_item(dtype, items, n, &singles, &doubles)
        for i in range(len(row)):
            x = <TensorBase>row[i]
            item.slot[i] = bring(x, dtype, held, None if i == 1 else back).v.data
            if i != 1:
                x.storage.version += 1
        for i in range(len(c)):
            item.c[i] = c[i]
        item.n = numel(first)
        item.flags = flags
    launch(rule, items, n, singles, back, op)


cdef int run(int dtype, tg_flat *f, str op) except -1:
    cdef int status
    if f.n < 16384:  # not worth giving up the GIL for
        status = tg_flat_pass(dtype, f)
    else:
        with nogil:
            status = tg_flat_pass(dtype, f)
    return check(status, op)


cdef int wide(list params, str op) except -1:
    """The dtype of a vector of all params: float64 if one of them is, else float32."""
    cdef int dtype = TG_F32
    for p in params:
        fits(<TensorBase?>p, <TensorBase>p, op, "parameter")
        if (<TensorBase>p).v.dtype == TG_F64:
            dtype = TG_F64
    return dtype


def flatten(str op, list params, bint gradients, TensorBase along=None):
    """The params, or their gradients (zeros where there is none), as one vector, in one pass: ((vector, the largest of its
    magnitudes, their sum), its product with the vector `along`)."""
    cdef TensorBase whole, p
    cdef list held = []
    cdef tg_flat f
    cdef tg_piece *pieces
    cdef int64_t i, n = len(params)
    cdef int dtype = wide(params, op)
    cdef bytearray memory
    memset(&f, 0, sizeof(f))
    f.pieces = n
    memory = zeroed(n * sizeof(tg_piece))
    f.piece = pieces = <tg_piece *>PyByteArray_AS_STRING(memory)
    for i in range(n):
        p = <TensorBase>params[i]
        f.n += numel(p)
        pieces[i].end = f.n
        if gradients:
            if p.grad_ is None:
                continue
            fits(p, <TensorBase>p.grad_, op, "gradient")
            p = <TensorBase>p.grad_
        pieces[i].data = bring(p, dtype, held, None).v.data
    whole = new_tensor(dtype, 1, &f.n)
    f.whole = f.sized = whole.v.data
    if along is not None:
        f.products = 1
        f.product[0].x, f.product[0].y = f.whole, vector(along, dtype, f.n, held, op)
    run(dtype, &f, op)
    return (whole, f.sums[TG_FLAT_LARGEST], f.sums[TG_FLAT_SUM]), f.sums[0]


cdef char *vector(TensorBase x, int dtype, int64_t n, list held, str op) except? NULL:
    """The memory of x, or of a copy that a pass can read, if it has n elements."""
    if numel(x) != n or x.v.dtype < TG_F16:
        raise ShapeError(f"{op}: state of shape {shape_of(x)} ({dtype_of(x.v.dtype)}) does not fit a vector of {n} elements")
    return bring(x, dtype, held, None).v.data


def one_pass(str op, list mixes, list products, TensorBase sized=None):
    """Make vectors, at most two: (out, a, x) means out = a x, (out, a, x, b, y) means out = a x + b y; then take inner products of
    pairs, at most three. Returns the products and, of a vector `sized`, the largest magnitude. out is contiguous, and may be x."""
    cdef TensorBase first = <TensorBase?>(mixes[0][0] if mixes else products[0][0]), out
    cdef list held = [], sums
    cdef tg_flat f
    cdef int i, dtype = TG_F64 if first.v.dtype == TG_F64 else TG_F32
    cdef tuple mix
    memset(&f, 0, sizeof(f))
    f.n, f.mixes, f.products = numel(first), len(mixes), len(products)
    if f.mixes > TG_FLAT_MIXES or f.products > TG_FLAT_PRODUCTS:
        raise ShapeError(f"{op}: one pass makes at most {TG_FLAT_MIXES} vectors and {TG_FLAT_PRODUCTS} products")
    for i in range(f.mixes):
        mix = <tuple>mixes[i]
        out = <TensorBase?>mix[0]
        if out.v.dtype != dtype or not is_contiguous(out):
            raise ShapeError(f"{op}: a pass cannot write a tensor of strides or of {dtype_of(out.v.dtype)}")
        f.mix[i].out = vector(out, dtype, f.n, held, op)
        f.mix[i].a, f.mix[i].x = mix[1], vector(<TensorBase?>mix[2], dtype, f.n, held, op)
        if len(mix) > 3:
            f.mix[i].b, f.mix[i].y = mix[3], vector(<TensorBase?>mix[4], dtype, f.n, held, op)
        out.storage.version += 1
    for i in range(f.products):
        f.product[i].x = vector(<TensorBase?>products[i][0], dtype, f.n, held, op)
        f.product[i].y = vector(<TensorBase?>products[i][1], dtype, f.n, held, op)
    if sized is not None:
        f.sized = vector(sized, dtype, f.n, held, op)
    run(dtype, &f, op)
    sums = [f.sums[i] for i in range(f.products)]
    if sized is not None:
        sums.append(f.sums[TG_FLAT_LARGEST])
    return sums


def place(str op, list params, TensorBase start, double t=0, TensorBase d=None):
    """params = start + t d of two vectors of all params' elements, in one pass; d None: params = start, start None: params += t d."""
    cdef TensorBase p
    cdef list held = [], back = []
    cdef tg_update_item *items
    cdef char *from_
    cdef char *move = NULL
    cdef int64_t i, size, n = len(params), elements = 0
    cdef int dtype = wide(params, op)
    cdef bytearray memory
    for p in params:
        written(p, op)
        elements += numel(p)
    size = 8 if dtype == TG_F64 else 4
    from_ = NULL if start is None else vector(start, dtype, elements, held, op)
    if d is not None:
        move = vector(d, dtype, elements, held, op)
    memory = zeroed(n * sizeof(tg_update_item))
    items = <tg_update_item *>PyByteArray_AS_STRING(memory)
    elements = 0
    for i in range(n):
        p = <TensorBase>params[i]
        items[i].n = numel(p)
        items[i].slot[0] = bring(p, dtype, held, back).v.data
        items[i].slot[1] = items[i].slot[0] if from_ == NULL else from_ + elements * size
        items[i].slot[2] = NULL if move == NULL else move + elements * size
        items[i].c[0], items[i].c[1] = 1, t
        elements += items[i].n
        p.storage.version += 1
    launch(TG_COMBINE, items, n, 0 if dtype == TG_F64 else n, back, op)


cdef float *singles_of(TensorBase x, str op, int dims) except? NULL:
    """The memory of x, which is to be overwritten, if it is contiguous float32."""
    if x.v.dtype != TG_F32 or not is_contiguous(x) or dims >= 0 and x.v.ndim != dims:
        raise ShapeError(f"{op}: needs a contiguous tensor of float32{f' and {dims} dimensions' if dims >= 0 else ''}, "
                         f"got {shape_of(x)} of {dtype_of(x.v.dtype)}")
    x.storage.version += 1
    return <float *>x.v.data


def bfloat(TensorBase x, double divisor=1):
    """x / divisor, rounded to bfloat16: in place, contiguous float32, in one pass."""
    cdef int64_t n = numel(x)
    cdef float *data = singles_of(x, "bfloat", -1)
    with nogil:
        tg_bfloat(n, data, divisor)


def newton_schulz(TensorBase x not None, int64_t times, double a, double b, double c):
    """x = a x + (b g + c g g) x with g = x x', so many times, in place: a matrix of bfloat16 values in contiguous float32. Each
    sum is rounded to bfloat16 once."""
    cdef float *data = singles_of(x, "newton_schulz", 2)
    cdef int64_t m = x.v.shape[0], n = x.v.shape[1]
    cdef int status
    if not numel(x):
        return
    with nogil:
        status = tg_newton_schulz(m, n, data, times, a, b, c)
    check(status, "newton_schulz")


def adafactor(TensorBase p not None, TensorBase g, TensorBase row, TensorBase column, double fresh, double least, double rate,
              double least_size, double clip, double shrink):
    """One step of Adafactor for p with gradient g: see csrc/tensorgrad.h. row None: column is a mean of p's shape."""
    cdef tg_factored f
    cdef TensorBase own, gradient, columns, rows = None
    cdef list held = [], back = []
    cdef int status, dtype = TG_F64 if p.v.dtype == TG_F64 else TG_F32
    written(p, "Adafactor")
    fits(p, g, "Adafactor", "gradient")
    f.cols = p.v.shape[p.v.ndim - 1] if row is not None else numel(p)
    f.rows = p.v.shape[p.v.ndim - 2] if row is not None else 1
    if not numel(p):
        return
    f.batch = numel(p) // (f.rows * f.cols)
    if numel(column) != (numel(p) if row is None else f.batch * f.cols) or row is not None and numel(row) != f.batch * f.rows:
        raise ShapeError(f"Adafactor: state of shapes {None if row is None else shape_of(row)} and {shape_of(column)} does not fit "
                         f"the parameter of shape {shape_of(p)}")
    own, gradient, columns = bring(p, dtype, held, back), bring(g, dtype, held, None), bring(column, dtype, held, back)
    f.p, f.g, f.col, f.row = own.v.data, gradient.v.data, columns.v.data, NULL
    if row is not None:
        rows = bring(row, dtype, held, back)
        f.row = rows.v.data
    f.fresh, f.least, f.rate, f.least_size, f.clip, f.shrink = fresh, least, rate, least_size, clip, shrink
    with nogil:
        status = tg_adafactor(dtype, &f)
    check(status, "Adafactor")
    for original, copy in back:
        check(tg_copy(&(<TensorBase>original).v, &(<TensorBase>copy).v), "Adafactor")
    for x in (p, column) if row is None else (p, row, column):
        (<TensorBase>x).storage.version += 1
