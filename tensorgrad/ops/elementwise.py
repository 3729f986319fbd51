"""Elementwise operations: one line each, derivative included."""

from .declare import binary, unary

neg = unary("neg", lambda g: -g, like="negative", operator="neg")
exp = unary("exp", lambda g, y: g * y, to_float=True)
log = unary("log", lambda g, x: g / x, on=(0.2, 4), to_float=True)
add = binary("add", lambda g: g, lambda g: g, operator="+")
sub = binary("sub", lambda g: g, lambda g: -g, like="subtract", operator="-")
mul = binary("mul", lambda g, b: g * b, lambda g, a: g * a, like="multiply", operator="*")
div = binary("div", lambda g, b: g / b, lambda g, b, y: -g * y / b, like="divide", on=(0.5, 3), operator="/", to_float=True)
eq = binary("eq", like="equal", operator="==")
