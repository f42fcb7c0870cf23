#include "dataset/dataset.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "core/text.h"

namespace kith {
namespace {

void check_nodes(const Data& data, std::int64_t nodes) {
  if (!data.quadratics || data.quadratics->nodes == nodes) return;
  throw ConfigError("/nodes: must be " + std::to_string(data.quadratics->nodes) +
                    ", the number of functions in the quadratics dataset, got " +
                    std::to_string(nodes));
}

/// Moves a random `fraction` of the training samples to the validation samples.
void split_off_validation(Data& data, double fraction, std::uint64_t seed) {
  if (fraction == 0) return;
  const std::size_t samples = data.train.size();
  const auto kept = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(samples)));
  if (kept == 0 || kept == samples) {
    throw ConfigError("/dataset/validation_fraction: " + json_number(fraction) + " of " +
                      count_of(samples, "training sample") + " leaves none for " +
                      (kept == 0 ? "validation" : "training"));
  }
  std::vector<std::uint32_t> order = all_indices(samples);
  Random random(seed, Purpose::kSplit);
  shuffle(std::span(order), random);
  const auto for_validation = std::span(order).first(kept);
  const auto for_training = std::span(order).subspan(kept);
  std::ranges::sort(for_validation);
  std::ranges::sort(for_training);
  data.validation = data.train.at(for_validation);
  data.train = data.train.at(for_training);
}

}  // namespace

Registry<Dataset>& Dataset::registry() {
  static Registry<Dataset> registry("dataset");
  return registry;
}

Data load_data(const Blueprint<Dataset>& dataset, std::int64_t nodes, std::uint64_t seed) {
  const Dataset::Common& common = dataset.common();
  Data data = dataset.make()->load(common.partition.make()->columns());
  check_nodes(data, nodes);
  split_off_validation(data, common.validation_fraction, seed);
  return data;
}

}  // namespace kith
