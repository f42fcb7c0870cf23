#include "core/abi.h"

/// Compiled into every plug-in; read by the program before it loads one.
extern "C" [[gnu::used, gnu::visibility("default")]] const char kith_plugin_abi[] = KITH_PLUGIN_ABI;
