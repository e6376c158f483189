"""Makes  with NumPy: what the tests compare with.

Run in this folder with Python and NumPy (made with NumPy 2.4): python make_references.py
"""
import json
import warnings

import numpy as np

warnings.simplefilter("ignore")
np.seterr(all="ignore")
random = np.random.default_rng(1)
cases = []
tensors = []
places = {}


def packed(array):
    """The place of a tensor in the list of all tensors, which holds each once."""
    array = np.asarray(array, dtype=np.float32)
    key = (array.shape, array.tobytes())
    if key not in places:
        places[key] = len(tensors)
        tensors.append({"shape": list(array.shape), "data": " ".join(str(x) for x in array.ravel())})
    return places[key]


def case(kind, name, inputs, expected, **arguments):
    cases.append({"kind": kind, "name": name, "inputs": [packed(x) for x in inputs],
                  "expected": packed(expected), **arguments})


def normal(*shape):
    return random.normal(size=shape).astype(np.float32)


odd = np.array([-np.inf, -7.5, -3, -2.5, -1.5, -1, -0.5, -0.0, 0.0, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 7, 100,
                np.inf, np.nan], np.float32)

# Two tensors, element by element.
binary = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "floorDivide": np.floor_divide, "remainder": np.remainder, "power": np.power, "equal": np.equal,
    "notEqual": np.not_equal, "less": np.less, "lessOrEqual": np.less_equal, "greater": np.greater,
    "greaterOrEqual": np.greater_equal, "minimum": np.minimum, "maximum": np.maximum,
    "logicalAnd": np.logical_and, "logicalOr": np.logical_or, "logicalXor": np.logical_xor,
    "atan2": np.arctan2, "hypot": np.hypot,
}
for name, function in binary.items():
    case("binary", name, [odd[:, None], odd], function(odd[:, None], odd))
for shapes in [((), ()), ((3,), ()), ((), (2, 3)), ((4, 1, 3), (5, 1)), ((2, 1, 3, 1), (2, 1, 4)),
               ((3, 4), (3, 4)), ((1,), (0,)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 1)), ((1, 1), (3, 2, 5))]:
    a, b = normal(*shapes[0]), normal(*shapes[1])
    case("binary", "subtract", [a, b], a - b)

condition = random.integers(0, 2, size=(3, 1)).astype(np.float32)
a, b = normal(4), normal(3, 4)
case("where", "where", [condition, a, b], np.where(condition, a, b))

# One tensor, element by element.
unary = {
    "abs": np.abs, "negative": np.negative, "sign": np.sign, "square": np.square, "sqrt": np.sqrt,
    "cbrt": np.cbrt, "reciprocal": np.reciprocal, "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1,
    "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh, "floor": np.floor, "ceil": np.ceil, "round": np.round,
    "trunc": np.trunc, "isNaN": np.isnan, "isInfinite": np.isinf, "isFinite": np.isfinite,
    "logicalNot": np.logical_not, "radians": np.radians, "degrees": np.degrees,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x.astype(np.float64))), "relu": lambda x: np.maximum(x, 0),
}
for name, function in unary.items():
    case("unary", name, [odd], function(odd))
for decimals in [-2, -1, 1, 2, 5]:
    values = np.array([1234.5678, -0.12345, 15, 25, -15, 0.25, 0.375], np.float32)
    case("round", "round", [values], np.round(values.astype(np.float64), decimals), argument=decimals)
case("clip", "clip", [odd], np.clip(odd, -1, 2))

# Reductions.
reductions = {
    "sum": np.sum, "mean": np.mean, "product": np.prod, "variance": np.var, "standardDeviation": np.std,
    "minimum": np.min, "maximum": np.max, "any": np.any, "all": np.all, "nonZeroCount": np.count_nonzero,
    "median": np.median,
}
values = normal(3, 5, 4, 9)
values[0, 1, 2, 3] = 0
holed = values.copy()
holed[1, 2, 3, 4] = np.nan
for name, function in reductions.items():
    for axes in [None, [0], [1], [-1], [0, 1], [1, 3], [0, 2], [0, 1, 2, 3], []]:
        if axes == [] and name in ("median", "nonZeroCount"):
            continue  # NumPy takes an empty tuple for None here
        axis = None if axes is None else tuple(axes)
        case("reduce", name, [values], function(values.astype(np.float64), axis=axis, keepdims=True),
             axes=axes, keepdims=True)
        case("reduce", name, [values], function(values.astype(np.float64), axis=axis), axes=axes)
    case("reduce", name, [holed], function(holed, axis=2), axes=[2])
    case("reduce", name, [holed], function(holed), axes=None)
for name, function in {"argumentOfMinimum": np.argmin, "argumentOfMaximum": np.argmax}.items():
    for x in [values, holed, np.round(values)]:
        case("reduce", name, [x], function(x), axes=None)
        case("reduce", name, [x], function(x, axis=1), axes=[1])
        case("reduce", name, [x], function(x, axis=-1), axes=[-1])
for q in [0, 12.5, 50, 99, 100]:
    case("percentile", "percentile", [values], np.percentile(values.astype(np.float64), q, axis=1),
         axes=[1], argument=q)
    case("percentile", "percentile", [values], np.percentile(values.astype(np.float64), q), axes=None,
         argument=q)
for name in ["sum", "product", "any", "all"]:
    case("reduce", name, [np.zeros((0, 3))], reductions[name](np.zeros((0, 3)), axis=0), axes=[0])

# Slices: a number is a position, a list is start, stop, step, "new" is a new axis.
cube = np.arange(4 * 5 * 6, dtype=np.float32).reshape(4, 5, 6)
for indices in [[1], [-1], [1, -2], [0, 0, 0], [[None, None, 2]], [[None, None, -1]],
                [[3, 0, -2], [None, None, -1], [1, None, 3]], [[None, None, None], 2], [[-3, -1, None]],
                [[10, 20, None]], [[-100, 100, None]], [[100, -100, -3]], [[None, 2, -1]], ["new", 1],
                [[None, None, None], "new", [None, None, None], 3], [[2, 2, None], 1],
                [[None, None, 9223372036854775807]], [[None, None, -9223372036854775807]]]:
    python = tuple(None if i == "new" else slice(*i) if isinstance(i, list) else i for i in indices)
    case("slice", "slice", [cube], cube[python], indices=indices)
    target = cube.copy()
    value = normal(*target[python].shape[-1:])
    target[python] = value
    case("assign", "assign", [cube, value], target, indices=indices)

# Shapes.
for axes in [None, [0, 1, 2], [1, 0, 2], [2, 0, 1], [0, -1, 1]]:
    case("transpose", "transpose", [cube], np.transpose(cube, axes), axes=axes)
for axis in [0, 1, -1]:
    parts = [cube[:2, :2, :2], cube[2:, 2:4, 2:4], cube[:2, 3:, :2]]
    case("concatenate", "concatenate", parts, np.concatenate(parts, axis), axes=[axis])
    case("stack", "stack", parts, np.stack(parts, axis), axes=[axis])
    case("repeat", "repeat", [cube], np.repeat(cube, 3, axis), axes=[axis], argument=3)
    case("take", "take", [cube], np.take(cube, [1, -1, 0, 1], axis), axes=[axis])
case("repeat", "repeat", [cube], np.repeat(cube, 2), argument=2)
for counts in [[2], [2, 3], [1, 2, 1, 3], [0], [2, 1, 1]]:
    case("tile", "tile", [cube[0]], np.tile(cube[0], counts), axes=counts)
case("select", "select", [cube, (cube[:, 0, 0] > 30)], cube[cube[:, 0, 0] > 30])
case("select", "select", [cube, cube % 7 == 0], cube[cube % 7 == 0])

# Order.
mixed = np.round(normal(6, 7) * 3)
mixed[2, 3] = np.nan
for axis in [0, 1, -1]:
    case("sort", "sort", [mixed], np.sort(mixed, axis), axes=[axis])
    case("argsort", "argsort", [mixed], np.argsort(mixed, axis, kind="stable"), axes=[axis])
    case("cumsum", "cumsum", [values], np.cumsum(values.astype(np.float64), axis), axes=[axis])
    case("diff", "diff", [mixed], np.diff(mixed, axis=axis), axes=[axis])
case("cumsum", "cumsum", [values], np.cumsum(values.astype(np.float64)))
unique, counts = np.unique(mixed, return_counts=True)
case("unique", "unique", [mixed], np.stack([unique, counts]))

# Matrix products.
for a, b in [((5,), (5,)), ((3, 5), (5,)), ((5,), (5, 3)), ((2, 3), (3, 9)), ((7, 600), (600, 11)),
             ((4, 1030), (1030, 8)), ((2, 3, 4, 5), (5, 6)), ((2, 1, 4, 5), (3, 5, 2)), ((5,), (3, 5, 4)),
             ((3, 4, 5), (5,)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((1, 1), (1, 1)), ((13, 17), (17, 1))]:
    # Small whole numbers: short to write, and their products are exact.
    x, y = random.integers(-9, 10, size=a), random.integers(-9, 10, size=b)
    case("matmul", "matmul", [x, y], x @ y)

case("linspace", "linspace", [], np.linspace(-1, 3, 7), numbers=[-1, 3, 7])
case("arange", "arange", [], np.arange(0, 1, 0.1), numbers=[0, 1, 0.1])
case("arange", "arange", [], np.arange(5, -2, -3), numbers=[5, -2, -3])
case("arange", "arange", [], np.arange(5, 2), numbers=[5, 2, 1])

# Text.
printed = [
    np.array([1, 2, 3]), np.array([0.1, 0.25, -3]), np.array([1e-10, 1.5]), np.array([1e9, 1]),
    np.array([np.nan, 1, np.inf]), np.array([-np.inf, 0.5]), np.array([np.nan]), np.zeros((2, 3)),
    np.zeros((0, 3)), normal(3, 4), normal(2, 3, 4), np.arange(1001), normal(30, 40), normal(4, 60, 5),
    normal(30), np.array([[-0.0, 1]]), np.array([16777216, 0.5]), np.array([1 / 3, 2 / 3]),
    np.array([0.00012345678, 0.1]), np.array([123456.789, 1000]), np.array([1e-38, 3e38, -1]),
    np.arange(100) / 7, np.array([[[[5]]]]), np.array([99999999, 1e8]), np.array([1.00000001e-4, 0.05]),
    normal(10, 12) * 1e-6, np.array([0.012345679, 0.9999999]),
]
texts = []
for array in printed:
    array = array.astype(np.float32)
    # Only what is needed to make it again.
    texts.append({"tensor": packed(array), "text": str(array)})

with open("cases.json", "w") as file:
    file.write(json.dumps({"tensors": tensors, "cases": cases, "texts": texts}).replace("}, ", "},\n"))
    file.write("\n")

# Files of every element type and layout.
numbers = np.array([[0, 1, 2], [100, 3, 7]])
for type in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8",
             "|u1", "<u2", "<u4", ">u4", "<u8", "|b1"]:
    name = type.replace("<", "little_").replace(">", "big_").replace("|", "")
    np.save(f"{name}.npy", numbers.astype(type))
np.save("column_major.npy", np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)))
np.save("scalar.npy", np.float32(2.5))
np.save("empty.npy", np.zeros((0, 3), np.float32))
np.save("halves.npy", np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, np.inf, -np.inf, np.nan],
                                          np.float16))
np.save("complex.npy", np.zeros(3, np.complex64))
np.save("text.npy", np.array(["a", "b"]))
np.save("record.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
for version in [(2, 0), (3, 0)]:
    with open(f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(6, dtype=np.float32).reshape(2, 3), version=version)
