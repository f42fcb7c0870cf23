#include "sharing/coder.h"

#include "compression/wire.h"

namespace kith {

Coder::Coder(const CompressorChoice& compressor, const Sharing::Context& context)
    : compressor_(compressor.make({context.layout})),
      size_(context.layout.size),
      stream_{context.seed, Purpose::kCompression, static_cast<std::uint32_t>(context.uid), 0} {}

Body Coder::say(ConstArrayView v, Round round) {
  stream_.round = static_cast<std::uint32_t>(round);
  const Form form = compressor_->form();
  Body body = to_body(compressor_->compress(v, stream_), form);
  own_ = from_bytes(body.coded(), form);
  return body;
}

void Coder::add_own(float scale, ArrayView out) const { compressor_->add(own_, scale, out); }

void Coder::add(const Sharing::Heard& neighbor, float scale, ArrayView out) const {
  try {
    const Compressed message = from_bytes(neighbor.body->coded(), compressor_->form());
    validate(message, *compressor_, size_);
    compressor_->add(message, scale, out);
  } catch (const PeerError& error) {
    throw PeerError("node " + std::to_string(neighbor.sender) + " sent " + error.what());
  }
}

void Coder::add_pull(std::span<const Sharing::Heard> heard, ArrayView out) const {
  for (const Sharing::Heard& neighbor : heard) {
    add(neighbor, neighbor.weight, out);
    add_own(-neighbor.weight, out);
  }
}

ArrayView scratch_vector(std::size_t size) {
  thread_local Array room;
  if (room.size() < size) room = Array(size);
  return room.view().part(0, size);
}

}  // namespace kith
