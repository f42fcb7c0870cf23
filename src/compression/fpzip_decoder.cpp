#include "compression/fpzip_decoder.h"

#include <algorithm>
#include <bit>

/// A number is predicted to equal the one before it. Both are seen as unsigned integers in the
/// order of the numbers; their difference is coded by its sign and its number of binary digits, one
/// symbol of an adaptive range coder, and its digits behind the first one as they are. With up to
/// eight bits of precision the symbol is the difference itself. (Lindstrom & Isenburg, "Fast and
/// efficient compression of floating-point data", IEEE Transactions on Visualization and Computer
/// Graphics, 2006.)
namespace kith {
namespace {

constexpr int kProbabilityBits = 16;
constexpr std::uint32_t kProbabilityOne = 1u << kProbabilityBits;

[[noreturn]] void fail() { throw CorruptError("it is no fpzip stream of its numbers"); }

/// How often each symbol came lately, in parts of 2^16. Frequencies are counted all the time, but
/// used only after an interval, which doubles up to 1,024 symbols: then they are halved, and their
/// sum is back at 2^16 when the next interval ends.
class SymbolModel {
 public:
  explicit SymbolModel(std::uint32_t symbols)
      : frequencies_(symbols), bounds_(symbols + 1), interval_(symbols / 16 | 2) {
    for (std::uint32_t s = 0; s < symbols; ++s) {
      frequencies_[s] = kProbabilityOne / symbols + (s < kProbabilityOne % symbols ? 1 : 0);
    }
    bounds_[symbols] = kProbabilityOne;
    start_interval();
  }

  /// The symbol whose part of [0, 2^16) holds `point`.
  std::uint32_t at(std::uint32_t point) const {
    const auto behind = std::upper_bound(bounds_.begin(), bounds_.end(), point);
    return static_cast<std::uint32_t>(behind - bounds_.begin()) - 1;
  }

  std::uint32_t begin(std::uint32_t symbol) const { return bounds_[symbol]; }
  std::uint32_t size(std::uint32_t symbol) const { return bounds_[symbol + 1] - bounds_[symbol]; }

  void count(std::uint32_t symbol) {
    if (left_ == 0) {
      if (left_with_more_ != 0) {
        left_ = left_with_more_;
        left_with_more_ = 0;
        ++weight_;
      } else {
        start_interval();
      }
    }
    --left_;
    frequencies_[symbol] += weight_;
  }

 private:
  void start_interval() {
    interval_ = std::min(2 * interval_, 1024u);
    std::uint32_t bound = kProbabilityOne;
    std::uint32_t missing = kProbabilityOne;
    for (std::size_t s = frequencies_.size(); s-- > 0;) {
      bound -= frequencies_[s];
      bounds_[s] = bound;
      frequencies_[s] = frequencies_[s] / 2 | 1;
      missing -= frequencies_[s];
    }
    // Each symbol of the interval weighs the same, but the last ones, one more.
    weight_ = missing / interval_;
    left_with_more_ = missing % interval_;
    left_ = interval_ - left_with_more_;
  }

  std::vector<std::uint32_t> frequencies_;  // counted for the next interval
  std::vector<std::uint32_t> bounds_;       // of the symbols, in this one
  std::uint32_t interval_;
  std::uint32_t weight_ = 0;
  std::uint32_t left_ = 0;
  std::uint32_t left_with_more_ = 0;
};

/// A range decoder without carry: the interval [low_, low_ + range_) holds code_.
class RangeDecoder {
 public:
  explicit RangeDecoder(ByteView stream) : stream_(stream) { shift(4); }

  std::uint32_t symbol(SymbolModel& model) {
    const std::uint32_t s = model.at(point(kProbabilityBits));
    low_ += range_ * model.begin(s);
    range_ *= model.size(s);
    model.count(s);
    normalize();
    return s;
  }

  /// A number of `count` bits, at most 16, all equally probable.
  std::uint32_t bits(int count) {
    const std::uint32_t number = point(count);
    low_ += range_ * number;
    normalize();
    return number;
  }

  bool at_end() const { return position_ == stream_.size(); }

 private:
  /// Where code_ lies when the interval is cut into 2^count parts, of which range_ becomes one.
  std::uint32_t point(int count) {
    range_ >>= count;
    if (range_ == 0) fail();
    const std::uint32_t part = (code_ - low_) / range_;
    if (part >> count != 0) fail();  // in what was left over by the cut
    return part;
  }

  void normalize() {
    while ((low_ ^ (low_ + range_)) >> 24 == 0) {  // the first byte is settled
      shift(1);
      range_ <<= 8;
    }
    if (range_ >> 16 == 0) {  // it is not, but the interval is small: make it end at the boundary
      shift(2);
      range_ = 0 - low_;
    }
  }

  void shift(int bytes) {
    for (; bytes > 0; --bytes) {
      if (at_end()) fail();
      code_ = code_ << 8 | std::to_integer<std::uint32_t>(stream_[position_++]);
      low_ <<= 8;
    }
  }

  ByteView stream_;
  std::size_t position_ = 0;
  std::uint32_t low_ = 0;
  std::uint32_t range_ = ~0u;
  std::uint32_t code_ = 0;
};

/// float32, cut to its leading bits, as unsigned integers of so many bits in the order of the
/// numbers, from the highest NaN with a sign to the highest one without.
class Ordering {
 public:
  explicit Ordering(int precision) : precision_(precision) {}

  std::uint32_t from(float x) const {
    return flip(~std::bit_cast<std::uint32_t>(x) >> (32 - precision_));
  }

  float to(std::uint32_t integer) const {
    return std::bit_cast<float>(~flip(integer) << (32 - precision_));
  }

 private:
  /// Of a number without sign, all bits but the first.
  std::uint32_t flip(std::uint32_t bits) const {
    const std::uint32_t first = 1u << (precision_ - 1);
    return (bits & first) != 0 ? bits ^ (first - 1) : bits;
  }

  int precision_;
};

/// What the encoder predicts after `before`: itself, after arithmetic with zeros. That makes −0 to
/// 0, and NaN quiet.
float prediction(float before) {
  const auto bits = std::bit_cast<std::uint32_t>(before);
  if (bits == 0x80000000) return 0;
  return (bits & 0x7fffffff) > 0x7f800000 ? std::bit_cast<float>(bits | 0x00400000) : before;
}

/// The difference of a number to its prediction.
class Differences {
 public:
  Differences(ByteView stream, int precision)
      : decoder_(stream),
        direct_(precision <= 8),
        zero_(direct_ ? (1 << precision) - 1 : precision),
        model_(static_cast<std::uint32_t>(2 * zero_ + 1)) {}

  std::int64_t next() {
    const int symbol = static_cast<int>(decoder_.symbol(model_)) - zero_;
    if (direct_ || symbol == 0) return symbol;
    const int digits = std::abs(symbol) - 1;  // behind the first one
    std::int64_t size = decoder_.bits(std::min(digits, 16));
    if (digits > 16) size |= std::int64_t{decoder_.bits(digits - 16)} << 16;
    size |= std::int64_t{1} << digits;
    return symbol < 0 ? -size : size;
  }

  bool at_end() const { return decoder_.at_end(); }

 private:
  RangeDecoder decoder_;
  bool direct_;
  int zero_;  // the symbol of no difference
  SymbolModel model_;
};

}  // namespace

void decode_fpzip(ByteView code, int precision, ArrayView out) {
  Differences differences(code, precision);
  const Ordering ordering(precision);
  float before = 0;
  for (float& x : std::span(out.begin(), out.end())) {
    const std::int64_t integer = ordering.from(prediction(before)) + differences.next();
    if (integer < 0 || integer >> precision != 0) fail();
    x = before = ordering.to(static_cast<std::uint32_t>(integer));
  }
  if (!differences.at_end()) fail();
}

}  // namespace kith
