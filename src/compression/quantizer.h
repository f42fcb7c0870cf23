#pragma once

#include <array>

#include "compression/compressor.h"
#include "compression/scope.h"
#include "kernels/quantize.h"

namespace kith {

/// What the quantizers have in common: each segment of the vector has one or two scales of its own,
/// and each coordinate a code of 1 to 8 bits.
///
/// On the wire: the scales of all segments, float32, then the codes of one segment after the other,
/// each from a fresh byte on (kernels/code_pack.h).
class Quantizer : public Compressor {
 public:
  bool on_device() const final { return true; }
  void compress(ConstArrayView x, const Stream& stream, Compressed& out) final;
  void add(const Compressed& message, float scale, ArrayView out) const final;
  void check(const Compressed& message) const final;
  Form form() const final { return form_; }

 protected:
  using Scales = std::array<float, 2>;

  struct Coding {
    std::vector<Segment> segments;
    std::size_t scales = 1;  ///< of a segment, 1 or 2
    unsigned width = 8;      ///< bits of a code
    unsigned largest = 255;  ///< code that there can be
  };

  explicit Quantizer(Coding coding);

  /// The scales of a segment. Throws NumericError where there are none.
  virtual Scales measure(ConstArrayView segment) const = 0;

  /// Codes of a run of a segment's coordinates, the first of which draws word `first` of `stream`.
  virtual void quantize(const Scales& scales, ConstArrayView x, const Stream& stream,
                        std::size_t first, std::uint8_t* codes) const = 0;

  /// What the codes of a segment stand for.
  virtual kernels::Grid grid(const Scales& scales) const = 0;

  /// Whether `measure` can have returned these; they are finite.
  virtual bool possible(const Scales& scales) const = 0;

  /// Coordinates of the largest segment.
  std::size_t largest_segment() const;

 private:
  /// Calls action(segment, offset in it, codes) for runs of codes that together are the message's.
  template <class Action>
  void for_each_codes(const Compressed& message, Action action) const;

  Scales scales_of(const Compressed& message, std::size_t segment) const;

  Form form_;
  Coding coding_;
};

}  // namespace kith
