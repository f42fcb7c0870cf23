#include "kernels/top_k.h"

#include <torch/torch.h>

#include <cstdio>
#include <vector>

#include "bench/harness.h"
#include "core/random.h"

/// The k largest magnitudes of a million normal numbers, with their places: Kith's kernel beside
/// torch.topk of |x| (unsorted, its fastest) and a gather, one thread each.
namespace kith::bench {
namespace {

constexpr std::int64_t kSize = 1'000'000;
constexpr double kTarget = 3;

bool measure(const Array& x, std::int64_t k) {
  const at::Tensor tensor =
      torch::from_blob(const_cast<float*>(x.data()), {kSize}, torch::kFloat32);
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(k)),
      scratch(x.size() + kernels::kTopKSlack);
  Array values(indices.size());
  at::Tensor picked, places;
  const std::function<void()> functions[] = {
      [&] { kernels::top_k(x.view(), scratch, indices, values.view()); },
      [&] {
        places = std::get<1>(tensor.abs().topk(k, 0, true, false));
        picked = tensor.gather(0, places);
      },
  };
  const std::vector<double> seconds = fastest_s(functions, 1);

  // The magnitudes are the same; of equal ones torch may take others.
  const at::Tensor sorted = std::get<0>(picked.abs().sort(0, true));
  const at::Tensor ours = torch::from_blob(values.data(), {k}, torch::kFloat32).abs();
  const bool equal = at::equal(std::get<0>(ours.sort(0, true)), sorted);
  const double ratio = seconds[1] / seconds[0];
  const bool reached = ratio >= kTarget && equal;
  std::printf("%8.1f %10.3f %10.3f %8.1f   >= %g  %s%s\n", 100 * double(k) / kSize,
              1e3 * seconds[0], 1e3 * seconds[1], ratio, kTarget, reached ? "reached" : "MISSED",
              equal ? "" : ", NOT EQUAL");
  return reached;
}

}  // namespace
}  // namespace kith::bench

int main() {
  using namespace kith;
  at::set_num_threads(1);
  const at::NoGradGuard no_gradients;
  Random random(1, Purpose::kModel);
  Array x(bench::kSize);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.02f * static_cast<float>(random.normal());
  std::printf("%8s %10s %10s %8s   target\n", "k, %", "Kith ms", "torch ms", "ratio");
  bool reached = true;
  for (const std::int64_t k : {1'000, 10'000, 100'000}) reached &= bench::measure(x, k);
  return reached ? 0 : 1;
}
