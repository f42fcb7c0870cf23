#include "experiment/experiment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <sstream>

#include "core/clock.h"
#include "core/memory.h"
#include "experiment/check_needs.h"
#include "experiment/digest.h"
#include "experiment/environment.h"
#include "experiment/signals.h"
#include "experiment/summary.h"
#include "graph/file.h"

namespace kith {
namespace {

/// The partition of the training samples; nobody gets anything where there are none.
Partition deal(const RunConfig& config, const Data& data) {
  if (data.train.empty()) return Partition(static_cast<std::size_t>(config.nodes));
  return deal_samples(config.dataset.common().partition, data.train, config.nodes,
                      static_cast<std::uint64_t>(config.seed));
}

std::unique_ptr<Schedule> draw_graph(const RunConfig& config) {
  Schedule::Context context;
  context.nodes = config.nodes;
  context.seed = config.seed_or(config.graph.common().seed);
  context.common = &config.graph.common();
  return config.graph.make(context);
}

std::unique_ptr<ModelPool> make_models(const RunConfig& config, const Data& data, int threads) {
  const Model::Context context{data, config.training.common().loss.value_or("")};
  std::vector<std::unique_ptr<Model>> models(1);
  try {
    models.front() = config.model.make(context);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {  // the tensor library's
    const std::string text = error.what();
    throw ConfigError("/model: cannot be made: " + text.substr(0, text.find('\n')));
  }
  const std::uint64_t d = models.front()->layout().size;
  require_memory(sizeof(float) * static_cast<double>(d) * static_cast<double>(config.nodes),
                 count_of(static_cast<std::uint64_t>(config.nodes), "vector") + " of " +
                     count_of(d, "parameter"));
  while (std::ssize(models) < threads) models.push_back(config.model.make(context));
  return std::make_unique<ModelPool>(std::move(models));
}

/// Refuses what cannot work, before memory is taken for it. Returns the config.
RunConfig checked(RunConfig config) {
  constexpr double kLeastNode = 1024;  // bytes, without its vectors
  require_memory(kLeastNode * static_cast<double>(config.nodes),
                 count_of(static_cast<std::uint64_t>(config.nodes), "node"));
  // Deals the nodes to the processes the config asks for, so that a mapping that cannot be is found
  // here; this process hosts all of them.
  config.mapping.make()->deal(config.nodes, config.mapping.common().processes());
  return config;
}

bool is_signal(ExitCode code) {
  return code == ExitCode::kInterrupted || code == ExitCode::kTerminated;
}

std::string status_of(const std::exception& error) {
  const auto* const known = dynamic_cast<const Error*>(&error);
  return known && is_signal(known->code()) ? "interrupted" : "failed";
}

/// Notes in the log and the summary why a run ended early. The disk may be what failed: then the
/// first error matters more than that it cannot be noted.
void note_end(const std::exception& error, const RunDirectory& folder, Log& log,
              const std::string& summary) noexcept {
  try {
    log.error(error.what());
    folder.write("summary.json", json_pretty(summary));
  } catch (const std::exception&) {
  }
}

}  // namespace

Experiment::Experiment(RunConfig config, int threads)
    : config_(checked(std::move(config))),
      threads_(threads),
      data_(load_data(config_.dataset, config_.nodes, static_cast<std::uint64_t>(config_.seed))),
      partition_(deal(config_, data_)),
      schedule_(draw_graph(config_)),
      audit_(audit_weights(*schedule_)),
      training_(TrainingPlan::make(config_.training, data_.task,
                                   static_cast<std::uint64_t>(config_.seed))),
      models_(make_models(config_, data_, threads)),
      initial_(std::make_unique<InitialParameters>(config_, data_, models_->any())) {
  Recorder::check(config_.evaluation, data_, layout());
  check_components();
}

void Experiment::check_components() const {
  const Setting setting{config_, *schedule_, audit_, *initial_, layout().size};
  check_needs(config_.node.type(), config_.node.make()->needs(), setting);
  Reports reports;
  check_needs(config_.sharing.type(), make_sharing(0, reports)->needs(), setting);
}

std::unique_ptr<Trainer> Experiment::make_trainer(Uid uid) const {
  return std::make_unique<Trainer>(training_, partition_[static_cast<std::size_t>(uid)], uid,
                                   layout().size);
}

std::unique_ptr<Sharing> Experiment::make_sharing(Uid uid, Reports& reports) const {
  const Sharing::Context context{uid, static_cast<std::uint64_t>(config_.seed), layout(), {}, reports};
  return config_.sharing.make(context);
}

std::int64_t Experiment::local_steps(Uid uid) const {
  // Without its state: a plan of a large run should not cost the run's memory.
  return Trainer(training_, partition_[static_cast<std::size_t>(uid)], uid, 0).steps_per_round();
}

void Experiment::describe(const RunDirectory& folder, const RunOptions& options) const {
  folder.write("config.json", json_pretty(config_.json()));
  folder.write("environment.json",
               json_pretty(environment_json(config_.device, threads_, options.command_line)));
  if (schedule_->period() == 1) {
    std::ostringstream graph;
    write(*schedule_, GraphFormat::kEdges, 1, graph);
    folder.write("graph.edges", graph.str());
  }
}

Experiment::Outcome Experiment::run(const RunDirectory& folder, const RunOptions& options) {
  describe(folder, options);
  Log log(folder / "log-0.txt");
  LineFile metrics(folder / "metrics-0.jsonl");
  LiveView view(options.view, config_.nodes, config_.rounds);
  Recorder recorder({config_, data_, partition_, *models_, metrics, view});
  const auto empty = std::ranges::count_if(partition_, [](const auto& own) { return own.empty(); });
  if (!data_.train.empty() && empty > 0) {
    log.info(count_of(static_cast<std::uint64_t>(empty), "node") +
             " without training samples: they only mix");
  }
  if (const auto note = note_on_mean(audit_)) log.info(*note);

  const std::unique_ptr<Transport> transport = config_.communication.make();
  PostOffice office(*transport, config_.nodes, config_.communication.common().max_lead);
  ArrayPool vectors(layout().size);
  const Neighborly common{config_.rounds, *schedule_, office, *models_, vectors, recorder};
  std::vector<std::unique_ptr<Node>> nodes;
  Outcome outcome;
  try {
    make_nodes(common, nodes);
    const double start_s = now_s();
    train(folder, recorder, log, view, nodes, common);
    outcome.wall_s = now_s() - start_s;
    outcome.network = recorder.last_view().value();
    save(folder, recorder, outcome, transport->wire_bytes());
    view.finish();
  } catch (const std::exception& error) {
    view.finish();
    note_end(error, folder, log, failure_summary(status_of(error), error.what(), recorder));
    throw;
  }
  log.info("done in " + duration_text(outcome.wall_s));
  return outcome;
}

void Experiment::make_nodes(const Neighborly& common,
                            std::vector<std::unique_ptr<Node>>& nodes) const {
  for (Uid uid = 0; uid < config_.nodes; ++uid) {
    const std::shared_ptr<Array> x = common.vectors.take();
    initial_->fill(uid, x->view());
    nodes.push_back(std::make_unique<Node>(uid, common, make_trainer(uid), x));
    nodes.back()->set_sharing(make_sharing(uid, nodes.back()->reports()));
    if (config_.evaluation.records("batches")) nodes.back()->trainer().record_batches();
  }
}

void Experiment::train(const RunDirectory& folder, Recorder& recorder, Log& log, LiveView& view,
                       std::vector<std::unique_ptr<Node>>& nodes, const Neighborly& common) {
  Executor::Options options;
  options.threads = threads_;
  options.pending_signal = caught_signal;
  options.progress_timeout_s = config_.communication.common().progress_timeout_s;
  options.progress = [this] { return training_.gradients->load(std::memory_order_relaxed); };
  options.abandon = [&](const Error& error) {
    view.finish();
    // Without the last metrics: a step that still runs may be writing them.
    const Error late(error.code(),
                     error.what() + std::string(", and a step took too long to end by itself"));
    note_end(late, folder, log, failure_summary(status_of(late), late.what()));
    std::fprintf(stderr, "error: %s\n", error.what());
    _exit(static_cast<int>(error.code()));
  };
  Executor executor(options);
  std::vector<std::unique_ptr<Protocol>> protocols;
  for (auto& node : nodes) {
    Node& self = *node;
    Protocol& protocol = *protocols.emplace_back(config_.node.make());
    executor.spawn(self.uid(), [&self, &protocol](Fiber& fiber) {
      self.attach(fiber);
      return protocol.run(self);
    });
  }
  log.info(count_of(nodes.size(), "node") + ", " +
           count_of(static_cast<std::uint64_t>(common.rounds), "round") + ", " +
           count_of(static_cast<std::uint64_t>(threads_), "thread"));
  recorder.start();
  executor.run();
}

void Experiment::save(const RunDirectory& folder, const Recorder& recorder, Outcome& outcome,
                      std::uint64_t wire_bytes) const {
  std::vector<std::uint64_t> digests;
  for (Uid uid = 0; uid < config_.nodes; ++uid) {
    digests.push_back(digest_of(recorder.parameters(uid)));
  }
  outcome.digest = digest_of(digests);
  if (config_.checkpoint.final) {
    std::error_code error;
    std::filesystem::create_directories(folder / "final", error);
    std::vector<Uid> uids(static_cast<std::size_t>(config_.nodes));
    std::iota(uids.begin(), uids.end(), 0);
    write_safetensors(folder / "final/process-0.safetensors", layout(), uids,
                      [&](Uid uid) { return recorder.parameters(uid); });
  }
  folder.write("summary.json",
               json_pretty(summary_json(config_, recorder, digests, outcome.wall_s, wire_bytes)));
}

}  // namespace kith
