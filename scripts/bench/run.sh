#!/usr/bin/env bash
# Times capuchin-repl, and beside it a program that measures what people would run instead.
#
#   scripts/bench/run.sh DATA_FOLDER [PEER COMMAND…]
#
# DATA_FOLDER holds recordings in the tutorial's layout. The peer command is asked for one measure at a time
# (PEER… train, PEER… predict, …) and prints lines of "name<TAB>seconds<TAB>note"; without it only our own
# side is shown. Both sides of a measure run in the same minute; quote the ratio, not the seconds.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 64; }
data=$(realpath "$1")
shift
program=.build/release/capuchin-repl
[ -x "$program" ] || { echo "build first: scripts/tutorial.sh, or swift build -c release"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for measure in train predict clip recording plot language; do
  : >"$work/peer"
  "$program" --quiet --plots "$work" "scripts/bench/$measure.cap" "$data" >"$work/ours"
  [ $# -eq 0 ] || "$@" "$measure" >"$work/peer" 2>/dev/null
  awk -F '\t' 'NR == FNR { peer[$1] = $2; next }
    $1 in peer { printf "%-24s %10.5f s   peer %10.5f s   %5.2f x as fast\n", $1, $2, peer[$1], peer[$1] / $2; next }
    NF > 1 { printf "%-24s %10.5f s\n", $1, $2 }' "$work/peer" "$work/ours"
done
