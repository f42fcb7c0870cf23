#pragma once

#include <algorithm>
#include <cassert>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/executor.h"
#include "model/model.h"

namespace kith {

/// The models of a process. On each device that its nodes compute on: one for each thread, pointed
/// at the node it works for, and perhaps one more that threads use by turns.
class ModelPool {
 public:
  using Models = std::vector<std::unique_ptr<Model>>;

  /// `models`: at least one for each thread.
  explicit ModelPool(Models models, const Device& device = {}) { add(std::move(models), device); }

  /// Those of a further device.
  void add(Models models, const Device& device) {
    on_device_.push_back(std::make_unique<OnDevice>(device, std::move(models)));
  }

  /// The calling thread's, for vectors of `device`.
  Model& mine(const Device& device) {
    return *on(device).models[static_cast<std::size_t>(Executor::worker())];
  }

  const ParameterLayout& layout() const { return any().layout(); }
  const Model& any() const { return *on_device_.front()->models.front(); }

  /// One for all threads.
  struct Shared {
    Model* model = nullptr;  ///< null where there is none besides those of the threads
    std::mutex* turn = nullptr;
  };
  Shared shared(const Device& device, int threads) {
    OnDevice& there = on(device);
    if (std::ssize(there.models) <= threads) return {};
    return {there.models[static_cast<std::size_t>(threads)].get(), &there.turn};
  }

  /// The first one, while no worker is there.
  Model& first() { return *on_device_.front()->models.front(); }

 private:
  struct OnDevice {
    OnDevice(const Device& where, Models own) : device(where), models(std::move(own)) {}

    Device device;
    Models models;
    std::mutex turn;
  };

  OnDevice& on(const Device& device) {
    const auto found =
        std::ranges::find(on_device_, device, [](const auto& there) { return there->device; });
    assert(found != on_device_.end());
    return **found;
  }

  std::vector<std::unique_ptr<OnDevice>> on_device_;
};

}  // namespace kith
