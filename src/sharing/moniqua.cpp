#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "compression/codec.h"
#include "core/per_device.h"
#include "core/recycled.h"
#include "core/scratch.h"
#include "core/text.h"
#include "kernels/code_pack.h"
#include "kernels/fingerprint.h"
#include "kernels/modulo.h"
#include "kernels/parts.h"
#include "kernels/random_bits.h"
#include "kernels/vector_ops.h"
#include "sharing/sharing.h"

namespace kith {
namespace {

// Whose room it is (core/scratch.h).
struct Shifts;
struct HalfSteps;
struct Highs;
struct Differences;
struct Codes;

/// Moniqua: quantized gossip without memory (Lu & De Sa, ICML 2020, arXiv:2002.11787). Neighbors
/// are near each other, so the upper bits of a number are known to who hears it. With θ a bound on
/// ‖x_i − x_j‖∞, step = 2 θ / (2^b − 1) and n the point of the grid step · ℤ that x is rounded to,
/// b bits of it are said, and
///
///     x̂_j = step · (the n_j near x_i that has these bits);  x⁺ = x + γ Σ_j W_ij (x̂_j − x̂_i),
///
/// which is the paper's with B = 2^b · step = 2 θ / (1 − 2^−b). Rounded at random, all nodes shift
/// the grid by the same random part of a step, so that equal numbers stay equal and a point is
/// still within half a step of the shifted number.
///
/// Beyond θ a receiver would take one number for another that is 2^b steps off. So a message also
/// has a fingerprint (kernels/fingerprint.h) of the bits that it leaves out, and who found others
/// ends the run. While neighbors are within θ that never happens. If one coordinate is mistaken it
/// happens always, and if several are, but with a probability of (d + 128) / 2^61.
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

  bool on_device() const override { return true; }

  void say(const Turn& turn, const Slot& x, Outbox& outbox) override {
    require_room(x->view());
    const std::shared_ptr<Compressed> message = rooms_.take(context_.device);
    message->packed.resize(code_bytes());
    std::uint8_t* to = message->packed.data();
    kernels::Fingerprint fingerprint(key(turn));
    for_each_run(turn, x->view(), [&](std::size_t, std::span<const std::int32_t> own) {
      const auto highs = scratch_numbers<Highs, std::int32_t>(own.size(), context_.device);
      const auto codes = scratch_numbers<Codes, std::uint8_t>(own.size(), context_.device);
      kernels::split_points({width_}, own, codes.data(), highs.data(), context_.device);
      fingerprint.add(highs, context_.device);
      kernels::pack_codes(codes, width_, to, context_.device);
      to += kernels::code_bytes(own.size(), width_);
    });
    const std::uint64_t value = fingerprint.value();
    message->head.resize(kFingerprintBytes);
    std::memcpy(message->head.data(), &value, kFingerprintBytes);
    outbox.to_all(codec_.encode(message, form(), kNoIndices));
  }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard, ArrayView out) override {
    std::vector<kernels::Fingerprint> found(heard.size(), kernels::Fingerprint(key(turn)));
    std::vector<const Compressed*> messages;
    for (const Heard& neighbor : heard) messages.push_back(&message_of(neighbor, messages.size()));
    std::int32_t farthest = 0;
    copy(x->view(), out);
    for_each_run(turn, x->view(), [&](std::size_t begin, std::span<const std::int32_t> own) {
      const std::size_t size = own.size();
      const auto highs = scratch_numbers<Highs, std::int32_t>(size, context_.device);
      const auto differences = scratch_numbers<Differences, std::int32_t>(size, context_.device);
      const auto codes = scratch_numbers<Codes, std::uint8_t>(size, context_.device);
      for (std::size_t k = 0; k < heard.size(); ++k) {
        kernels::unpack_codes(messages[k]->packed.data() + kernels::code_bytes(begin, width_),
                              width_, codes, context_.device);
        kernels::find_points({width_}, own, codes.data(), differences.data(), highs.data(),
                             context_.device);
        found[k].add(highs, context_.device);
        farthest = std::max(farthest, kernels::largest_magnitude(differences, context_.device));
        // Between two neighbors of a symmetric W these cancel exactly.
        kernels::add_integers(differences.data(),
                              static_cast<float>(gamma_ * heard[k].weight * step_),
                              out.part(begin, size));
      }
    });
    for (std::size_t k = 0; k < heard.size(); ++k) {
      if (fingerprint_of(*messages[k]) != found[k].value()) fail_beyond(heard[k].sender);
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

  std::size_t code_bytes() const { return kernels::code_bytes(context_.layout.size, width_); }

  Form form() const { return {.head = kFingerprintBytes, .packed = code_bytes()}; }

  /// Calls action(begin, half steps) for runs that together are x, each from a fresh byte on. On a
  /// processor they stay in its L1 cache; a device takes all at once.
  template <class Action>
  void for_each_run(const Turn& turn, ConstArrayView x, Action action) const {
    constexpr std::size_t kRun = 4096;
    const std::size_t run = std::min(x.device.is_cpu() ? kRun : x.size, x.size);
    const auto shifts = scratch_numbers<Shifts, std::uint32_t>(run, x.device);
    // A half, 2^31, has the bits of −0.
    kernels::fill({reinterpret_cast<float*>(shifts.data()), run, x.device}, -0.0f);
    kernels::for_parts<kRun>(x.size, x.device, [&](std::size_t begin, std::size_t size) {
      if (stochastic_) {
        kernels::random_words(stream(kAllShift, turn), begin, shifts.first(size), x.device);
      }
      const auto half_steps = scratch_numbers<HalfSteps, std::int32_t>(size, x.device);
      kernels::to_half_steps({2 / step_}, x.part(begin, size), shifts.data(), half_steps.data());
      action(begin, std::span<const std::int32_t>(half_steps));
    });
  }

  /// Points are numbers of 29 bits.
  void require_room(ConstArrayView x) const {
    require_finite(x);
    const double largest = kernels::max_abs(x);
    if (largest / step_ < 0x1p28) return;
    throw NumericError("a parameter of " + text(largest) +
                       " is too large for theta = " + text(theta_) + " with " +
                       count_of(width_, "bit") + "; raise /sharing/theta, or set fewer bits");
  }

  /// What neighbor k of those that are heard said; a room of the thread's for each.
  const Compressed& message_of(const Heard& neighbor, std::size_t k) const {
    if (const Compressed* const known = Codec::known(*neighbor.body)) return *known;
    const std::size_t size = neighbor.body->coded().size();
    if (size != kFingerprintBytes + code_bytes()) {
      throw PeerError("node " + std::to_string(neighbor.sender) + " sent " +
                      count_of(size, "byte") + ", not " +
                      std::to_string(kFingerprintBytes + code_bytes()));
    }
    thread_local std::vector<PerDevice<Compressed>> rooms;
    if (rooms.size() <= k) rooms.resize(k + 1);
    Compressed& room = rooms[k].of(context_.device);
    codec_.decode(neighbor.sender, *neighbor.body, form(), kNoIndices, room);
    return room;
  }

  static std::uint64_t fingerprint_of(const Compressed& message) {
    std::uint64_t value = 0;
    std::memcpy(&value, message.head.data(), kFingerprintBytes);
    return value;
  }

  [[noreturn]] void fail_beyond(Uid sender) const {
    throw NumericError("nodes " + std::to_string(context_.uid) + " and " + std::to_string(sender) +
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
  Codec codec_{CodecOptions{}};
  Recycled<Compressed> rooms_;
};

const Register<Sharing, Moniqua> registered{
    "moniqua", "Moniqua: a few bits of each number, completed by who is near"};

}  // namespace
}  // namespace kith
