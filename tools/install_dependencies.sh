#!/usr/bin/env bash
# Installs what Kith needs: Debian packages (the one list), and LibTorch from the PyPI wheel into .venv.
# Does nothing when all is there. Debian 12 and Ubuntu 24.04.
#   tools/install_dependencies.sh          the CPU set: enough to build everything and to train on CPUs
#   tools/install_dependencies.sh --cuda   adds the wheels torch needs to run on a GPU
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  g++ cmake ninja-build ccache mold git python3 python3-venv
  nlohmann-json3-dev libboost-graph-dev libeigen3-dev libspectra-dev libcli11-dev
  libzmq3-dev cppzmq-dev libopenmpi-dev openmpi-bin libsodium-dev pkg-config
  liblz4-dev libzstd-dev libfpzip-dev python3-networkx
  libxxhash-dev zlib1g-dev libgtest-dev libgmock-dev libbenchmark-dev
)
torch=2.11.0
wheels=("torch==$torch" nvidia-cuda-cupti==13.0.85 nvidia-cuda-runtime==13.0.96)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
done
if ((${#missing[@]})); then
  install=(apt-get install -y --no-install-recommends "${missing[@]}")
  if ((EUID == 0)); then as_root=(env DEBIAN_FRONTEND=noninteractive)
  elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
    as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
  else
    echo "error: these packages are missing and neither root nor sudo is at hand. Run as root:" >&2
    echo "  ${install[*]}" >&2
    exit 5
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" "${install[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "error: apt-get failed; see above" >&2
    exit 5
  fi
  rm -f "$log"
fi

python=/usr/bin/python3
[ -x "$python" ] || python=python3
if [ ! -x .venv/bin/python ]; then
  echo "Making .venv"
  rm -rf .venv
  "$python" -m venv .venv
fi
have=$(.venv/bin/python - <<'PYTHON'
import importlib.metadata as metadata
try:
    print(metadata.version("torch").split("+")[0])
except metadata.PackageNotFoundError:
    print("none")
PYTHON
)
if [ "$have" != "$torch" ] || [ ! -e .venv/.kith-torch ]; then
  echo "Installing LibTorch $torch from PyPI (about 540 MB) into .venv"
  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps "${wheels[@]}"
  touch .venv/.kith-torch  # an interrupted pip leaves none
fi
if [ "${1:-}" = "--cuda" ]; then
  echo "Installing torch's full CUDA set (about 3 GB) into .venv"
  .venv/bin/pip install --quiet --disable-pip-version-check "torch==$torch"
fi
