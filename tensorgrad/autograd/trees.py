"""Tensors in nested tuples, lists and dicts: what functions of several arguments take and return."""

from .._core.errors import ArgumentError


def children(tree):
    """The branches of a node, None for a leaf."""
    if isinstance(tree, dict):
        return list(tree.values())
    return list(tree) if isinstance(tree, (tuple, list)) and not hasattr(tree, "numel") else None


def like(tree, branches):
    """A node of the same kind with other branches."""
    if isinstance(tree, dict):
        return type(tree)(zip(tree, branches, strict=True))
    return tree._make(branches) if hasattr(tree, "_make") else type(tree)(branches)


def flatten(tree):
    """The leaves, in order."""
    branches = children(tree)
    return [tree] if branches is None else [leaf for b in branches for leaf in flatten(b)]


def rebuild(tree, leaves):
    """The same structure with other leaves, taken from an iterator."""
    branches = children(tree)
    return next(leaves) if branches is None else like(tree, [rebuild(b, leaves) for b in branches])


def map_leaves(function, tree):
    """The same structure with function(leaf) for each leaf."""
    return rebuild(tree, iter([function(leaf) for leaf in flatten(tree)]))


def spread(prefix, tree, name):
    """One value a leaf of `tree`: a value that stands where tree has a node counts for all leaves below it."""
    branches, wanted = children(tree), children(prefix)
    if wanted is None:
        return [prefix] * len(flatten(tree))
    if branches is None or len(branches) != len(wanted) or isinstance(tree, dict) != isinstance(prefix, dict):
        raise ArgumentError(f"{name} {prefix!r} does not match the structure of its arguments")
    if isinstance(tree, dict):
        wanted = [prefix[k] for k in tree]
    return [value for w, b in zip(wanted, branches, strict=True) for value in spread(w, b, name)]
