"""One self-contained page that shows every number of a graph."""

import json
import math
import os
from importlib.resources import files

import tensorgrad

from .tape import collect

SHOWN = 8  # elements of a tensor that are written out


def number(x):
    """A number as text for the picture, four digits.

    >>> from tensorgrad.graphs.page import number
    >>> number(1.0), number(0.123456), number(1e-9)
    ('1', '0.1235', '1e-09')
    """
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def digest(tensor):
    """What the page says about a tensor: its few values, or mean, spread and range of many."""
    if tensor is None:
        return None
    tensor = tensor.detach()
    if tensor.numel() <= SHOWN:
        values = [number(x) for x in tensor.reshape(-1).tolist()]
        return {"short": values[0] if tensor.ndim == 0 or len(values) == 1 else f"[{', '.join(values)}]", "long": ""}
    x = tensor.to(tensorgrad.float64)
    mean, std = x.mean().item(), x.std(correction=0).item()
    low, high = x.min().item(), x.max().item()
    long = f"mean {number(mean)}, std {number(std)}, min {number(low)}, max {number(high)}"
    if not math.isfinite(mean):
        long += f", {int((~x.isfinite()).sum())} of {x.numel()} not finite"
    return {"short": f"{number(mean)} ± {number(std)}", "long": long}


def described(entry):
    """An entry as the page's script reads it."""
    return {
        "id": entry.number, "kind": entry.kind, "op": entry.op, "name": entry.name, "shape": list(entry.shape), "dtype": entry.dtype,
        "module": list(entry.module), "value": digest(entry.value), "grad": digest(entry.grad),
        "attributes": {name: str(value) for name, value in entry.attributes.items()},
        "inputs": [{"from": None if source is None else source.number, "name": name,
                    "local": digest(entry.local[i]) if i < len(entry.local) else None,
                    "through": digest(entry.through[i]) if i < len(entry.through) else None}
                   for i, (source, name, _) in enumerate(entry.inputs)],
        "seconds": entry.seconds, "secondsBack": entry.seconds_back, "bytes": entry.bytes,
    }


def explain(target, path, model=None):
    """Write a page that shows how a loss was computed and differentiated: open it in any browser, no network needed.

    Each node shows its op, shape and value; each edge the value that went forward (black), the local derivative (blue) and the
    gradient that came back (red): with the chain rule, gradient in = local derivative * gradient out. Zoom by the wheel, move
    by dragging, search by op, name or shape, click a node for everything about it, collapse modules to single boxes.

    target: a tensor with one element, or better a function without arguments that returns one: then the values of all nodes,
    their time and memory, and the modules they belong to are known. model: a Module, or a dict name -> tensor, that names the
    leaves of a tensor's graph. Gradients are not accumulated. Returns the number of nodes. ArgumentError for other targets and
    for graphs of more than 5,000 nodes; GraphError where there is no graph. Source: torch.explain.

    >>> import os, tempfile
    >>> import tensorgrad as torch
    >>> apples, oranges, tax = (torch.tensor(v, requires_grad=True) for v in (100.0, 150.0, 1.1))
    >>> path = os.path.join(tempfile.mkdtemp(), "graph.html")
    >>> torch.explain((apples * 2 + oranges * 3) * tax, path, {"apples": apples, "oranges": oranges, "tax": tax})
    9
    """
    entries = collect(target, model)
    data = json.dumps([described(entry) for entry in entries], ensure_ascii=True).replace("</", "<\\/")
    page = files(__package__).joinpath("page.html").read_text(encoding="utf-8").replace("/*ENTRIES*/[]", data)
    path = os.fspath(path)
    temporary = path + ".tmp"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(page)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    return len(entries)
