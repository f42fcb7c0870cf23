#include "sharing/coder.h"

namespace kith {

Coder::Coder(const Options& options, const Sharing::Context& context)
    : compressor_(options.compressor.make({context.layout, context.device})),
      codec_(options.codec),
      form_(compressor_->form()),
      size_(static_cast<std::uint32_t>(context.layout.size)),
      device_(context.device),
      stream_{context.seed, Purpose::kCompression, static_cast<std::uint32_t>(context.uid), 0} {}

Body Coder::say(ConstArrayView v, Round round) {
  stream_.round = static_cast<std::uint32_t>(round);
  const std::shared_ptr<Compressed> own = rooms_.take(device_);
  compressor_->compress(v, stream_, *own);
  Body body = codec_.encode(own, form_, size_);
  own_ = own;
  if (Codec::known(body) != nullptr) return body;  // nothing was lost
  const std::shared_ptr<Compressed> heard = rooms_.take(device_);
  codec_.decode(static_cast<Uid>(stream_.node), body, form_, size_, *heard);
  own_ = heard;
  return body;
}

void Coder::add_own(float scale, ArrayView out) const { compressor_->add(*own_, scale, out); }

void Coder::add(const Sharing::Heard& neighbor, float scale, ArrayView out) const {
  if (const Compressed* const known = Codec::known(*neighbor.body)) {
    return compressor_->add(*known, scale, out);
  }
  Compressed& message = message_room(device_);
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
