#pragma once

#include "node/node.h"

namespace kith {

/// Push-sum (Kempe, Dobra & Gehrke, FOCS 2003): where edges go one way, weights P whose columns sum
/// to one still keep the network's sum. So a node mixes a numerator x and a weight w, which begins
/// at 1, by the same P, and z = x / w goes to the mean that x alone would miss by the factor w.
///
/// x and w travel in one message of d + 1 numbers: whatever becomes of it becomes of both.
inline Channel::Spec numerator_spec() { return {.name = "numerator", .weighted = true}; }

/// x of what such a channel holds: all but the last number, which is w.
template <class View>
View numerator_of(const View& numerator_and_weight) {
  return numerator_and_weight.part(0, numerator_and_weight.size - 1);
}

/// w of it. Throws NumericError where nothing can be divided by it.
float weight_of(ConstArrayView numerator_and_weight);

/// The node's x, at which it trains and is looked at, ← z = x / w. Reports w as "push_weight".
void set_ratio(Node& self, ConstArrayView numerator_and_weight, float w);

}  // namespace kith
