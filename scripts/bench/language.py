"""What language.cap does, in Python: prints lines of "name<TAB>seconds<TAB>note" in the same order."""
import statistics
import sys
import time


def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)


def loop():
    s = 0
    for i in range(1_000_000): s += i * i % 7
    return s


def lists():
    xs = []
    for i in range(300_000): xs.append(i * 2)
    return sum([x for x in xs if x % 3 == 0])


def records():
    d = {}
    for i in range(100_000):
        k = f"key{i % 1000}"
        d[k] = d.get(k, 0) + 1
    return len(d)


def adder(n): return lambda x: x + n


def closures():
    add = adder(3)
    s = 0
    for i in range(200_000): s = add(s) % 1000
    return s


def captured():
    total = 0
    weights = [1, 2, 3]
    weigh = lambda x: x * weights[1] + weights[2]
    for i in range(200_000): total += weigh(i)
    return total


def blend(a, b, c, d): return a * b + c * d


def several():
    s = 0
    for i in range(200_000): s += blend(i, 2, s % 5, 4)
    return s


def scaled(x, by=2, plus=1): return x * by + plus


def defaults():
    s = 0
    for i in range(200_000): s += scaled(i) + scaled(i, 3)
    return s


def named():
    s = 0
    for i in range(200_000): s += scaled(i, plus=4)
    return s


def tries():
    s = 0
    for i in range(200_000):
        try: s += i % 7
        except Exception as e: s = 0
    return s


def checked(i):
    if i % 10 == 0: raise ValueError("ten")
    return i


def raises():
    caught = 0
    for i in range(100_000):
        try: checked(i)
        except Exception as e: caught += len(str(e))
    return caught


def collatz():
    longest = 0
    n = 1
    while n < 3000:
        steps = 0
        m = n
        while m != 1:
            if m % 2 == 0: m = m // 2
            else: m = 3 * m + 1
            steps += 1
        if steps > longest: longest = steps
        n += 1
    return longest


def sieve():
    n = 200_000
    prime = [True] * (n + 1)
    i = 2
    while i * i <= n:
        if prime[i]:
            j = i * i
            while j <= n:
                prime[j] = False
                j += i
        i += 1
    return len([x for x in prime if x])


def matrix():
    n = 50
    a = [[i + j for j in range(n)] for i in range(n)]
    b = [[i - j for j in range(n)] for i in range(n)]
    c = [[0] * n for i in range(n)]
    for i in range(n):
        for j in range(n):
            s = 0
            for k in range(n): s += a[i][k] * b[k][j]
            c[i][j] = s
    return c[7][9]


def grid():
    n = 300
    g = [[0] * n for i in range(n)]
    for i in range(n):
        for j in range(n): g[i][j] += i * j % 10
    return g[17][33]


def text():
    s = ""
    for i in range(100_000): s += f"{i},{i * 0.5}\n"
    return len(s)


def letters():
    counts = {}
    for c in "the quick brown fox jumps over the lazy dog " * 3000:
        counts[c] = counts.get(c, 0) + 1
    return counts["o"]


def words():
    counts = {}
    for w in ("one fish two fish red fish blue fish " * 10_000).split(" "):
        if w in counts: counts[w] += 1
        else: counts[w] = 1
    return counts["fish"]


def long_keys():
    d = {}
    for i in range(50_000):
        k = f"recordings/2024/site-{i % 100}/recording-number-{i % 700}.wav"
        d[k] = i
    return len(d)


def points():
    ps = [{"x": i, "y": i % 13} for i in range(50_000)]
    total = 0
    for p in ps:
        p = dict(p)  # Cap's records are values: the list keeps its own
        p["y"] += 2
        total += p["x"] * p["y"]
    return total


def sorting():
    seed = 7
    xs = []
    for i in range(60_000):
        seed = (seed * 1103 + 12345) % 65_521
        xs.append(seed)
    ys = sorted(xs)
    return ys[0] + ys[-1]


def sorting_by():
    xs = [[i * 7919 % 10_007, i] for i in range(20_000)]
    return sorted(xs, key=lambda p: p[0])[5][1]


def pairs():
    s = 0
    for i, x in enumerate([x * 2 for x in range(100_000)]): s += i * x % 3
    return s


def higher():
    xs = list(range(100_000))
    return sum(map(lambda x: x * x, filter(lambda x: x % 3 == 0, xs)))


def natives():
    xs = [3, 1, 2]
    s = 0
    for i in range(200_000): s += len(xs) + abs(i)
    return s


def maximum():
    best = None
    for i in range(200_000):
        v = (i * 7919) % 10_007
        if best is None or v > best: best = v
    return best


def measure(name, work, runs=5):
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    print(f"{name}\t{statistics.median(seconds):.5f}\tCPython {sys.version.split()[0]}")


measure("language_fib25", lambda: fib(25))
measure("language_loop1m", loop)
measure("language_list300k", lists)
measure("language_record100k", records)
measure("language_closures", closures)
measure("language_captured", captured)
measure("language_several_arguments", several)
measure("language_default_arguments", defaults)
measure("language_named_arguments", named)
measure("language_try", tries)
measure("language_raise", raises)
measure("language_while_collatz", collatz)
measure("language_sieve", sieve)
measure("language_matrix", matrix)
measure("language_grid", grid)
measure("language_text_building", text)
measure("language_letter_counts", letters)
measure("language_word_counts", words)
measure("language_long_keys", long_keys)
measure("language_record_fields", points)
measure("language_sort", sorting)
measure("language_sort_by", sorting_by)
measure("language_pairs", pairs)
measure("language_map_filter", higher)
measure("language_native_calls", natives)
measure("language_maximum", maximum)
