#include <cstring>

#include "kernels/random_bits.h"
#include "kernels/sparse.h"
#include "sharing/partial_average.h"
#include "sharing/vector_coder.h"

namespace kith {
namespace {

using Seed = std::uint64_t;

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
        stream_{context.seed, Purpose::kSharing, static_cast<std::uint32_t>(context.uid), 0} {}

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    if (says_all_) return outbox.to_all(coder_.say(y));
    stream_.round = static_cast<std::uint32_t>(turn.round);
    const Seed seed = Random(stream_).bits64();
    Part& part = drawn(seed);
    kernels::gather(y->view(), part.indices, values_of(part));
    outbox.to_all(coder_.codec().encode(values_of(part), std::as_bytes(std::span(&seed, 1))));
  }

  void hear(const Turn& turn, const Slot& y, std::span<const Heard> heard, ArrayView out) override {
    if (says_all_) return coder_.mix(turn.self_weight, y->view(), heard, out);
    double own_weight = turn.self_weight;
    for (const Heard& neighbor : heard) own_weight += neighbor.weight;
    PartialAverage average(own_weight, y->view(), out);
    for (const auto& [sender, weight, body] : heard) {
      Part& part = part_of(sender, *body);
      average.add(weight, part.indices, values_of(part));
    }
  }

 private:
  /// Some coordinates, and their values.
  struct Part {
    std::vector<std::uint32_t> indices;
    std::vector<float> values;
  };

  Part& part_of(Uid sender, const Body& body) const {
    Seed seed = 0;
    if (body.coded().size() < sizeof seed) {
      throw PeerError("node " + std::to_string(sender) + " sent a message without a seed");
    }
    std::memcpy(&seed, body.coded().data(), sizeof seed);
    Part& part = drawn(seed);
    coder_.codec().decode(sender, body, values_of(part),
                          std::as_writable_bytes(std::span(&seed, 1)));
    return part;
  }

  /// The coordinates that a seed stands for, and room for their values: one a thread, lost with the
  /// thread's next call.
  Part& drawn(Seed seed) const {
    thread_local Part part;
    thread_local std::vector<std::byte> mask;
    const Stream stream{seed, Purpose::kSharing, 0, 0};
    const std::size_t draws = by_layer_ ? layout_.tensors.size() : layout_.size;
    mask.resize((draws + 7) / 8);
    kernels::bernoulli_mask(stream, threshold_, draws, mask);
    part.indices.resize(draws + 8);
    part.indices.resize(kernels::indices_of_set_bits(mask, part.indices));
    if (by_layer_) part.indices = coordinates_of(part.indices);
    part.values.resize(part.indices.size());
    return part;
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

  static ArrayView values_of(Part& part) { return {part.values.data(), part.values.size(), {}}; }

  bool says_all_;
  bool by_layer_;
  std::uint64_t threshold_;
  VectorCoder coder_;
  const ParameterLayout& layout_;
  Stream stream_;
};

const Register<Sharing, Subsampling> registered{
    "subsampling", "parameters drawn at random; their seed is sent instead of their indices"};

}  // namespace
}  // namespace kith
