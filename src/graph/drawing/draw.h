#pragma once

#include <string>

#include "graph/drawing/layout.h"
#include "graph/schedule.h"

namespace kith {

struct DrawOptions {
  LayoutKind layout = LayoutKind::kAuto;
  bool show_weights = false;  ///< lines as dark as |W[i,j]|, red where it is negative
};

/// A picture of the graph, as SVG; of a schedule, one of each of its first rounds, up to 12, side
/// by side, in which a node stands where it stood before. The same bytes for the same schedule.
/// Throws ConfigError for more than 100,000 nodes or 1,000,000 lines.
std::string draw(const Schedule& schedule, const DrawOptions& options);

}  // namespace kith
