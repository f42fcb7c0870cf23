#pragma once

#include <string>
#include <vector>

#include "core/registry.h"

namespace kith {

/// What is known of a kind of graph: declared beside its name, shown by `kith list graph` and in
/// docs/topologies.md. What does not apply stays empty.
///
/// A formula is written so that a test can work it out and compare it with what `kith graph info`
/// measures: n is the number of nodes, other letters are named where the options are. "F for C"
/// holds where C does, and "~ F" is what it comes near to as n grows. Clauses are parted by ";";
/// one that is no formula is words.
struct TopologyFacts {
  std::string degree;        ///< of how many nodes one hears in a round
  std::string spectral_gap;  ///< 1 − ‖W − J‖ under the kind's own weights, where it is static
  std::string period;        ///< of a schedule, in rounds
  std::string product_distance;  ///< ‖W_{p−1} ⋯ W_0 − J‖ over a period p; 0: exact averaging
  std::string contraction;  ///< E‖W x‖² / ‖x‖² of a round drawn at random, where Σ x = 0
  std::string source;       ///< the paper that it is from
  std::string example;      ///< options of `kith graph`, which make its picture

  operator std::vector<Fact>() const {  // NOLINT(google-explicit-constructor)
    std::vector<Fact> facts{{"degree", degree},           {"spectral_gap", spectral_gap},
                            {"period", period},           {"product_distance", product_distance},
                            {"contraction", contraction}, {"source", source},
                            {"example", example}};
    std::erase_if(facts, [](const Fact& fact) { return fact.text.empty(); });
    return facts;
  }
};

}  // namespace kith
