#pragma once

#include "sharing/change_sharing.h"

namespace kith {

/// The options of `fft`, which every build of Kith knows.
struct FftOptions : ChangeSharing::Params {
  double alpha = 0;

  void fields(Fields& f) {
    f.required("alpha", alpha, "α, the part of the coefficients that a message has",
               Range{.above = 0, .at_most = 1});
    ChangeSharing::Params::fields(f);
  }
};

}  // namespace kith
