#pragma once

#include <memory>
#include <optional>

#include "experiment/run_config.h"
#include "model/safetensors.h"

namespace kith {

/// Where every node starts: equal on all nodes and drawn from the seed, drawn per node, read from a
/// file, or x0 of the quadratics (zero where they have none).
class InitialParameters {
 public:
  /// Opens and checks the file, if there is one. All arguments outlive the object.
  InitialParameters(const RunConfig& config, const Data& data, const Model& model);

  void fill(Uid uid, ArrayView x) const;

 private:
  const Model& model_;
  const Data& data_;
  Initialization::From from_;
  std::uint64_t seed_;
  std::optional<SafetensorsFile> file_;
  Array shared_;  // what all nodes start from, where they start equal
};

}  // namespace kith
