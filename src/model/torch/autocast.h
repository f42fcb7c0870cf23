#pragma once

#include <ATen/autocast_mode.h>

namespace kith {

/// While it lives, this thread's forward passes compute in bfloat16 where PyTorch's autocast finds
/// it safe, if `on`.
class Autocast {
 public:
  Autocast(bool on, at::DeviceType device) : on_(on), device_(device) {
    if (!on_) return;
    // Its cache of parameters as bfloat16 would outlive their values here, which other nodes'
    // follow in the same tensors.
    cached_ = at::autocast::is_autocast_cache_enabled();
    at::autocast::set_autocast_cache_enabled(false);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
  }
  ~Autocast() {
    if (!on_) return;
    at::autocast::set_autocast_enabled(device_, false);
    at::autocast::set_autocast_cache_enabled(cached_);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_, cached_ = true;
  at::DeviceType device_;
};

}  // namespace kith
