"""Loops over boxes for vision.ops: suppression of overlapping ones, the largest pixel of the bins of regions."""

from ..csrc cimport TG_BOOL, TG_F32, TG_F64, TG_I64, TG_MAX_DIMS, int64_t
from ..tensor cimport TensorBase, as_operand, new_tensor, numel, shape_of

from ..errors import ShapeError


ctypedef fused real:
    float
    double


cdef void sweep(const real *box, const int64_t *place, real *x1, char *stay, int64_t n, real limit) noexcept nogil:
    """The work of suppress. x1: room for x1, y1, x2, y2 and area, each in one piece, best box first, so that the inner loop is
    vectors."""
    cdef real *y1 = x1 + n
    cdef real *x2 = y1 + n
    cdef real *y2 = x2 + n
    cdef real *area = y2 + n
    cdef const real *b
    cdef real w, h, inter
    cdef int64_t i, j
    for i in range(n):
        b = box + 4 * place[i]
        x1[i], y1[i], x2[i], y2[i] = b[0], b[1], b[2], b[3]
        area[i] = (b[2] - b[0]) * (b[3] - b[1])
        stay[i] = 1
    for i in range(n):
        if stay[i]:
            for j in range(i + 1, n):
                w = (x2[i] if x2[i] < x2[j] else x2[j]) - (x1[i] if x1[i] > x1[j] else x1[j])
                h = (y2[i] if y2[i] < y2[j] else y2[j]) - (y1[i] if y1[i] > y1[j] else y1[j])
                inter = (w if w > 0 else 0) * (h if h > 0 else 0)
                stay[j] &= not inter / (area[i] + area[j] - inter) > limit


def suppress(TensorBase boxes not None, TensorBase order not None, double threshold):
    """Which of the boxes (N, 4) stay, bool (N,), in `order`: one that stays takes away every later one whose intersection over union
    with it exceeds the threshold. 0 / 0, of boxes without area, takes nothing away."""
    cdef int64_t n = numel(order), i
    cdef int64_t size[TG_MAX_DIMS]
    if boxes.v.ndim != 2 or boxes.v.shape[1] != 4 or boxes.v.shape[0] != n:
        raise ShapeError(f"nms: boxes {shape_of(boxes)} and order {shape_of(order)} do not fit together")
    cdef int dtype = TG_F64 if boxes.v.dtype == TG_F64 else TG_F32
    cdef TensorBase b = as_operand(boxes, dtype), o = as_operand(order, TG_I64), stays, sides
    cdef const int64_t *place = <const int64_t *>o.v.data
    size[0] = n
    stays = new_tensor(TG_BOOL, 1, size)
    size[0] = 5 * n
    sides = new_tensor(dtype, 1, size)
    for i in range(n):
        if place[i] < 0 or place[i] >= n:
            raise ShapeError(f"nms: order has the index {place[i]} for {n} boxes")
    with nogil:
        if dtype == TG_F64:
            sweep(<const double *>b.v.data, place, <double *>sides.v.data, <char *>stays.v.data, n, threshold)
        else:
            sweep(<const float *>b.v.data, place, <float *>sides.v.data, <char *>stays.v.data, n, <float>threshold)
    return stays


cdef struct Bins:
    int64_t regions, channels, height, width, oh, ow
    const int64_t *image
    const int64_t *top
    const int64_t *bottom
    const int64_t *left
    const int64_t *right


cdef void search(const real *v, const Bins *s, int64_t *out) noexcept nogil:
    """The work of largest_of_bins."""
    cdef int64_t k, c, i, j, row, column, best, plane, line
    for k in range(s.regions):
        for c in range(s.channels):
            plane = (s.image[k] * s.channels + c) * s.height * s.width
            for i in range(s.oh):
                for j in range(s.ow):
                    best = -1
                    if s.left[k * s.ow + j] < s.right[k * s.ow + j] and s.top[k * s.oh + i] < s.bottom[k * s.oh + i]:
                        best = plane + s.top[k * s.oh + i] * s.width + s.left[k * s.ow + j]
                        for row in range(s.top[k * s.oh + i], s.bottom[k * s.oh + i]):
                            line = plane + row * s.width
                            for column in range(line + s.left[k * s.ow + j], line + s.right[k * s.ow + j]):
                                if v[column] > v[best] or v[best] != v[best]:
                                    best = column
                    out[((k * s.channels + c) * s.oh + i) * s.ow + j] = best


def largest_of_bins(TensorBase x not None, TensorBase images not None, TensorBase tops not None, TensorBase bottoms not None,
                    TensorBase lefts not None, TensorBase rights not None):
    """The place in x (N, C, H, W) of the largest pixel of each bin, int64 (K, C, oh, ow), -1 for a bin without pixels. Region k lies
    in image images[k]; bin (i, j) has the rows tops[k, i] .. bottoms[k, i] - 1 and the columns lefts[k, j] .. rights[k, j] - 1. The
    first of several largest wins, NaN only where there is nothing else."""
    cdef int dtype = TG_F64 if x.v.dtype == TG_F64 else TG_F32
    cdef TensorBase a = as_operand(x, dtype), where
    cdef TensorBase n_ = as_operand(images, TG_I64), t_ = as_operand(tops, TG_I64), b_ = as_operand(bottoms, TG_I64)
    cdef TensorBase l_ = as_operand(lefts, TG_I64), r_ = as_operand(rights, TG_I64)
    cdef int64_t shape[TG_MAX_DIMS]
    cdef int64_t k, i
    cdef Bins s
    s.regions, s.channels, s.height, s.width = numel(n_), x.v.shape[1], x.v.shape[2], x.v.shape[3]
    s.oh, s.ow = t_.v.shape[1], l_.v.shape[1]
    s.image, s.top, s.bottom = <const int64_t *>n_.v.data, <const int64_t *>t_.v.data, <const int64_t *>b_.v.data
    s.left, s.right = <const int64_t *>l_.v.data, <const int64_t *>r_.v.data
    for k in range(s.regions):
        if not 0 <= s.image[k] < x.v.shape[0]:
            raise ShapeError(f"roi_pool: image {s.image[k]} of {x.v.shape[0]}")
    for i in range(s.regions * s.oh):
        if s.top[i] < 0 or s.bottom[i] > s.height:
            raise ShapeError(f"roi_pool: rows {s.top[i]} to {s.bottom[i]} of {s.height}")
    for i in range(s.regions * s.ow):
        if s.left[i] < 0 or s.right[i] > s.width:
            raise ShapeError(f"roi_pool: columns {s.left[i]} to {s.right[i]} of {s.width}")
    shape[0], shape[1], shape[2], shape[3] = s.regions, s.channels, s.oh, s.ow
    where = new_tensor(TG_I64, 4, shape)
    with nogil:
        if dtype == TG_F64:
            search(<const double *>a.v.data, &s, <int64_t *>where.v.data)
        else:
            search(<const float *>a.v.data, &s, <int64_t *>where.v.data)
    return where
