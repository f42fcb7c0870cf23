#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace kith {

/// Why nothing can be read from `file`, a `what` ("config file"), or nothing. Never waits and never
/// throws: opening a pipe would wait for whoever writes to it, and a device may never end.
std::optional<std::string> why_unreadable(const std::filesystem::path& file,
                                          const std::string& what);

}  // namespace kith
