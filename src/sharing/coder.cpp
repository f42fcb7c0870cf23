#include "sharing/coder.h"

namespace kith {

Coder::Coder(const Options& options, const Sharing::Context& context)
    : compressor_(options.compressor.make({context.layout})),
      codec_(options.codec),
      form_(compressor_->form()),
      size_(static_cast<std::uint32_t>(context.layout.size)),
      stream_{context.seed, Purpose::kCompression, static_cast<std::uint32_t>(context.uid), 0} {}

Body Coder::say(ConstArrayView v, Round round) {
  stream_.round = static_cast<std::uint32_t>(round);
  own_ = compressor_->compress(v, stream_);
  Body body = codec_.encode(own_, form_, size_);
  if (!codec_.lossless()) codec_.decode(static_cast<Uid>(stream_.node), body, form_, size_, own_);
  return body;
}

void Coder::add_own(float scale, ArrayView out) const { compressor_->add(own_, scale, out); }

void Coder::add(const Sharing::Heard& neighbor, float scale, ArrayView out) const {
  thread_local Compressed message;  // its room is kept from one to the next
  codec_.decode(neighbor.sender, *neighbor.body, form_, size_, message);
  try {
    compressor_->check(message);
  } catch (const PeerError& error) {
    throw PeerError("node " + std::to_string(neighbor.sender) + " sent " + error.what());
  }
  compressor_->add(message, scale, out);
}

void Coder::add_pull(std::span<const Sharing::Heard> heard, ArrayView out) const {
  for (const Sharing::Heard& neighbor : heard) {
    add(neighbor, neighbor.weight, out);
    add_own(-neighbor.weight, out);
  }
}

}  // namespace kith
