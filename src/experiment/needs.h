#pragma once

#include <string>

#include "experiment/initial_parameters.h"
#include "graph/schedule.h"
#include "sharing/sharing.h"

namespace kith {

/// Throws ConfigError, with the reason, unless the run has what its sharing method needs. Of graphs
/// that change, one period is looked at, or some rounds where it is long or there is none.
void check_needs(const Sharing::Needs& needs, const std::string& sharing, const Schedule& schedule,
                 const InitialParameters& initial, std::size_t parameters);

}  // namespace kith
