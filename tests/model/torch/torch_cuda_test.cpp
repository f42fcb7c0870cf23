#include "model/torch/torch_cuda.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "core/error.h"
#include "model/platform.h"

namespace kith {
namespace {

bool is_mapped(const std::string& library) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(library) != std::string::npos) return true;
  }
  return false;
}

TEST(TorchCuda, IsNotMappedByAProcessThatComputesOnCpus) {
  open_network_device({}, "fp32");
  for (const char* library :
       {"libtorch_cuda", "libc10_cuda", "libcublas", "libcudnn", "libcuda.so"}) {
    EXPECT_FALSE(is_mapped(library)) << library;
  }
}

TEST(TorchCuda, SaysThatNobodyOpenedIt) {
  try {
    torch_cuda();
    FAIL() << "there was one";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.code(), ExitCode::kDevice);
    EXPECT_STREQ(error.what(), "torch's CUDA side was not opened; set device to \"cpu\"");
  }
}

}  // namespace
}  // namespace kith
