#!/usr/bin/env bash
# Looks for what no result shows: memory touched outside its bounds, undefined behaviour, races.
#
#   scripts/sanitize.sh kernels [COUNT [FIRST [VARIANT…]]]
#       Random chains on the kernels (Tests/KernelTrials) against the plain formulas in double precision, on every
#       instruction set of this machine, in memory with guard zones. COUNT chains (300), from number FIRST (1) on;
#       `kernels 1 NUMBER` repeats one. Built three ways: `plain`, as for use; `address`, under the sanitizers of
#       addresses and undefined behaviour; `thread`. Continuous integration runs the first two.
#   scripts/sanitize.sh address|thread [ARGUMENT…]
#       All tests, built for debugging under that sanitizer. Arguments go to `swift test` (--filter NAME).
#   scripts/sanitize.sh
#       All of these: about an hour.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
jobs=${JOBS:-$(nproc)}

kernels() {
  local count=${1:-300} first=${2:-1} build=.build/kernel-trials variant
  local variants=(plain address thread)
  if [ $# -gt 2 ]; then variants=("${@:3}"); fi
  mkdir -p "$build"
  local flags=(-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-function -Werror -g -I Sources/Kernels/include -I Sources/Kernels)
  # The thread sanitizer's library knows dispatch, and wants it linked.
  local libraries="$toolchain/../lib/swift/linux"
  for variant in "${variants[@]}"; do
    local options=(-O2)
    case $variant in
      address) options=(-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer) ;;
      thread) options=(-O1 -fsanitize=thread -L "$libraries" -ldispatch -lBlocksRuntime -Wl,-rpath,"$libraries") ;;
    esac
    "$toolchain/clang" "${flags[@]}" Sources/Kernels/*.c Tests/KernelTrials/*.c "${options[@]}" -fuse-ld=lld -lm \
      -lpthread -o "$build/$variant"
    "$build/$variant" "$count" "$first" | sed "s/^/$variant: /"
  done
}

whole() {
  local sanitizer=$1
  shift
  # The evaluator measures its stack by addresses of local variables, so these must lie on it. Leaks are not looked
  # for: Swift hides pointers in tagged enumerations, so that what the library's declarations hold seems lost, and
  # XCTest's runner leaves some memory of its own.
  export ASAN_OPTIONS="detect_stack_use_after_return=0:detect_leaks=0:${ASAN_OPTIONS:-}"
  export TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.supp:${TSAN_OPTIONS:-}"
  swift test --jobs "$jobs" --sanitize="$sanitizer" --scratch-path ".build-$sanitizer" "$@"
}

case ${1:-} in
  kernels) kernels "${@:2}" ;;
  address | thread) whole "$@" ;;
  "")
    kernels
    whole address
    whole thread
    ;;
  *)
    sed -n '2,/^set/{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
