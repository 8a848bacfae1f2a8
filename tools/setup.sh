#!/usr/bin/env bash
# Installs what nasc is built with and tested on. See --help.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tools/setup.sh [--check | --help]

Installs, with apt, what building nasc takes and the system does not have yet: Bazel, a compiler,
LibTorch, ANTLR 4 and a few C++ libraries; and with npm ONNX Runtime, for tests, into a folder of the
user's cache. Knows Debian 12 and 13. Changes nothing when everything is there.

  --check   only says what is missing; exits with 1 if something is
  --help    prints this
EOF
}

# package: what nasc needs it for.
needed='
bazel-bootstrap: the build system
bazel-rules-cc: Bazel rules, offline
bazel-rules-java: Bazel rules, offline
bazel-rules-proto: Bazel rules, offline
bazel-platforms: Bazel rules, offline
bazel-skylib: Bazel rules, offline
g++: the C++17 compiler
libtorch-dev: LibTorch, which runs the networks
libopenblas0-openmp: fast matrix products that obey the number of threads
antlr4: generates the parser
libantlr4-runtime-dev: what the generated parser runs on
libabsl-dev: Abseil
libgtest-dev: GoogleTest, for unit tests
libgmock-dev: GoogleMock, for unit tests
libgoogle-glog-dev: glog, for logs
libgmp-dev: GMP, for exact numbers of architectures
libcli11-dev: CLI11, for the command line
nlohmann-json3-dev: JSON
libsqlite3-dev: SQLite, which keeps the trials of a search
libsqlitecpp-dev: SQLite in C++
libonnx-dev: ONNX, to which networks are exported
libprotobuf-dev: protocol buffers, which files of ONNX are
libxxhash-dev: xxHash, for hashes of architectures
zlib1g-dev: zlib, for compressed data sets
libstb-dev: stb, for images in PNG, JPEG and BMP files
python3-torch: PyTorch, for tests that compare with it
python3-onnx: ONNX, for tests of what is exported
git: for tests of versions in a repository
'
# The build does without these, so a system whose sources lack them is only told so.
useful='
dataset-fashion-mnist: the Fashion-MNIST images of the examples
'
# Node of another source brings npm itself, and does not go together with the package.
command -v npm >/dev/null || useful+='npm: gets ONNX Runtime, for tests of what is exported
'

# Where bazel/onnxruntime.bzl looks for it.
onnxruntime=$(sed -n 's/^ONNX_RUNTIME_VERSION = "\(.*\)"/\1/p' "$(dirname "$0")/../bazel/onnxruntime.bzl")
onnxruntime_folder=${XDG_CACHE_HOME:-$HOME/.cache}/nasc/onnxruntime-$onnxruntime

fail() {
  echo "nasc: $*" >&2
  exit 1
}

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

names() { sed -n 's/^\([^ ]*\): .*/\1/p' <<<"$1"; }

# Prints those lines of the list $1 whose package is not installed.
missing() {
  local installed line
  # shellcheck disable=SC2046  # one argument a name
  # dpkg-query fails for packages it has never heard of; those are just missing.
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' $(names "$1") 2>/dev/null |
    sed -n 's/^.i *|//p') || true
  while IFS= read -r line; do
    [[ -z $line ]] || grep -qxF -- "${line%%: *}" <<<"$installed" || echo "$line"
  done <<<"$1"
}

# Prints the alternatives through which LibTorch would get another BLAS than OpenBLAS with OpenMP.
# The reference BLAS is over ten times slower, and OpenBLAS with pthreads, which the system prefers
# to the one with OpenMP, ignores the number of threads that a program sets. A BLAS of another
# maker was somebody's choice and stays.
slow_blas() {
  local link
  for link in /etc/alternatives/{libblas.so.3,liblapack.so.3,libopenblas.so.0}-*; do
    case $(readlink "$link" || true) in
      */openblas-pthread/* | */openblas-serial/* | */blas/* | */lapack/*) basename "$link" ;;
    esac
  done
}

select_blas() {
  local name arch file
  for name in $(slow_blas); do
    arch=${name#*.so.[0-9]-}
    file=${name%-"$arch"}
    echo "nasc: selecting OpenBLAS with OpenMP for $file"
    as_root update-alternatives --set "$name" "/usr/lib/$arch/openblas-openmp/$file"
  done
}

# Made beside its place, so that nobody finds half of it.
install_onnxruntime() {
  local made=$onnxruntime_folder.new log
  rm -rf "$made"
  mkdir -p "$made"
  if log=$(npm install --prefix "$made" --no-save --no-package-lock --ignore-scripts --no-audit \
    --no-fund "onnxruntime-node@$onnxruntime" 2>&1); then
    mv "$made" "$onnxruntime_folder"
  else
    rm -rf "$made"
    echo "nasc: npm could not get ONNX Runtime; going on without it: ${log%%$'\n'*}"
  fi
}

check_only=false
case ${1-} in
  '') ;;
  --check) check_only=true ;;
  --help | -h) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

# shellcheck source=/dev/null
system=$(. /etc/os-release 2>/dev/null && echo "${ID-}-${VERSION_ID-}") || system=unknown
case $system in
  debian-12 | debian-13) ;;
  *)
    cat >&2 <<'EOF'
nasc: this script knows Debian 12 and 13 only. Elsewhere, please install:
  Bazel 4.2 with its rules for C++, Java, protocol buffers, platforms and skylib
  g++ with C++17
  LibTorch 1.13 or newer with the C++11 ABI (set LIBTORCH to its folder if it is not below /usr)
  OpenBLAS built with OpenMP
  the ANTLR 4 tool and its C++ runtime, versions that go together (4.9 does)
  Abseil, GoogleTest with GoogleMock, glog, CLI11, nlohmann/json, SQLite and SQLiteCpp, xxHash, zlib,
  stb, ONNX with protocol buffers
  PyTorch for Python 3, for some tests
  Node with the package onnxruntime-node, for some tests (NASC_ONNX_RUNTIME names its node_modules)
  Fashion-MNIST (four files *-ubyte.gz), for some examples
EOF
    exit 1
    ;;
esac

to_install=$(missing "$needed")
extras=$(missing "$useful")
blas=$(slow_blas)
[[ -d $onnxruntime_folder ]] || needs_onnxruntime="onnxruntime-node: ONNX Runtime $onnxruntime from npm, for tests of what is exported"

if [[ -z $to_install$extras$blas${needs_onnxruntime-} ]]; then
  echo "nasc: everything is installed"
  exit 0
fi

if [[ -n $to_install$extras${needs_onnxruntime-} ]]; then
  echo "nasc: not installed yet:"
  printf '%s\n' "$to_install" "$extras" "${needs_onnxruntime-}" | sed '/^$/d; s/^/  /'
fi
[[ -z $blas ]] || echo "nasc: not OpenBLAS with OpenMP: $(paste -sd' ' <<<"$blas")"
if $check_only; then
  exit 1
fi

[[ -z $to_install$extras$blas || $EUID -eq 0 ]] || command -v sudo >/dev/null ||
  fail "installing takes root, or sudo"
# Given on the command line, as sudo drops the environment.
apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)

if [[ -n $to_install$extras ]]; then
  as_root "${apt[@]}" update || echo "nasc: going on with the package lists that are there"
  mapfile -t packages < <(names "$to_install")
  for package in $(names "$extras"); do
    if apt-cache show "$package" >/dev/null 2>&1; then
      packages+=("$package")
    else
      echo "nasc: no package source has $package; going on without it"
    fi
  done
  if ((${#packages[@]})); then
    echo "nasc: installing with apt"
    as_root "${apt[@]}" install -y --no-install-recommends "${packages[@]}" ||
      fail "apt could not install everything; its message is above"
  fi
fi
select_blas
if [[ -n ${needs_onnxruntime-} ]]; then
  if command -v npm >/dev/null; then
    echo "nasc: installing ONNX Runtime with npm"
    install_onnxruntime
  else
    echo "nasc: there is no npm; going on without ONNX Runtime"
  fi
fi
echo "nasc: ready to build"
