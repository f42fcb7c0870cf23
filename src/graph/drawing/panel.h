#pragma once

#include <optional>

#include "graph/drawing/frame.h"
#include "graph/drawing/svg.h"

namespace kith {

/// Draws one round in `frame`, of which the upper left corner is put at `corner`. Nodes without a
/// line are pale, if others have one. Where `largest_weight` is given, lines are as dark as their
/// weights compared with it, and those of negative weights are red.
void draw_panel(Svg& svg, const Frame& frame, const Lines& lines, Point corner,
                std::optional<double> largest_weight);

}  // namespace kith
