#pragma once

#include <filesystem>
#include <string>

#include "commands.h"
#include "experiment/run_config.h"

/// What starting a run and starting its processes have in common.
namespace kith::commands {

/// The config that the arguments name, with what they change in it.
RunConfig read_config(const RunArguments& arguments);

/// A folder that is not there yet, for a run without --out.
std::filesystem::path new_folder(const std::string& name);

/// Runs the processes of one machine, `arguments.machine`, of a config that has several on each.
void run_machine(const RunArguments& arguments, const RunConfig& config);

}  // namespace kith::commands
