#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/fields.h"
#include "core/layout.h"

namespace kith {

/// A run of coordinates that has a choice, or a scale, of its own.
struct Segment {
  std::size_t offset = 0;
  std::size_t size = 0;
};

/// Option: what one choice, or one scale, is for.
struct Scope {
  std::string scope = "global";

  void fields(Fields& f) {
    f.optional("scope", scope,
               "what one choice or scale is for: the whole vector (global), or each tensor (layer)",
               Choices{{"global", "layer"}});
  }

  /// The segments of a vector, in order and without gaps; none is empty.
  std::vector<Segment> segments(const ParameterLayout& layout) const;
};

/// The same for methods with a scale: smaller runs have less error, and more scales to send.
struct BucketedScope : Scope {
  std::optional<std::int64_t> bucket;

  void fields(Fields& f) {
    Scope::fields(f);
    f.optional("bucket", bucket, "most coordinates that share a scale; by default no bound",
               Range{.at_least = 1});
  }

  std::vector<Segment> segments(const ParameterLayout& layout) const;
};

/// Options: how many coordinates are kept.
struct Keep {
  std::optional<double> fraction;
  std::optional<std::int64_t> k;

  void fields(Fields& f) {
    f.optional("fraction", fraction, "the part of the coordinates that is kept; or say k",
               Range{.above = 0, .at_most = 1});
    f.optional("k", k, "how many coordinates are kept; or say fraction", Range{.at_least = 1});
    f.check(fraction || k, "fraction", "is missing; say it, or \"k\"");
    f.check(!fraction || !k, "fraction", "and \"k\" exclude each other; say one of them");
  }

  /// max(1, round(fraction · size)), halves to even, or k; never more than there are.
  std::size_t of(std::size_t size) const;
};

}  // namespace kith
