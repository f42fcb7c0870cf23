# Writes a header that says which Kith this is: cmake -D SOURCE=… -D VERSION=… -D OUT=… -P this file.
# The hash is of all headers, so that a plug-in built against others is found out.

file(GLOB_RECURSE headers LIST_DIRECTORIES false RELATIVE ${SOURCE} ${SOURCE}/*.h)
list(SORT headers)
set(all "")
foreach(header ${headers})
  file(SHA256 ${SOURCE}/${header} hash)
  string(APPEND all "${header} ${hash}\n")
endforeach()
string(SHA256 hash "${all}")
string(SUBSTRING ${hash} 0 16 hash)
file(WRITE ${OUT} "#pragma once

#define KITH_BUILD \"Kith ${VERSION} with headers ${hash}\"
")
