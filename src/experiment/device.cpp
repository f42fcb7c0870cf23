#include "experiment/device.h"

#include <dlfcn.h>

#include <charconv>
#include <filesystem>

#include "core/device_stream.h"
#include "core/error.h"
#include "core/find_library.h"
#include "core/text.h"
#include "experiment/shared_object.h"
#include "kernels/cuda/backend.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLibrary = "libkith_cuda.so";

fs::path library_file() {
  if (const auto file = find_library(kLibrary)) return *file;
  throw DeviceError("this build has no " + std::string(kLibrary) +
                    ", which comes where CUDA's nvcc is found: install the CUDA toolkit and build "
                    "again (docs/gpu.md), or set device to \"cpu\"");
}

kernels::CudaBackend& load_backend() {
  const fs::path file = library_file();
  try {
    read_shared_object(file);
    const auto entry =
        reinterpret_cast<kernels::CudaEntry*>(dlsym(load_shared_object(file), kernels::kCudaEntry));
    if (!entry) throw DeviceError(file.string() + ": is not " + std::string(kLibrary));
    return *entry();
  } catch (const InputError& error) {
    throw DeviceError(error.what());
  }
}

kernels::CudaBackend& backend() {
  static kernels::CudaBackend& loaded = load_backend();
  return loaded;
}

/// How many cards there are.
int count_of_cards() {
  try {
    return backend().count();
  } catch (const DeviceError& error) {
    throw DeviceError(std::string(error.what()) + "; set device to \"cpu\"");
  }
}

}  // namespace

std::optional<DeviceChoice> device_choice(const std::string& text) {
  if (text == "cpu") return DeviceChoice{};
  if (text == "cuda") return DeviceChoice{Device::Kind::kCuda, 0};
  if (text == "cuda:auto") return DeviceChoice{Device::Kind::kCuda, std::nullopt};
  if (!text.starts_with("cuda:")) return std::nullopt;
  int index = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data() + 5, end, index);
  if (fault != std::errc() || rest != end || index < 0) return std::nullopt;
  return DeviceChoice{Device::Kind::kCuda, index};
}

Device open_device(const std::string& text, int local_process) {
  const DeviceChoice choice = device_choice(text).value();
  if (choice.kind == Device::Kind::kCpu) return {};
  const int count = count_of_cards();
  const int index = choice.index.value_or(local_process % count);
  if (index >= count) {
    throw DeviceError("there is no card " + std::to_string(index) + ", but " +
                      count_of(static_cast<std::uint64_t>(count), "card") +
                      "; the first one is cuda:0");
  }
  const Device device = backend().open(index);
  set_device_memory(&backend().memory());
  set_device_streams(&backend().streams());
  kernels::set_device_kernels(&backend().kernels());
  return device;
}

std::int64_t processes_on_a_card(const std::string& text, std::int64_t processes) {
  if (device_choice(text).value().index) return processes;
  const std::int64_t cards = count_of_cards();
  return (processes + cards - 1) / cards;
}

std::string card_name(const Device& device) { return backend().info(device.index).name; }

}  // namespace kith
