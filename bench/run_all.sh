#!/bin/sh
# run_all.sh PROGRAM...: runs benchmarks one after another, and names those that miss a target.
missed=""
for program in "$@"; do
  printf '\n--- %s\n' "$(basename "$program")"
  "$program" || missed="$missed $(basename "$program")"
done
[ -z "$missed" ] || { printf '\nMissing a target:%s\n' "$missed"; exit 1; }
