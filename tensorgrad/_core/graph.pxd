from .csrc cimport TG_MAX_DIMS, int64_t
from .op cimport Op
from .tensor cimport TensorBase


cdef class Node:
    cdef Op op                       # None: a leaf's accumulation node
    cdef tuple parents               # one an input: the Node that made it, or None where no gradient is wanted
    cdef tuple numbers               # which output of the parent; None: all 0
    cdef tuple saved                 # one a slot: a tensor, a number, None; None as a whole: freed
    cdef tuple shapes                # one an input: its shape or None; None: no formula asks
    cdef dict attributes
    cdef int64_t versions[8]         # of the saved tensors
    cdef int64_t rank                # 1 + the highest rank of the parents
    cdef bint freed
    # The output (or, of several, the first): what its gradient must look like.
    cdef int dtype, ndim
    cdef int64_t shape[TG_MAX_DIMS]
    cdef tuple others                # several outputs: (dtype, shape) of each
    # The gradient that has arrived so far.
    cdef bint queued
    cdef bint owned                  # nobody else holds it: it may be added to in place
    cdef TensorBase gradient
    cdef list gradients              # several outputs
    cdef object leaf                 # weak reference to the tensor of a leaf
    cdef list hooks                  # (output number, {key: function}): tensor hooks
    cdef dict pre_hooks              # run before the node, with the gradients of all outputs
    cdef list retained               # (output number, weak reference): tensors with retain_grad
    cdef dict post_hooks             # run after the node, with the gradients of the inputs; of a leaf: after accumulation
    cdef object trace                # anomaly mode: where the forward call was
    cdef object __weakref__


cdef bint grad_enabled() noexcept
cdef bint anomaly() noexcept                      # detect_anomaly is on
cdef bint anomaly_checks() noexcept               # ... and looks for NaN
cdef bint profiling() noexcept                   # a profiler is on ...
cdef object profiler()                           # ... this one
cdef bint set_grad(bint on) noexcept             # returns what was before
cdef Node edge(TensorBase t)                     # the node that a gradient of t goes to, None if t needs none
cdef bint requires_grad(TensorBase t) noexcept
cdef Node new_node(Op op, TensorBase out)
cdef object unpack(Node node, int slot, bint create_graph)    # a saved value, its version checked
cdef int save(Node node, tuple saved) except -1
cdef int rebase(TensorBase x, Node node) except -1     # x was written in place by node's op
cdef int check_in_place(TensorBase x, str op) except -1
