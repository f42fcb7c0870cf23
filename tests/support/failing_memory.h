#pragma once

#include <string>

#include "core/device_memory.h"
#include "core/error.h"

namespace kith {

/// While one lives, the device's memory can be copied no more: it says `why`.
class FailingMemory final : public DeviceMemory {
 public:
  explicit FailingMemory(std::string why) : before_(device_memory()), why_(std::move(why)) {
    set_device_memory(this);
  }
  ~FailingMemory() override { set_device_memory(&before_); }

  void* allocate(const Device& device, std::size_t bytes) override {
    return before_.allocate(device, bytes);
  }
  void release(const Device& device, void* place) noexcept override {
    before_.release(device, place);
  }
  void copy(const Device&, const void*, void*, std::size_t) override { throw DeviceError(why_); }
  void wait(const Device& device) override { before_.wait(device); }

 private:
  DeviceMemory& before_;
  const std::string why_;
};

}  // namespace kith
