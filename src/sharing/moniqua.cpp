#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "compression/compressor.h"
#include "core/text.h"
#include "kernels/code_pack.h"
#include "kernels/fingerprint.h"
#include "kernels/modulo.h"
#include "kernels/random_bits.h"
#include "kernels/vector_ops.h"
#include "sharing/sharing.h"

namespace kith {
namespace {

// Coordinates at a time: they stay in the L1 cache, and each run of them begins with a fresh byte.
constexpr std::size_t kRun = 4096;

/// Moniqua: quantized gossip without memory (Lu & De Sa, ICML 2020, arXiv:2002.11787). Neighbors are
/// near each other, so the upper bits of a number are known to who hears it. With θ a bound on
/// ‖x_i − x_j‖∞, step = 2 θ / (2^b − 1) and n the point of the grid step · ℤ that x is rounded to,
/// b bits of it are said, and
///
///     x̂_j = step · (the n_j near x_i that has these bits);  x⁺ = x + γ Σ_j W_ij (x̂_j − x̂_i),
///
/// which is the paper's with B = 2^b · step = 2 θ / (1 − 2^−b). Rounded at random, all nodes shift
/// the grid by the same random part of a step, so that equal numbers stay equal and a point is still
/// within half a step of the shifted number.
///
/// Beyond θ a receiver would take one number for another that is 2^b steps off. So a message also
/// has a fingerprint (kernels/fingerprint.h) of the bits that it leaves out, and who found others
/// ends the run. While neighbors are within θ that never happens. If one coordinate is mistaken it
/// happens always, and if several are, but with a probability of (d + 8) / 2^61.
///
/// On the wire: the fingerprint, 8 bytes, then d codes of b bits.
class Moniqua final : public Sharing {
 public:
  struct Params {
    double theta = 0;
    unsigned bits = 0;
    std::string rounding = "nearest";
    float gamma = 1;

    void fields(Fields& f) {
      f.required("theta", theta, "θ, more than any parameter differs between two neighbors",
                 Range{.above = 0});
      f.required("bits", bits, "of a coordinate", Range{.at_least = 1, .at_most = 8});
      f.optional("rounding", rounding,
                 "to the nearest point, or at random so that the mean is kept",
                 Choices{{"nearest", "stochastic"}});
      f.optional("gamma", gamma, "γ, how far a round moves x; less than 1 for few bits",
                 Range{.above = 0, .at_most = 1});
    }
  };

  Moniqua(const Params& params, const Context& context)
      : theta_(params.theta),
        width_(params.bits),
        stochastic_(params.rounding == "stochastic"),
        gamma_(params.gamma),
        step_(2 * params.theta / ((1 << params.bits) - 1) * kSlack),
        context_(context) {}

  Needs needs() const override { return {.doubly_stochastic = true}; }

  void say(const Turn& turn, const Slot& x, Outbox& outbox) override {
    require_room(x->view());
    std::vector<std::byte> message(message_bytes());
    auto* to = reinterpret_cast<std::uint8_t*>(message.data() + kFingerprintBytes);
    kernels::Fingerprint fingerprint(key(turn));
    std::int32_t highs[kRun];
    std::uint8_t codes[kRun];
    for_each_run(turn, x->view(), [&](std::size_t, std::span<const std::int32_t> own) {
      kernels::split_points({width_}, own, codes, highs);
      fingerprint.add({highs, own.size()});
      kernels::pack_codes({codes, own.size()}, width_, to);
      to += kernels::code_bytes(own.size(), width_);
    });
    const std::uint64_t value = fingerprint.value();
    std::memcpy(message.data(), &value, kFingerprintBytes);
    outbox.to_all(Body(std::move(message), kFingerprintBytes));
  }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard,
            ArrayView out) override {
    std::vector<kernels::Fingerprint> found(heard.size(), kernels::Fingerprint(key(turn)));
    for (const Heard& neighbor : heard) check_size(neighbor);
    std::int32_t differences[kRun], highs[kRun], farthest = 0;
    std::uint8_t codes[kRun];
    std::ranges::copy(x->view(), out.data);
    for_each_run(turn, x->view(), [&](std::size_t begin, std::span<const std::int32_t> own) {
      const std::size_t size = own.size();
      for (std::size_t k = 0; k < heard.size(); ++k) {
        kernels::unpack_codes(codes_of(heard[k]) + kernels::code_bytes(begin, width_), width_,
                              {codes, size});
        kernels::find_points({width_}, own, codes, differences, highs);
        found[k].add({highs, size});
        farthest = std::max(farthest, kernels::largest_magnitude({differences, size}));
        // Between two neighbors of a symmetric W these cancel exactly.
        kernels::add_integers(differences, static_cast<float>(gamma_ * heard[k].weight * step_),
                              out.part(begin, size));
      }
    });
    for (std::size_t k = 0; k < heard.size(); ++k) {
      if (fingerprint_of(heard[k]) != found[k].value()) fail_beyond(heard[k].sender);
    }
    context_.reports.report("largest_difference", farthest * step_);
  }

 private:
  static constexpr std::size_t kFingerprintBytes = sizeof(std::uint64_t);

  // A step is a little longer than it need be, so that what float64 rounds off of x / step is no
  // reason to miss a point: at most 2^−22 at either end, of (2^b − 1) / 2 · 2^−18.
  static constexpr double kSlack = 1 + 0x1p-18;

  /// What no node is called, for streams that all nodes draw alike.
  static constexpr std::uint32_t kAllShift = UINT32_MAX, kAllKey = UINT32_MAX - 1;

  Stream stream(std::uint32_t what, const Turn& turn) const {
    return {context_.seed, Purpose::kSharing, what, static_cast<std::uint32_t>(turn.round)};
  }
  Stream key(const Turn& turn) const { return stream(kAllKey, turn); }

  std::size_t message_bytes() const {
    return kFingerprintBytes + kernels::code_bytes(context_.layout.size, width_);
  }

  /// Calls action(begin, half steps) for runs that together are x.
  template <class Action>
  void for_each_run(const Turn& turn, ConstArrayView x, Action action) const {
    std::uint32_t shifts[kRun];
    std::int32_t half_steps[kRun];
    std::ranges::fill(shifts, std::uint32_t{1} << 31);  // a half
    for (std::size_t begin = 0; begin < x.size; begin += kRun) {
      const std::size_t size = std::min(kRun, x.size - begin);
      if (stochastic_) kernels::random_words(stream(kAllShift, turn), begin, {shifts, size});
      kernels::to_half_steps({2 / step_}, x.part(begin, size), shifts, half_steps);
      action(begin, std::span<const std::int32_t>(half_steps, size));
    }
  }

  /// Points are numbers of 29 bits.
  void require_room(ConstArrayView x) const {
    require_finite(x);
    const double largest = kernels::max_abs(x);
    if (largest / step_ < 0x1p28) return;
    throw NumericError("a parameter of " + text(largest) + " is too large for theta = " +
                       text(theta_) + " with " + count_of(width_, "bit") +
                       "; raise /sharing/theta, or set fewer bits");
  }

  void check_size(const Heard& neighbor) const {
    const std::size_t size = neighbor.body->coded().size();
    if (size == message_bytes()) return;
    throw PeerError("node " + std::to_string(neighbor.sender) + " sent " + count_of(size, "byte") +
                    ", not " + std::to_string(message_bytes()));
  }

  static const std::uint8_t* codes_of(const Heard& neighbor) {
    return reinterpret_cast<const std::uint8_t*>(neighbor.body->coded().data()) + kFingerprintBytes;
  }

  static std::uint64_t fingerprint_of(const Heard& neighbor) {
    std::uint64_t value = 0;
    std::memcpy(&value, neighbor.body->coded().data(), kFingerprintBytes);
    return value;
  }

  [[noreturn]] void fail_beyond(Uid sender) const {
    throw NumericError("nodes " +
                       std::to_string(context_.uid) + " and " + std::to_string(sender) +
                       " differ by more than theta = " + text(theta_) +
                       " in some parameter, so moniqua cannot tell what was said; raise "
                       "/sharing/theta, or lower the learning rate");
  }

  static std::string text(double value) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%g", value);
    return digits;
  }

  double theta_;
  unsigned width_;
  bool stochastic_;
  float gamma_;
  double step_;
  Context context_;
};

const Register<Sharing, Moniqua> registered{
    "moniqua", "Moniqua: a few bits of each number, completed by who is near"};

}  // namespace
}  // namespace kith
