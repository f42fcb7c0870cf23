#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/log.h"
#include "experiment/initial_parameters.h"
#include "experiment/live_view.h"
#include "experiment/recorder.h"
#include "experiment/run_config.h"
#include "experiment/run_directory.h"
#include "graph/audit.h"
#include "node/node.h"

namespace kith {

/// A config brought to life: data loaded and dealt, graph drawn, models made. Whatever is wrong
/// with the config or its files comes out of the constructor, before anything is written.
class Experiment {
 public:
  Experiment(RunConfig config, int threads);

  /// How a run is shown and where it goes.
  struct RunOptions {
    LiveView::Mode view = LiveView::Mode::kQuiet;
    std::string command_line;  ///< for environment.json
  };

  /// What a run reached.
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

  /// Steps that node `uid` takes in each round.
  std::int64_t local_steps(Uid uid) const;

  /// Node `uid`'s sharing method, as at the start of a run, and its vector.
  std::unique_ptr<Sharing> make_sharing(Uid uid, Reports& reports) const;
  void fill_initial(Uid uid, ArrayView x) const { initial_->fill(uid, x); }

 private:
  void check_components() const;
  std::unique_ptr<Trainer> make_trainer(Uid uid) const;
  void describe(const RunDirectory& folder, const RunOptions& options) const;
  void make_nodes(const Neighborly& common, std::vector<std::unique_ptr<Node>>& nodes) const;
  void train(const RunDirectory& folder, Recorder& recorder, Log& log, LiveView& view,
             std::vector<std::unique_ptr<Node>>& nodes, const Neighborly& common);
  void save(const RunDirectory& folder, const Recorder& recorder, Outcome& outcome,
            std::uint64_t wire_bytes) const;

  RunConfig config_;
  int threads_;
  Data data_;
  Partition partition_;
  std::unique_ptr<Schedule> schedule_;
  Audit audit_;
  TrainingPlan training_;
  std::unique_ptr<ModelPool> models_;
  std::unique_ptr<InitialParameters> initial_;
};

}  // namespace kith
