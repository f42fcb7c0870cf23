#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/array.h"
#include "core/types.h"

namespace kith {

/// Where a config says that nodes compute.
struct DeviceChoice {
  enum class Cards {
    kListed,      ///< each of `cards`
    kOneByTurns,  ///< a process one, by its place on its machine
    kAll,
  };

  Device::Kind kind = Device::Kind::kCpu;
  Cards which = Cards::kListed;
  std::vector<int> cards = {};
};

/// "cpu", "cuda" (card 0), "cuda:K", "cuda:K,L" (its nodes share several), "cuda:all", "cuda:auto";
/// nothing for another text.
std::optional<DeviceChoice> device_choice(const std::string& text);

/// Opens what `text`, a device_choice, says: loads libkith_cuda.so where it is a card. `cuda:auto`
/// deals a machine's processes to its cards in turn; several may share one. From then on arrays and
/// kernels work on these cards too, and each reads the others' memory where the machine can. Throws
/// DeviceError, one sentence, where that cannot be.
std::vector<Device> open_devices(const std::string& text, int local_process);

/// How many of a machine's `processes` compute on one card at most.
std::int64_t processes_on_a_card(const std::string& text, std::int64_t processes);

/// The models of opened cards, and how many there are of each.
std::map<std::string, int> card_models(std::span<const Device> cards);

/// "NVIDIA H200", "2 x NVIDIA H200".
std::string text_of(const std::map<std::string, int>& card_models);

/// On which of `cards` each of a process's nodes lives: those whose uids follow each other on one,
/// those who are trained together (`places` consecutive uids; 0: nobody) never on two, and as equal
/// a share on each as that allows.
std::vector<std::size_t> deal_to_cards(std::span<const Uid> uids, std::size_t cards,
                                       std::int64_t places);

}  // namespace kith
