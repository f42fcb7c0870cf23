#include "kernels/cuda/runtime.h"
#include "kernels/cuda/tables.h"
#include "kernels/grid/kernels.h"

namespace kith::kernels {

void set_cuda_elementwise(DeviceKernels& loops) { set_elementwise<CudaQueue>(loops); }

}  // namespace kith::kernels
