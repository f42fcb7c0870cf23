#!/bin/sh
# Fails if an object file of level v3 exports anything but its loops: a copy of an inline function
# among them could be the one the linker keeps, for processors that cannot run it.
#   exports_test.sh NM OBJECT...
nm=$1
shift
symbols=$("$nm" -C --defined-only --extern-only "$@" | grep ' [A-Za-z] ')
if [ -z "$symbols" ]; then
  echo "no symbols found in: $*"
  exit 1
fi
# DW.ref: where the exception tables of instrumented objects point to; no code of any level.
strays=$(echo "$symbols" | grep -v -e ' T kith::kernels::v3::' -e ' V DW\.ref\.__gxx_personality_v0$')
if [ -n "$strays" ]; then
  echo "exported besides the loops; make it static, KITH_INLINE or a builtin:"
  echo "$strays"
  exit 1
fi
