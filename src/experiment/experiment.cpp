#include "experiment/experiment.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <numeric>
#include <span>
#include <sstream>

#include "core/clock.h"
#include "core/device_memory.h"
#include "core/json_leaves.h"
#include "core/memory.h"
#include "core/state.h"
#include "core/text.h"
#include "dataset/labels.h"
#include "experiment/check_needs.h"
#include "experiment/device.h"
#include "experiment/digest.h"
#include "experiment/environment.h"
#include "experiment/plugin.h"
#include "experiment/signals.h"
#include "experiment/summary.h"
#include "graph/analysis.h"
#include "graph/file.h"
#include "model/cohort_need.h"
#include "model/platform.h"

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

/// Whether the graph is static and whoever hears a node is heard by it.
bool is_two_way(const Schedule& schedule) {
  if (schedule.period() != 1) return false;
  for (Uid uid = 0; uid < schedule.nodes(); ++uid) {
    const Neighborhood neighborhood = schedule.neighborhood(uid, 0);
    if (!std::ranges::equal(neighborhood.senders, neighborhood.receivers, {},
                            &Neighborhood::Sender::uid)) {
      return false;
    }
  }
  return true;
}

/// The first model of a run, of which there is memory for all nodes' parameters.
std::unique_ptr<Model> make_first_model(const RunConfig& config, const Model::Context& context) {
  std::unique_ptr<Model> model;
  try {
    model = config.model.make(context);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {  // the tensor library's
    const std::string text = error.what();
    throw ConfigError("/model: cannot be made: " + text.substr(0, text.find('\n')));
  }
  const std::uint64_t d = model->layout().size;
  require_memory(sizeof(float) * static_cast<double>(d) * static_cast<double>(config.nodes),
                 count_of(static_cast<std::uint64_t>(config.nodes), "vector") + " of " +
                     count_of(d, "parameter"));
  const std::string problem = model->no_cohorts();
  if (config.training.common().cohort.nodes > 0 && !problem.empty()) {
    throw ConfigError("/training/cohort: the model " + in_quotes(config.model.type()) +
                      " cannot be trained in cohorts: " + problem + "; set cohort to \"off\"");
  }
  return model;
}

std::unique_ptr<ModelPool> make_models(const RunConfig& config, const Data& data,
                                       const std::vector<Device>& devices, int threads) {
  const TrainingSettings& training = config.training.common();
  const bool cohorts = training.cohort.nodes > 0 || training.cohort.automatic;
  std::unique_ptr<ModelPool> pool;
  for (const Device& device : devices) {
    const Model::Context context{data, training.loss.value_or(""), training.precision, device,
                                 training.cohort_convolution};
    // One for each thread, and one that cohorts share by turns where they work on a device: what it
    // takes there is taken once.
    const int more = cohorts && !device.is_cpu() ? 1 : 0;
    ModelPool::Models models;
    if (!pool) models.push_back(make_first_model(config, context));
    while (std::ssize(models) < threads + more) models.push_back(config.model.make(context));
    if (pool) {
      pool->add(std::move(models), device);
    } else {
      pool = std::make_unique<ModelPool>(std::move(models), device);
    }
  }
  return pool;
}

/// Deals the nodes to the processes that were started.
Placement deal_nodes(const RunConfig& config, const Seat& seat, const Partition& partition) {
  const std::int64_t wanted = config.mapping.common().processes();
  const std::unique_ptr<Mapping> mapping = config.mapping.make();
  const std::int64_t started = seat.processes.value_or(static_cast<int>(wanted));
  std::vector<std::uint64_t> work;
  for (const auto& own : partition) work.push_back(own.size());
  if (started > 1 || wanted == 1) return mapping->deal(config.nodes, started, work);
  // One process hosts what the config deals to several.
  std::vector<std::vector<Uid>> all(1, std::vector<Uid>(static_cast<std::size_t>(config.nodes)));
  std::iota(all.front().begin(), all.front().end(), 0);
  return placement(config.nodes, std::move(all));
}

/// Where the service lives: with the nodes of one process that hosts what the config deals to
/// several.
int home_of_service(const RunConfig& config, const Placement& placement) {
  return placement.nodes_of.size() == 1 ? 0
                                        : static_cast<int>(config.mapping.common().service_process);
}

/// Refuses what cannot work, before memory is taken for it. Returns the config.
RunConfig checked(RunConfig config, const Seat& seat) {
  constexpr double kLeastNode = 1024;  // bytes, without its vectors
  require_memory(kLeastNode * static_cast<double>(config.nodes),
                 count_of(static_cast<std::uint64_t>(config.nodes), "node"));
  deal_nodes(config, seat, {});
  // One process may host what the config deals to several: that must be right all the same. Where
  // more were started than the config says, theirs is the number that counts.
  if (seat.processes.value_or(1) <= 1) {
    config.mapping.make()->deal(config.nodes, config.mapping.common().processes(), {});
  }
  const Mapping::Common& mapping = config.mapping.common();
  const std::int64_t processes =
      std::max<std::int64_t>(seat.processes.value_or(1), mapping.processes());
  if (mapping.service_process >= processes) {
    throw ConfigError("/mapping/service_process: there are " +
                      count_of(static_cast<std::uint64_t>(processes), "process") +
                      ", counted from 0; got " + std::to_string(mapping.service_process));
  }
  return config;
}

/// Where a path is may differ between hosts, what lies there may not.
std::string without_folder(const std::string& json) {
  const bool is_absolute = json.starts_with("\"/");
  return is_absolute ? '"' + json.substr(json.rfind('/') + 1) : json;
}

/// Whether a value of the config is each process' own affair. What a plug-in is matters, not where.
bool is_own(const std::string& path) {
  if (path.starts_with("/plugins")) return true;
  constexpr const char* kOwn[] = {"addresses", "port", "keys", "start_timeout_s"};
  constexpr std::string_view kSection = "/communication/";
  return path.starts_with(kSection) && std::ranges::count(kOwn, path.substr(kSection.size())) > 0;
}

std::string log_name(int process) { return "log-" + std::to_string(process) + ".txt"; }
std::string metrics_name(int process) { return "metrics-" + std::to_string(process) + ".jsonl"; }
std::string parameters_name(int process) {
  return "final/process-" + std::to_string(process) + ".safetensors";
}

/// What process 0 is told at the end, beside the records: a head, then a digest for each node.
struct Tail {
  std::uint64_t wire_bytes;
  Rejections rejected;
};

Bytes bytes_of(const Tail& tail, const std::vector<std::uint64_t>& digests) {
  const auto head = std::as_bytes(std::span(&tail, 1));
  const auto rest = std::as_bytes(std::span(digests));
  Bytes bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

Bytes lines_of(const std::vector<std::string>& records) {
  Bytes bytes;
  for (const std::string& record : records) {
    const auto text = std::as_bytes(std::span(record));
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.push_back(std::byte{'\n'});
  }
  return bytes;
}

/// Adds what one process tells of its `nodes`. Throws PeerError when it does not fit.
void add_process(Totals& totals, const std::vector<Uid>& nodes, const Bytes& bytes,
                 const Bytes& lines) {
  Tail tail;
  if (bytes.size() != sizeof tail + nodes.size() * sizeof(std::uint64_t)) {
    throw PeerError("a process tells of other nodes than it has");
  }
  std::memcpy(&tail, bytes.data(), sizeof tail);
  totals.wire_bytes += tail.wire_bytes;
  for (std::size_t i = 0; i < kRejections; ++i) totals.rejected[i] += tail.rejected[i];
  std::istringstream text(std::string(reinterpret_cast<const char*>(lines.data()), lines.size()));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto uid = static_cast<std::size_t>(nodes[i]);
    std::memcpy(&totals.digests[uid], bytes.data() + sizeof tail + i * sizeof(std::uint64_t),
                sizeof(std::uint64_t));
    std::getline(text, totals.records[uid]);
  }
}

/// An executor that a transport's heartbeat may look at while it is there.
class Watched {
 public:
  /// Without an executor, while nodes are made or results are written, nothing counts the progress:
  /// every look at it is some.
  Transport::Pulse pulse() {
    const std::lock_guard lock(mutex_);
    if (!executor_) {
      last_.working = true;
      ++last_.progress;
      return last_;
    }
    const Executor::Pulse pulse = executor_->pulse();
    last_ = {pulse.progress, pulse.working, pulse.round};
    return last_;
  }
  void set(const Executor* executor) {
    const std::lock_guard lock(mutex_);
    executor_ = executor;
  }

 private:
  std::mutex mutex_;
  const Executor* executor_ = nullptr;
  Transport::Pulse last_;
};

bool is_signal(ExitCode code) {
  return code == ExitCode::kInterrupted || code == ExitCode::kTerminated;
}

std::string status_of(const std::exception& error) {
  const auto* const known = dynamic_cast<const Error*>(&error);
  // Where all are stopped at once, a process may hear of another's end before it sees its own
  // signal.
  const bool stopped = (known && is_signal(known->code())) || caught_signal() != 0;
  return stopped ? "interrupted" : "failed";
}

/// Notes in the log, and the summary where there is one, why a run ended early. The disk may be
/// what failed: then the first error matters more than that it cannot be noted.
void note_end(const std::exception& error, const RunDirectory& folder, Log& log,
              const std::string& summary) noexcept {
  try {
    log.error(error.what());
    if (!summary.empty()) folder.write("summary.json", json_pretty(summary));
  } catch (const std::exception&) {
  }
}

/// The models of the cards that the config opened. They must be alike: else a node's bits would
/// depend on the card it lives on.
std::map<std::string, int> cards_of(const RunConfig& config, const Seat& seat,
                                    const std::vector<Device>& devices) {
  if (devices.front().is_cpu() || !seat.devices.empty()) return {};
  auto models = card_models(devices);
  if (models.size() > 1 && !config.allow_mixed_numerics) {
    throw DeviceError("/device: " + in_quotes(config.device) + ": these cards are not alike (" +
                      text_of(models) +
                      "): what a node learns would depend on where it lives; name others, or set "
                      "allow_mixed_numerics");
  }
  return models;
}

/// What the config says, opened.
std::vector<Device> devices_of(const RunConfig& config, const Seat& seat) {
  if (!seat.devices.empty()) return seat.devices;
  try {
    return open_devices(config.device, seat.local_process);
  } catch (const DeviceError& error) {
    throw DeviceError("/device: " + in_quotes(config.device) + ": " + error.what());
  }
}

}  // namespace

Experiment::Experiment(RunConfig config, int threads, const Seat& seat)
    : config_(checked(std::move(config), seat)),
      threads_(threads),
      process_(seat.process),
      devices_(devices_of(config_, seat)),
      cards_(cards_of(config_, seat, devices_)),
      data_(load_data(config_.dataset, config_.nodes, static_cast<std::uint64_t>(config_.seed))),
      partition_(deal(config_, data_)),
      placement_(deal_nodes(config_, seat, partition_)),
      schedule_(draw_graph(config_)),
      audit_(audit_weights(*schedule_)),
      training_(TrainingPlan::make(config_.training, data_.task,
                                   static_cast<std::uint64_t>(config_.seed))),
      models_(make_models(config_, data_, devices_, threads)),
      initial_(std::make_unique<InitialParameters>(config_, data_, models_->any())),
      protocol_(config_.node.make()),
      weighted_layout_(layout()) {
  weighted_layout_.add("weight", {});
  if (const std::string service = protocol_->service_name(); !service.empty()) {
    placement_.add_service(service, home_of_service(config_, placement_));
  }
  Recorder::check(config_.evaluation, data_, layout());
  check_components();
  check_device();
  settle_cohort();
  const std::vector<std::size_t> dealt =
      deal_to_cards(own_nodes(), devices_.size(), config_.training.common().cohort.nodes);
  for (std::size_t i = 0; i < dealt.size(); ++i) home_of_[own_nodes()[i]] = dealt[i];
  for (const Device& device : devices_) {
    homes_.push_back(std::make_unique<Home>(layout(), weighted_layout_, device));
  }
  const Transport::Context context{config_.communication.common(),
                                   placement_,
                                   process_,
                                   config_.mapping.common().processes_per_machine,
                                   homes_.front()->vectors,
                                   news_may_be_late(),
                                   caught_signal,
                                   std::max<Round>(1, config_.rounds),  // the start counts as one
                                   kinds_of_a_round(),
                                   protocol_->lanes()};
  transport_ = config_.communication.make(context);
}

/// How many nodes live on one card at most, in any process, with cohorts of so many places.
std::uint64_t Experiment::most_on_a_card(std::int64_t places) const {
  std::uint64_t most = 0;
  for (const std::vector<Uid>& nodes : placement_.nodes_of) {
    const std::vector<std::size_t> dealt = deal_to_cards(nodes, devices_.size(), places);
    for (std::size_t card = 0; card < devices_.size(); ++card) {
      most = std::max(most, static_cast<std::uint64_t>(std::ranges::count(dealt, card)));
    }
  }
  return most;
}

/// A power of two: all nodes of the run; where a process has several cards, so few that each has
/// work.
std::int64_t Experiment::most_places() const {
  auto places = std::bit_ceil(static_cast<std::uint64_t>(config_.nodes));
  if (devices_.size() > 1) {
    std::uint64_t nodes = 0;
    for (const auto& own : placement_.nodes_of) nodes = std::max(nodes, own.size());
    places = std::bit_floor(nodes / devices_.size());
  }
  return static_cast<std::int64_t>(std::min(places, CohortNeed::kMost));
}

/// What "auto" cohorts are: as many nodes as fit a card beside the vectors of all nodes and the
/// samples that lie there. It follows from what all processes know, not from what is free just now:
/// the number is part of a run's numerics, and processes that find different ones do not start.
void Experiment::settle_cohort() {
  if (!config_.training.common().cohort.automatic) return;
  Model& model = models_->first();
  std::int64_t places = 0;
  if (model.no_cohorts().empty() && model.device_bytes() > 0) {
    const bool alone = placement_.nodes_of.size() == 1;
    const auto sharers = static_cast<std::uint64_t>(
        alone
            ? 1
            : processes_on_a_card(config_.device, config_.mapping.common().processes_per_machine));
    const std::uint64_t samples = sizeof(float) * data_.train.size() * data_.train.sample_size();
    const std::uint64_t share = model.device_bytes() / sharers;
    const auto need = CohortNeed::measure(model, static_cast<std::size_t>(cohort_shape().batch));
    const auto fits = [&](std::int64_t wanted) {
      const std::uint64_t taken = most_on_a_card(wanted) * node_bytes() + samples;
      return need->automatic(share - std::min(share, taken), wanted) == wanted;
    };
    if (need) {
      places = most_places();
      while (places >= 2 && !fits(places)) places /= 2;
    }
  }
  config_.settle_cohort(places >= 2 ? places : 0);
}

/// Refuses what works on the processor alone.
void Experiment::check_device() const {
  if (!is_on_cards()) return;
  const auto require = [](bool can, const char* section, const std::string& type) {
    if (can) return;
    throw ConfigError(std::string(section) + ": " + type +
                      " works on the processor alone so far; set device to \"cpu\"");
  };
  require(models_->any().on_device(), "/model", config_.model.type());
  require(protocol_->on_device(), "/node", config_.node.type());
  Reports reports;
  for (std::size_t channel = 0; channel < protocol_->channels().size(); ++channel) {
    const auto own = protocol_->make_sharing(protocol_->channels()[channel],
                                             sharing_context(channel, 0, reports));
    const bool can = own ? own->on_device() : make_sharing(channel, 0, reports)->on_device();
    require(can, own ? "/node" : "/sharing",
            (own ? config_.node.type() : config_.sharing.type()) + " with these options");
  }
}

void Experiment::check_components() const {
  const Setting setting{config_, *schedule_, audit_, *initial_, layout().size, has_labels(data_)};
  const Needs needs = protocol_->needs();
  check_needs(config_.node.type(), needs, setting);
  protocol_->check(*schedule_, config_.rounds);
  if (const auto& slow = config_.training.common().slow) {
    for (const Uid uid : slow->nodes) {
      if (uid < config_.nodes) continue;
      throw ConfigError("/training/slow/nodes: there is no node " + std::to_string(uid) +
                        " in a run of " +
                        count_of(static_cast<std::uint64_t>(config_.nodes), "node"));
    }
  }
  const std::size_t channels = protocol_->channels().size();
  if (channels == 0 && config_.sharing.type() != "full") {
    throw ConfigError("/sharing: " + config_.node.type() +
                      " says its messages itself, and has no use for " + config_.sharing.type() +
                      "; leave it out");
  }
  for (std::size_t channel = 0; channel < channels; ++channel) {
    Reports reports;
    const std::unique_ptr<Sharing> sharing = make_sharing(channel, 0, reports);
    if (needs.column_stochastic && !sharing->keeps_sums()) {
      throw ConfigError("/sharing: " + config_.node.type() +
                        " needs a method that keeps the sum over all "
                        "nodes, of weights too, and " +
                        config_.sharing.type() +
                        " with these options does not; use full, without a codec that rounds");
    }
    check_needs(config_.sharing.type(), sharing->needs(), setting);
  }
}

double Experiment::mixing_rate() const {
  if (!protocol_->needs().mixing_rate) return 1;
  return 1 - spectrum(matrix_of(*schedule_, 0)).spectral_gap.value();
}

/// How many messages a node may get from another in a round, for each a kind.
int Experiment::kinds_of_a_round() const {
  Reports reports;
  int kinds = protocol_->own_kinds(config_.nodes);
  const std::vector<Channel::Spec> channels = protocol_->channels();
  for (std::size_t channel = 0; channel < channels.size(); ++channel) {
    kinds +=
        channels[channel].mixes * make_sharing(channel, own_nodes().front(), reports)->exchanges();
  }
  return kinds;
}

/// Whether nobody waits for news of who came to which round: they are in the letters on every edge,
/// or nodes act whenever they are ready.
bool Experiment::news_may_be_late() const {
  if (protocol_->lanes() > 0) return true;
  return is_two_way(*schedule_) && protocol_->own_kinds(config_.nodes) == 0;
}

/// What must be the same in all processes.
Transport::Facts Experiment::facts() const {
  Transport::Facts facts;
  for (const auto& [path, value] : json_leaves(config_.json())) {
    if (is_own(path)) continue;
    facts.emplace_back(path, without_folder(value));
  }
  facts.emplace_back("the version of kith", version());
  for (const Plugin& plugin : loaded_plugins()) {
    facts.emplace_back("the plug-in " + plugin.file.filename().string(), plugin.digest);
  }
  if (!config_.allow_mixed_numerics) {
    std::string platform = numeric_platform();
    for (const auto& [model, count] : cards_) platform += ", " + model;
    facts.emplace_back("the numeric platform (see allow_mixed_numerics)", platform);
  }
  facts.emplace_back("the number of training samples", std::to_string(data_.train.size()));
  facts.emplace_back("the number of test samples", std::to_string(data_.test.size()));
  facts.emplace_back("the number of parameters", std::to_string(layout().size));
  facts.emplace_back("the number of processes", std::to_string(placement_.nodes_of.size()));
  return facts;
}

std::uint64_t Experiment::node_bytes() const {
  struct StateSize final : StateWalker {
    void tensor(std::string_view, ArrayView values) override { size += values.size; }
    std::uint64_t size = 0;
  } remembered;
  const std::vector<Channel::Spec> channels = protocol_->channels();
  for (std::size_t channel = 0; channel < channels.size(); ++channel) {
    Reports reports;
    make_sharing(channel, 0, reports)->walk_state(remembered);
    if (channels[channel].name != "x") remembered.size += 2 * layout().size;
  }
  // x, the published vector, one more that slow readers still hold, and the optimizer's.
  const auto vectors = static_cast<std::uint64_t>(2 + config_.communication.common().max_lead +
                                                  std::ssize(training_.optimizer->state()));
  return sizeof(float) * (vectors * layout().size + remembered.size);
}

std::string Experiment::join(const std::string& folder) {
  return transport_->join(facts(), folder);
}

void Experiment::give_up(const std::string& why) { transport_->fail(why); }

std::unique_ptr<Trainer> Experiment::make_trainer(Uid uid) const {
  return std::make_unique<Trainer>(training_, partition_[static_cast<std::size_t>(uid)], uid,
                                   layout().size, device_of(uid));
}

std::size_t Experiment::home_of(Uid uid) const {
  const auto found = home_of_.find(uid);
  return found == home_of_.end() ? 0 : found->second;
}

Device Experiment::device_of(Uid uid) const { return devices_[home_of(uid)]; }

CohortShape Experiment::cohort_shape() const {
  const TrainingSettings& training = config_.training.common();
  const auto sizes = [](const auto& own) { return own.size(); };
  auto batch = static_cast<std::int64_t>(std::ranges::max(partition_, {}, sizes).size());
  if (const auto& size = training.batch_size; size && !size->is_full()) {
    batch = std::min(batch, size->samples);
  }
  return {training.cohort.nodes, batch};
}

Sharing::Context Experiment::sharing_context(std::size_t channel, Uid uid, Reports& reports) const {
  const Channel::Spec spec = protocol_->channels()[channel];
  // What two channels draw has nothing to do with each other: x̂ and the tracker's copy.
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  const std::uint64_t seed = static_cast<std::uint64_t>(config_.seed) + channel * kGolden;
  Sharing::Context context{uid, seed, spec.weighted ? weighted_layout_ : layout(), device_of(uid),
                           reports};
  if (protocol_->found_edges(config_.nodes)) {
    for (Uid other = 0; other < config_.nodes; ++other) {  // any may turn out to be one
      if (other != uid) context.neighbors.push_back(other);
    }
  } else {
    for (const auto& sender : schedule_->neighborhood(uid, 0).senders) {
      context.neighbors.push_back(sender.uid);
    }
  }
  return context;
}

std::unique_ptr<Sharing> Experiment::make_sharing(std::size_t channel, Uid uid,
                                                  Reports& reports) const {
  const Sharing::Context context = sharing_context(channel, uid, reports);
  std::unique_ptr<Sharing> own = protocol_->make_sharing(protocol_->channels()[channel], context);
  return own ? std::move(own) : config_.sharing.make(context);
}

std::int64_t Experiment::local_steps(Uid uid) const {
  // Without its state: a plan of a large run should not cost the run's memory.
  return Trainer(training_, partition_[static_cast<std::size_t>(uid)], uid, 0).steps_per_round();
}

void Experiment::describe(const RunDirectory& folder, const RunOptions& options) const {
  folder.write("config.json", json_pretty(config_.json()));
  folder.write("environment.json", json_pretty(environment_json(config_.device, text_of(cards_),
                                                                threads_, options.command_line)));
  if (schedule_->period() == 1 && !protocol_->found_edges(config_.nodes)) {
    std::ostringstream graph;
    write(*schedule_, GraphFormat::kEdges, 1, graph);
    folder.write("graph.edges", graph.str());
  }
}

Experiment::Outcome Experiment::run(const RunDirectory& folder, const RunOptions& options) {
  if (process_ == 0) describe(folder, options);
  Log log(folder / log_name(process_));
  LineFile metrics(folder / metrics_name(process_));
  LiveView view(process_ == 0 ? options.view : LiveView::Mode::kQuiet, config_.nodes,
                config_.rounds);
  Recorder recorder({config_, data_, partition_, own_nodes(), placement_.members,
                     placement_.has_service(process_), transport_->group(), *models_, metrics,
                     view});
  const auto empty = std::ranges::count_if(partition_, [](const auto& own) { return own.empty(); });
  if (!data_.train.empty() && empty > 0) {
    log.info(count_of(static_cast<std::uint64_t>(empty), "node") +
             " without training samples: they only mix");
  }
  if (const auto note = note_on_mean(audit_)) log.info(*note);
  const Outcome outcome = run_nodes(folder, recorder, log, view);
  log.info("done in " + duration_text(outcome.wall_s));
  return outcome;
}

Experiment::Outcome Experiment::run_nodes(const RunDirectory& folder, Recorder& recorder, Log& log,
                                          LiveView& view) {
  Watched watched;
  std::optional<PostOffice::Homes> homes;
  if (devices_.size() > 1) {
    homes.emplace(devices_, [this](Uid uid) { return device_of(uid); });
  }
  PostOffice office(
      *transport_, placement_.members, config_.communication.common().max_lead,
      [&watched] { return watched.pulse(); }, homes ? &*homes : nullptr);
  const CohortShape shape = cohort_shape();
  std::optional<Cohorts> cohorts;
  if (shape.places > 0) cohorts.emplace(shape, own_nodes(), *models_, threads_);
  std::vector<Neighborly> common;  // by home
  const double rate = mixing_rate();
  for (const auto& home : homes_) {
    common.push_back({config_.rounds, static_cast<std::uint64_t>(config_.seed), *schedule_, office,
                      *models_, home->vectors, home->weighted_vectors, recorder, rate,
                      [this](Uid uid) {
                        return label_counts(data_, uid, partition_[static_cast<std::size_t>(uid)]);
                      },
                      cohorts ? &*cohorts : nullptr});
  }
  std::vector<std::unique_ptr<Node>> nodes;
  std::unique_ptr<Node> service;
  Outcome outcome;
  try {
    for (const Uid uid : own_nodes()) nodes.push_back(make_node(common[home_of(uid)], uid));
    if (placement_.has_service(process_)) service = make_service_node(common.front());
    transport_->group().wait_barrier();
    const double start_s = now_s();
    train(folder, recorder, log, view, nodes, service.get(), cohorts ? &*cohorts : nullptr,
          [&watched](const Executor* executor) { watched.set(executor); });
    outcome.wall_s = now_s() - start_s;
    if (process_ == 0) outcome.network = recorder.last_view().value();
    save(folder, recorder, outcome);
    transport_->finish();
    view.finish();
  } catch (const std::exception& error) {
    view.finish();
    const auto summary = failure_summary(status_of(error), error.what(), recorder);
    note_end(error, folder, log, process_ == 0 ? summary : "");
    transport_->fail(error.what());
    throw;
  }
  return outcome;
}

std::shared_ptr<Array> Experiment::first_vector(const Neighborly& common, Uid uid) const {
  std::shared_ptr<Array> x = common.vectors.take();
  if (x->device().is_cpu()) {
    initial_->fill(uid, x->view());
  } else {
    Array here(x->size());
    initial_->fill(uid, here.view());
    copy(here.view(), x->view());
  }
  return x;
}

std::unique_ptr<Node> Experiment::make_node(const Neighborly& common, Uid uid) const {
  std::shared_ptr<Array> x = first_vector(common, uid);
  auto node = std::make_unique<Node>(uid, common, make_trainer(uid), std::move(x));
  const std::vector<Channel::Spec> channels = protocol_->channels();
  for (std::size_t channel = 0; channel < channels.size(); ++channel) {
    node->open(channels[channel], make_sharing(channel, uid, node->reports()));
  }
  if (config_.evaluation.records("batches")) node->trainer().record_batches();
  return node;
}

/// A node without data, where node 0 starts.
std::unique_ptr<Node> Experiment::make_service_node(const Neighborly& common) const {
  const auto uid = static_cast<Uid>(config_.nodes);
  std::shared_ptr<Array> x = first_vector(common, 0);
  auto trainer = std::make_unique<Trainer>(training_, std::span<const std::uint32_t>(), uid, 0);
  auto node = std::make_unique<Node>(uid, common, std::move(trainer), std::move(x));
  node->skip_kinds(kinds_of_a_round() - protocol_->own_kinds(config_.nodes));
  return node;
}

std::unique_ptr<Service> Experiment::make_service() const {
  Service::Context context{static_cast<std::uint64_t>(config_.seed), *schedule_, {}, layout()};
  for (const auto& own : partition_) context.samples.push_back(std::ssize(own));
  return protocol_->make_service(context);
}

void Experiment::train(const RunDirectory& folder, Recorder& recorder, Log& log, LiveView& view,
                       std::vector<std::unique_ptr<Node>>& nodes, Node* service, Cohorts* cohorts,
                       const std::function<void(const Executor*)>& watch) {
  Executor::Options options;
  options.threads = threads_;
  options.members = placement_.members;
  options.woken_from_outside = placement_.nodes_of.size() > 1;
  options.pending_signal = caught_signal;
  options.progress_timeout_s = config_.communication.common().progress_timeout_s;
  options.progress = [this] { return training_.gradients->load(std::memory_order_relaxed); };
  if (cohorts) options.idle = [cohorts] { cohorts->go_on_without_the_rest(); };
  options.outside_failure = [this]() -> std::exception_ptr {
    const std::optional<Error> failure = transport_->failure();
    return failure ? std::make_exception_ptr(*failure) : nullptr;
  };
  options.abandon = [&](const Error& error) {
    view.finish();
    // Without the last metrics: a step that still runs may be writing them.
    const Error late(error.code(),
                     error.what() + std::string(", and a step took too long to end by itself"));
    note_end(late, folder, log, process_ == 0 ? failure_summary(status_of(late), late.what()) : "");
    transport_->fail(late.what());
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
    if (!protocol.serves()) continue;
    executor.spawn_background(self.uid(),
                              [&self, &protocol](Fiber&) { return protocol.serve(self); });
  }
  if (protocol_->lanes() > 0) {
    executor.spawn_background(-1, [&recorder](Fiber& fiber) { return recorder.follow(fiber); });
  }
  const std::unique_ptr<Service> serving = service ? make_service() : nullptr;
  if (serving) {
    executor.spawn(service->uid(), [service, &serving](Fiber& fiber) {
      service->attach(fiber);
      return serving->run(*service);
    });
  }
  log.info(count_of(nodes.size(), "node") + (serving ? ", " + placement_.members.service : "") +
           ", " + count_of(static_cast<std::uint64_t>(config_.rounds), "round") + ", " +
           count_of(static_cast<std::uint64_t>(threads_), "thread"));
  recorder.start();
  watch(&executor);
  try {
    executor.run();
  } catch (...) {
    watch(nullptr);
    throw;
  }
  watch(nullptr);
}

void Experiment::save(const RunDirectory& folder, const Recorder& recorder,
                      Outcome& outcome) const {
  const std::vector<Uid>& own = own_nodes();
  // Each vector comes to the host once.
  std::vector<std::uint64_t> digests;
  std::optional<ViewFrom> here;
  const auto take = [&](Uid uid) {
    here.emplace(recorder.parameters(uid), Device{});
    digests.push_back(digest_of(here->view()));
    return here->view();
  };
  if (config_.checkpoint.final) {
    std::error_code error;
    std::filesystem::create_directories(folder / "final", error);
    write_safetensors(folder / parameters_name(process_), layout(), own, take);
  } else {
    for (const Uid uid : own) take(uid);
  }
  Group& group = transport_->group();
  const Tail tail{transport_->wire_bytes(), transport_->rejected()};
  const std::vector<Bytes> tails = group.wait_gather(bytes_of(tail, digests));
  const std::vector<Bytes> records = group.wait_gather(lines_of(recorder.last_records()));
  if (process_ != 0) return;

  Totals totals;
  totals.wall_s = outcome.wall_s;
  totals.processes = placement_.nodes_of.size();
  totals.digests.resize(static_cast<std::size_t>(config_.nodes));
  totals.records.resize(totals.digests.size());
  for (std::size_t process = 0; process < tails.size(); ++process) {
    add_process(totals, placement_.nodes_of[process], tails[process], records[process]);
  }
  outcome.digest = digest_of(totals.digests);
  folder.write("summary.json", json_pretty(summary_json(config_, recorder.last_network(), totals)));
}

}  // namespace kith
