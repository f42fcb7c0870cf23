#pragma once

#include <memory>
#include <string>

#include "compression/codec.h"
#include "core/recycled.h"
#include "sharing/basis.h"
#include "sharing/partial_average.h"
#include "sharing/sharing.h"

namespace kith {

/// A node says the coordinates that changed most, in some basis T: their values, not their changes.
/// The receivers fill the gaps with what they have themselves (PartialAverage). With y the vector
/// after local steps, c = T y, and n coordinates,
///
///     score = c − r;  S = the round(α n) coordinates of largest |score|;  say c_S
///     x⁺ = z + T⁻¹ Σ_j W_ij (c_j − c_i)_{S_j}
///
/// where z is y, averaged with the vectors of those that said everything. T is linear, so this is
/// the average of coefficients, transformed back; but what nobody said is not transformed at all.
///
/// What a coordinate is compared with, r, is the choice `accumulation`:
///
///     none    r = T x, before the local steps: the change of this round
///     local   what local steps changed since it was last said (r moves with every averaging)
///     paper   its value when it was last said: whatever changed since then
///     legacy  its value before the round in which it was last said
///
/// All four are what the accumulator of decentralizepy and JWINS adds up, without adding: the sum
/// of a coordinate's changes is its last value less its first. So whatever changes is said at some
/// time with all but `none`.
///
/// No node keeps a copy of another's vector, so with a codec that loses something nothing has to be
/// decoded by who said it: neighbors average with what was said, a node with its own as it is.
class ChangeSharing : public Sharing {
 public:
  struct Params {
    std::string accumulation = "none";
    double metadata_cap = 1;
    CodecOptions codec;

    void fields(Fields& f);
  };

  bool on_device() const override { return !basis_ || basis_->on_device(); }

  void start(ConstArrayView x) override;
  void say(const Turn& turn, const Slot& y, Outbox& outbox) override;
  void hear(const Turn& turn, const Slot& y, std::span<const Heard> heard, ArrayView out) override;
  void walk_state(StateWalker& walker) override;

 protected:
  /// Without a basis the coordinates are the vector's own.
  ChangeSharing(const Params& params, const Context& context,
                std::unique_ptr<const Basis> basis = nullptr);

  /// α of a node in a round, above 0: receivers know it as well as the sender.
  virtual double alpha(Uid uid, Round round) const = 0;

 private:
  enum class Accumulation : std::uint8_t { kNone, kLocal, kPaper, kLegacy };

  /// How many coordinates a node says; all of them, with no indices, from `metadata_cap` on.
  std::size_t count(Uid uid, Round round) const;

  bool says_all(Uid uid, Round round) const;

  /// Of a message with so many coordinates.
  Form form(std::size_t count) const { return {.indices = count, .values = width_ * count}; }

  std::size_t floats() const { return width_ * coordinates_; }

  /// T x, in room of `User`'s if it has to be worked out.
  template <class User>
  ConstArrayView transform(ConstArrayView x) const;

  /// Makes `chosen` S and c_S.
  void choose(ConstArrayView c, std::size_t count, Compressed& chosen) const;

  /// Moves r after a node said a part, or everything.
  void note_said(ConstArrayView c, const Compressed* part);

  /// Moves r after y was averaged to `next`.
  void note_averaged(ConstArrayView y, ConstArrayView next);

  /// Adds what neighbors said that did not say everything.
  void add_parts(const Turn& turn, std::span<const Heard> heard, PartialAverage& average) const;

  Device device_;
  Accumulation accumulation_ = Accumulation::kNone;
  double metadata_cap_;
  Codec codec_;
  Uid uid_;
  std::unique_ptr<const Basis> basis_;
  std::size_t coordinates_;
  std::size_t width_;
  Array reference_;  // r
  Array before_;     // T x, kept for `legacy` alone
  Recycled<Compressed> rooms_;
};

/// The same with one α for all nodes and rounds.
class SteadyChangeSharing : public ChangeSharing {
 public:
  struct Params : ChangeSharing::Params {
    double alpha = 0;

    void fields(Fields& f);
  };

 protected:
  SteadyChangeSharing(const Params& params, const Context& context,
                      std::unique_ptr<const Basis> basis = nullptr)
      : ChangeSharing(params, context, std::move(basis)), alpha_(params.alpha) {}

 private:
  double alpha(Uid, Round) const override { return alpha_; }

  double alpha_;
};

}  // namespace kith
