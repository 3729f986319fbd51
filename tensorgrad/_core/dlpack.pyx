"""DLPack both ways: tensors hand their memory to, and take it from, other libraries without a copy.

The structures are those of the DLPack specification, version 0.8 (capsule name "dltensor").
"""

from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid, PyCapsule_New, PyCapsule_SetName
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint64_t
from libc.stdlib cimport free, malloc

from .csrc cimport TG_MAX_DIMS
from .tensor cimport TensorBase

from .dtype import BY_NAME
from .errors import ArgumentError, DTypeError, GraphError, OutOfMemoryError, ShapeError
from .tensor import wrap_memory


cdef struct DLDevice:
    int32_t device_type
    int32_t device_id

cdef struct DLDataType:
    uint8_t code
    uint8_t bits
    uint16_t lanes

cdef struct DLTensor:
    void *data
    DLDevice device
    int32_t ndim
    DLDataType dtype
    int64_t *shape
    int64_t *strides
    uint64_t byte_offset

cdef struct DLManagedTensor:
    DLTensor tensor
    void *manager
    void (*deleter)(DLManagedTensor *) noexcept

cdef struct Export:                  # what leaves the house: the managed tensor and its arrays in one block
    DLManagedTensor managed
    int64_t shape[TG_MAX_DIMS]
    int64_t strides[TG_MAX_DIMS]

cdef dict CODES = {"bool": 6, "uint8": 1, "int8": 0, "int16": 0, "int32": 0, "int64": 0, "float16": 2, "bfloat16": 4,
                   "float32": 2, "float64": 2}
cdef dict NAMES = {(c, BY_NAME[n].itemsize * 8): n for n, c in CODES.items()}


cdef void release(DLManagedTensor *managed) noexcept with gil:
    Py_DECREF(<object>managed.manager)
    free(managed)


cdef void drop_capsule(object capsule) noexcept:
    cdef DLManagedTensor *managed
    if PyCapsule_IsValid(capsule, "dltensor"):  # nobody took it
        managed = <DLManagedTensor *>PyCapsule_GetPointer(capsule, "dltensor")
        managed.deleter(managed)


def to_dlpack(TensorBase x not None):
    """A capsule with x's memory. Errors: GraphError for a tensor that requires grad or is read-only."""
    cdef Export *export
    cdef int i
    if x.requires_grad:
        raise GraphError("dlpack: this tensor requires grad; export its detach()")
    if x.storage.readonly:
        raise BufferError("dlpack: the memory of this tensor is read-only")
    export = <Export *>malloc(sizeof(Export))
    if export == NULL:
        raise OutOfMemoryError("dlpack: no memory for the capsule")
    for i in range(x.v.ndim):
        export.shape[i] = x.v.shape[i]
        export.strides[i] = x.v.strides[i]
    export.managed.tensor.data = x.v.data
    export.managed.tensor.device = DLDevice(1, 0)
    export.managed.tensor.ndim = x.v.ndim
    export.managed.tensor.dtype = DLDataType(CODES[x.dtype.name], x.dtype.itemsize * 8, 1)
    export.managed.tensor.shape = export.shape
    export.managed.tensor.strides = export.strides
    export.managed.tensor.byte_offset = 0
    export.managed.manager = <void *>x
    export.managed.deleter = release
    Py_INCREF(x)
    return PyCapsule_New(export, "dltensor", drop_capsule)


cdef class Import:
    """Keeps foreign memory alive until the last tensor on it is gone."""
    cdef DLManagedTensor *managed

    def __dealloc__(self):
        if self.managed != NULL and self.managed.deleter != NULL:
            self.managed.deleter(self.managed)


def from_capsule(capsule):
    """A tensor on the memory of a "dltensor" capsule, which is used up."""
    cdef DLManagedTensor *managed
    cdef Import owner
    cdef int i
    if not PyCapsule_IsValid(capsule, "dltensor"):
        raise ArgumentError("from_dlpack: not a DLPack capsule, or one that was used before")
    managed = <DLManagedTensor *>PyCapsule_GetPointer(capsule, "dltensor")
    t = managed.tensor
    if t.device.device_type != 1:
        raise ArgumentError(f"from_dlpack: memory of device type {t.device.device_type}; only the CPU's (1) can be read")
    name = NAMES.get((t.dtype.code, t.dtype.bits))
    if name is None or t.dtype.lanes != 1:
        raise DTypeError(f"from_dlpack: no tensorgrad dtype for code {t.dtype.code} of {t.dtype.bits} bits")
    if t.ndim > TG_MAX_DIMS:
        raise ShapeError(f"from_dlpack: {t.ndim} dimensions, at most {TG_MAX_DIMS} are possible")
    shape = tuple([t.shape[i] for i in range(t.ndim)])
    strides, step = [], 1
    for i in range(t.ndim - 1, -1, -1):
        strides.insert(0, t.strides[i] if t.strides != NULL else step)
        step *= shape[i]
    if any([s < 0 for s in strides]):
        raise ArgumentError(f"from_dlpack: negative strides {strides} are not supported")
    reach = 0 if 0 in shape else 1 + sum([(n - 1) * s for n, s in zip(shape, strides)])
    dtype = BY_NAME[name]
    PyCapsule_SetName(capsule, "used_dltensor")
    owner = Import.__new__(Import)
    owner.managed = managed
    return wrap_memory(<size_t>t.data + t.byte_offset, reach * dtype.itemsize, dtype, shape, tuple(strides), owner, False)
