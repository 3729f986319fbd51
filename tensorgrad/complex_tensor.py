"""Complex numbers, as far as Fourier transforms need them: a real tensor whose last dimension holds (real, imaginary).

Gradients flow through that real tensor, so the gradient of a complex number is dL/dreal + i dL/dimag, which is PyTorch's
convention. A ComplexTensor is not a Tensor: what is missing here works on `view_as_real(z)`.
"""

import builtins

from ._core.dtype import BY_NAME
from ._core.errors import DTypeError, ShapeError
from .ops.declare import check_tensors
from .ops.families import entry
from .tensor import Tensor


class Functions(dict):
    """The functions of the top level, each fetched when it is first asked for."""

    def __missing__(self, name):
        return self.setdefault(name, entry("", name).function)


F = Functions()


class ComplexType:
    """complex64 or complex128. There are these two. No errors. Source: torch.complex64.

    >>> import tensorgrad
    >>> tensorgrad.complex64, tensorgrad.complex64.itemsize
    (tensorgrad.complex64, 8)
    """

    is_complex, is_floating_point, is_signed = True, False, True

    def __init__(self, name, real):
        self.name, self.real = name, real
        self.itemsize = 2 * real.itemsize

    def __repr__(self):
        return f"tensorgrad.{self.name}"

    def to_real(self):
        """float32 or float64."""
        return self.real

    def to_complex(self):
        """Itself."""
        return self

    def __reduce__(self):
        return self.name


complex64, complex128 = ComplexType("complex64", BY_NAME["float32"]), ComplexType("complex128", BY_NAME["float64"])
cfloat, cdouble = complex64, complex128


class ComplexTensor:
    """Complex numbers of any shape; `.real` and `.imag` are views of its memory, pairs of shape [..., 2]. Made by `complex`,
    `view_as_complex` and fft. Errors: TypeError for what is no tensor, ShapeError for pairs of another last size. Source:
    torch.complex64's tensors.

    >>> import tensorgrad as torch
    >>> z = torch.complex(torch.tensor([3.0]), torch.tensor([4.0]))
    >>> z, z.abs(), (z * 1j).real
    (tensor([3.+4.j]), tensor([5.]), tensor([-4.]))
    """

    __array_priority__ = 1000

    def __init__(self, pairs):
        if not isinstance(pairs, Tensor):
            raise TypeError(f"ComplexTensor: pairs must be a tensor, got {type(pairs).__name__}")
        if not pairs.ndim or pairs.shape[-1] != 2:
            raise ShapeError(f"ComplexTensor: pairs must have shape (..., 2), got {tuple(pairs.shape)}")
        self.pairs = pairs

    # -- what it is ------------------------------------------------------------------------------------------------------

    @property
    def real(self):
        """The real parts, a view."""
        return self.pairs.select(-1, 0)

    @property
    def imag(self):
        """The imaginary parts, a view."""
        return self.pairs.select(-1, 1)

    @property
    def shape(self):
        """The shape, without the dimension of pairs."""
        return self.pairs.shape[:-1]

    @property
    def ndim(self):
        """The number of dimensions."""
        return self.pairs.ndim - 1

    @property
    def dtype(self):
        """complex64 or complex128."""
        return complex128 if self.pairs.dtype == BY_NAME["float64"] else complex64

    @property
    def requires_grad(self):
        """Whether a gradient of it is wanted."""
        return self.pairs.requires_grad

    @property
    def grad(self):
        """dL/dreal + i dL/dimag of a leaf, or None."""
        return None if self.pairs.grad is None else ComplexTensor(self.pairs.grad)

    def requires_grad_(self, requires_grad=True):
        """Ask for its gradient."""
        self.pairs.requires_grad_(requires_grad)
        return self

    def detach(self):
        """The same numbers outside the graph."""
        return ComplexTensor(self.pairs.detach())

    def clone(self):
        """A copy."""
        return ComplexTensor(self.pairs.clone())

    def size(self, dim=None):
        """The shape, or the size of one dimension."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self):
        """The number of dimensions."""
        return self.ndim

    def numel(self):
        """The number of complex numbers."""
        return self.pairs.numel() // 2

    def is_complex(self):
        """True."""
        return True

    def is_floating_point(self):
        """False."""
        return False

    def __len__(self):
        return len(self.real)

    def __repr__(self):
        import numpy as np

        text = np.array2string(self.detach().numpy(), separator=", ", prefix="tensor(", precision=4)
        end = "" if self.dtype is complex64 else ", dtype=tensorgrad.complex128"
        return f"tensor({text}{end}{', requires_grad=True' if self.requires_grad else ''})"

    def numpy(self):
        """A complex array on the same memory where the pairs lie side by side, else of a copy."""
        import numpy as np

        return self.pairs.contiguous().numpy().view(np.complex64 if self.dtype is complex64 else np.complex128)[..., 0]

    def __array__(self, dtype=None, copy=None):
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def tolist(self):
        """Python's complex numbers, in nested lists."""
        return self.detach().numpy().tolist()

    def item(self):
        """The one number as Python's complex. Errors: as numpy's where there are several."""
        return self.detach().numpy().item()

    # -- arithmetic ------------------------------------------------------------------------------------------------------

    def abs(self):
        """sqrt(real^2 + imag^2); its gradient at 0 is 0."""
        nothing = (self.real == 0) & (self.imag == 0)
        return F["where"](nothing, 0.0, F["hypot"](F["where"](nothing, 1.0, self.real), self.imag))

    def angle(self):
        """atan2(imag, real)."""
        return F["atan2"](self.imag, self.real)

    def conj(self):
        """real - i imag."""
        return join(self.real, -self.imag)

    def exp(self):
        """exp(real) (cos(imag) + i sin(imag))."""
        return polar(self.real.exp(), self.imag)

    def __neg__(self):
        return ComplexTensor(-self.pairs)

    __abs__ = abs

    def __add__(self, other):
        a, b = parts(other)
        return join(self.real + a, self.imag + b)

    __radd__ = __add__

    def __sub__(self, other):
        a, b = parts(other)
        return join(self.real - a, self.imag - b)

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        a, b = parts(other)
        return join(self.real * a - self.imag * b, self.real * b + self.imag * a)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if not isinstance(other, (ComplexTensor, builtins.complex)):
            return join(self.real / other, self.imag / other)
        a, b = parts(other)
        below = a * a + b * b
        return join((self.real * a + self.imag * b) / below, (self.imag * a - self.real * b) / below)

    def __rtruediv__(self, other):
        a, b = parts(other)
        return join(a + 0 * self.real, b + 0 * self.imag) / self

    def __matmul__(self, other):
        a, b = parts(other)
        return join(self.real @ a - self.imag @ b, self.real @ b + self.imag @ a)

    def __eq__(self, other):
        a, b = parts(other)
        return (self.real == a) & (self.imag == b)

    __hash__ = object.__hash__

    # -- shape -----------------------------------------------------------------------------------------------------------

    def __getitem__(self, index):
        index = index if isinstance(index, tuple) else (index,)
        rest = () if any(i is Ellipsis for i in index) else (...,)
        return ComplexTensor(self.pairs[(*index, *rest, slice(None))])

    def reshape(self, *shape):
        """The same numbers in another shape."""
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return ComplexTensor(self.pairs.reshape(*shape, 2))

    view = reshape

    def transpose(self, dim0, dim1):
        """Two dimensions exchanged, a view."""
        return ComplexTensor(self.pairs.transpose(dim0 % self.ndim, dim1 % self.ndim))

    def permute(self, *dims):
        """Dimensions in another order, a view."""
        dims = dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims
        return ComplexTensor(self.pairs.permute(*(d % self.ndim for d in dims), self.ndim))

    def unsqueeze(self, dim):
        """A new dimension of one."""
        return ComplexTensor(self.pairs.unsqueeze(dim if dim >= 0 else dim + self.ndim + 1))

    def squeeze(self, dim):
        """Without the dimension, if it is one."""
        return ComplexTensor(self.pairs.squeeze(dim % self.ndim))

    def sum(self, dim=None, keepdim=False):
        """The sum over all or some dimensions."""
        return join(*(part.sum() if dim is None else part.sum(dim, keepdim=keepdim) for part in (self.real, self.imag)))

    def mean(self, dim=None, keepdim=False):
        """The mean over all or some dimensions."""
        return join(*(part.mean() if dim is None else part.mean(dim, keepdim=keepdim) for part in (self.real, self.imag)))

    def backward(self, gradient):
        """Gradients of the leaves, of a complex gradient of this tensor."""
        self.pairs.backward(gradient.pairs)


def parts(x):
    """(real, imaginary) of a complex or real tensor or number."""
    if isinstance(x, ComplexTensor):
        return x.real, x.imag
    return (x.real, x.imag) if isinstance(x, builtins.complex) else (x, 0.0 * x if isinstance(x, Tensor) else 0.0)


def join(real, imag):
    """real + i imag of tensors of one shape."""
    return ComplexTensor(F["stack"](F["broadcast_tensors"](real, imag), -1))


def complex(real, imag):
    """real + i imag, of shapes that broadcast. Errors: DTypeError unless both are float32 or both float64, ShapeError, TypeError for what
    is no tensor. Source: torch.complex.

    >>> import tensorgrad as torch
    >>> torch.complex(torch.tensor([1.0]), torch.tensor([-2.0]))
    tensor([1.-2.j])
    """
    check_tensors("complex", real=real, imag=imag)
    if real.dtype != imag.dtype or real.dtype.name not in ("float32", "float64"):
        raise DTypeError(f"complex: real and imag must both be float32 or both float64, got {real.dtype} and {imag.dtype}")
    return join(real, imag)


def polar(abs, angle):
    """abs (cos(angle) + i sin(angle)), of shapes that broadcast. Errors: ShapeError, TypeError for what is no tensor. Source:
    torch.polar.

    >>> import tensorgrad as torch
    >>> torch.polar(torch.tensor([2.0]), torch.tensor([0.0]))
    tensor([2.+0.j])
    """
    check_tensors("polar", abs=abs, angle=angle)
    return join(abs * angle.cos(), abs * angle.sin())


def view_as_complex(input):
    """A real tensor [..., 2] as complex numbers [...], without a copy. Errors: ShapeError for another last size, DTypeError unless
    float32 or float64. Source: torch.view_as_complex.

    >>> import tensorgrad as torch
    >>> torch.view_as_complex(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([1.+2.j, 3.+4.j])
    """
    check_tensors("view_as_complex", input=input)
    if input.ndim == 0 or input.shape[-1] != 2:
        raise ShapeError(f"view_as_complex: the last dimension must be 2 (real, imaginary), got shape {tuple(input.shape)}")
    if input.dtype.name not in ("float32", "float64"):
        raise DTypeError(f"view_as_complex: needs float32 or float64, got {input.dtype}")
    return ComplexTensor(input)


def view_as_real(input):
    """Complex numbers [...] as a real tensor [..., 2], without a copy. Errors: DTypeError for real numbers. Source: torch.view_as_real.

    >>> import tensorgrad as torch
    >>> torch.view_as_real(torch.complex(torch.tensor([1.0]), torch.tensor([2.0])))
    tensor([[1., 2.]])
    """
    if not isinstance(input, ComplexTensor):
        raise DTypeError(f"view_as_real: needs complex numbers, got {getattr(input, 'dtype', type(input).__name__)}")
    return input.pairs
