"""What nn.Module does all the time, in C: looking up attributes, and calling forward.

Parameters, children and buffers live in tables beside the attributes. Python would first fail to find them, at the price of
an exception with its message, and then ask __getattr__: that costs as much as a small matrix product (1.1 us, here 0.09).
"""

cdef extern from "Python.h":
    ctypedef struct PyObject
    PyObject *_PyType_Lookup(type cls, object name)
    object PyObject_GenericGetDict(object self, void *context)
    object PyObject_GenericGetAttr(object self, object name)
    PyObject *PyDict_GetItemWithError(object fields, object name) except? NULL

cdef tuple TABLES = ("_parameters", "_modules", "_buffers")


cdef class ModuleBase:
    """The base class of nn.Module."""

    _hooks = None  # nn.hooks.HookTables, once a hook was registered

    def __getattribute__(self, name):
        cdef PyObject *found
        if _PyType_Lookup(type(self), name) is not NULL:
            return PyObject_GenericGetAttr(self, name)
        fields = PyObject_GenericGetDict(self, NULL)
        found = PyDict_GetItemWithError(fields, name)
        if found is not NULL:
            return <object>found
        for kind in TABLES:
            found = PyDict_GetItemWithError(fields, kind)
            if found is NULL:
                break
            found = PyDict_GetItemWithError(<object>found, name)
            if found is not NULL:
                return <object>found
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __getattr__(self, name):
        """For subclasses that call super().__getattr__(name): everything was looked at before."""
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __call__(self, *args, **kwargs):
        if self._hooks is None:
            return self.forward(*args, **kwargs)
        return self._call_hooked(args, kwargs)
