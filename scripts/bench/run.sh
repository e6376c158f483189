#!/usr/bin/env bash
# Times capuchin-repl, and beside it a program that measures what people would run instead.
#
#   scripts/bench/run.sh DATA_FOLDER [PEER COMMAND…]
#
# DATA_FOLDER holds recordings in the tutorial's layout. The peer command is asked for one measure at a time
# (PEER… train, PEER… predict, …) and prints lines of "name<TAB>seconds<TAB>note"; without it only our own
# side is shown, but for the language, whose peer is beside it: language.py, where there is a python3. Other
# networks than the tutorial's have a script of their own, networks.sh. Both sides take turns, ROUNDS times (5); the table
# has the median over the rounds of each side's own median, the ratio of these, and the most memory that a side
# had in any round. Quote the ratio, not the seconds: those differ from machine to machine. A measure that ends
# in _mixed is compared with the peer's without. MEASURES names what to measure, by default "train predict clip
# recording plot language"; there is also epoch. PYTHON is the python3 to compare with.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { sed -n '2,13p' "$0" | sed 's/^# \{0,1\}//'; exit 64; }
data=$(realpath "$1")
shift
python=${PYTHON:-python3}
program=$PWD/.build/release/capuchin-repl
[ -x "$program" ] || { echo "build first: scripts/tutorial.sh, or swift build -c release"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs a command; its lines go to $1 with its peak memory in kB as a fourth column (0 where GNU time is missing).
measured() {
  local lines=$1
  shift
  if [ -x /usr/bin/time ]; then
    /usr/bin/time -o "$work/memory" -f %M "$@" >"$work/lines" 2>"$work/errors" || { cat "$work/errors" >&2; return 1; }
  else
    echo 0 >"$work/memory"
    "$@" >"$work/lines" 2>"$work/errors" || { cat "$work/errors" >&2; return 1; }
  fi
  awk -F '\t' -v memory="$(tail -n 1 "$work/memory")" 'NF > 1 { printf "%s\t%s\t%s\n", $1, $2, memory }' "$work/lines" >>"$lines"
}

printf '%-28s %12s %12s %8s %10s %10s\n' measure ours peer ratio memory "peer's"
for measure in ${MEASURES:-train predict clip recording plot language}; do
  : >"$work/ours"
  : >"$work/peer"
  for _ in $(seq "${ROUNDS:-5}"); do
    measured "$work/ours" "$program" --quiet --plots "$work" "scripts/bench/$measure.cap" "$data"
    if [ -f "scripts/bench/$measure.py" ] && command -v "$python" >/dev/null; then
      measured "$work/peer" "$python" "scripts/bench/$measure.py"
    elif [ $# -gt 0 ]; then
      measured "$work/peer" "$@" "$measure"
    fi
  done
  awk -F '\t' '
    function median(list, count,   i, j, swap) {
      for (i = 2; i <= count; i++)
        for (j = i; j > 1 && list[j] < list[j - 1]; j--) { swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap }
      return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
    }
    function summary(side, name,   i, values) {
      for (i = 1; i <= count[side, name]; i++) values[i] = seconds[side, name, i]
      return median(values, count[side, name])
    }
    { side = FILENAME ~ /ours$/ ? "ours" : "peer"
      if (side == "ours" && !((side, $1) in count)) order[++names] = $1
      seconds[side, $1, ++count[side, $1]] = $2 + 0
      if ($3 + 0 > memory[side, $1]) memory[side, $1] = $3 + 0 }
    END { for (n = 1; n <= names; n++) {
      name = order[n]
      own = summary("ours", name)
      beside = name
      sub(/_mixed$/, "", beside)
      if (("peer", beside) in count) {
        other = summary("peer", beside)
        printf "%-28s %10.5f s %10.5f s %8.2f %7.0f MB %7.0f MB\n", name, own, other, other / own, memory["ours", name] / 1024, memory["peer", beside] / 1024
      } else printf "%-28s %10.5f s %12s %8s %7.0f MB\n", name, own, "", "", memory["ours", name] / 1024
    } }' "$work/ours" "$work/peer"
done
