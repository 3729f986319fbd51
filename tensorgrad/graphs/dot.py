"""The graph as a drawing of graphviz."""

from .._core.errors import GraphError


def make_dot(var, params=None, show_attrs=False):
    """A graphviz.Digraph of the graph behind a tensor: leaves blue with names and shapes, ops gray, the result green.

    params: a dict name -> tensor (`dict(model.named_parameters())`) that names leaves. show_attrs: also the attributes of the
    ops. `.render("graph")` writes it if graphviz's program `dot` is installed; `.source` is the text. Needs the Python package
    graphviz (extra [graph]). Errors: ImportError without graphviz, GraphError for a tensor without a graph. Source:
    torchviz.make_dot.

    >>> import tensorgrad
    >>> x = tensorgrad.ones(1, requires_grad=True)
    >>> "MulBackward0" in tensorgrad.make_dot(x * 2).source
    True
    """
    try:
        from graphviz import Digraph
    except ImportError:
        raise ImportError("make_dot needs graphviz: pip install tensorgrad-cpu[graph]") from None
    from .tape import ordered, plain

    if var.grad_fn is None:
        raise GraphError(f"make_dot: the tensor of shape {tuple(var.shape)} does not come from an op on a tensor that requires grad")
    names = {id(tensor): name for name, tensor in (params or {}).items()}
    drawing = Digraph(node_attr={"style": "filled", "shape": "box", "fontname": "monospace", "fontsize": "10", "height": "0.2"})
    nodes = ordered(var.grad_fn)
    number = {node: str(i) for i, node in enumerate(nodes)}
    for node in nodes:
        if node.op is None:
            leaf = node.variable
            name = "" if leaf is None else names.get(id(leaf), "")  # None: nobody holds the leaf any more
            label, color = f"{name}\n{node.output[0]}".strip(), "lightblue"
        else:
            label, color = node.name(), "lightgray"
            if show_attrs:
                label += "".join(f"\n{key} = {value}" for key, value in (node.attributes or {}).items() if plain(value))
        drawing.node(number[node], label, fillcolor=color)
        for parent, _ in node.next_functions:
            if parent is not None:
                drawing.edge(number[parent], number[node])
    drawing.node("result", str(tuple(var.shape)), fillcolor="darkolivegreen1")
    drawing.edge(number[var.grad_fn], "result")
    return drawing
