#include "experiment/network_record.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <type_traits>

#include "core/error.h"

namespace kith {
namespace {

static_assert(std::is_trivially_copyable_v<NodeStats> && sizeof(NodeStats) == 56);

/// Mean, spread and range of what nodes reached.
struct Spread {
  explicit Spread(const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    deviation = std::sqrt(squares / n);
    if (values.empty()) return;
    least = std::ranges::min(values);
    most = std::ranges::max(values);
  }

  double mean = 0, deviation = 0;
  double least = std::numeric_limits<double>::quiet_NaN(), most = least;
};

}  // namespace

Bytes to_bytes(const std::vector<NodeStats>& stats) {
  const auto bytes = std::as_bytes(std::span(stats));
  return Bytes(bytes.begin(), bytes.end());
}

NetworkStats merge_stats(const std::vector<Bytes>& by_process, const Members& members) {
  std::vector<NodeStats> all;
  for (const Bytes& bytes : by_process) {
    const std::size_t count = bytes.size() / sizeof(NodeStats);
    const std::size_t before = all.size();
    all.resize(before + count);
    if (count > 0) std::memcpy(&all[before], bytes.data(), count * sizeof(NodeStats));
  }
  std::ranges::sort(all, {}, &NodeStats::uid);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].uid != static_cast<Uid>(i)) throw PeerError("the processes know other nodes");
  }
  if (std::ssize(all) != members.count()) throw PeerError("the processes know other nodes");
  if (members.service.empty()) return {std::move(all)};
  const std::uint64_t service_bytes = all.back().bytes_sent;
  all.pop_back();
  return {std::move(all), service_bytes};
}

NetworkView add_network(JsonObject& record, const NetworkStats& stats, Round completed,
                        std::size_t train_size) {
  NetworkView view{.round = completed, .bytes_sent = stats.service_bytes};
  std::int64_t samples = 0;
  std::vector<double> train_losses, test_losses, test_accuracies;
  for (const NodeStats& node : stats.nodes) {
    view.consensus_distance += node.squared_distance;
    view.bytes_sent += node.bytes_sent;
    samples += node.samples;
    if (node.has_train_loss) train_losses.push_back(node.train_loss);
    if (node.has_test_loss) test_losses.push_back(node.test_loss);
    if (node.has_test_accuracy) test_accuracies.push_back(node.test_accuracy);
  }
  view.consensus_distance /= static_cast<double>(stats.nodes.size());
  record.add("consensus_distance", view.consensus_distance);
  if (!test_accuracies.empty()) {
    const Spread spread(test_accuracies);
    view.accuracy_mean = spread.mean;
    view.accuracy_std = spread.deviation;
    record.add("mean_test_accuracy", spread.mean)
        .add("min_test_accuracy", spread.least)
        .add("max_test_accuracy", spread.most)
        .add("std_test_accuracy", spread.deviation);
  }
  view.loss_mean = Spread(test_losses).mean;
  record.add("mean_test_loss", view.loss_mean);
  record.add("mean_train_loss", Spread(train_losses).mean);
  record.add("total_bytes_sent", view.bytes_sent).add("samples", samples);
  record.add("epochs",
             train_size > 0 ? static_cast<double>(samples) / static_cast<double>(train_size) : 0.0);
  return view;
}

}  // namespace kith
