#!/usr/bin/env bash
# Puts capuchin-repl on the PATH: scripts/install.sh [PREFIX], by default /usr/local for root and
# ~/.local for everybody else. The program needs no Swift once it is installed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ "$(id -u)" -eq 0 ]; then prefix=${1:-/usr/local}; else prefix=${1:-$HOME/.local}; fi

"$root/scripts/setup.sh"
# The Swift runtime goes into the program: it starts faster, and runs where no Swift is. Built apart
# from .build, so that neither build throws the other away.
build=(swift build --package-path "$root" --scratch-path "$root/.build-install" -c release --static-swift-stdlib)
"${build[@]}" --product capuchin-repl
install -D -m 755 "$("${build[@]}" --show-bin-path)/capuchin-repl" "$prefix/bin/capuchin-repl"
echo "installed $prefix/bin/capuchin-repl"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "note: $prefix/bin is not on your PATH" ;;
esac
