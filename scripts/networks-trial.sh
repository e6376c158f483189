#!/usr/bin/env bash
# Holds random networks against a plain implementation: scripts/networks-trial.sh [SECONDS] [--seed N].
# Builds it for release, with the tests, so that both share their build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift build -c release --build-tests >&2
exec .build/release/NetworkTrials "$@"
