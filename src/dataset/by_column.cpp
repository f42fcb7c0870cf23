#include <functional>
#include <map>
#include <queue>

#include "core/error.h"
#include "core/text.h"
#include "dataset/partition.h"

namespace kith {
namespace {

/// Samples with the same value in a column stay together (one writer's digits, one speaker's
/// lines). The groups are dealt in the order of their first appearance, each to the node that has
/// fewest samples, of several the lowest.
class ByColumn final : public Partitioner {
 public:
  struct Params {
    std::string column;

    void fields(Fields& f) {
      f.required("column", column, "the column whose equal values stay on one node");
    }
  };

  explicit ByColumn(Params params) : params_(std::move(params)) {}

  std::vector<std::string> columns() const override { return {params_.column}; }

  Partition deal(const Samples& samples, std::int64_t nodes, std::uint64_t) const override {
    Partition partition(static_cast<std::size_t>(nodes));
    using SizeAndNode = std::pair<std::size_t, std::size_t>;  // the smallest comes first
    std::priority_queue<SizeAndNode, std::vector<SizeAndNode>, std::greater<>> smallest;
    for (std::size_t node = 0; node < partition.size(); ++node) smallest.emplace(0, node);

    for (const auto& group : groups(samples)) {
      const std::size_t node = smallest.top().second;
      smallest.pop();
      partition[node].insert(partition[node].end(), group.begin(), group.end());
      smallest.emplace(partition[node].size(), node);
    }
    return partition;
  }

 private:
  std::vector<std::vector<std::uint32_t>> groups(const Samples& samples) const {
    if (samples.empty()) return {};
    const auto found = samples.columns.find(params_.column);
    if (found == samples.columns.end()) {
      throw ConfigError("/dataset/partition: by_column needs the column " +
                        in_quotes(params_.column) +
                        ", which this dataset does not have; only a table (csv) has columns");
    }
    std::vector<std::vector<std::uint32_t>> groups;
    std::map<std::uint32_t, std::size_t> group_of;
    for (std::uint32_t i = 0; i < samples.size(); ++i) {
      const auto [at, is_new] = group_of.emplace(found->second[i], groups.size());
      if (is_new) groups.emplace_back();
      groups[at->second].push_back(i);
    }
    return groups;
  }

  Params params_;
};

const Register<Partitioner, ByColumn> registered{
    "by_column", "samples that share a column's value stay together on one node"};

}  // namespace
}  // namespace kith
