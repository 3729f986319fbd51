"""Einstein's summation: operands are contracted from left to right, two at a time, by one batched matrix product."""

from .._core.errors import ArgumentError, ShapeError
from .declare import case, public
from .linalg import matmul_op, size_of

ELLIPSIS = "."  # in front of a number: the labels of the dimensions that "..." stands for


def parse(equation, ndims):
    """(labels of each operand, labels of the result): lists of strings, "..." written out."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ArgumentError(f"einsum: equation {equation!r} has {len(terms)} operands, got {len(ndims)}")
    width = 0
    for term, ndim in zip(terms, ndims, strict=True):
        if "..." in term:
            if ndim < len(term) - 3:
                raise ShapeError(f"einsum: operand {term!r} of {equation!r} has more labels than its {ndim} dimensions")
            width = max(width, ndim - (len(term) - 3))
    inputs = [split(term, ndim - len(term) + 3, equation) for term, ndim in zip(terms, ndims, strict=True)]
    for labels, ndim, term in zip(inputs, ndims, terms, strict=True):
        if len(labels) != ndim:
            raise ShapeError(f"einsum: operand {term!r} of {equation!r} has {len(labels)} labels for {ndim} dimensions")
    flat = [x for labels in inputs for x in labels]
    if arrow:
        output = split(right, width, equation)
    else:  # labels that appear once, in alphabetical order, after the dimensions of "..."
        output = split("...", width, equation)
        output += sorted(x for x in set(flat) if x[0] != ELLIPSIS and flat.count(x) == 1)
    for x in output:
        if output.count(x) > 1 or x not in flat:
            raise ArgumentError(f"einsum: label {x!r} of the result of {equation!r} is there twice or in no operand")
    return inputs, output


def split(term, width, equation):
    """The labels of one term; "..." becomes `width` labels, counted from the right as broadcasting does."""
    head, dots, tail = term.partition("...")
    for x in head + tail:
        if not (x.isascii() and x.isalpha()):
            raise ArgumentError(f"einsum: {x!r} in {equation!r} is no label; labels are letters")
    return [*head, *(ELLIPSIS + str(i) for i in range(width, 0, -1) if dots), *tail]


def parse_lists(args):
    """The other way to call it: operand, list of numbers (or ...), operand, list, ..., and the list of the result."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    def term(numbers):
        for i in numbers:
            if i is not Ellipsis and not 0 <= i < len(letters):
                raise ArgumentError(f"einsum: subscript {i} must be in [0, {len(letters) - 1}]")
        return "".join("..." if i is Ellipsis else letters[i] for i in numbers)

    operands = args[:len(args) // 2 * 2:2]
    equation = ",".join(term(x) for x in args[1::2][:len(operands)])
    return equation + ("->" + term(args[-1]) if len(args) % 2 else ""), operands


def diagonal_of(x, labels):
    """A label that appears twice in an operand stands for its diagonal."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            if x.shape[i] != x.shape[j]:
                raise ShapeError(f"einsum: label {label!r} has sizes {x.shape[i]} and {x.shape[j]} in {tuple(x.shape)}")
            x = x.diagonal(0, i, j)
            labels = [y for k, y in enumerate(labels) if k not in (i, j)] + [label]
    return x, labels


def drop(x, labels, keep):
    """Sum over the labels that nobody asks for any more."""
    dims = [i for i, label in enumerate(labels) if label not in keep]
    return (x.sum(dims) if dims else x), [label for label in labels if label in keep]


def contract(a, la, b, lb, keep):
    """Two operands into one: labels in both are batch (kept) or summed; a result (batch, rest of a, rest of b)."""
    a, la = drop(a, la, {*keep, *lb})
    b, lb = drop(b, lb, {*keep, *la})
    for label in [x for x in la if x in lb]:  # a size of 1 broadcasts: that operand is without the label
        i, j = la.index(label), lb.index(label)
        if a.shape[i] != b.shape[j]:
            if a.shape[i] == 1:
                a, la = a.squeeze(i), la[:i] + la[i + 1:]
            else:
                b, lb = b.squeeze(j), lb[:j] + lb[j + 1:]
    a, la = drop(a, la, {*keep, *lb})
    b, lb = drop(b, lb, {*keep, *la})
    both = [x for x in la if x in lb]
    batch, over = [x for x in both if x in keep], [x for x in both if x not in keep]
    rest_a, rest_b = [x for x in la if x not in lb], [x for x in lb if x not in la]
    a = a.permute(*(la.index(x) for x in batch + rest_a + over))
    b = b.permute(*(lb.index(x) for x in batch + over + rest_b))
    n, m = len(batch), len(rest_a)
    shape = (*a.shape[:n + m], *b.shape[n + len(over):])
    if not over:
        a = a.reshape(*a.shape, *[1] * len(rest_b))
        return a * b.reshape(*b.shape[:n], *[1] * m, *b.shape[n:]), batch + rest_a + rest_b
    k = size_of(b, range(n, n + len(over)))
    a = a.reshape(*a.shape[:n], size_of(a, range(n, n + m)), k)
    b = b.reshape(*b.shape[:n], k, size_of(b, range(n + len(over), b.ndim)))
    return matmul_op(a, b).reshape(*shape), batch + rest_a + rest_b


@public(samples=[case("ij,jk->ik", (2, 3), (3, 4)), case("ii", (3, 3)), case("ii->i", (3, 3)), case("ij->ji", (2, 3)),
                 case("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), case("i,j->ij", (2,), (3,)), case("ij->", (2, 3)),
                 case("...ij,...jk", (2, 3, 4), (4, 5)), case("bn,anm,bm->ba", (2, 5), (3, 5, 4), (2, 4)),
                 case("ijk,jil->kl", (3, 4, 5), (4, 3, 2)), case("ij,jk->ik", (0, 3), (3, 2)),
                 case("i,i->i", (3,), (3,)), case("ba", (2, 3)),
                 case("b...,b->...", (2, 3, 4), (2,)), case("ij,ij->j", (2, 3), (2, 3)),
                 case("iij,jk->ik", (3, 3, 2), (2, 4))],
        like=lambda np, equation, *xs: np.einsum(equation, *xs))
def einsum(*args):
    """The sum of products that an equation such as "bij,bjk->bik" names: y[b, i, k] = sum over j of a[b, i, j] b[b, j, k]; labels that
    the result lacks are summed over.

    A label twice in an operand is its diagonal; "..." stands for dimensions that broadcast; without "->" the result has the labels that
    appear once, in alphabetical order. Also einsum(a, [0, 1], b, [1, 2], [0, 2]). Errors: ArgumentError for the equation and another
    number of operands, ShapeError where sizes of a label or numbers of dimensions differ, DTypeError for different dtypes. Source:
    torch.einsum.

    >>> import tensorgrad
    >>> tensorgrad.einsum("ij,ij->i", tensorgrad.ones(2, 3), tensorgrad.ones(2, 3)).tolist()
    [3.0, 3.0]
    """
    if not args:
        raise ArgumentError("einsum: expected an equation and operands")
    equation, operands = (args[0], args[1:]) if isinstance(args[0], str) else parse_lists(args)
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = operands[0]
    if not operands:
        raise ArgumentError(f"einsum: equation {equation!r} has no operands")
    inputs, output = parse(equation, [x.ndim for x in operands])
    sizes = {}
    for x, labels in zip(operands, inputs, strict=True):
        for label, n in zip(labels, x.shape, strict=True):
            if sizes.setdefault(label, n) == 1:
                sizes[label] = n
            if n not in (1, sizes[label]):
                shapes = ", ".join(str(tuple(y.shape)) for y in operands)
                raise ShapeError(f"einsum: {label!r} of {equation!r} has sizes {sizes[label]} and {n} in {shapes}")
    terms = [diagonal_of(x, labels) for x, labels in zip(operands, inputs, strict=True)]
    x, labels = terms[0]
    for i, (y, other) in enumerate(terms[1:], 2):
        x, labels = contract(x, labels, y, other, {*output, *(label for _, later in terms[i:] for label in later)})
    x, labels = drop(x, labels, set(output))
    return x.permute(*(labels.index(label) for label in output))
