#include "kernels/exact_mean.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::block_magnitudes) block_magnitudes;
decltype(kernels::exact_sums) exact_sums;
decltype(kernels::mean_of_sums) mean_of_sums;
decltype(kernels::squared_distances) squared_distances;
}  // namespace generic
namespace v3 {
decltype(kernels::block_magnitudes) block_magnitudes;
decltype(kernels::exact_sums) exact_sums;
decltype(kernels::mean_of_sums) mean_of_sums;
decltype(kernels::squared_distances) squared_distances;
}  // namespace v3

void block_magnitudes(const Slice& x, std::span<float> largest) {
  at(x.device(), &DeviceKernels::block_magnitudes, generic::block_magnitudes, v3::block_magnitudes)(
      x, largest);
}

void exact_sums(const Slice& x, std::span<const float> largest, std::int64_t n, double* sums) {
  at(x.device(), &DeviceKernels::exact_sums, generic::exact_sums, v3::exact_sums)(x, largest, n,
                                                                                  sums);
}

void mean_of_sums(const double* sums, double n, std::size_t size, double* mean, float* rounded,
                  const Device& device) {
  at(device, &DeviceKernels::mean_of_sums, generic::mean_of_sums, v3::mean_of_sums)(
      sums, n, size, mean, rounded, device);
}

void squared_distances(const Slice& x, const double* mean, std::span<double> distances) {
  at(x.device(), &DeviceKernels::squared_distances, generic::squared_distances,
     v3::squared_distances)(x, mean, distances);
}

}  // namespace kith::kernels
