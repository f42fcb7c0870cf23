#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/executor.h"
#include "model/model.h"

namespace kith {

/// The models of a process: one for each thread, pointed at the node it works for, and perhaps one
/// more that threads use by turns.
class ModelPool {
 public:
  explicit ModelPool(std::vector<std::unique_ptr<Model>> one_per_thread)
      : models_(std::move(one_per_thread)) {}

  /// The calling thread's.
  Model& mine() { return *models_[static_cast<std::size_t>(Executor::worker())]; }

  const ParameterLayout& layout() const { return models_.front()->layout(); }
  const Model& any() const { return *models_.front(); }

  /// The one for all, where there is one besides those of `threads`; else null.
  Model* shared(int threads) {
    return std::ssize(models_) > threads ? models_[static_cast<std::size_t>(threads)].get()
                                         : nullptr;
  }

  /// The first one, while no worker is there.
  Model& first() { return *models_.front(); }

 private:
  std::vector<std::unique_ptr<Model>> models_;
};

}  // namespace kith
