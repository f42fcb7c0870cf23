#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/array.h"

namespace kith {

/// Where a config says that nodes compute.
struct DeviceChoice {
  Device::Kind kind = Device::Kind::kCpu;
  std::optional<int> index;  ///< of the card; absent: by the process's place on its machine
};

/// "cpu", "cuda" (card 0), "cuda:K", "cuda:auto"; nothing for another text.
std::optional<DeviceChoice> device_choice(const std::string& text);

/// Opens what `text`, a device_choice, says: loads libkith_cuda.so where it is a card. `cuda:auto`
/// deals a machine's processes to its cards in turn; several may share one. From then on arrays and
/// kernels work on that card too. Throws DeviceError, one sentence, where that cannot be.
Device open_device(const std::string& text, int local_process);

/// How many of a machine's `processes` compute on one card at most.
std::int64_t processes_on_a_card(const std::string& text, std::int64_t processes);

/// The name of an opened card.
std::string card_name(const Device& device);

}  // namespace kith
