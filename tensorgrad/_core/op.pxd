from .csrc cimport int64_t


# Who runs a record that is called: set by apply.pyx.
ctypedef object (*call_t)(Op op, tuple args, dict attributes)
cdef void set_call(call_t f) noexcept


cdef class Op:
    cdef readonly str name
    cdef readonly tuple inputs       # the names of the inputs; ("*xs",) stands for any number
    cdef readonly tuple outputs      # the names of the differentiable outputs: ("y",) or ("y0", "y1", ...)
    cdef readonly tuple aux          # the names of the further results
    cdef readonly object forward     # a callable, or None: a map
    cdef readonly tuple formulas     # one an input: a callable or None (not differentiable)
    cdef readonly object fused       # backward in C for all inputs at once, or None
    cdef readonly bint view          # the result shares the input's memory
    cdef readonly bint into          # a view whose gradient is added into that view of the input's gradient
    cdef readonly bint opaque        # fused is all there is: a user's Function
    cdef bint variadic
    cdef int n_in, n_out
    # What the formulas of input i, and fused, get: positions below. Slots: inputs, outputs, aux.
    cdef tuple plans
    cdef tuple fused_plan
    cdef signed char n_sources[16]   # of formula i where it asks for no attributes and at most 4 values, -1 elsewhere ...
    cdef signed char sources[16][4]  # ... and these: the plan again, without a Python object on the way
    cdef int64_t saves[16]           # bit s: formula i needs the value of slot s
    cdef int64_t shapes[16]          # bit s: formula i needs the shape of input s
    cdef int64_t fused_saves, fused_shapes
    # Maps
    cdef readonly int map, grad_map  # numbers in the C table, -1: none
    cdef readonly int fixed          # so many leading inputs take no part in promotion (the condition of where)
    cdef readonly bint to_float      # integers are computed in the default floating-point dtype
    cdef readonly object method      # name of the in-place method, for messages
