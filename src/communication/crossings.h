#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "communication/places.h"
#include "core/body.h"
#include "core/device_stream.h"

namespace kith {

/// What nodes on one card say to nodes on another card of the same process. The cards copy it from
/// one to the other on a stream of its own, as soon as it is made, and once, however many nodes
/// there hear it. Nodes on neither card wait meanwhile; who reads it does (Body::meet).
/// Thread-safe. Throws DeviceError.
class Crossings {
 public:
  /// Between `cards`, each with the stream that nodes use.
  explicit Crossings(std::span<const Device> cards);

  /// `body` where nodes on `to`, one of the cards or the host, can read it: itself where it lies
  /// there, or in host memory. To be called behind whoever gave the work that makes it.
  Body carry(const Body& body, const Device& to);

 private:
  struct Card {
    Device device;
    Places places;
    std::unique_ptr<DeviceStream> stream;  // on which things come there
  };
  struct Crossed;
  class Ferry;

  void forget_the_gone();

  std::mutex mutex_;
  std::vector<Card> cards_;
  std::map<std::pair<const void*, int>, std::weak_ptr<const Crossed>> known_;  // by owner and card
  std::size_t look_at_ = 0;  // more known than so many: those that are gone are forgotten
};

}  // namespace kith
