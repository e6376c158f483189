#!/usr/bin/env bash
# From a clean clone to a count of calls: installs what is missing, builds, and runs the tutorial.
# Arguments go to the tutorial: the first one is the data folder (default: data, made when absent).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/scripts/setup.sh"
swift build --package-path "$root" -c release --product capuchin-repl
program=$(swift build --package-path "$root" -c release --show-bin-path)/capuchin-repl
exec "$program" "$root/scripts/tutorial.cap" "$@"
