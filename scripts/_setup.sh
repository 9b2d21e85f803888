# Shared by the scripts beside it: finds Python, makes .venv, installs what is missing.
# Sourced, never run. Everything it does is said on stderr, and done once: a stamp in .venv
# remembers the hash of what was asked for.

set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"
cd "$ROOT"

# A wheel index that serves PyTorch without CUDA; the reasons are in docs/adr/0004-torch.md.
TORCH_CPU_INDEX="https://download.pytorch.org/whl/cpu"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND…: runs it as root, through sudo where we are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    return 1
  fi
}

# apt_install WHY PACKAGE…: Debian and Ubuntu only; fails with the one line that helps.
apt_install() {
  local why=$1
  shift
  have apt-get || die "$why: please install $* (this system has no apt-get), then run this again."
  say "$why: installing $* with apt-get$([ "$(id -u)" = 0 ] || echo ' (sudo)')"
  if [ -z "${APT_UPDATED:-}" ]; then
    as_root apt-get update -qq ||
      die "$why: apt-get update was refused. As an administrator run: apt-get install $*"
    APT_UPDATED=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "$@" \
    </dev/null >"$LOG" 2>&1 || {
    tail -n 5 "$LOG" >&2
    die "$why: apt-get could not install $*. As an administrator run: apt-get install $*"
  }
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# find_python: sets PYTHON to the first interpreter of version 3.11 or newer.
find_python() {
  local candidate
  for candidate in ${MASKWRIGHT_PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if have "$candidate" && is_new_enough "$candidate"; then
      PYTHON=$candidate
      return
    fi
  done
  have python3 || apt_install "Python is missing" python3
  is_new_enough python3 ||
    die "Python 3.11 or newer is needed and $(python3 --version) is the newest here." \
      "Install one and run this again with MASKWRIGHT_PYTHON=/path/to/python3."
  PYTHON=python3
}

make_venv() {
  [ -x "$VENV/bin/python" ] && is_new_enough "$VENV/bin/python" &&
    "$VENV/bin/python" -m pip --version >/dev/null 2>&1 && return
  find_python
  if ! "$PYTHON" -c 'import venv, ensurepip' 2>/dev/null; then
    local version
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    apt_install "Python $version came without venv" "python$version-venv"
  fi
  say "Making a virtual environment in $(basename "$VENV")"
  "$PYTHON" -m venv --clear "$VENV" || die "Could not make $VENV; is this folder writable?"
}

pip() { "$VENV/bin/python" -m pip --disable-pip-version-check "$@"; }

# pip_install ARGUMENT…: quiet where nobody watches, with a bar on a terminal.
pip_install() {
  if [ -t 2 ]; then
    pip install -c constraints.txt "$@" >&2
  else
    pip install -q --no-color --progress-bar off -c constraints.txt "$@" >&2
  fi
}

# install_torch: PyTorch first and alone. On Linux, PyPI's own build brings 2 GB of CUDA along,
# so a build without it is preferred unless there is an NVIDIA card to use it.
install_torch() {
  local wanted
  wanted=$(sed -n 's/^torch==/torch==/p' constraints.txt)
  local installed
  installed=$("$VENV/bin/python" -c \
    'from importlib.metadata import version; print("torch==" + version("torch").split("+")[0])' \
    2>/dev/null || true)
  [ "$installed" = "$wanted" ] && return
  say "Installing PyTorch ($wanted)"
  if [ "$(uname -s)" != Linux ] || have nvidia-smi; then
    pip_install "$wanted"
  elif pip install -q --dry-run --no-deps --no-index --only-binary :all: "$wanted" \
    >/dev/null 2>&1; then
    pip_install "$wanted" # a wheel from this machine's configured find-links
  elif pip download -q --no-deps --only-binary :all: --dest "$VENV/torch" --retries 1 --timeout 15 \
    --index-url "$TORCH_CPU_INDEX" "$wanted" >"$LOG" 2>&1; then
    pip_install "$VENV"/torch/*.whl
  else
    say "PyTorch's CPU index can't be reached; taking PyPI's build, a large download"
    pip_install "$wanted"
  fi
  rm -rf "$VENV/torch"
}

# install_project [EXTRA]: this checkout, editable, with its extra, under constraints.txt.
install_project() {
  local extra=${1:-}
  local stamp="$VENV/.installed${extra:+-$extra}"
  make_venv
  local want
  want=$({
    cat pyproject.toml constraints.txt
    "$VENV/bin/python" --version
    pwd
  } | "$VENV/bin/python" -c \
    'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
  [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
  install_torch
  say "Installing Maskwright${extra:+ with what its $extra needs} (a minute or two, once)"
  pip_install --only-binary :all: -e ".${extra:+[$extra]}" ||
    die "Installing failed; the lines above say why. Nothing outside .venv was changed."
  # Cityscapes' own scripts ask for an old copy of `typing` and for plotting, which tests don't use.
  [ "$extra" != dev ] || pip_install --only-binary :all: --no-deps cityscapesscripts pyquaternion ||
    die "Installing cityscapesscripts failed; the lines above say why."
  echo "$want" >"$stamp"
}

LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT
