#include "kernels/cuda/runtime.h"
#include "kernels/cuda/tables.h"
#include "kernels/grid/kernels.h"

namespace kith::kernels {

void set_cuda_integers(DeviceKernels& loops) {
  set_bits<CudaQueue>(loops);
  set_modulo<CudaQueue>(loops);
}

}  // namespace kith::kernels
