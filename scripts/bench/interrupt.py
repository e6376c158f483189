#!/usr/bin/env python3
"""Measures how long Ctrl-C takes: from the key to the next prompt, for everything that may run long.

    scripts/bench/interrupt.py DATA_FOLDER [--program PATH] [--only TEXT] [--delays 0.2,0.6,1.2]

DATA_FOLDER holds recordings in the tutorial's layout. Each cell runs at the prompt on a pseudo-terminal and is
interrupted after each of the delays; the table shows the longest wait, and 'done' where the cell had ended
before the key came. Exit status 1 if a wait was longer than 200 ms, or a session did not go on.
"""
import argparse
import fcntl
import glob
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time

LIMIT = 0.2

MODEL = """model = sequential([conv2d(16, [3, 3], activation="relu", input_shape=[1491, 257, 1]), \
conv2d(16, [3, 3], activation="relu"), flatten(), dense(1, activation="sigmoid")]); compile(model, \
optimizer="adam", loss="binary_crossentropy", metrics=["recall", "precision"])"""
PREPROCESS = """fn spectrum(a) { a |> stft(frame_length=320, frame_step=32) |> abs |> expand_dims(-1) }; \
fn preprocess(path) { pad((load(path) |> channel(0) |> resample(16kHz))[:48000], 48000) |> spectrum }"""
LONG = "a = audio(random_uniform([{n}], low=-0.5, high=0.5), 44100Hz)"

# name, cells that prepare, the cell to interrupt. {work} and {data} are folders.
CASES = [
    ("tight loop", [], "while true { }"),
    ("nested calls", ["fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }"], "fib(60)"),
    ("callback of map", [], "map(range(1e9), x => x + 1);"),
    ("callback of filter, reduce", [], "reduce(filter(range(1e8), x => x % 2 == 0), (a, b) => a + b)"),
    ("key of sorted", ["xs = list(range(5e6))"], "sorted(xs, key=x => -x);"),
    ("comprehension", [], "[x * x for x in range(1e9)];"),
    ("printing", [], "while true { print(\"x\" * 70) }"),
    ("fit, batch 16", [MODEL, "x = random_uniform([64, 1491, 257, 1]); y = zeros([64])"],
     "h = fit(model, x, y, epochs=100, batch_size=16)"),
    ("evaluate", [MODEL, "x = random_uniform([64, 1491, 257, 1]); y = zeros([64])"],
     "for i in range(100) { evaluate(model, x, y) }"),
    ("predict, one tensor", [MODEL, "x = random_uniform([200, 1491, 257, 1]);"], "predict(model, x);"),
    ("predict, the archive", [MODEL, PREPROCESS],
     "for p in files(\"{data}/Forest Recordings/*.mp3\") { load(p) |> mono |> resample(16kHz) |> "
     "windows(3s, 3s) |> map(spectrum) |> predict(model, _) }"),
    ("cache of a dataset", [PREPROCESS],
     "for b in dataset(files(\"{data}/Parsed_Capuchinbird_Clips/*.wav\") * 20) |> map(preprocess) |> batch(16) "
     "|> prefetch(8) { }"),
    ("decode a long MP3", [], "a = load(\"{work}/long.mp3\")"),
    ("resample", [LONG.format(n="1e8")], "b = resample(a, 16kHz)"),
    ("mono", ["a = audio(random_uniform([2, 5e7], low=-0.5, high=0.5), 44100Hz)"], "b = mono(a)"),
    ("stft of a long recording", [LONG.format(n="2e7")], "sum(abs(stft(a, 320, 32)))"),
    ("mel spectrogram", [LONG.format(n="5e7")], "sum(mel(spectrogram(a, 1024, 256), 64))"),
    ("Fourier transforms of 2^24 samples", [LONG.format(n="5e7")], "sum(abs(stft(a, 2 ** 24, 2 ** 22)))"),
    ("save_audio", [LONG.format(n="1e8")], "save_audio(\"{work}/out.flac\", a)"),
    ("load a long FLAC", [LONG.format(n="3e7"), "save_audio(\"{work}/in.flac\", a)"],
     "for i in range(20) { b = load(\"{work}/in.flac\") }"),
    ("plot 8 million samples", [LONG.format(n="8e6")], "for i in range(20) { plot(a, save=\"p.png\") }"),
    ("plot a long spectrogram", [LONG.format(n="2e7")],
     "plot(spectrogram(a, 1024, 256), save=\"p.png\")"),
    ("plot 8 million points as SVG", ["x = random_uniform([8e6])"], "plot(x, save=\"p.svg\")"),
    ("many plots", ["xs = [random_uniform([100000]) for i in range(100)]"], "plot(xs, save=\"p.png\")"),
    ("histogram", ["x = random_uniform([1e8])"], "histogram(x, bins=100, save=\"p.png\")"),
    ("list of a range", [], "xs = list(range(2e8))"),
    ("repeat a list", [], "xs = repeat(list(range(10)), 2e7)"),
    ("list + list", ["xs = list(range(3e7))"], "while true { ys = xs + xs }"),
    ("compare lists", ["xs = list(range(3e7)); ys = list(range(3e7))"], "while true { xs == ys }"),
    ("in a list", ["xs = list(range(5e7))"], "while true { -1 in xs }"),
    ("sort numbers", ["xs = list(random_uniform([1e7]))"], "sorted(xs);"),
    ("sort strings", ["xs = [f\"{x}\" for x in random_uniform([2e6])]"], "sorted(xs);"),
    ("unique", ["xs = list(random_uniform([1e7]))"], "unique(xs);"),
    ("group_by", ["xs = list(range(5e6))"], "group_by(xs, x => x % 1000);"),
    ("enumerate, zip", ["xs = list(range(5e7))"], "zip(xs, xs);"),
    ("string repetition", [], "while true { s = \"ab\" * 4e8 }"),
    ("replace in a string", ["s = \"ab\" * 1e8"], "replace(s, \"a\", \"cd\");"),
    ("split a string", ["s = \"ab,\" * 3e7"], "split(s, \",\");"),
    ("join", ["xs = [\"abc\"] * 3e7"], "join(xs, \", \");"),
    ("upper", ["s = \"añb\" * 5e7"], "upper(s);"),
    ("text of a list", ["xs = list(range(2e7))"], "s = str(xs)"),
    ("records", [], "r = record([[f\"k{i}\", i] for i in range(1e8)])"),
    ("matmul", ["a = random_uniform([8000, 8000])"], "while true { a @ a }"),
    ("random numbers", [], "while true { random_normal([2e8]) }"),
    ("elementwise", ["t = random_uniform([2e8])"], "while true { sin(t) }"),
    ("sum of an axis", ["t = random_uniform([20000, 10000])"], "while true { sum(t, axis=0) }"),
    ("softmax, cumsum", ["t = random_uniform([20000, 10000])"], "while true { softmax(t); cumsum(t) }"),
    ("transpose", ["t = random_uniform([20000, 10000])"], "while true { reshape(transpose(t), [-1]) + 0 }"),
    ("concat, stack, repeat", ["t = random_uniform([1e8])"],
     "while true { concat([t, t]); stack([t, t]); repeat(t, 2) }"),
    ("sort a tensor", ["t = random_uniform([1e8])"], "sort(t);"),
    ("argsort", ["t = random_uniform([3e7])"], "argsort(t);"),
    ("percentile, median", ["t = random_uniform([1e8])"], "while true { median(t); percentile(t, 3) }"),
    ("tensor of a list", ["xs = list(range(5e7))"], "while true { tensor(xs) }"),
    ("list of a tensor", ["t = random_uniform([1e8])"], "while true { list(t) }"),
    ("read a long CSV", [], "read_csv(\"{work}/long.csv\");"),
    ("write a long CSV", ["xs = [{a: i, b: \"text\"} for i in range(2e6)]"],
     "for i in range(9) { write_csv(\"{work}/out.csv\", xs) }"),
    ("read a long text", [], "while true { read_text(\"{work}/long.csv\") }"),
    ("read lines", [], "while true { read_lines(\"{work}/long.csv\") }"),
    ("write a long text", ["s = \"ab\" * 4e8"], "while true { write_text(\"{work}/out.txt\", s) }"),
    ("save and load arrays", ["t = random_uniform([1e8])"],
     "while true { save_npy(\"{work}/t.npy\", t); load_npy(\"{work}/t.npy\") }"),
    ("files in a deep tree", [], "while true { files(\"/usr/**/*.h\") }"),
    ("sleep", [], "sleep(60s)"),
    ("demo_dataset", [], "demo_dataset(\"{work}/demo\", recordings=200)"),
    ("%run", [], "%run {work}/loop.cap"),
    ("import", [], "import \"{work}/loop.cap\""),
    ("%timeit", [], "%timeit sum(range(1e6))"),
    ("parse a long script", [], "%run {work}/long.cap"),
]


class Session:
    """The program on a pseudo-terminal."""

    def __init__(self, program, folder):
        self.number = 1
        self.text = b""
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            # A shell starts its background jobs with the signal ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.environ.update(
                TERM="xterm", INPUTRC="/dev/null", XDG_STATE_HOME=os.path.join(folder, "state"), NO_COLOR="1")
            os.execv(program, [program, "--plots", folder])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
        self.wait(20)

    def read(self, seconds):
        """Reads for at most so long; False at the end."""
        ready, _, _ = select.select([self.master], [], [], max(0, seconds))
        if ready:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return False
            self.text = self.text[-4000:] + data
        return True

    def is_at_prompt(self):
        return re.search(rb"\[%d\] " % self.number, self.text) is not None

    def wait(self, seconds):
        """Waits for the prompt; the seconds it took, or None."""
        start = time.monotonic()
        while not self.is_at_prompt():
            left = start + seconds - time.monotonic()
            if left < 0 or not self.read(left):
                return None
        return time.monotonic() - start

    def enter(self, line):
        while select.select([self.master], [], [], 0.05)[0] and self.read(0):
            pass
        self.text = b""
        self.number += 1
        os.write(self.master, line.encode() + b"\r")

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.master)


def prepare(work, data):
    recordings = sorted(glob.glob(os.path.join(glob.escape(data), "Forest Recordings", "*.mp3")))
    with open(os.path.join(work, "long.mp3"), "wb") as file:
        for path in recordings[:20]:
            with open(path, "rb") as part:
                file.write(part.read())
    with open(os.path.join(work, "long.csv"), "w") as file:
        file.write("number,name,value\n")
        for start in range(0, 6_000_000, 100_000):
            file.write("".join(f"{i},a name {i},{i / 7}\n" for i in range(start, start + 100_000)))
    with open(os.path.join(work, "loop.cap"), "w") as file:
        file.write("n = 0\nwhile true {\n  n += 1\n}\n")
    with open(os.path.join(work, "long.cap"), "w") as file:
        file.write("".join(f"x{i} = [{i}, {i} + 1, f(\"{i}\")]\n" for i in range(600_000)))


def measure(case, delays, program, work, data):
    """The longest wait in seconds (None: no prompt came), and how many of the delays found the cell done."""
    name, preparation, cell = case
    longest, done = 0.0, 0
    session = Session(program, work)
    try:
        for line in preparation:
            session.enter(line.replace("{work}", work).replace("{data}", data))
            if session.wait(180) is None or b"error" in session.text:
                return None, f"preparation failed: {session.text[-300:]!r}"
        for delay in delays:
            session.enter(cell.replace("{work}", work).replace("{data}", data))
            until = time.monotonic() + delay
            while time.monotonic() < until:
                session.read(until - time.monotonic())
            if session.is_at_prompt():
                if b"error" in session.text:
                    return None, f"failed: {session.text[-300:]!r}"
                done += 1
                continue
            # A flood of output may hold the number: what counts is what comes after the key.
            session.text = b""
            os.write(session.master, b"\x03")
            waited = session.wait(60)
            if waited is None:
                return None, "no prompt within a minute"
            longest = max(longest, waited)
        session.enter("\"still \" + \"alive\"")
        if session.wait(20) is None or b"still alive" not in session.text:
            return None, f"the session did not go on: {session.text[-300:]!r}"
    finally:
        session.close()
    return longest, f"done before {done} of {len(delays)}" if done else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--program", default=".build/release/capuchin-repl")
    parser.add_argument("--only", default="")
    parser.add_argument("--delays", default="0.15,0.4,0.9,1.7")
    options = parser.parse_args()
    delays = [float(text) for text in options.delays.split(",")]
    program, data = os.path.abspath(options.program), os.path.abspath(options.data)
    failed = False
    with tempfile.TemporaryDirectory() as work:
        prepare(work, data)
        for case in CASES:
            if options.only not in case[0]:
                continue
            waited, note = measure(case, delays, program, work, data)
            failed = failed or waited is None or waited > LIMIT
            shown = "FAILED" if waited is None else f"{waited * 1000:6.0f} ms"
            mark = "  <-- too long" if waited is not None and waited > LIMIT else ""
            print(f"{case[0]:42} {shown}{mark}  {note}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
