#pragma once

#include <string>

namespace kith {

/// The tensor library and the instruction level it chose: "LibTorch 2.11.0, AVX512". Runs give the
/// same bits only where this is the same.
std::string numeric_platform();

}  // namespace kith
