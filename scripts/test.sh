#!/usr/bin/env bash
# Passes the tests: installs what is missing, checks the layout of the sources, builds once for
# release, runs every test, random chains on the kernels under sanitizers, a minute of fuzzing,
# and a minute of random networks.
# Arguments go to `swift test` (--filter NAME).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

echo "== setup"
scripts/setup.sh
echo "== lint"
swift format lint --recursive --strict Package.swift Sources Tests
echo "== build"
swift build -c release --build-tests
echo "== test"
swift test -c release --skip-build "$@"
echo "== sanitize"
scripts/sanitize.sh kernels 150 1 plain address
echo "== fuzz"
.build/release/Fuzzing 60
echo "== networks"
.build/release/NetworkTrials 60
echo "== all passed"
