#!/usr/bin/env bash
# Installs the Debian packages that capuchin-repl is built on, where they are missing.
# Does nothing when all of them are there. Run by the other scripts.
set -euo pipefail

packages=(
  libreadline-dev   # the prompt
  libsndfile1-dev   # WAV, FLAC, OGG, AIFF
  libmpg123-dev     # MP3
  libfftw3-dev      # Fourier transforms
  libsoxr-dev       # resampling
  libdnnl-dev       # networks
  libcairo2-dev     # drawing
  libpng-dev        # picture files
  libpangocairo-1.0-0 # any script in pictures' texts; opened when one needs it
  libchafa0         # pictures in a terminal; opened when one shows
  libcmark-gfm-dev  # prose in reports
  libcmark-gfm-extensions-dev
  pkg-config        # tells Swift where these are
  fonts-dejavu-core # the text in pictures
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  echo "setup: installing ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "setup: these packages are missing, and neither root nor sudo is there to install them." >&2
      echo "       Run as root: apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends)
  # The package lists may be missing (a fresh image) or too old: try, update, try again.
  if ! "${install[@]}" -qq "${missing[@]}" >/dev/null 2>&1; then
    "${as_root[@]}" apt-get update -qq
    "${install[@]}" -qq "${missing[@]}" >/dev/null
  fi
fi

# The first "Swift version X.Y" in the output of `swift --version`.
if ! command -v swift >/dev/null; then
  echo "setup: there is no 'swift' on the PATH; version 6.1 or newer is needed." >&2
  echo "       See https://www.swift.org/install/linux/ for Debian 12." >&2
  exit 1
fi
version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version#*.}
if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 1 ]; }; then
  echo "setup: Swift 6.1 or newer is needed, but 'swift' is ${version:-of an unknown version}." >&2
  echo "       See https://www.swift.org/install/linux/ for Debian 12." >&2
  exit 1
fi
