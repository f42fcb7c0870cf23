#!/bin/sh
# run.sh RUNS PROGRAM: feeds a fuzz target so many inputs; shows what it says only if it finds something.
runs=$1
program=$2
name=$(basename "$program")
if ! "$program" -runs="$runs" -seed=1 -max_len=1024 -print_funcs=0 >"$name.log" 2>&1; then
  tail -n 60 "$name.log"
  echo "$name found something; the input lies in $PWD"
  exit 1
fi
echo "$name: $(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 inputs in \2 s/p' "$name.log"), nothing found"
