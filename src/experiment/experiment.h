#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/log.h"
#include "experiment/initial_parameters.h"
#include "experiment/live_view.h"
#include "experiment/recorder.h"
#include "experiment/run_config.h"
#include "experiment/run_directory.h"
#include "graph/audit.h"
#include "node/node.h"
#include "node/protocol.h"

namespace kith {

/// Which of a run's processes this is.
struct Seat {
  int process = 0;
  std::optional<int> processes;  ///< as many as were started; absent: as the config's mapping says
  int local_process = 0;         ///< which on its machine
  std::vector<Device> devices = {};  ///< opened already; none: as the config says
};

/// A config brought to life: data loaded and dealt, graph drawn, models made. Whatever is wrong
/// with the config or its files comes out of the constructor, before anything is written.
class Experiment {
 public:
  Experiment(RunConfig config, int threads, const Seat& seat = {0, 1});

  /// How a run is shown and where it goes.
  struct RunOptions {
    LiveView::Mode view = LiveView::Mode::kQuiet;
    std::string command_line;  ///< for environment.json
  };

  /// Meets the other processes of the run, which get what process 0 gives as `folder`: where the
  /// results go. Throws PeerError that names who is missing. Before `run`, once.
  std::string join(const std::string& folder);

  /// Tells the other processes that this one will not run, after `join`.
  void give_up(const std::string& why);

  /// What a run reached. Only process 0 knows what the network did.
  struct Outcome {
    double wall_s = 0;
    NetworkView network;
    std::uint64_t digest = 0;
  };

  /// Trains, and writes everything into `folder`. Once.
  Outcome run(const RunDirectory& folder, const RunOptions& options);

  const RunConfig& config() const { return config_; }
  const Data& data() const { return data_; }
  const Partition& partition() const { return partition_; }
  const Schedule& schedule() const { return *schedule_; }
  const Audit& audit() const { return audit_; }
  const TrainingPlan& training() const { return training_; }
  const ParameterLayout& layout() const { return models_->layout(); }
  int threads() const { return threads_; }

  /// Where node `uid` of this process computes; the first device for others.
  Device device_of(Uid uid) const;

  const Placement& placement() const { return placement_; }
  int process() const { return process_; }

  /// Steps that node `uid` takes in each round.
  std::int64_t local_steps(Uid uid) const;

  /// The protocol, as every node's at the start of a run.
  const Protocol& protocol() const { return *protocol_; }

  /// What serves one of the protocol's channels at node `uid`, as at the start of a run.
  std::unique_ptr<Sharing> make_sharing(std::size_t channel, Uid uid, Reports& reports) const;

  /// Bytes of a node's vectors, of its optimizer's state and of what its sharing method remembers;
  /// messages on their way are not in it.
  std::uint64_t node_bytes() const;

  /// Node `uid`'s vector at the start.
  void fill_initial(Uid uid, ArrayView x) const { initial_->fill(uid, x); }

 private:
  void check_components() const;
  void check_device() const;
  void settle_cohort();
  std::uint64_t most_on_a_card(std::int64_t places) const;
  std::int64_t most_places() const;
  bool is_on_cards() const { return !devices_.front().is_cpu(); }
  std::size_t home_of(Uid uid) const;
  std::shared_ptr<Array> first_vector(const Neighborly& common, Uid uid) const;
  double mixing_rate() const;
  std::unique_ptr<Trainer> make_trainer(Uid uid) const;
  CohortShape cohort_shape() const;
  Sharing::Context sharing_context(std::size_t channel, Uid uid, Reports& reports) const;
  void describe(const RunDirectory& folder, const RunOptions& options) const;
  std::unique_ptr<Node> make_node(const Neighborly& common, Uid uid) const;
  std::unique_ptr<Node> make_service_node(const Neighborly& common) const;
  std::unique_ptr<Service> make_service() const;
  Outcome run_nodes(const RunDirectory& folder, Recorder& recorder, Log& log, LiveView& view);
  void train(const RunDirectory& folder, Recorder& recorder, Log& log, LiveView& view,
             std::vector<std::unique_ptr<Node>>& nodes, Node* service, Cohorts* cohorts,
             const std::function<void(const Executor*)>& watch);
  void save(const RunDirectory& folder, const Recorder& recorder, Outcome& outcome) const;
  const std::vector<Uid>& own_nodes() const {
    return placement_.nodes_of[static_cast<std::size_t>(process_)];
  }
  int kinds_of_a_round() const;
  bool news_may_be_late() const;
  Transport::Facts facts() const;

  RunConfig config_;
  int threads_;
  int process_;
  std::vector<Device> devices_;
  std::map<std::string, int> cards_;  // their models
  Data data_;
  Partition partition_;
  Placement placement_;
  std::unique_ptr<Schedule> schedule_;
  Audit audit_;
  TrainingPlan training_;
  std::unique_ptr<ModelPool> models_;
  std::unique_ptr<InitialParameters> initial_;
  std::unique_ptr<Protocol> protocol_;
  ParameterLayout weighted_layout_;  // the model's, and one number more

  /// What those who live on one device have there.
  struct Home {
    Home(const ParameterLayout& x, const ParameterLayout& weighted, const Device& device)
        : vectors(x.size, device), weighted_vectors(weighted.size, device) {}

    ArrayPool vectors, weighted_vectors;
  };
  std::vector<std::unique_ptr<Home>> homes_;  // by device
  std::map<Uid, std::size_t> home_of_;        // of this process's nodes
  std::unique_ptr<Transport> transport_;
};

}  // namespace kith
