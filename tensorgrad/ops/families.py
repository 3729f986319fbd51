"""Every family of ops, in the order in which they use each other."""

from importlib import import_module

FAMILIES = ("shape", "rearrange", "create", "elementwise", "pointwise", "activation", "reduce", "index", "indexing", "order",
            "extremes", "lookup", "linalg", "einsum", "stacking", "replacing", "calculus", "statistics", "longtail",
            "special", "fourier", "facts",
            "methods", "random", "gamma", "solve", "decompose", "spectral", "matrix_norm", "matrices_top", "rows", "norm", "loss",
            "loss_pointwise", "loss_margin", "dropout", "conv", "pool", "pad", "attention", "resample", "shuffle", "unpool", "ctc",
            "grid", "grouped",
            "native")


def load():
    """Import the families, which enter their functions into the registry."""
    for family in FAMILIES:
        import_module(f"tensorgrad.ops.{family}")
