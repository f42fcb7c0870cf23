#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/state.h"

namespace kith {

/// Copies the vectors of a state out, or back in.
class StateCopy final : public StateWalker {
 public:
  void tensor(std::string_view name, ArrayView values) override {
    auto& kept = vectors[std::string(name)];
    if (restores) std::copy(kept.begin(), kept.end(), values.begin());
    kept.assign(values.begin(), values.end());
  }

  bool restores = false;
  std::map<std::string, std::vector<float>> vectors;
};

}  // namespace kith
