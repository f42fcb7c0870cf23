#pragma once

#include <filesystem>

#include "communication/zmq_link.h"

namespace kith {

/// Reads a folder that `kith keygen` made: `process-K.secret` and `public.keys`, where a line is a
/// process and its public key. A line taken out of `public.keys` revokes that key.
/// Throws InputError, also when others than the owner may read the secret.
ZmqSettings::Keys read_keys(const std::filesystem::path& folder, int process, int processes);

/// Makes such a folder for so many processes; every process needs `public.keys` and its own secret.
/// Throws ResourceError, and ConfigError when there are keys already.
void write_keys(const std::filesystem::path& folder, int processes);

}  // namespace kith
