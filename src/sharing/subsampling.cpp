#include <cstring>

#include "core/recycled.h"
#include "core/scratch.h"
#include "kernels/random_bits.h"
#include "kernels/sparse.h"
#include "sharing/partial_average.h"
#include "sharing/vector_coder.h"

namespace kith {
namespace {

using Seed = std::uint64_t;

// Whose room it is (core/scratch.h).
struct Mask;
struct Layers;

/// Random subsampling: each coordinate is said with probability α, whatever its value, and what a
/// neighbor did not say counts as equal to the node's own (PartialAverage). A message has a seed
/// instead of indices: whoever knows it draws the same mask. With α = 1 it is `full`.
///
/// It is decentralizepy's SubSampling with a generator that every receiver has, and seeds that the
/// run's determines.
class Subsampling final : public Sharing {
 public:
  struct Params : VectorCoder::Options {
    double alpha = 0;
    std::string scope = "coordinate";

    void fields(Fields& f) {
      f.required("alpha", alpha, "α, with what probability something is said",
                 Range{.above = 0, .at_most = 1});
      f.optional("scope", scope,
                 "what is drawn: each coordinate by itself, or each tensor as a whole (layer)",
                 Choices{{"coordinate", "layer"}});
      Options::fields(f);
    }
  };

  Subsampling(const Params& params, const Context& context)
      : says_all_(params.alpha == 1),
        by_layer_(params.scope == "layer"),
        threshold_(kernels::bernoulli_threshold(params.alpha)),
        coder_(params),
        layout_(context.layout),
        device_(context.device),
        stream_{context.seed, Purpose::kSharing, static_cast<std::uint32_t>(context.uid), 0} {}

  bool on_device() const override { return true; }

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    if (says_all_) return outbox.to_all(coder_.say(y));
    stream_.round = static_cast<std::uint32_t>(turn.round);
    const Seed seed = Random(stream_).bits64();
    const std::span<const std::uint32_t> indices = drawn(seed);
    const std::shared_ptr<Compressed> part = rooms_.take(device_);
    part->head.resize(sizeof seed);
    std::memcpy(part->head.data(), &seed, sizeof seed);
    part->values.resize(indices.size());
    kernels::gather(y->view(), indices, part->values.view());
    outbox.to_all(coder_.codec().encode(part, form(indices.size()), 0));
  }

  void hear(const Turn& turn, const Slot& y, std::span<const Heard> heard, ArrayView out) override {
    if (says_all_) return coder_.mix(turn.self_weight, y->view(), heard, out);
    double own_weight = turn.self_weight;
    for (const Heard& neighbor : heard) own_weight += neighbor.weight;
    PartialAverage average(own_weight, y->view(), out);
    for (const auto& [sender, weight, body] : heard) {
      const std::span<const std::uint32_t> indices = drawn(seed_of(sender, *body));
      const Compressed* part = Codec::known(*body);
      if (part == nullptr) {
        Compressed& room = message_room(device_);
        coder_.codec().decode(sender, *body, form(indices.size()), 0, room);
        part = &room;
      }
      average.add(weight, indices, part->values.view());
    }
  }

 private:
  static Form form(std::size_t count) { return {.head = sizeof(Seed), .values = count}; }

  static Seed seed_of(Uid sender, const Body& body) {
    const ByteView head = Codec::head_of(body, sizeof(Seed));
    if (head.size() < sizeof(Seed)) {
      throw PeerError("node " + std::to_string(sender) + " sent a message without a seed");
    }
    Seed seed = 0;
    std::memcpy(&seed, head.data(), sizeof seed);
    return seed;
  }

  /// The coordinates that a seed stands for, in room of the thread's that its next call takes.
  std::span<const std::uint32_t> drawn(Seed seed) const {
    if (!by_layer_) return draw(seed, layout_.size, device_);
    const std::span<const std::uint32_t> tensors = draw(seed, layout_.tensors.size(), {});
    auto& coordinates = scratch_buffer<Layers, std::uint32_t>(device_);
    coordinates.fill([&](std::vector<std::uint32_t>& here) { here = coordinates_of(tensors); });
    return coordinates;
  }

  /// Those of the numbers below `size` that the seed stands for.
  std::span<const std::uint32_t> draw(Seed seed, std::size_t size, const Device& device) const {
    const auto mask = scratch_numbers<Mask, std::byte>((size + 7) / 8, device);
    const auto indices = scratch_numbers<Mask, std::uint32_t>(size + 8, device);
    kernels::bernoulli_mask({seed, Purpose::kSharing, 0, 0}, threshold_, size, mask, device);
    return indices.first(kernels::indices_of_set_bits(mask, indices, device));
  }

  std::vector<std::uint32_t> coordinates_of(std::span<const std::uint32_t> tensors) const {
    std::vector<std::uint32_t> coordinates;
    for (const std::uint32_t k : tensors) {
      const ParameterLayout::Tensor& tensor = layout_.tensors[k];
      for (std::size_t i = 0; i < tensor.size; ++i) {
        coordinates.push_back(static_cast<std::uint32_t>(tensor.offset + i));
      }
    }
    return coordinates;
  }

  bool says_all_;
  bool by_layer_;
  std::uint64_t threshold_;
  VectorCoder coder_;
  const ParameterLayout& layout_;
  Device device_;
  Stream stream_;
  Recycled<Compressed> rooms_;
};

const Register<Sharing, Subsampling> registered{
    "subsampling", "parameters drawn at random; their seed is sent instead of their indices"};

}  // namespace
}  // namespace kith
