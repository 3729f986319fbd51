"""Products of matrices: shapes are checked here, strides go to GEMM as they are, so no transpose is ever copied."""

from ..csrc cimport (TG_BOOL, TG_F64, TG_GEMM_BIAS_COLUMN, TG_GEMM_BIAS_NONE, TG_GEMM_LINEAR, TG_MAX_DIMS, int64_t,
                     tg_copy, tg_gemm, tg_gemm_batched)
from ..dtype cimport compute_dtype, dtype_of
from ..tensor cimport TensorBase, as_operand, cast, check, new_tensor, shape_of

from ..errors import DTypeError, ShapeError


cdef struct Matrix:
    int64_t rows, cols, rs, cs   # sizes and strides of the last two dimensions


cdef int matmul_dtype(TensorBase a, TensorBase b, str op) except -1:
    if a.v.dtype != b.v.dtype:
        raise DTypeError(f"{op}: mat1 {shape_of(a)} has dtype {dtype_of(a.v.dtype)} and mat2 {shape_of(b)} "
                         f"{dtype_of(b.v.dtype)}; they must be the same")
    if a.v.dtype == TG_BOOL:
        raise DTypeError(f"{op}: there is no kernel for bool, shapes {shape_of(a)} and {shape_of(b)}")
    return compute_dtype(a.v.dtype)


cdef Matrix matrix(TensorBase x, bint row) noexcept:
    """The matrix in the last two dimensions; a vector is one row (row) or one column."""
    cdef Matrix m
    cdef int n = x.v.ndim
    if n > 1:
        m.rows, m.rs = x.v.shape[n - 2], x.v.strides[n - 2]
        m.cols, m.cs = x.v.shape[n - 1], x.v.strides[n - 1]
    elif row:
        m.rows, m.rs, m.cols, m.cs = 1, x.v.shape[0], x.v.shape[0], x.v.strides[0]
    else:
        m.rows, m.rs, m.cols, m.cs = x.v.shape[0], x.v.strides[0], 1, 1
    return m


cdef int fold(TensorBase x, Matrix *m) noexcept:
    """Leading dimensions taken into the rows where the strides allow it: 1, and m grows; else 0."""
    cdef int i
    cdef int64_t rows = m.rows, rs = m.rs
    for i in range(x.v.ndim - 3, -1, -1):
        if x.v.shape[i] == 1 or rows == 0:
            rows *= x.v.shape[i]
        elif rows == 1:
            rows, rs = x.v.shape[i], x.v.strides[i]
        elif x.v.strides[i] == rows * rs:
            rows *= x.v.shape[i]
        else:
            return 0
    m.rows, m.rs = rows, rs
    return 1


cdef int batch(TensorBase a, TensorBase b, int64_t *shape, int64_t *sa, int64_t *sb, str op) except -1:
    """Broadcast the dimensions in front of the matrices; answers how many there are."""
    cdef int na = max(a.v.ndim - 2, 0), nb = max(b.v.ndim - 2, 0), n = max(na, nb), d, i, j
    cdef int64_t x, y
    for d in range(n):
        i, j = d - (n - na), d - (n - nb)
        x, y = a.v.shape[i] if i >= 0 else 1, b.v.shape[j] if j >= 0 else 1
        if x != y and x != 1 and y != 1:
            raise ShapeError(f"{op}: mat1 {shape_of(a)} and mat2 {shape_of(b)}: batches {x} and {y} don't broadcast")
        shape[d] = y if x == 1 else x
        sa[d] = a.v.strides[i] if i >= 0 and x != 1 else 0
        sb[d] = b.v.strides[j] if j >= 0 and y != 1 else 0
    return n


cdef TensorBase product(TensorBase a, TensorBase b, TensorBase onto, str op):
    """a @ b with PyTorch's shape cases, or onto + a @ b where onto broadcasts to the result."""
    cdef int dtype, status, n, i, ndim
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t sa[TG_MAX_DIMS]
    cdef int64_t sb[TG_MAX_DIMS]
    cdef int64_t sc[TG_MAX_DIMS]
    cdef int64_t step
    cdef TensorBase x, y, c
    cdef Matrix p, q
    cdef bint accumulate = onto is not None
    if a.v.ndim == 0 or b.v.ndim == 0:
        raise ShapeError(f"{op}: mat1 {shape_of(a)} and mat2 {shape_of(b)} need at least one dimension each")
    dtype = matmul_dtype(a, b, op)
    p, q = matrix(a, True), matrix(b, False)
    if p.cols != q.rows:
        raise ShapeError(f"{op}: mat1 {shape_of(a)} and mat2 {shape_of(b)}: inner sizes {p.cols} and {q.rows} differ")
    x, y = (a, b) if a.v.dtype == dtype else (cast(a, dtype), cast(b, dtype))
    p, q = matrix(x, True), matrix(y, False)
    n = ndim = batch(x, y, shape, sa, sb, op)
    if a.v.ndim > 1:
        shape[ndim] = p.rows
        ndim += 1
    if b.v.ndim > 1:
        shape[ndim] = q.cols
        ndim += 1
    c = new_tensor(dtype, ndim, shape)
    if accumulate:
        broadcast_into(c, onto, op)
    step = p.rows * q.cols
    for i in range(n - 1, -1, -1):
        sc[i] = step
        step *= shape[i]
    if n and y.v.ndim < 3 and x.v.ndim > 2 and fold(x, &p):
        n = 0
    with nogil:
        status = tg_gemm_batched(dtype, n, shape, p.rows, q.cols, p.cols, x.v.data, sa, p.rs, p.cs, y.v.data, sb, q.rs,
                                 q.cs, c.v.data, sc, q.cols, 1, accumulate, TG_GEMM_BIAS_NONE, NULL, TG_GEMM_LINEAR)
    check(status, op)
    return cast(c, a.v.dtype)


cdef int broadcast_into(TensorBase c, TensorBase x, str op) except -1:
    cdef int i, offset = c.v.ndim - x.v.ndim
    for i in range(x.v.ndim):
        if offset < 0 or x.v.shape[i] != 1 and x.v.shape[i] != c.v.shape[i + offset]:
            raise ShapeError(f"{op}: input {shape_of(x)} does not broadcast to the product's shape {shape_of(c)}")
    with nogil:
        i = tg_copy(&c.v, &x.v)
    return check(i, op)


def matmul(TensorBase a not None, TensorBase b not None):
    """a @ b."""
    return product(a, b, None, "matmul")


def addmm(TensorBase onto not None, TensorBase a not None, TensorBase b not None):
    """onto + a @ b."""
    if onto.v.dtype != a.v.dtype:
        raise DTypeError(f"addmm: input {shape_of(onto)} has dtype {dtype_of(onto.v.dtype)}, mat1 {shape_of(a)} "
                         f"{dtype_of(a.v.dtype)}; they must be the same")
    return product(a, b, onto, "addmm")


cdef TensorBase folded(TensorBase x, Matrix *m):
    """x as one matrix of all its rows; copied only where its strides are not those of one."""
    m[0] = matrix(x, True)
    if x.v.ndim > 2 and not fold(x, m):
        x = as_operand(x, x.v.dtype)
        m[0] = matrix(x, True)
        fold(x, m)
    return x


def linear(TensorBase x not None, TensorBase w not None, TensorBase bias):
    """x @ w.T + bias: x (..., k), w (n, k), bias (n,) or None."""
    cdef int dtype, status, i, kind = TG_GEMM_BIAS_NONE
    cdef int64_t shape[TG_MAX_DIMS]
    cdef TensorBase a, b, c, d = None
    cdef Matrix p, q
    cdef const void *added = NULL
    if x.v.ndim == 0 or w.v.ndim != 2:
        raise ShapeError(f"linear: input {shape_of(x)} must be (..., in) and weight {shape_of(w)} (out, in)")
    if x.v.shape[x.v.ndim - 1] != w.v.shape[1]:
        raise ShapeError(f"linear: input {shape_of(x)} and weight {shape_of(w)}: sizes {x.v.shape[x.v.ndim - 1]} and "
                         f"{w.v.shape[1]} differ")
    dtype = matmul_dtype(x, w, "linear")
    if bias is not None:
        if bias.v.dtype != x.v.dtype:
            raise DTypeError(f"linear: input {shape_of(x)} has dtype {dtype_of(x.v.dtype)} and bias {shape_of(bias)} "
                             f"{dtype_of(bias.v.dtype)}; they must be the same")
        if bias.v.ndim != 1 or bias.v.shape[0] != w.v.shape[0]:
            raise ShapeError(f"linear: bias {shape_of(bias)} must be ({w.v.shape[0]},) for weight {shape_of(w)}")
        d = as_operand(bias, dtype)
        kind, added = TG_GEMM_BIAS_COLUMN, d.v.data
    a, b = folded(cast(x, dtype), &p), cast(w, dtype)
    q = matrix(b, False)
    for i in range(x.v.ndim):
        shape[i] = x.v.shape[i]
    shape[x.v.ndim - 1] = q.rows
    c = new_tensor(dtype, x.v.ndim, shape)
    with nogil:
        status = tg_gemm(dtype, p.rows, q.rows, p.cols, a.v.data, p.rs, p.cs, b.v.data, q.cs, q.rs, c.v.data, q.rows, 1,
                         0, kind, added, TG_GEMM_LINEAR)
    check(status, "linear")
    return cast(c, x.v.dtype)


def linear_grad(tuple needs, TensorBase g, TensorBase x, TensorBase w):
    """(g @ w, g.T @ x, sum(g)) over all rows of g (..., n) and x (..., k); None where not needed."""
    cdef int dtype = compute_dtype(x.v.dtype), status = 0
    cdef int64_t n = w.v.shape[0], k = w.v.shape[1]
    cdef TensorBase gg, a, b, gx = None, gw = None, gb = None
    cdef Matrix p, r
    cdef float one32 = 1
    cdef double one64 = 1
    cdef const void *one = <const void *>&one64 if dtype == TG_F64 else <const void *>&one32
    gg, a, b = folded(cast(g, dtype), &p), folded(cast(x, dtype), &r), cast(w, dtype)
    if needs[0]:
        gx = new_tensor(dtype, x.v.ndim, x.v.shape)
        with nogil:
            status |= tg_gemm(dtype, p.rows, k, n, gg.v.data, p.rs, p.cs, b.v.data, b.v.strides[0], b.v.strides[1],
                              gx.v.data, k, 1, 0, TG_GEMM_BIAS_NONE, NULL, TG_GEMM_LINEAR)
    if needs[1]:
        gw = new_tensor(dtype, 2, w.v.shape)
        with nogil:
            status |= tg_gemm(dtype, n, k, p.rows, gg.v.data, p.cs, p.rs, a.v.data, r.rs, r.cs, gw.v.data, k, 1, 0,
                              TG_GEMM_BIAS_NONE, NULL, TG_GEMM_LINEAR)
    if needs[2]:  # a row of ones, made of one element with strides 0, times g
        gb = new_tensor(dtype, 1, w.v.shape)
        with nogil:
            status |= tg_gemm(dtype, 1, n, p.rows, one, 0, 0, gg.v.data, p.rs, p.cs, gb.v.data, n, 1, 0,
                              TG_GEMM_BIAS_NONE, NULL, TG_GEMM_LINEAR)
    check(status, "linear")
    return tuple([None if y is None else cast(<TensorBase>y, x.v.dtype) for y in (gx, gw, gb)])
