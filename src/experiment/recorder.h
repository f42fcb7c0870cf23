#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/executor.h"
#include "core/json_object.h"
#include "experiment/consensus.h"
#include "experiment/live_view.h"
#include "experiment/meeting.h"
#include "experiment/network_record.h"
#include "experiment/run_config.h"
#include "experiment/run_directory.h"
#include "node/node.h"
#include "node/observer.h"

namespace kith {

/// Writes the metrics: the nodes of a process, and the service where it lives there, meet at every
/// evaluated round; the last to come has all nodes evaluated on all threads, and writes their
/// records in uid order. Process 0 also writes what all nodes reached together.
class Recorder final : public Observer {
 public:
  struct Parts {
    const RunConfig& config;
    const Data& data;
    const Partition& partition;
    const std::vector<Uid>& uids;  ///< of this process's nodes, ascending
    const Members& members;
    bool has_service;  ///< whether it lives in this process
    Group& group;
    ModelPool& models;
    LineFile& metrics;
    LiveView& view;
  };

  explicit Recorder(const Parts& parts);

  /// Throws ConfigError when `evaluation` asks for what cannot be had of this data and model.
  static void check(const EvaluationConfig& evaluation, const Data& data,
                    const ParameterLayout& layout);

  /// The clock of `time_s` starts now.
  void start();

  bool due(Round completed) const override;
  void passed(Round completed) override;
  Task<> observe(Node& node, Round completed) override;
  Task<> note(Snapshot snapshot, Round completed) override;
  Task<> gather(Node& node) override;

  /// Evaluates what is noted, round by round, as soon as all nodes of this process have reached it:
  /// a fiber of the background.
  Task<> follow(Fiber& fiber);

  /// The last record of every node of this process and, in process 0, of the network, as JSON: what
  /// summary.json holds.
  const std::vector<std::string>& last_records() const { return last_records_; }
  const std::string& last_network() const { return last_network_; }
  const std::optional<NetworkView>& last_view() const { return last_view_; }

  /// The vector of a node of this process, once they have met at the end, where it lies.
  ConstArrayView parameters(Uid uid) const { return seen_[index_of(uid)].x->view(); }

 private:
  /// One set that nodes are evaluated on.
  struct Set {
    std::string name;  // "test"
    const Samples* samples = nullptr;
    std::vector<std::uint32_t> indices;  // empty for the node's own partition
  };

  using Scores = std::vector<Score>;

  Task<> record(Executor& executor, Round completed, bool together);
  void forget();
  Task<Scores> evaluate(Executor& executor, const Set& set, const std::vector<Uid>& uids,
                        const std::vector<ConstArrayView>& vectors);
  Task<std::vector<Scores>> evaluate_nodes(Executor& executor);
  std::string node_record(const Snapshot& node, JsonObject record, const Scores* scores) const;
  std::string service_record(Round completed, double time_s) const;
  Task<std::string> network_record(Executor& executor, Round completed, double time_s,
                                   const std::vector<Scores>& scores);
  std::vector<NodeStats> stats(const std::vector<Scores>& scores) const;
  void check_finite(const std::vector<Scores>& scores) const;
  void choose_sets();
  void choose_nodes();
  std::span<const std::uint32_t> indices_of(const Set& set, Uid uid) const;

  std::size_t index_of(Uid uid) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(parts_.uids, uid) -
                                    parts_.uids.begin());
  }

  Parts parts_;
  std::vector<Snapshot> seen_;       // what is evaluated, in the order of parts_.uids
  std::optional<Snapshot> service_;  // where it lives here
  Condition noted_;                  // guards what follows
  std::map<Round, std::vector<Snapshot>> pending_;  // what some nodes have reached
  std::size_t most_pending_;                        // rounds
  Meeting end_;
  std::vector<Uid> evaluated_;  // which of them are evaluated
  std::vector<Set> sets_;
  Meeting meeting_;
  double started_s_ = 0;
  std::vector<std::string> last_records_;
  std::string last_network_;
  std::optional<NetworkView> last_view_;
};

}  // namespace kith
