#include <algorithm>
#include <cstring>

#include "compression/codec.h"
#include "core/recycled.h"
#include "core/scratch.h"
#include "kernels/mix.h"
#include "kernels/sparse.h"
#include "kernels/vector_ops.h"
#include "sharing/fragments.h"
#include "sharing/plain_mean.h"
#include "sharing/sharing.h"

namespace kith {
namespace {

/// Which fragments a message has: a bit each, the lowest first.
using FragmentSet = std::vector<std::byte>;

bool has(const FragmentSet& set, std::size_t f) {
  return (set[f / 8] >> (f % 8) & std::byte{1}) != std::byte{0};
}

/// Random fragments: the model is cut into k of them, and every round each goes to some receivers
/// only, so that nobody gets a whole model from anybody. A node averages each fragment over itself
/// and those, S_f of them, who said it:
///
///     plain     x⁺_f = (x_f + Σ_{j said f} x_{j,f}) / (S_f + 1)
///     weights   x⁺_f = (W_ii + Σ_{j silent} W_ij) x_f + Σ_{j said f} W_ij x_{j,f}
///
/// Plain is what Shatter's virtual nodes do (Biswas, Even, Kermarrec, Massoulié, Pires, Sharma & de
/// Vos, "Noiseless privacy-preserving decentralized learning", arXiv:2404.09536). They also hide
/// who said it, which is no affair of learning and is not done here.
///
/// Receivers and fragments are shuffled each round, and the fragments, `copies` times each, dealt
/// to the receivers in turn: all get as many but for one.
class RandomFragments final : public Sharing {
 public:
  struct Params {
    std::size_t fragments = 0;
    std::size_t copies = 1;
    std::string average = "plain";
    CodecOptions codec;

    void fields(Fields& f) {
      f.required("fragments", fragments, "k, into how many a model is cut",
                 Range{.at_least = 1, .at_most = 65536});
      f.optional("copies", copies,
                 "how many receivers each fragment is told in a round; where there are fewer, all",
                 Range{.at_least = 1});
      f.optional("average", average,
                 "each fragment becomes the plain mean over those who said it and oneself, or is "
                 "weighted as the graph says, the weights of all others being one's own",
                 Choices{{"plain", "weights"}});
      f.optional("codec", codec, "how the numbers of a message become bytes");
    }
  };

  RandomFragments(const Params& params, const Context& context)
      : count_(params.fragments),
        copies_(params.copies),
        plain_(params.average == "plain"),
        codec_(params.codec),
        layout_(context.layout),
        device_(context.device),
        seed_(context.seed),
        uid_(static_cast<std::uint32_t>(context.uid)) {}

  bool on_device() const override { return true; }

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    if (turn.receivers.empty()) return;
    const Fragments& fragments = this->fragments();
    const ArrayView cut = scratch_vector<RandomFragments>(y->size(), device_);
    kernels::gather(y->view(), fragments.coordinates(), cut);
    const auto body = [&](const FragmentSet& set) {
      const std::shared_ptr<Compressed> message = rooms_.take(device_);
      message->head.resize(set.size());
      std::memcpy(message->head.data(), set.data(), set.size());
      message->values.resize(size_of(fragments, set));
      std::size_t size = 0;
      for_each(fragments, set, [&](std::size_t, const Fragments::Part& part) {
        copy(cut.part(part.offset, part.size), message->values.view().part(size, part.size));
        size += part.size;
      });
      return codec_.encode(message, {.head = set.size(), .values = size}, kNoIndices);
    };
    if (copies_ >= turn.receivers.size()) {
      FragmentSet all((count_ + 7) / 8);
      for (std::size_t f = 0; f < count_; ++f) all[f / 8] |= std::byte{1} << (f % 8);
      return outbox.to_all(body(all));
    }
    const std::vector<FragmentSet> sets = deal(turn);
    for (std::size_t r = 0; r < turn.receivers.size(); ++r) {
      outbox.to(turn.receivers[r], body(sets[r]));
    }
  }

  void hear(const Turn& turn, const Slot& y, std::span<const Heard> heard, ArrayView out) override {
    const Fragments& fragments = this->fragments();
    std::vector<FragmentSet> sets;
    for (const Heard& neighbor : heard) sets.push_back(set_of(neighbor));
    const std::vector<Weights> weights = weights_of(turn, heard, sets);

    const ArrayView cut = scratch_vector<RandomFragments>(out.size, device_);
    kernels::gather(y->view(), fragments.coordinates(), cut);
    for (std::size_t f = 0; f < count_; ++f) {
      const ArrayView sum = cut.part(fragments.part(f).offset, fragments.part(f).size);
      kernels::mix(weights[f].own, sum, {}, sum);
    }
    for (std::size_t k = 0; k < heard.size(); ++k) {
      ConstArrayView values = decoded(heard[k], sets[k], fragments);
      for_each(fragments, sets[k], [&](std::size_t f, const Fragments::Part& part) {
        const ArrayView sum = cut.part(part.offset, part.size);
        const float weight = plain_ ? weights[f].others : heard[k].weight;
        kernels::add_scaled(sum, weight, values.part(0, part.size), sum);
        values = values.part(part.size, values.size - part.size);
      });
    }
    kernels::scatter(fragments.coordinates(), cut, out);
  }

 private:
  const Fragments& fragments() const { return Fragments::of(layout_, count_, seed_, device_); }

  /// Calls action(f, part) for the fragments of a set, in order.
  template <class Action>
  static void for_each(const Fragments& fragments, const FragmentSet& set, Action action) {
    for (std::size_t f = 0; f < fragments.count(); ++f) {
      if (has(set, f)) action(f, fragments.part(f));
    }
  }

  /// What each receiver is told.
  std::vector<FragmentSet> deal(const Turn& turn) const {
    Random random(seed_, Purpose::kSharing, uid_, static_cast<std::uint32_t>(turn.round));
    const std::vector<std::size_t> receivers = shuffled(turn.receivers.size(), random);
    std::vector<FragmentSet> sets(receivers.size(), FragmentSet((count_ + 7) / 8));
    std::size_t next = 0;
    for (const std::size_t f : shuffled(count_, random)) {
      for (std::size_t copy = 0; copy < copies_; ++copy) {
        sets[receivers[next++ % receivers.size()]][f / 8] |= std::byte{1} << (f % 8);
      }
    }
    return sets;
  }

  static std::vector<std::size_t> shuffled(std::size_t count, Random& random) {
    std::vector<std::size_t> numbers(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = i;
    shuffle(std::span(numbers), random);
    return numbers;
  }

  /// Of a fragment: the weight of one's own and, in a plain mean, of those who said it.
  struct Weights {
    float own = 0;
    float others = 0;
  };

  std::vector<Weights> weights_of(const Turn& turn, std::span<const Heard> heard,
                                  std::span<const FragmentSet> sets) const {
    std::vector<Weights> weights(count_);
    for (std::size_t f = 0; f < count_; ++f) {
      double own = turn.self_weight;
      std::size_t said = 0;
      for (std::size_t k = 0; k < heard.size(); ++k) {
        if (has(sets[k], f)) {
          ++said;
        } else {
          own += heard[k].weight;
        }
      }
      const PlainMean mean(said);
      weights[f] = {plain_ ? mean.self_weight : static_cast<float>(own), mean.weight};
    }
    return weights;
  }

  FragmentSet set_of(const Heard& neighbor) const {
    FragmentSet set((count_ + 7) / 8);
    const ByteView bytes = Codec::head_of(*neighbor.body, set.size());
    const bool whole = bytes.size() == set.size();
    if (whole) std::ranges::copy(bytes, set.begin());
    if (!whole || (count_ % 8 != 0 && set.back() >> (count_ % 8) != std::byte{0})) {
      throw PeerError("node " + std::to_string(neighbor.sender) +
                      " sent a message that does not say of which fragments it is");
    }
    return set;
  }

  static std::size_t size_of(const Fragments& fragments, const FragmentSet& set) {
    std::size_t size = 0;
    for_each(fragments, set, [&](std::size_t, const Fragments::Part& part) { size += part.size; });
    return size;
  }

  ConstArrayView decoded(const Heard& neighbor, const FragmentSet& set,
                         const Fragments& fragments) const {
    const Form form{.head = set.size(), .values = size_of(fragments, set)};
    return codec_.heard(neighbor.sender, *neighbor.body, form, kNoIndices, device_).values.view();
  }

  std::size_t count_;
  std::size_t copies_;
  bool plain_;
  Codec codec_;
  const ParameterLayout& layout_;
  Device device_;
  std::uint64_t seed_;
  std::uint32_t uid_;
  Recycled<Compressed> rooms_;
};

const Register<Sharing, RandomFragments> registered{
    "random_fragments", "every neighbor is told another part of the model, as Shatter does"};

}  // namespace
}  // namespace kith
