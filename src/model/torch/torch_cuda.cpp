#include "model/torch/torch_cuda.h"

#include <ATen/Context.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "core/find_library.h"
#include "model/platform.h"

namespace kith {
namespace {

constexpr const char* kFile = "libkith_cuda_torch.so";

TorchCuda* in_use = nullptr;

std::filesystem::path find_plugin() {
  if (const auto file = find_library(kFile)) return *file;
  throw DeviceError(std::string(kFile) +
                    " is not beside the program: this build of Kith has no "
                    "networks on GPUs; build it where nvcc is found, or set device to \"cpu\"");
}

}  // namespace

TorchCuda& torch_cuda() {
  if (in_use) return *in_use;
  throw DeviceError("torch's CUDA side was not opened; set device to \"cpu\"");
}

void open_network_device(const Device& device, const std::string& precision) {
  if (device.is_cpu() || in_use) return;
  // The same bits every time: cuBLAS wants to know its workspace before it is there.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 1);
  const std::filesystem::path file = find_plugin();
  // Global: the CUDA libraries it brings look for one another's symbols.
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    throw DeviceError(std::string(kFile) + " cannot be loaded (" + dlerror() +
                      "); run \"make cuda\", which installs what PyTorch needs on a GPU");
  }
  using Open = TorchCuda* (*)();
  const auto open = reinterpret_cast<Open>(dlsym(library, "kith_torch_cuda"));
  if (!open) throw DeviceError(file.string() + " is not of this build of Kith; build it again");
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(true, /*warn_only=*/false);
  context.setDeterministicFillUninitializedMemory(false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
  const bool tf32 = precision == "tf32";
  context.setAllowTF32CuBLAS(tf32);
  context.setAllowTF32CuDNN(tf32);
  context.setAllowBF16ReductionCuBLAS(false);
  in_use = open();
  in_use->enter(device);
}

}  // namespace kith
