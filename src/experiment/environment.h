#pragma once

#include <string>

namespace kith {

/// "0.1.0"
std::string version();

/// Versions, build, processor, host, threads, device, the names of its cards ("" for none), command
/// line and start time, as JSON: what decides a run's bits and what one asks for a year later.
std::string environment_json(const std::string& device, const std::string& card, int threads,
                             const std::string& command_line);

/// The time now as 2026-11-21T02:06:00Z; with `compact`, as 20261121-020600, for a folder's name.
std::string utc_time(bool compact = false);

}  // namespace kith
