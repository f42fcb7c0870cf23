#pragma once

#include <string>
#include <vector>

#include "core/registry.h"

namespace kith {

/// What is known of a protocol: declared beside its name, shown by `kith list node` and in
/// docs/algorithms.md. What does not apply stays empty.
struct ProtocolFacts {
  /// What it computes, a line an equation: x⁺ is x of the next round, W the mixing matrix, u(x)
  /// what the local steps add to x, g a gradient, η the learning rate.
  std::string recursion;

  /// Payload bytes a node sends in a round with full sharing, for d parameters and g neighbors of n
  /// nodes: a formula that a test compares with what is sent, or words.
  std::string sends;

  std::string keeps;        ///< the vectors of d numbers a node remembers, besides x
  std::string needs;        ///< of the graph, the weights and the training
  std::string fixed_point;  ///< where it ends when nodes have different data and η stays
  std::string source;       ///< the paper

  operator std::vector<Fact>() const {  // NOLINT(google-explicit-constructor)
    std::vector<Fact> facts{
        {"recursion", recursion},     {"sends", sends},  {"keeps", keeps}, {"needs", needs},
        {"fixed_point", fixed_point}, {"source", source}};
    std::erase_if(facts, [](const Fact& fact) { return fact.text.empty(); });
    return facts;
  }
};

}  // namespace kith
