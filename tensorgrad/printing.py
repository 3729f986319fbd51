"""How a tensor is printed: PyTorch's rules for precision, width, scientific notation and the summary of large ones."""

from math import ceil, isfinite

from ._core.dtype import get_default_dtype
from .ops.rearrange import cat
from .ops.shape import narrow

OPTIONS = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None}


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    """Digits after the point, elements before a summary, items at its edges, characters a line, and whether to use scientific notation
    (None: as the values ask for), for tensors of any shape. Errors: ValueError for another profile, TypeError for what is no whole
    number. Source: torch.set_printoptions.

    >>> import tensorgrad
    >>> tensorgrad.set_printoptions(precision=2)
    >>> tensorgrad.tensor([1 / 3])
    tensor([0.33])
    >>> tensorgrad.set_printoptions(profile="default")
    """
    profiles = {"default": (4, 1000, 3, 80), "short": (2, 1000, 2, 80), "full": (4, float("inf"), 3, 80)}
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, value in given.items():
        if value is not None and not isinstance(value, int) and value != float("inf"):
            raise TypeError(f"set_printoptions: {name} must be a whole number, got {value!r}")
    if profile is not None:
        if profile not in profiles:
            raise ValueError(f"set_printoptions: profile must be one of {sorted(profiles)}, got {profile!r}")
        OPTIONS.update(zip(("precision", "threshold", "edgeitems", "linewidth"), profiles[profile], strict=True))
    OPTIONS.update({k: v for k, v in given.items() if v is not None})
    OPTIONS["sci_mode"] = sci_mode


class Formatter:
    """One format for all of the values that are shown."""

    def __init__(self, values, floating):
        self.floating, self.integral, self.scientific, self.width = floating, True, False, 1
        precision = OPTIONS["precision"]
        if not floating:
            self.width = max([len(str(v)) for v in values], default=1)
            return
        counted = [v for v in values if isfinite(v) and v]  # zeros, NaN and infinities may stick out, as in PyTorch
        sizes = [abs(v) for v in counted]
        if sizes:
            largest, smallest = max(sizes), min(sizes)
            self.integral = all(v == ceil(v) for v in values if isfinite(v))
            self.scientific = (largest / smallest > 1000.0 or largest > 1.0e8
                               or (not self.integral and smallest < 1.0e-4))
        if OPTIONS["sci_mode"] is not None:
            self.scientific = OPTIONS["sci_mode"]
        self.precision = precision
        self.width = max([len(self.text(v)) for v in counted], default=1)

    def text(self, value):
        """One value without padding."""
        if not self.floating:
            return str(value)
        if self.scientific:
            return f"{value:.{self.precision}e}"
        if self.integral:
            return f"{value:.0f}" + ("." if isfinite(value) else "")
        return f"{value:.{self.precision}f}"

    def __call__(self, value):
        return self.text(value).rjust(self.width)


def shown(data, depth, ndim, summarise):
    """Every value that will be printed."""
    if depth == ndim:
        yield data
        return
    edge = OPTIONS["edgeitems"]
    rows = data if not summarise or len(data) <= 2 * edge else [*data[:edge], *data[-edge:]]
    for row in rows:
        yield from shown(row, depth + 1, ndim, summarise)


def lines(data, depth, ndim, indent, summarise, form):
    """Nested brackets around the formatted values."""
    if ndim == depth:
        return form(data)
    edge = OPTIONS["edgeitems"]
    short = summarise and len(data) > 2 * edge
    if depth == ndim - 1:
        room = max(1, (OPTIONS["linewidth"] - indent) // (form.width + 2))
        cells = [form(v) for v in data[:edge]] + [" ..."] + [form(v) for v in data[-edge:]] if short else [form(v) for v in data]
        rows = [", ".join(cells[i:i + room]) for i in range(0, len(cells), room)]
        return "[" + (",\n" + " " * (indent + 1)).join(rows) + "]"
    parts = [lines(v, depth + 1, ndim, indent + 1, summarise, form) for v in (data[:edge] if short else data)]
    if short:
        parts += ["..."] + [lines(v, depth + 1, ndim, indent + 1, summarise, form) for v in data[-edge:]]
    return "[" + ("," + "\n" * (ndim - depth - 1) + " " * (indent + 1)).join(parts) + "]"


def edges(tensor):
    """The corners of a large tensor, so that printing it costs no more than printing a small one."""
    edge = OPTIONS["edgeitems"]
    for d, n in enumerate(tensor.shape):
        if n > 2 * edge + 1:
            tensor = cat([narrow(tensor, d, 0, edge + 1), narrow(tensor, d, n - edge, edge)], d)
    return tensor


def tensor_text(tensor, prefix="tensor("):
    """The repr of a tensor, e.g. tensor([1., 2.], requires_grad=True)."""
    detached = tensor.detach()
    notes = []
    if tensor.numel() == 0:
        body = "[]"
        if tensor.ndim != 1:
            notes.append(f"size={tuple(tensor.shape)}")
        usual = get_default_dtype()
    else:
        summarise = tensor.numel() > OPTIONS["threshold"]
        data = (edges(detached) if summarise else detached).tolist()
        floating = tensor.dtype.is_floating_point
        form = Formatter(list(shown(data, 0, tensor.ndim, summarise)), floating)
        if tensor.ndim == 0:
            form.width = 1
        body = lines(data, 0, tensor.ndim, len(prefix), summarise, form)
        usual = get_default_dtype() if floating else tensor.dtype if tensor.dtype.name in ("int64", "bool") else None
    if tensor.dtype is not usual:
        notes.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        notes.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.requires_grad:
        notes.append("requires_grad=True")
    text = prefix + body
    width = len(text.rsplit("\n", 1)[-1])
    for note in notes:
        if width + len(note) + 2 > OPTIONS["linewidth"]:
            text += ",\n" + " " * len(prefix) + note
            width = len(prefix) + len(note)
        else:
            text += ", " + note
            width += len(note) + 2
    return text + ")"

