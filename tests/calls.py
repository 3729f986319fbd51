"""Calls that both libraries must answer alike: same values, dtypes, shapes and kinds of exception.

`t` is the library; each line gets its own tensors: see WORDS, and h and w (a as float16 and bfloat16). Statements before
a semicolon prepare.
"""

WORDS = {
    "a": [[0.5, -1.25, 2.0], [-0.75, 3.5, 1.5]],
    "d": [[1.5, 2.5], [0.25, 4.0]],
}
CALLS = {"first": ["t.add(a, a)"]}
