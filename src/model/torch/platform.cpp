#include "model/platform.h"

#include <ATen/Version.h>
#include <torch/version.h>

namespace kith {

std::string numeric_platform() {
  return std::string("LibTorch ") + TORCH_VERSION + ", " + at::get_cpu_capability();
}

}  // namespace kith
