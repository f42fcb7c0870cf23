#pragma once

#include <string>

#include "core/array.h"

namespace kith {

/// Makes networks ready to compute on a device, in such a precision; before the first is made. Does
/// nothing for the CPU. Throws DeviceError.
void open_network_device(const Device& device, const std::string& precision);

/// The tensor library and the instruction level it chose: "LibTorch 2.11.0, AVX512". Runs give the
/// same bits only where this is the same.
std::string numeric_platform();

}  // namespace kith
