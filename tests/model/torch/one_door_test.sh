#!/bin/sh
# Fails if a plug-in exports any function but the one the program asks for, or wants one of the
# program's: the two then meet only where their common header says so.
#   one_door_test.sh NM LIBRARY FUNCTION
exported=$("$1" -D --defined-only "$2" | sed -n 's/.* T //p')
if [ "$exported" != "$3" ]; then
  echo "exported functions, of which $3 should be the only one:"
  echo "$exported"
  exit 1
fi
wanted=$("$1" -DC --undefined-only "$2" | grep ' kith::')
if [ -n "$wanted" ]; then
  echo "wanted of the program:"
  echo "$wanted"
  exit 1
fi
