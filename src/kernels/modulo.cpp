#include "kernels/modulo.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::to_half_steps) to_half_steps;
decltype(kernels::split_points) split_points;
decltype(kernels::find_points) find_points;
decltype(kernels::add_integers) add_integers;
decltype(kernels::largest_magnitude) largest_magnitude;
}  // namespace generic
namespace v3 {
decltype(kernels::to_half_steps) to_half_steps;
decltype(kernels::split_points) split_points;
decltype(kernels::find_points) find_points;
decltype(kernels::add_integers) add_integers;
decltype(kernels::largest_magnitude) largest_magnitude;
}  // namespace v3

void to_half_steps(const HalfSteps& rule, ConstArrayView x, const std::uint32_t* words,
                   std::int32_t* half_steps) {
  at(x.device, &DeviceKernels::to_half_steps, generic::to_half_steps, v3::to_half_steps)(
      rule, x, words, half_steps);
}

void split_points(const ModuloParts& rule, std::span<const std::int32_t> half_steps,
                  std::uint8_t* codes, std::int32_t* highs, const Device& device) {
  at(device, &DeviceKernels::split_points, generic::split_points, v3::split_points)(
      rule, half_steps, codes, highs, device);
}

void find_points(const NearPoint& rule, std::span<const std::int32_t> own_half_steps,
                 const std::uint8_t* codes, std::int32_t* differences, std::int32_t* highs,
                 const Device& device) {
  at(device, &DeviceKernels::find_points, generic::find_points, v3::find_points)(
      rule, own_half_steps, codes, differences, highs, device);
}

void add_integers(const std::int32_t* values, float scale, ArrayView out) {
  at(out.device, &DeviceKernels::add_integers, generic::add_integers, v3::add_integers)(values,
                                                                                        scale, out);
}

std::int32_t largest_magnitude(std::span<const std::int32_t> values, const Device& device) {
  return at(device, &DeviceKernels::largest_magnitude, generic::largest_magnitude,
            v3::largest_magnitude)(values, device);
}

}  // namespace kith::kernels
