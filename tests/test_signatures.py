"""Functions and methods take the arguments that PyTorch's stubs name. What they do not take is listed, and the list only
shrinks."""

import ast
import inspect
from pathlib import Path

import parity
import pytest

import tensorgrad as tg

torch = pytest.importorskip("torch")
STUBS = Path(torch.__file__).parent / "_C"
# Arguments of every function: names of dimensions do not exist here, and what a result is stored in is not chosen.
ABSENT = {"names", "out_dtype"}
# Names in the stubs that are the generator's, not the user's: numbers beside tensors, older spellings.
SPELLINGS = {
    "cholesky_inverse": "input", "cholesky_solve": "input input2", "copy_": "other", "is_pinned": "device",
    "isin": "element test_element",
    "map_": "other", "new": "cls device other size storage", "new_tensor": "pin_memory", "orgqr": "input2 out", "ormqr": "input2 input3",
    "record_stream": "s", "requires_grad_": "mode", "resize_": "size", "result_type": "other scalar scalar1 scalar2 tensor",
    "rrelu": "generator", "set_num_threads": "num", "threshold": "out", "to": "other",
}


def declared(path, inside=None):
    """{name: every argument that any of its overloads names} of a stub file, or of a class in it."""
    body = ast.parse(path.read_text()).body
    if inside:
        body = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == inside).body
    out = {}
    for node in body:
        if isinstance(node, ast.FunctionDef) and "Ellipsis" not in ast.unparse(node.args):
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            out.setdefault(node.name, set()).update(a.arg for a in arguments if a.arg != "self")
    return out


@pytest.mark.parametrize(("namespace", "place", "stub", "inside"), [
    ("tensorgrad", tg, "_VariableFunctions.pyi", None), ("Tensor methods", tg.Tensor, "__init__.pyi", "TensorBase")])
def test_arguments_are_pytorchs(namespace, place, stub, inside):
    stubs, lacking = declared(STUBS / stub, inside), {}
    for name in parity.sections()[namespace]:
        ours = getattr(place, name, None)
        if ours is None or name not in stubs:
            continue
        parameters = inspect.signature(ours).parameters
        if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            continue
        left = stubs[name] - set(parameters) - ABSENT - set(SPELLINGS.get(name, "").split())
        if left:
            lacking[name] = sorted(left)
    assert not lacking
