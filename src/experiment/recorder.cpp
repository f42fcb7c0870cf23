#include "experiment/recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/clock.h"
#include "core/device_memory.h"

namespace kith {
namespace {

// Sets are evaluated in chunks: enough work for a thread, little enough to share out, and for the
// buffers of matrix products, which grow with it (by 14 MB a thread from 128 to 500). Part of the
// numerics of a recorded loss.
constexpr std::size_t kChunk = 128;
constexpr std::size_t kMostRecordedParameters = 10'000;

/// "test" -> "test_loss"; what a node reaches on its own partition is not its training loss.
std::string metric(const std::string& set, const std::string& what) {
  return (set == "train" ? "partition" : set) + '_' + what;
}

std::vector<Uid> who_meets(const Recorder::Parts& parts) {
  std::vector<Uid> uids = parts.uids;
  if (parts.has_service) uids.push_back(static_cast<Uid>(parts.members.nodes));
  return uids;
}

/// How many rounds may wait for slow nodes, with so many parameters a round: as many as take 1 GiB,
/// but some in any case.
std::size_t most_pending(std::size_t parameters) {
  constexpr std::size_t kFloats = (std::size_t{1} << 30) / sizeof(float);
  return std::max<std::size_t>(4, kFloats / std::max<std::size_t>(1, parameters));
}

void add_traffic(JsonObject& record, const Traffic& traffic) {
  record.add("bytes_sent", traffic.bytes_sent)
      .add("bytes_received", traffic.bytes_received)
      .add("metadata_bytes_sent", traffic.metadata_bytes_sent)
      .add("messages_sent", traffic.messages_sent);
}

void add_score(JsonObject& record, const std::string& set, const Score& score) {
  record.add(metric(set, "loss"), score.loss());
  if (score.has_accuracy) record.add(metric(set, "accuracy"), score.accuracy());
}

}  // namespace

Recorder::Recorder(const Parts& parts)
    : parts_(parts),
      seen_(parts.uids.size()),
      most_pending_(most_pending(seen_.size() * parts.models.layout().size)),
      end_(who_meets(parts), parts.members),
      meeting_(who_meets(parts), parts.members),
      last_records_(seen_.size()) {
  choose_sets();
  choose_nodes();
}

void Recorder::check(const EvaluationConfig& evaluation, const Data& data,
                     const ParameterLayout& layout) {
  if (evaluation.records("parameters") && layout.size > kMostRecordedParameters) {
    throw ConfigError(
        "/evaluation/record: \"parameters\" is for models of up to 10,000, and this one has " +
        std::to_string(layout.size) + "; use checkpoint.final");
  }
  if (evaluation.evaluates("validation") && data.validation.empty()) {
    throw ConfigError(
        "/evaluation/on: there is no validation set; set dataset.validation_fraction");
  }
}

void Recorder::choose_sets() {
  const EvaluationConfig& evaluation = parts_.config.evaluation;
  const auto add = [&](const std::string& name, const Samples& samples) {
    if (!evaluation.evaluates(name)) return;
    Set set{name, &samples, {}};
    if (name != "train") {
      set.indices.resize(std::min<std::size_t>(
          samples.size(), static_cast<std::size_t>(evaluation.samples.value_or(INT64_MAX))));
      std::iota(set.indices.begin(), set.indices.end(), 0u);
    }
    sets_.push_back(std::move(set));
  };
  if (!parts_.data.train.empty()) add("train", parts_.data.train);
  if (!parts_.data.validation.empty()) add("validation", parts_.data.validation);
  if (!parts_.data.test.empty()) add("test", parts_.data.test);
}

void Recorder::choose_nodes() {
  const std::int64_t n = parts_.config.nodes;
  const std::int64_t count = std::min(n, parts_.config.evaluation.nodes.value_or(n));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto uid = static_cast<Uid>(i * n / count);
    if (std::ranges::binary_search(parts_.uids, uid)) evaluated_.push_back(uid);
  }
}

void Recorder::start() { started_s_ = now_s(); }

bool Recorder::due(Round completed) const {
  const std::int64_t every = parts_.config.evaluation.every;
  return completed == 0 || completed == parts_.config.rounds ||
         (every > 0 && completed % every == 0);
}

void Recorder::passed(Round completed) {
  if (completed > 0) parts_.view.passed();
}

Task<> Recorder::observe(Node& node, Round completed) {
  const Uid uid = node.uid();
  if (parts_.members.is_service(uid)) {
    service_ = node.snapshot(node.published());
  } else {
    seen_[index_of(uid)] = node.snapshot(node.published());
  }
  const bool last = meeting_.arrive(uid);
  if (!last) {
    co_await meeting_.parting(uid);
    co_return;
  }
  co_await record(node.fiber().executor(), completed, /*together=*/true);
  if (completed < parts_.config.rounds) forget();
  meeting_.part();
}

/// Lets go of the vectors, which nodes then change in place again.
void Recorder::forget() {
  for (Snapshot& node : seen_) node.x = node.here = nullptr;
  if (service_) service_->x = service_->here = nullptr;
}

Task<> Recorder::note(Snapshot snapshot, Round completed) {
  const std::function<bool()> has_room = [this, completed] {
    return pending_.size() < most_pending_ || pending_.contains(completed);
  };
  Condition::Until room(noted_, has_room, "slower nodes to be evaluated");
  co_await room;
  const std::lock_guard lock(noted_.mutex);
  pending_[completed].push_back(std::move(snapshot));
  noted_.changed();
}

Task<> Recorder::follow(Fiber& fiber) {
  const std::function<bool()> is_complete = [this] {
    return !pending_.empty() && pending_.begin()->second.size() == seen_.size();
  };
  for (;;) {
    Condition::Until complete(noted_, is_complete, "all nodes to be evaluated");
    co_await complete;
    {
      const std::lock_guard lock(noted_.mutex);
      fiber.set_round(pending_.begin()->first);
      seen_ = std::move(pending_.begin()->second);
      pending_.begin()->second.clear();
    }
    std::ranges::sort(seen_, {}, &Snapshot::uid);
    co_await record(fiber.executor(), fiber.round(), /*together=*/false);
    forget();
    const std::lock_guard lock(noted_.mutex);
    pending_.erase(fiber.round());
    noted_.changed();
  }
}

Task<> Recorder::gather(Node& node) {
  const bool last = end_.arrive(node.uid());
  if (!last) {
    co_await end_.parting(node.uid());
    co_return;
  }
  const std::function<bool()> is_done = [this] { return pending_.empty(); };
  Condition::Until done(noted_, is_done, "the evaluation");
  co_await done;
  co_await parts_.group.barrier();
  end_.part();
}

std::span<const std::uint32_t> Recorder::indices_of(const Set& set, Uid uid) const {
  if (set.name != "train") return set.indices;
  const std::span<const std::uint32_t> own = parts_.partition[static_cast<std::size_t>(uid)];
  const auto limit = parts_.config.evaluation.samples.value_or(INT64_MAX);
  return own.first(std::min<std::size_t>(own.size(), static_cast<std::size_t>(limit)));
}

/// The score of each of `vectors`, whose nodes are `uids`, on `set`.
Task<Recorder::Scores> Recorder::evaluate(Executor& executor, const Set& set,
                                          const std::vector<Uid>& uids,
                                          const std::vector<ConstArrayView>& vectors) {
  struct Chunk {
    std::size_t vector;
    std::span<const std::uint32_t> indices;
    Score score;
  };
  std::vector<Chunk> chunks;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    auto rest = indices_of(set, uids[i]);
    while (!rest.empty()) {
      const std::size_t length = std::min(kChunk, rest.size());
      chunks.push_back({i, rest.first(length), {}});
      rest = rest.subspan(length);
    }
  }
  const std::function<void(std::int64_t)> score_chunk = [&](std::int64_t i) {
    Chunk& chunk = chunks[static_cast<std::size_t>(i)];
    const ConstArrayView& x = vectors[chunk.vector];
    chunk.score = parts_.models.mine(x.device).score(x, *set.samples, chunk.indices);
  };
  co_await executor.for_each(static_cast<std::int64_t>(chunks.size()), score_chunk);
  Scores scores(vectors.size());
  for (const Chunk& chunk : chunks) scores[chunk.vector].add(chunk.score);
  co_return scores;
}

/// For each evaluated node its scores: one a set, or that of the objective where there are none.
Task<std::vector<Recorder::Scores>> Recorder::evaluate_nodes(Executor& executor) {
  std::vector<ConstArrayView> vectors;
  for (const Uid uid : evaluated_) vectors.push_back(seen_[index_of(uid)].x->view());
  std::vector<Scores> of_node(vectors.size());
  for (const Set& set : sets_) {
    const Scores scores = co_await evaluate(executor, set, evaluated_, vectors);
    for (std::size_t i = 0; i < scores.size(); ++i) of_node[i].push_back(scores[i]);
  }
  const std::function<void(std::int64_t)> score_objective = [&](std::int64_t i) {
    const auto node = static_cast<std::size_t>(i);
    const auto score = parts_.models.any().score_without_samples(vectors[node]);
    if (score) of_node[node].push_back(*score);
  };
  if (sets_.empty()) {
    co_await executor.for_each(static_cast<std::int64_t>(vectors.size()), score_objective);
  }
  co_return of_node;
}

/// `together`: the nodes are all here, and it is now; else each was seen at a time of its own.
Task<> Recorder::record(Executor& executor, Round completed, bool together) {
  const std::vector<Scores> scores = co_await evaluate_nodes(executor);
  const double last_s = together ? now_s() : std::ranges::max(seen_, {}, &Snapshot::time_s).time_s;
  const double time_s = last_s - started_s_;
  std::string network = co_await network_record(executor, completed, time_s, scores);

  const std::function<void(std::int64_t)> record_node = [&](std::int64_t i) {
    const auto index = static_cast<std::size_t>(i);
    const auto own = std::ranges::lower_bound(evaluated_, parts_.uids[index]);
    const bool has_scores = own != evaluated_.end() && *own == parts_.uids[index];
    JsonObject head;
    head.add("event", "evaluation").add("round", completed);
    head.add("time_s", together ? time_s : seen_[index].time_s - started_s_);
    last_records_[index] = node_record(
        seen_[index], std::move(head),
        has_scores ? &scores[static_cast<std::size_t>(own - evaluated_.begin())] : nullptr);
  };
  co_await executor.for_each(static_cast<std::int64_t>(seen_.size()), record_node);

  std::string lines;
  for (const std::string& line : last_records_) (lines += line) += '\n';
  if (service_) lines += service_record(completed, time_s) + '\n';
  if (!network.empty()) lines += network + '\n';
  last_network_ = std::move(network);
  parts_.metrics.append(lines);
  if (last_view_) parts_.view.evaluated(*last_view_);
  check_finite(scores);
}

void Recorder::check_finite(const std::vector<Scores>& scores) const {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t s = 0; s < scores[i].size(); ++s) {
      const Score& score = scores[i][s];
      if (score.samples == 0 || std::isfinite(score.loss())) continue;
      throw NumericError("the " + (sets_.empty() ? "test" : sets_[s].name) + " loss of node " +
                         std::to_string(evaluated_[i]) +
                         " is not finite; a smaller learning rate may help");
    }
  }
}

std::string Recorder::node_record(const Snapshot& node, JsonObject record,
                                  const Scores* scores) const {
  record.add("node", node.uid);
  // None: NaN, written as null.
  record.add("train_loss", node.loss_sum / static_cast<double>(node.losses));
  for (std::size_t i = 0; scores && i < scores->size(); ++i) {
    const Score& score = (*scores)[i];
    if (score.samples > 0) add_score(record, sets_.empty() ? "test" : sets_[i].name, score);
  }
  add_traffic(record, node.traffic);
  record.add("compute_s", node.clocks.compute_s)
      .add("wait_s", node.clocks.wait_s)
      .add("codec_s", node.clocks.codec_s);
  if (node.learning_rate > 0) record.add("learning_rate", node.learning_rate);
  if (node.sent_by_channel.size() > 1) {
    for (const auto& [name, bytes] : node.sent_by_channel) record.add("bytes_sent_" + name, bytes);
  }
  for (const auto& [name, value] : node.reports) record.add(name, value);
  const EvaluationConfig& evaluation = parts_.config.evaluation;
  if (evaluation.records("parameters")) {
    record.raw("parameters",
               json_array(node.here->view(), [](float value) { return json_number(value); }));
  }
  if (evaluation.records("batches")) {
    const auto batch_json = [](const std::vector<std::uint32_t>& batch) {
      return json_array(batch, [](std::uint32_t index) { return std::to_string(index); });
    };
    record.raw("batches", json_array(node.batches, batch_json));
  }
  return record.str();
}

/// What a service said and heard. Its model is not here: the nodes show it.
std::string Recorder::service_record(Round completed, double time_s) const {
  JsonObject record;
  record.add("event", "service")
      .add("round", completed)
      .add("time_s", time_s)
      .add("service", parts_.members.service);
  add_traffic(record, service_->traffic);
  record.add("wait_s", service_->clocks.wait_s);
  for (const auto& [name, value] : service_->reports) record.add(name, value);
  return record.str();
}

std::vector<NodeStats> Recorder::stats(const std::vector<Scores>& scores) const {
  std::vector<NodeStats> stats;
  for (const Snapshot& node : seen_) {
    NodeStats& of_node = stats.emplace_back();
    of_node.uid = node.uid;
    of_node.bytes_sent = node.traffic.bytes_sent;
    of_node.samples = node.samples_seen;
    of_node.has_train_loss = node.losses > 0;
    if (node.losses > 0) of_node.train_loss = node.loss_sum / static_cast<double>(node.losses);
  }
  if (!sets_.empty() && sets_.back().name != "test") return stats;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i].empty()) continue;
    NodeStats& of_node = stats[index_of(evaluated_[i])];
    const Score& score = scores[i].back();
    of_node.has_test_loss = true;
    of_node.test_loss = score.loss();
    of_node.has_test_accuracy = score.has_accuracy;
    if (score.has_accuracy) of_node.test_accuracy = score.accuracy();
  }
  return stats;
}

/// What all nodes reached together, in process 0; "" elsewhere.
Task<std::string> Recorder::network_record(Executor& executor, Round completed, double time_s,
                                           const std::vector<Scores>& scores) {
  std::vector<ConstArrayView> vectors;
  for (const Snapshot& node : seen_) vectors.push_back(node.here->view());
  const bool averages = parts_.config.evaluation.average_model && parts_.group.process() == 0;
  const Consensus consensus =
      co_await consensus_of(executor, parts_.group, parts_.config.nodes, vectors, averages);
  std::vector<NodeStats> own = stats(scores);
  for (std::size_t i = 0; i < own.size(); ++i) own[i].squared_distance = consensus.of_node[i];
  if (service_) {
    NodeStats& of_service = own.emplace_back();
    of_service.uid = service_->uid;
    of_service.bytes_sent = service_->traffic.bytes_sent;
  }
  Bytes bytes = to_bytes(own);
  const std::vector<Bytes> by_process = co_await parts_.group.gather(std::move(bytes));
  if (parts_.group.process() != 0) co_return "";

  JsonObject record;
  record.add("event", "network").add("round", completed).add("time_s", time_s);
  last_view_ = add_network(record, merge_stats(by_process, parts_.members), completed,
                           parts_.data.train.size());
  if (averages) {
    const ViewFrom models(consensus.mean.view(), seen_.front().x->device());
    const std::vector<ConstArrayView> mean(1, models.view());
    const std::vector<Uid> nobody(1, 0);
    for (const Set& set : sets_) {
      if (set.name == "train") continue;
      const Scores score = co_await evaluate(executor, set, nobody, mean);
      add_score(record, "average_model_" + set.name, score.front());
    }
    const auto objective = parts_.models.any().score_without_samples(mean.front());
    if (objective) add_score(record, "average_model_test", *objective);
  }
  co_return record.str();
}

}  // namespace kith
