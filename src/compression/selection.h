#pragma once

#include "compression/compressor.h"
#include "compression/scope.h"

namespace kith {

/// Which part of a vector is kept, segment by segment: what sparsifiers have in common.
class Selection {
 public:
  struct Options {
    Keep keep;
    Scope scope;

    void fields(Fields& f) {
      keep.fields(f);
      scope.fields(f);
    }
  };

  struct Part {
    Segment segment;
    std::size_t kept;  ///< of its coordinates
  };

  Selection(const Options& options, const ParameterLayout& layout);

  const std::vector<Part>& parts() const { return parts_; }

  /// Coordinates kept in all.
  std::size_t kept() const { return kept_; }

  /// 1 − k/d of the segment of which the smallest fraction is kept.
  double error() const;

  /// Makes `out` the coordinates of largest magnitude: indices and values. Throws NumericError if x
  /// is not finite.
  void largest(ConstArrayView x, Compressed& out) const;

 private:
  std::vector<Part> parts_;
  std::size_t kept_ = 0;
};

}  // namespace kith
