"""Writes what Python says of texts: json.tsv, widths.tsv, numbers.tsv. Run with Python 3.11 or newer, in this folder."""
import json
import random
import unicodedata

TEXTS = [
    "1", "-1", "0", "-0", "01", "-01", "+1", ".5", "5.", "-.5", "1e5", "1E+5", "1e-5", "1e", "1e+", "1.5e3", "- 1", "0x10",
    "1_000", "NaN", "Infinity", "nul", "true", "True", "9007199254740993", "-9007199254740993", "9223372036854775807",
    "123456789.125", "[]", "[1,]", "[,1]", "[1 2]", "[1,2", "{}", '{"a":1}', '{"a":1,}', "{a:1}", "{'a':1}", '{"a" 1}',
    '"a"', '"a', "'a'", '"\t"', '"\n"', '"\\t"', '"\\x41"', '"\\u00e9"', '"\\u+0e9"', '"\\u 0e9"', '"\\u00"', '"\\ud83d\\ude00"',
    '"\x1f"', '"\x7f"', " 1 ", "\t1\n", "\f1", "1 2", "", " ", '"\\/"', '"\\a"', "[[[]]]", "// 1", "[1] // one",
]


def refuse(name):
    raise ValueError(name)


def quoted(text):
    return text.encode("unicode_escape").decode("ascii")


with open("json.tsv", "w") as file:
    for text in TEXTS:
        try:
            value = json.loads(text, parse_constant=refuse)
            file.write(f"{quoted(text)}\t{quoted(json.dumps(value, ensure_ascii=False, separators=(',', ':')))}\n")
        except ValueError:
            file.write(f"{quoted(text)}\t\n")

# The wide ranges of Unicode begin and end in these blocks; two blocks that programs disagree about are there whole.
with open("widths.tsv", "w") as file:
    scalars = list(range(0x4DA0, 0x4E10)) + list(range(0xA950, 0xA980)) + list(range(0x3030, 0x3060))
    scalars += list(range(0xABF0, 0xAC10)) + list(range(0xFEF8, 0xFF08)) + list(range(0x20, 0x7F))
    for scalar in scalars:
        character = chr(scalar)
        if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cn"):
            continue
        file.write(f"{scalar:x}\t{2 if unicodedata.east_asian_width(character) in 'WF' else 1}\n")

random.seed(7)
with open("numbers.tsv", "w") as file:
    values = [0.0, -0.0, 0.125, 2.5, 1234567.0, 11.025, -0.0004, 999.9996, 1e14, 16000.0, 1 / 3]
    values += [random.uniform(-1, 1) * 10 ** random.randint(-8, 12) for _ in range(200)]
    for value in values:
        fixed = f"{value:.3f}"
        trimmed = fixed.rstrip("0").rstrip(".")
        file.write(f"{value!r}\t{fixed}\t{'0' if trimmed == '-0' else trimmed}\t{value:.5g}\t{value:.2e}\n")
