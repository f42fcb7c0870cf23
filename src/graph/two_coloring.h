#pragma once

#include <optional>
#include <vector>

#include "graph/schedule.h"

namespace kith {

/// The two halves of a static graph whose edges all go from one to the other: whether a node is in
/// the half that the lowest node of its component is not in. Nothing where there are no such
/// halves.
std::optional<std::vector<bool>> two_coloring(const Schedule& schedule);

}  // namespace kith
