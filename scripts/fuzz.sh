#!/usr/bin/env bash
# Runs the fuzzer of the Cap language: scripts/fuzz.sh [SECONDS] [--seed N] [--workers N], or --run FILE.
# Builds it for release, with the tests, so that both share their build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift build -c release --build-tests >&2
exec .build/release/Fuzzing "$@"
