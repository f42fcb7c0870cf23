#pragma once

#include <string>

#include "commands.h"
#include "experiment/run_config.h"

namespace kith::commands {

/// The config that the arguments name, with what they change in it. Where `--transport` replaces
/// the config's, options that only other transports have fall away: the same config runs with each.
RunConfig read_config(const RunArguments& arguments);

/// The transport that the config itself asks for. Nothing else of it is checked.
std::string configured_transport(const RunArguments& arguments);

}  // namespace kith::commands
