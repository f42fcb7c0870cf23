#pragma once

#include "kernels/device.h"

/// The kernels, in a few files that compile side by side.
namespace kith::kernels {

void set_cuda_mixing(DeviceKernels& loops);
void set_cuda_elementwise(DeviceKernels& loops);
void set_cuda_sparse(DeviceKernels& loops);
void set_cuda_integers(DeviceKernels& loops);

}  // namespace kith::kernels
