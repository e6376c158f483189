#!/usr/bin/env bash
# Times the networks of networks.cap beside Keras and, in prediction, ONNX Runtime: each in a process of its own, the sides
# in turns, ROUNDS times (3). Prints a line for each network and batch: seconds and peak memory (medians over the rounds
# of each process's own median of five), and how many times as fast as the peers ours is.
#
#   PYTHON=python3-with-keras scripts/bench/networks.sh [NAME…]
#
# PYTHON needs tensorflow-cpu, and for ONNX Runtime onnxruntime, onnx and tf2onnx; without any only our side is shown.
# MODES is "step predict" unless given. Quote the ratios, not the seconds: those differ from machine to machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
names=("$@")
[ $# -gt 0 ] || names=(tutorial small_mel wide_mel vgg mobilenet five_by_five one_by_one strided samples crnn mfcc ten_classes)
program=${PROGRAM:-$PWD/.build/release/capuchin-repl}
[ -x "$program" ] || { echo "build first: scripts/tutorial.sh, or swift build -c release"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
peer() { [ -z "${PYTHON:-}" ] || "$PYTHON" scripts/bench/networks.py "$@" 2>"$work/errors" || { tail -n 3 "$work/errors" >&2; }; }

for name in "${names[@]}"; do
  peer "$name" export "$work" >/dev/null
  for _ in $(seq "${ROUNDS:-3}"); do
    for mode in ${MODES:-step predict}; do
      "$program" --quiet scripts/bench/networks.cap "$name" "$mode" | sed 's/^/ours\t/'
      peer "$name" "$mode" | sed 's/^/keras\t/'
    done
    if [ -f "$work/$name.onnx" ]; then peer "$name" onnx "$work" | sed 's/^/onnx\t/'; fi
  done
done >"$work/lines"

awk -F '\t' '
  function median(key,   count, i, j, swap, list) {
    count = split(values[key], list, " ")
    for (i = 2; i <= count; i++)
      for (j = i; j > 1 && list[j] + 0 < list[j - 1] + 0; j--) { swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap }
    return count == 0 ? 0 : count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
  }
  function ratio(side, what) { return side > 0 && what > 0 ? sprintf("%.2f", side / what) : "" }
  { key = $1 SUBSEP $2; values[key] = values[key] " " $3
    if ($1 == "ours" && $2 !~ /memory$/ && !($2 in seen)) { seen[$2]; order[++count] = $2 } }
  END {
    printf "%-26s %10s %10s %7s %10s %7s %8s %8s %7s %8s\n", "network/batch/what", "ours ms", "Keras ms", "ratio", "ONNX ms", "ratio", "ours MB", "Keras MB", "part", "ONNX MB"
    for (n = 1; n <= count; n++) {
      name = order[n]
      own = median("ours" SUBSEP name); keras = median("keras" SUBSEP name); onnx = median("onnx" SUBSEP name)
      memory = median("ours" SUBSEP name "/memory"); theirs = median("keras" SUBSEP name "/memory"); other = median("onnx" SUBSEP name "/memory")
      printf "%-26s %10.2f %10.2f %7s %10.2f %7s %8.0f %8.0f %7s %8.0f\n", name, own * 1e3, keras * 1e3, ratio(keras, own), onnx * 1e3, ratio(onnx, own), memory, theirs, ratio(memory, theirs), other
    } }' "$work/lines"
