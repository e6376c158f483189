"""Writes numpy_reference.json: Cap expressions beside what NumPy and Python make of their counterparts.

    python numpy_reference.py

A case is [Cap expression, expected value, relative tolerance]. Numbers from tensors are 32-bit in Cap, so
NumPy computes in float32 there too; plain numbers and lists are compared with float64.
"""
import json
import math
import os

import numpy as np

rng = np.random.default_rng(7)
A = rng.normal(size=(3, 4)).astype(np.float32).round(3)
B = rng.normal(size=(4, 2)).astype(np.float32).round(3)
V = rng.normal(size=7).round(4)
P = rng.uniform(0.1, 5, size=(2, 5)).astype(np.float32).round(3)
Z = np.arange(24).reshape(2, 3, 4).astype(np.float32)
I = np.array([5, 3, 5, 1, 3, 3], np.float32)

def lit(x):
    """As a Cap literal: float32 values as the shortest decimals of their doubles."""
    return json.dumps(np.asarray(x, np.float64).tolist())

def val(x):
    """As JSON, nan and infinities as strings."""
    if isinstance(x, (list, tuple)):
        return [val(v) for v in x]
    if isinstance(x, np.ndarray):
        return [val(v) for v in x.tolist()] if x.ndim else val(x.item())
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, (int, float, np.number)):
        x = float(x)
        return x if math.isfinite(x) else str(x)
    return x

cases = []
def case(code, expected, tolerance=1e-6):
    cases.append([code, val(expected), tolerance])

a, b, v, p, z, i = (f"tensor({lit(x)})" for x in (A, B, V, P, Z, I))
l = lit(V)

# Reductions of tensors, whole and along axes.
for name, f in dict(sum=np.sum, mean=np.mean, std=np.std, var=np.var, min=np.min, max=np.max, argmin=np.argmin,
                    argmax=np.argmax, median=np.median, prod=np.prod).items():
    case(f"{name}({a})", f(A), 1e-5)
    for axis in (0, 1, -1):
        case(f"{name}({a}, axis={axis})", f(A, axis=axis), 1e-5)
    case(f"{name}({a}, axis=1, keepdims=true)", f(A, axis=1, keepdims=True), 1e-5)
    case(f"{name}({l})", f(V), 1e-14)
    if name not in ("argmin", "argmax"):
        case(f"{name}({z}, axis=[0, 2])", f(Z, axis=(0, 2)), 1e-5)
case(f"std({l}, ddof=1)", np.std(V, ddof=1), 1e-14)
case(f"var({a}, axis=0, ddof=1)", np.var(A, axis=0, ddof=1), 1e-5)
for q in (0, 2.5, 33, 50, 90, 100):
    case(f"percentile({l}, {q})", np.percentile(V, q), 1e-13)
    case(f"percentile({a}, {q}, axis=1)", np.percentile(A, q, axis=1), 1e-5)
case(f"percentile({l}, [10, 90])", np.percentile(V, [10, 90]), 1e-13)
case(f"cumsum({l})", np.cumsum(V), 1e-13)
case(f"cumsum({a}, axis=1)", np.cumsum(A, axis=1), 1e-5)
case(f"cumsum({a})", np.cumsum(A), 1e-5)
case(f"diff({l})", np.diff(V), 1e-12)
case(f"diff({a}, axis=0)", np.diff(A, axis=0), 1e-5)
case(f"argsort({l})", np.argsort(V, kind="stable"))
case(f"argsort({a}, axis=0)", np.argsort(A, axis=0, kind="stable"))
case(f"sort({a}, axis=0)", np.sort(A, axis=0))
case(f"sort({a}, descending=true)", -np.sort(-A))
case(f"unique({i})", np.unique(I))
case(f"any({a} > 2)", np.any(A > 2))
case(f"all({a} < 9)", np.all(A < 9))
case(f"any({a} > 1, axis=0)", np.any(A > 1, axis=0).astype(float))
case(f"min([3, nan, 1])", np.min([3, np.nan, 1]))
case(f"max([3, nan, 1])", np.max([3, np.nan, 1]))
case(f"median([1, nan])", np.median([1, np.nan]))

# Functions of each element, in both precisions.
for name, f in dict(exp=np.exp, sin=np.sin, cos=np.cos, tan=np.tan, tanh=np.tanh, floor=np.floor, ceil=np.ceil,
                    abs=np.abs, sign=np.sign, square=np.square, expm1=np.expm1, atan=np.arctan,
                    degrees=np.degrees, radians=np.radians).items():
    case(f"{name}({a})", f(A), 1e-6)
    case(f"{name}({V[0]})", f(V[0]), 1e-15)
for name, f in dict(sqrt=np.sqrt, log=np.log, log2=np.log2, log10=np.log10, log1p=np.log1p).items():
    case(f"{name}({p})", f(P), 1e-6)
    case(f"{name}(2.75)", f(2.75), 1e-15)
for name, f in dict(asin=np.arcsin, acos=np.arccos).items():
    case(f"{name}(0.3)", f(0.3), 1e-15)
    case(f"{name}({p} / 10)", f(P / np.float32(10)), 1e-6)
with np.errstate(all="ignore"):
    case("log([0, -1])", np.log(np.array([0, -1], np.float32)))
    case("sqrt([-1, 4])", np.sqrt(np.array([-1, 4], np.float32)))
    case("tensor([1, -1, 0]) / 0", np.array([1, -1, 0]) / 0.0)
case("sigmoid([-2, 0, 2])", 1 / (1 + np.exp(-np.array([-2, 0, 2], np.float32))))
e = np.exp(A - A.max(axis=-1, keepdims=True))
case(f"softmax({a})", e / e.sum(axis=-1, keepdims=True), 1e-6)
for x, d in ((2.675, 2), (0.5, 0), (1.5, 0), (2.5, 0), (-2.5, 0), (1e15 + 0.3, 0), (0.125, 2), (1.005, 2), (12345.678, -2),
             (3.14159, 3)):
    case(f"round({x!r}, {d})", round(x, d), 1e-15)
case("round([0.5, 1.5, 2.5, -0.5])", np.round([0.5, 1.5, 2.5, -0.5]))
case(f"clip({a}, -0.5, 0.5)", np.clip(A, np.float32(-0.5), np.float32(0.5)))
case(f"clip({a}, high=0)", np.clip(A, None, 0))
case(f"where({a} > 0, {a}, 0)", np.where(A > 0, A, 0))
case(f"minimum({a}, 0.25)", np.minimum(A, np.float32(0.25)))
case(f"maximum({a}, {a} * -1)", np.maximum(A, -A))
case("atan2(-1, -2)", math.atan2(-1, -2), 1e-15)
case("hypot(1.5, -2)", math.hypot(1.5, -2), 1e-15)
case(f"positions({i} == 3)", np.flatnonzero(I == 3))
case("is_nan([1, nan, inf])", [0, 1, 0])
case("is_finite([1, nan, inf])", [1, 0, 0])
case(f"is_close({a}, {a} + 1e-9)", True)
case(f"is_close({a}, {a} + 1e-3)", False)

# Operators, broadcasting.
case(f"{a} + tensor({lit(A[0])})", A + A[0])
case(f"{a} - {lit(A[:, :1])}", A - A[:, :1])
case(f"2 ** {a}", np.float32(2) ** A, 1e-6)
case(f"{a} // 0.5", A // np.float32(0.5))
case(f"{a} % 0.7", A % np.float32(0.7), 1e-4)
case(f"-{a} / 3", -A / np.float32(3))
case(f"1 - {a}", 1 - A)
case(f"{a} >= 0.1", (A >= np.float32(0.1)).astype(float))
case(f"{a} == {a}", np.ones_like(A))
case(f"{a} != 0", np.ones_like(A))
case(f"{a} @ {b}", A @ B, 1e-5)
case(f"matmul({a}, {lit(B)})", A @ B, 1e-5)
case(f"dot({lit(V)}, {lit(V)})", np.dot(V, V), 1e-6)
case(f"{a} @ {lit(B[:, 0])}", A @ B[:, 0], 1e-5)

# Indexing.
for index in ("0", "-1", ":, 1", "1:, ::2", "::-1", "1, 2", "0:2, -1", ":, 1:3", "5:"):
    case(f"{a}[{index}]", eval(f"A[{index}]"))
for index in ("1, :, ::-2", "..., ".replace("..., ", ":, :, 1"), "0, 1", "1, 2, 3", "-1, -1, -1"):
    case(f"{z}[{index}]", eval(f"Z[{index}]"))
case(f"{a}[none].shape", [1, 3, 4])
case(f"{a}[[2, 0]]", A[[2, 0]])
case(f"{a}[{a} > 0]", A[A > 0])
case(f"{i}[{i} > 2]", I[I > 2])
case(f"{a}.shape", list(A.shape))
case(f"{a}.size", A.size)
case(f"{z}.ndim", Z.ndim)
case(f"{a}.T", A.T)

# Making and shaping.
case("arange(0.5, 3, 0.75)", np.arange(0.5, 3, 0.75))
case("arange(5)", np.arange(5))
case("linspace(-1, 2, 7)", np.linspace(-1, 2, 7), 1e-6)
case("eye(2, 3)", np.eye(2, 3))
case("full([2, 2], 1.5)", np.full((2, 2), 1.5))
case("one_hot([2, 0, 1], 3)", np.eye(3)[[2, 0, 1]])
case(f"reshape({a}, [2, -1])", A.reshape(2, -1))
case(f"transpose({z})", Z.transpose())
case(f"transpose({z}, [1, 0, 2])", Z.transpose(1, 0, 2))
case(f"expand_dims({a}, 1)", A[:, None, :])
case(f"expand_dims({a})", A[..., None])
case(f"squeeze({lit(A[None])})", A)
case(f"concat([{a}, {a}], axis=1)", np.concatenate([A, A], axis=1))
case(f"stack([{a}, {a}], axis=-1)", np.stack([A, A], axis=-1))
case(f"flip({a}, axis=1)", np.flip(A, axis=1))
case(f"roll({a}, -1, axis=1)", np.roll(A, -1, axis=1))
case(f"repeat({a}, 2)", np.tile(A, (2, 1)))
case(f"repeat({a}, 3, axis=1)", np.tile(A, (1, 3)))

# Python's own.
case("list(range(10, -5, -3))", list(range(10, -5, -3)))
case("list(range(0, 1, 0.3))", [0, 0.3, 0.6, 0.9], 1e-12)
case("sorted([3, 1, 2], reverse=true)", [3, 2, 1])
case('sorted(["b", "B", "a", "ä"])', sorted(["b", "B", "a", "ä"]))
case('sorted([[2, "a"], [1, "b"], [1, "a"]])', sorted([[2, "a"], [1, "b"], [1, "a"]]))
case('split("a b  c", " ")', "a b  c".split(" "))
case('split(" a b  c ")', " a b  c ".split())
case('split("a,b,c", ",", 1)', "a,b,c".split(",", 1))
case('split("a b c d", count=2)', "a b c d".split(None, 2))
case('strip("xxaxx", "x")', "xxaxx".strip("x"))
case('replace("aaaa", "aa", "b")', "aaaa".replace("aa", "b"))
case('replace("aaaa", "a", "b", 2)', "aaaa".replace("a", "b", 2))
case('count("aaaa", "aa")', "aaaa".count("aa"))
case('find("naïve", "v")', "naïve".find("v"))
case('upper("ß")', "ß".upper())
case('split_lines("a\\r\\nb\\rc\\n\\nd")', "a\r\nb\rc\n\nd".splitlines())
case('pad_left("ä", 3)', "ä".rjust(3))
case('"{:>6.2f}|{:<4}|{:+d}|{:,}".format("x")' if False else 'format("{:>6.2f}|{:<4}|{:+d}|{:,}", 3.14159, "ab", 5, 1234567)',
     "{:>6.2f}|{:<4}|{:+d}|{:,}".format(3.14159, "ab", 5, 1234567))
case('format("{1}{0}{{}}", "a", "b")', "{1}{0}{{}}".format("a", "b"))
for path in ("a/b/c.wav", "/a", "a", "a/b/", "/", ".hidden", "x.tar.gz"):
    trimmed = path.rstrip("/") or "/"
    case(f'basename("{path}")', os.path.basename(trimmed) or "/")
    case(f'dirname("{path}")', os.path.dirname(trimmed) or ".")
    case(f'extension("{path}")', os.path.splitext(os.path.basename(trimmed))[1])
case('path_join("a", "b/", "c")', os.path.join("a", "b/", "c"))
case('path_join("a", "/b")', os.path.join("a", "/b"))
case('number("1e-3")', 1e-3)
case('int("-12")', -12)
case("int(1e20)", 1e20)

folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "numpy_reference.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n")
print(len(cases), "cases")
