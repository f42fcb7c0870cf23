#include "communication/landing.h"

#include <cassert>

namespace kith {
namespace {

constexpr std::size_t kUnderWay = 3;  // chunks that the card copies while others are received

}  // namespace

Landing::Landing(const Device& device, std::size_t chunk_bytes, std::size_t at_once)
    : places_(device), staging_(device, chunk_bytes, at_once + kUnderWay) {}

std::shared_ptr<Staging::Chunk> Landing::chunk() {
  std::shared_ptr<Staging::Chunk> chunk = staging_.take();
  assert(chunk);
  return chunk;
}

}  // namespace kith
