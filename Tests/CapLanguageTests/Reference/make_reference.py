#!/usr/bin/env python3
"""Writes numbers.tsv: what Python makes of numbers, formats and operators. The Swift tests compare.

    python3 Tests/CapLanguageTests/Reference/make_reference.py

Columns: kind, input (a Cap expression), expected text.
"""
import math, os, random

rows = []
rng = random.Random(7)
floats = [0.1, 0.5, 1e-5, 1.5e-7, 1e16, 1.5e16, 123456.789, 1 / 3, 2 / 3, 1e100, 5e-324, 1.7976931348623157e308,
          99999.5, 0.00012345, 2.5, 1e22]
floats += [rng.uniform(-1e6, 1e6) for _ in range(40)] + [rng.gauss(0, 1) * 10 ** rng.randint(-20, 20) for _ in range(60)]

def cap(x):
    return f"({x!r})"

for n in [0, 1, -1, 42, 10**15, 2**53, -(2**53), 255]:
    rows.append(("repr", cap(n), repr(n)))

specs = [".2f", ".0f", "8.3f", "<10.1f", ">+10.2f", "^12.3e", "e", "E", ".3g", "g", "G", ".1%", "%", ",.2f", "_.1f",
         "012.4f", "+.1f", " .2f", "*^15.2f", "#.0f", "=+10.1f", "x<9.2g", "020,.2f"]
for x in [0.0, 1.0, -1.5, 3.14159, 1234567.891, 0.00001234, -0.5, 2.5, 1e10, 99.995] + floats[-6:]:
    for s in specs:
        rows.append(("format", f"f\"{{{cap(float(x)) if x != int(x) else cap(int(x))}:{s}}}\"", format(float(x), s)))
ints = ["d", "5d", "05d", "<6d", "^7d", "+d", ",d", "_d", "x", "X", "#x", "#X", "b", "#b", "o", "#o", "08b", "#010x",
        "_x", "_b", " d", "", "6", "<4", ",", "06", "=+6", "n"]
for n in [0, 1, 7, 42, 255, 1234567, -5, -1234, 65535, 10**12]:
    for s in ints:
        rows.append(("format", f"f\"{{{cap(n)}:{s}}}\"" if s else f"f\"{{{cap(n)}}}\"", format(n, s)))
for text in ["", "a", "héllo", "日本語"]:
    for s in ["", "s", "5", "<8", ">8s", "^9", "*^9", ".2", "-<6.1s"]:
        rows.append(("format", f"f\"{{{chr(39)}{text}{chr(39)}:{s}}}\"" if s else f"f\"{{{chr(39)}{text}{chr(39)}}}\"", format(text, s)))
rows.append(("format", "f\"{(65):c}\"", format(65, "c")))

def number(x):
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, float) and x == int(x) and abs(x) < 1e16:
        return repr(int(x))
    return repr(x)

for x in floats:
    rows.append(("repr", cap(x), number(x)))

pairs = [(7, 3), (-7, 3), (7, -3), (-7, -3), (7.5, 2), (-7.5, 2), (1e10, 7), (0, 5), (-1, 5), (5, 0.3), (2, 10), (-2, 3),
         (0.1, 0.2), (1e300, 10)]
pairs += [(rng.randint(-1000, 1000), rng.choice([-1, 1]) * rng.randint(1, 50)) for _ in range(30)]
for a, b in pairs:
    for op in ["+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", ">", ">="]:
        try:
            rows.append(("value", f"{cap(a)} {op} {cap(b)}", number(eval(f"float({a!r}) {op} float({b!r})"))))
        except ZeroDivisionError:
            pass
for text in ["-2 ** 2", "2 ** -1", "2 ** 3 ** 2", "-2 ** -2", "10 - 3 - 2", "2 + 3 * 4 % 5", "not 1 == 2", "1 < 2 < 3",
             "3 > 2 > 2", "1 < 2 == 2", "7 // 2 * 2", "-7 // 2", "1 if 2 > 1 else 3", "- - 3", "+3 - -2", "100 // 7 % 4",
             "2 * 3 ** 2", "(1 + 2) * 3", "1 - -1", "3 - 2 - 1 == 0 and 4 > 3 or 1 > 2"]:
    rows.append(("value", text.replace("not 1", "not 1"), number(eval(text))))
xs = list(range(7))
for s in ["[1:3]", "[:-1]", "[::2]", "[::-1]", "[5:1:-2]", "[-3:]", "[10:]", "[:100]", "[3:3]", "[-100:2]", "[6:0:-1]", "[::-3]", "[-1::-1]", "[:-10:-1]"]:
    rows.append(("value", f"[0, 1, 2, 3, 4, 5, 6]{s}", repr(eval(f"xs{s}"))))
    rows.append(("value", f"\"abcdéfg\"{s}", eval(f"'abcdéfg'{s}").join('""')))
for text in ["[x * y for x in [1, 2, 3] for y in [10, 20] if x != 2]", "[[y for y in [1, 2] if y > x] for x in [0, 1, 2]]",
             "[a + b for a, b in [[1, 2], [3, 4]]]", "[1, 2] + [3] * 2", "[1, 2] < [1, 3]", "[1, 2] == [1, 2]", "3 in [1, 2, 3]",
             "4 not in [1, 2]", "[1, [2, [3]]][1][1][0]"]:
    rows.append(("value", text, number(eval(text)) if not isinstance(eval(text), list) else repr(eval(text))))
for text in ["'ab' * 3", "'a' + 'b'", "'abc'[1]", "'abc'[-1]"]:
    rows.append(("value", text.replace("'", '"'), '"' + eval(text) + '"'))
for text in ["'b' in 'abc'", "'' in 'abc'", "'abc' < 'abd'", "'Z' < 'a'", "'a' < 'aa'", "'é' > 'z'"]:
    rows.append(("value", text.replace("'", '"'), number(eval(text))))

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "numbers.tsv"), "w", encoding="utf-8") as f:
    for kind, source, expected in rows:
        f.write(f"{kind}\t{source}\t{expected}\n")
print(len(rows), "rows")
