#!/usr/bin/env bash
# One config, three ways, the same bits: in one process, as processes over ZeroMQ, as MPI ranks.
#   eval/run.sh [CONFIG [PROCESSES]]
# Leaves the three runs in runs/three-ways-<UTC time>/. KITH and MPIRUN may name other programs.
set -euo pipefail
cd "$(dirname "$0")/.."

config=${1:-eval/quadratics/adapt_then_combine.json}
processes=${2:-4}
kith=${KITH:-build/release/kith}
mpirun=${MPIRUN:-mpirun}
out=runs/three-ways-$(date -u +%Y%m%d-%H%M%S)

# 1. One process, all nodes in it.
"$kith" run "$config" --transport inproc --out "$out/inproc" --quiet

# 2. As many processes as you say, on this machine, over ZeroMQ. `--hosts FILE` in place of
#    `--processes N` starts them on other machines, through ssh.
"$kith" launch "$config" --processes "$processes" --transport zmq --out "$out/zmq" --quiet

# 3. The same as MPI ranks. Kith's threads shall use all cores, so ranks are not bound to one; and
#    there may be more ranks than cores. Containers are often root, which Open MPI wants to be told.
ways=(inproc zmq)
if command -v "$mpirun" >/dev/null; then
  ((EUID == 0)) && export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  "$mpirun" -n "$processes" --bind-to none --oversubscribe \
    "$kith" run "$config" --transport mpi --out "$out/mpi" --quiet
  ways+=(mpi)
else
  echo "not run: $mpirun is not installed"
fi

# Every node's final parameters must be the same, bit by bit.
for way in "${ways[@]}"; do
  "$kith" digest "$out/$way" > "$out/$way.digests"
  echo "$way: $(tail -n 1 "$out/$way.digests")"
  cmp "$out/inproc.digests" "$out/$way.digests"
done
echo "The same bits ${#ways[@]} times. The runs are in $out"
