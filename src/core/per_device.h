#pragma once

#include <memory>
#include <vector>

#include "core/array.h"

namespace kith {

/// A T for each device that somebody asked for, made from the device. For one thread.
template <class T>
class PerDevice {
 public:
  T& of(const Device& device) {
    for (const Known& known : known_) {
      if (known.device == device) return *known.object;
    }
    return *known_.emplace_back(Known{device, std::make_unique<T>(device)}).object;
  }

 private:
  struct Known {
    Device device;
    std::unique_ptr<T> object;
  };
  std::vector<Known> known_;  // one or two
};

}  // namespace kith
