#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/launcher.h"

namespace kith {

/// Copies what the processes of a run left in `folder` on their hosts into the folder of that name
/// here, through ssh: metrics, logs and final parameters, and of process 0 all the rest. What is
/// here already, as on a shared disk, stays. `hosts` are by process; those that are "" are passed
/// over. `show` gets what ssh says. Gives up after `limit_s`, unless that is 0. Says what could not
/// be had; "" when there is all.
std::string fetch_results(const std::filesystem::path& folder,
                          const std::vector<std::string>& hosts, const Launcher::Show& show,
                          double limit_s);

}  // namespace kith
