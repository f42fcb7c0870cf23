#include "experiment/recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/clock.h"

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

void add_score(JsonObject& record, const std::string& set, const Score& score) {
  record.add(metric(set, "loss"), score.loss());
  if (score.has_accuracy) record.add(metric(set, "accuracy"), score.accuracy());
}

}  // namespace

Recorder::Recorder(const Parts& parts)
    : parts_(parts),
      nodes_(parts.uids.size()),
      meeting_(parts.uids),
      last_records_(nodes_.size()) {
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
  nodes_[index_of(uid)] = &node;
  const bool last = meeting_.arrive(uid);
  if (!last) {
    co_await meeting_.parting(uid);
    co_return;
  }
  co_await record(node.fiber().executor(), completed);
  meeting_.part();
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
    chunk.score = parts_.models.mine().score(vectors[chunk.vector], *set.samples, chunk.indices);
  };
  co_await executor.for_each(static_cast<std::int64_t>(chunks.size()), score_chunk);
  Scores scores(vectors.size());
  for (const Chunk& chunk : chunks) scores[chunk.vector].add(chunk.score);
  co_return scores;
}

/// For each evaluated node its scores: one a set, or that of the objective where there are none.
Task<std::vector<Recorder::Scores>> Recorder::evaluate_nodes(Executor& executor) {
  std::vector<ConstArrayView> vectors;
  for (const Uid uid : evaluated_) vectors.push_back(parameters(uid));
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

Task<> Recorder::record(Executor& executor, Round completed) {
  const std::vector<Scores> scores = co_await evaluate_nodes(executor);
  const double time_s = now_s() - started_s_;
  std::string network = co_await network_record(executor, completed, time_s, scores);

  JsonObject head;
  head.add("event", "evaluation").add("round", completed).add("time_s", time_s);
  const std::function<void(std::int64_t)> record_node = [&](std::int64_t i) {
    const auto index = static_cast<std::size_t>(i);
    const auto own = std::ranges::lower_bound(evaluated_, parts_.uids[index]);
    const bool has_scores = own != evaluated_.end() && *own == parts_.uids[index];
    last_records_[index] = node_record(
        *nodes_[index], head,
        has_scores ? &scores[static_cast<std::size_t>(own - evaluated_.begin())] : nullptr);
  };
  co_await executor.for_each(static_cast<std::int64_t>(nodes_.size()), record_node);

  std::string lines;
  for (const std::string& line : last_records_) (lines += line) += '\n';
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

std::string Recorder::node_record(Node& node, JsonObject record, const Scores* scores) {
  record.add("node", node.uid());
  const auto [loss_sum, losses] = node.trainer().take_losses();
  record.add("train_loss", loss_sum / static_cast<double>(losses));  // none: NaN, written as null
  for (std::size_t i = 0; scores && i < scores->size(); ++i) {
    const Score& score = (*scores)[i];
    if (score.samples > 0) add_score(record, sets_.empty() ? "test" : sets_[i].name, score);
  }
  const Traffic& traffic = node.traffic();
  record.add("bytes_sent", traffic.bytes_sent)
      .add("bytes_received", traffic.bytes_received)
      .add("metadata_bytes_sent", traffic.metadata_bytes_sent)
      .add("messages_sent", traffic.messages_sent)
      .add("compute_s", node.clocks().compute_s)
      .add("wait_s", node.clocks().wait_s)
      .add("codec_s", node.clocks().codec_s);
  if (node.trainer().learning_rate() > 0) {
    record.add("learning_rate", node.trainer().learning_rate());
  }
  if (node.channels().size() > 1) {
    for (const Channel& channel : node.channels()) {
      record.add("bytes_sent_" + channel.name(), channel.traffic().bytes_sent);
    }
  }
  for (const auto& [name, value] : node.reports().values()) record.add(name, value);
  const EvaluationConfig& evaluation = parts_.config.evaluation;
  if (evaluation.records("parameters")) {
    record.raw("parameters", json_array(node.x(), [](float value) { return json_number(value); }));
  }
  if (evaluation.records("batches")) {
    const auto batch_json = [](const std::vector<std::uint32_t>& batch) {
      return json_array(batch, [](std::uint32_t index) { return std::to_string(index); });
    };
    record.raw("batches", json_array(node.trainer().take_batches(), batch_json));
  }
  return record.str();
}

std::vector<NodeStats> Recorder::stats(const std::vector<Scores>& scores) const {
  std::vector<NodeStats> stats;
  for (Node* node : nodes_) {
    NodeStats& of_node = stats.emplace_back();
    of_node.uid = node->uid();
    of_node.bytes_sent = node->traffic().bytes_sent;
    of_node.samples = node->trainer().samples_seen();
    const auto [loss_sum, losses] = node->trainer().losses();
    of_node.has_train_loss = losses > 0;
    if (losses > 0) of_node.train_loss = loss_sum / static_cast<double>(losses);
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
  for (const Node* node : nodes_) vectors.push_back(node->x());
  const bool averages = parts_.config.evaluation.average_model && parts_.group.process() == 0;
  const Consensus consensus =
      co_await consensus_of(executor, parts_.group, parts_.config.nodes, vectors, averages);
  std::vector<NodeStats> own = stats(scores);
  for (std::size_t i = 0; i < own.size(); ++i) own[i].squared_distance = consensus.of_node[i];
  Bytes bytes = to_bytes(own);
  const std::vector<Bytes> by_process = co_await parts_.group.gather(std::move(bytes));
  if (parts_.group.process() != 0) co_return "";

  JsonObject record;
  record.add("event", "network").add("round", completed).add("time_s", time_s);
  last_view_ = add_network(record, merge_stats(by_process, parts_.config.nodes), completed,
                           parts_.data.train.size());
  if (averages) {
    const std::vector<ConstArrayView> mean(1, consensus.mean.view());
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
