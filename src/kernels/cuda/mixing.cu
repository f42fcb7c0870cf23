#include "kernels/cuda/runtime.h"
#include "kernels/cuda/tables.h"
#include "kernels/grid/kernels.h"

namespace kith::kernels {

void set_cuda_mixing(DeviceKernels& loops) { set_mixing<CudaQueue>(loops); }

}  // namespace kith::kernels
