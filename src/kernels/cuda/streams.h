#pragma once

#include "core/device_stream.h"

namespace kith::kernels {

DeviceStreams& cuda_streams();

}  // namespace kith::kernels
