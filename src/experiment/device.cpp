#include "experiment/device.h"

#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>
#include <string_view>

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

/// The numbers in "0,2,3": each once. Nothing for another text.
std::optional<std::vector<int>> read_cards(std::string_view text) {
  std::vector<int> cards;
  while (true) {
    int card = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, fault] = std::from_chars(text.data(), end, card);
    if (fault != std::errc() || card < 0 || std::ranges::count(cards, card) > 0) {
      return std::nullopt;
    }
    cards.push_back(card);
    if (rest == end) return cards;
    if (*rest != ',') return std::nullopt;
    text = text.substr(static_cast<std::size_t>(rest - text.data()) + 1);
  }
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
  using Cards = DeviceChoice::Cards;
  constexpr std::string_view kPrefix = "cuda:";
  if (text == "cpu") return DeviceChoice{};
  if (text == "cuda") return DeviceChoice{Device::Kind::kCuda, Cards::kListed, {0}};
  if (text == "cuda:auto") return DeviceChoice{Device::Kind::kCuda, Cards::kOneByTurns};
  if (text == "cuda:all") return DeviceChoice{Device::Kind::kCuda, Cards::kAll};
  if (!text.starts_with(kPrefix)) return std::nullopt;
  auto cards = read_cards(std::string_view(text).substr(kPrefix.size()));
  if (!cards) return std::nullopt;
  return DeviceChoice{Device::Kind::kCuda, Cards::kListed, std::move(*cards)};
}

std::vector<Device> open_devices(const std::string& text, int local_process) {
  DeviceChoice choice = device_choice(text).value();
  if (choice.kind == Device::Kind::kCpu) return {Device{}};
  const int count = count_of_cards();
  if (choice.which == DeviceChoice::Cards::kOneByTurns) choice.cards = {local_process % count};
  if (choice.which == DeviceChoice::Cards::kAll) {
    choice.cards.resize(static_cast<std::size_t>(count));
    std::iota(choice.cards.begin(), choice.cards.end(), 0);
  }
  std::vector<Device> devices;
  for (const int card : choice.cards) {
    if (card >= count) {
      throw DeviceError("there is no card " + std::to_string(card) + ", but " +
                        count_of(static_cast<std::uint64_t>(count), "card") +
                        "; the first one is cuda:0");
    }
    devices.push_back(backend().open(card));
  }
  for (const int card : choice.cards) {
    for (const int other : choice.cards) {
      if (card != other) backend().let_read(card, other);
    }
  }
  set_device_memory(&backend().memory());
  set_device_streams(&backend().streams());
  kernels::set_device_kernels(&backend().kernels());
  return devices;
}

std::int64_t processes_on_a_card(const std::string& text, std::int64_t processes) {
  if (device_choice(text).value().which != DeviceChoice::Cards::kOneByTurns) return processes;
  const std::int64_t cards = count_of_cards();
  return (processes + cards - 1) / cards;
}

std::map<std::string, int> card_models(std::span<const Device> cards) {
  std::map<std::string, int> models;
  for (const Device& card : cards) ++models[backend().info(card.index).name];
  return models;
}

std::string text_of(const std::map<std::string, int>& card_models) {
  std::string text;
  for (const auto& [name, count] : card_models) {
    if (!text.empty()) text += ", ";
    if (count > 1) text += std::to_string(count) + " x ";
    text += name;
  }
  return text;
}

std::vector<std::size_t> deal_to_cards(std::span<const Uid> uids, std::size_t cards,
                                       std::int64_t places) {
  const auto group_of = [places](Uid uid) { return places > 0 ? uid / places : uid; };
  std::map<std::int64_t, std::size_t> groups;
  for (const Uid uid : uids) groups[group_of(uid)] = 0;
  std::size_t number = 0;
  for (auto& [group, card] : groups) card = number++ * cards / groups.size();
  std::vector<std::size_t> dealt;
  for (const Uid uid : uids) dealt.push_back(groups.at(group_of(uid)));
  return dealt;
}

}  // namespace kith
