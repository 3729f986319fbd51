"""Files as PyTorch writes them; `python tests/store_files.py` stores some as torch_files.json, which test_io.py reads."""

import base64
import json
from collections import Counter, OrderedDict
from pathlib import Path


def state(lib):
    """A nested structure of everything that files hold."""
    a, shared = lib.arange(12.0).view(3, 4), [1, 2]
    tensors = {name: lib.tensor([0, 1, 2]).to(getattr(lib, name)) for name in (
        "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")}
    return {"a": a, "transposed": a.t(), "row": a[1], "expanded": lib.ones(3).expand(2, 3), "tensors": tensors,
            "numbers": [1, -5, 300, 70000, -2**40, 2**100, 2.5, float("inf"), 1 + 2j, None, True, False],
            "text": ["x\u20acy", "", b"\x00\xff", bytearray(b"ab")], "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
            "list": shared, "same list": shared, "ordered": OrderedDict(x=1), "counter": Counter([1, 1, 2]), "set": {1, 2},
            "size": lib.Size([2, 3]), "dtype": lib.bfloat16, "device": lib.device("cpu"), 7: "seven",
            "parameter": lib.nn.Parameter(lib.ones(2)), "frozen": lib.nn.Parameter(lib.ones(2), requires_grad=False),
            "empty": lib.zeros(0, 3), "scalar": lib.tensor(2.5), "leaf": lib.ones(2, requires_grad=True)}


def shown(x):
    """A structure as plain values, the same for both libraries."""
    if hasattr(x, "untyped_storage"):
        return (type(x).__name__, str(x.dtype).split(".")[-1], tuple(x.shape), x.stride(), x.storage_offset(), x.requires_grad,
                x.tolist())
    if isinstance(x, dict):
        return type(x).__name__, {k: shown(v) for k, v in x.items()}
    if type(x) in (list, tuple):
        return [type(x).__name__, *map(shown, x)]
    kind = type(x).__name__
    return kind, str(x).replace("tensorgrad", "torch") if kind in ("dtype", "device", "Size") else x


if __name__ == "__main__":
    import io

    import torch

    out = {}
    for name, options in {"zip": {}, "old": {"_use_new_zipfile_serialization": False}, "protocol 5": {"pickle_protocol": 5}}.items():
        buffer = io.BytesIO()
        torch.save(state(torch), buffer, **options)
        out[name] = base64.b85encode(buffer.getvalue()).decode()
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters())
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 2])
    model(torch.ones(3, 2)).sum().backward()
    optimizer.step()
    scheduler.step()
    buffer = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
                "rng": torch.get_rng_state()[:0], "epoch": 3}, buffer)
    out["checkpoint"] = base64.b85encode(buffer.getvalue()).decode()
    Path(__file__).with_name("torch_files.json").write_text(json.dumps(out, indent=0) + "\n")
