#include "kernels/cuda/runtime.h"
#include "kernels/cuda/tables.h"
#include "kernels/grid/kernels.h"

namespace kith::kernels {

void set_cuda_sparse(DeviceKernels& loops) {
  set_sparse<CudaQueue>(loops);
  set_reductions<CudaQueue>(loops);
  set_matrices<CudaQueue>(loops);
  set_exact_mean<CudaQueue>(loops);
}

}  // namespace kith::kernels
