#include <algorithm>
#include <cstring>
#include <numeric>

#include "graph/stored_schedule.h"
#include "node/peer_service.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/server.h"

namespace kith {
namespace {

constexpr Kind kHistogram = 0, kNeighbors = 1, kKinds = 2;

using Count = std::uint32_t;

struct Params {
  std::int64_t k = 4;
  std::string keep = "most";

  void fields(Fields& f) {
    f.optional("k", k, "how many others a node chooses", Range{.at_least = 1});
    f.optional("keep", keep,
               "which others: those whose labels are the most or the least similar to its own; the "
               "KNN of decentralizepy keeps the least similar",
               Choices{{"most", "least"}});
  }
};

Body message_of_counts(const std::vector<Count>& counts) {
  const auto raw = std::as_bytes(std::span(counts));
  return Body(Bytes(raw.begin(), raw.end()), raw.size());
}

/// Collects the label histograms of all nodes before round 0, finds the overlay, and tells every
/// node its part of it. O(n² · classes).
class Matchmaker final : public Service {
 public:
  explicit Matchmaker(const Params& params) : params_(params) {}

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      if (round == 0) co_await introduce(self);
      co_await self.observe(round + 1);
    }
  }

 private:
  Task<> introduce(Node& self) {
    const std::vector<Uid> all = server::everybody(self);
    const std::vector<Message> messages = co_await self.collect(kHistogram, all);
    for (const Message& message : messages) take(message);
    Graph graph = overlay();
    self.report("overlay_edges", static_cast<double>(graph.edges()));
    self.report("overlay_connected", graph.connected());
    const StoredSchedule schedule(std::move(graph), Schedule::Context{self.nodes(), 0, nullptr});
    for (Uid node = 0; node < self.nodes(); ++node) {
      const Body neighbors = message_of(schedule.neighborhood(node, 0));
      const std::vector<Uid> receiver(1, node);
      co_await self.post(kNeighbors, neighbors, receiver);
    }
  }

  void take(const Message& message) {
    const ByteView bytes = message.body.coded();
    const bool fits = bytes.size() % sizeof(Count) == 0 &&
                      (counts_.empty() || bytes.size() == sizeof(Count) * counts_[0].size());
    if (!fits) {
      throw PeerError("node " + std::to_string(message.sender) + " sent a histogram that is none");
    }
    std::vector<Count> counts(bytes.size() / sizeof(Count));
    std::memcpy(counts.data(), bytes.data(), bytes.size());
    counts_.emplace_back(counts.begin(), counts.end());
    squares_.push_back(dot(counts_.back(), counts_.back()));
  }

  static double dot(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }

  /// What orders all j as cos(i, j) does: (h_i·h_j)² / |h_j|². One rounding of a quotient of whole
  /// numbers, so that equal cosines tie; their square roots would not. 0 without data.
  double rank(std::size_t i, std::size_t j) const {
    if (squares_[j] == 0) return 0;
    const double product = dot(counts_[i], counts_[j]);
    return product * product / squares_[j];
  }

  Graph overlay() const {
    const std::size_t nodes = counts_.size();
    const std::size_t kept = std::min(static_cast<std::size_t>(params_.k), nodes - 1);
    const double sign = params_.keep == "most" ? -1 : 1;
    std::vector<Edge> edges;
    std::vector<std::pair<double, Uid>> others;  // the first are the ones to keep
    for (std::size_t i = 0; i < nodes; ++i) {
      others.clear();
      for (std::size_t j = 0; j < nodes; ++j) {
        if (j != i) others.emplace_back(sign * rank(i, j), static_cast<Uid>(j));
      }
      std::ranges::partial_sort(others, others.begin() + static_cast<std::ptrdiff_t>(kept));
      for (std::size_t k = 0; k < kept; ++k)
        edges.push_back({static_cast<Uid>(i), others[k].second});
    }
    return Graph::undirected(static_cast<std::int64_t>(nodes), edges);
  }

  Params params_;
  std::vector<std::vector<double>> counts_;  // by node, of each label
  std::vector<double> squares_;              // |h_i|²
};

/// D-PSGD on an overlay that is built before round 0 from what nodes know: decentralizepy's
/// OverlayNode with its KNN (Dhasade et al., EuroMLSys 2023, arXiv:2304.08322). With h_i the counts
/// of the labels of node i's training samples:
///
///     N(i) = the k others with the largest, or least, cos(h_i, h_j), ties to the lowest uid
///     i ~ j where j ∈ N(i) or i ∈ N(j);  W by Metropolis–Hastings;  x⁺ = W (x + u(x))
///
/// A matchmaker gets all histograms and finds the exact graph, which theirs approaches by gossip
/// from initial_neighbors, over some rounds with random_nodes; here these have no place. Theirs
/// keeps the least similar without saying so: here that is `keep`. The most similar may form groups
/// of which none hears another, and then their models never agree; the record of the matchmaker
/// says whether they are connected. The graph of the config plays no part. The run is that of dpsgd
/// on the found graph bit for bit.
class NearestNeighbors final : public Protocol {
 public:
  using Params = kith::Params;

  explicit NearestNeighbors(const Params& params) : params_(params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.labels = true, .because = "it chooses neighbors by the labels of their samples"};
  }
  Kind own_kinds(std::int64_t) const override { return kKinds; }
  std::optional<double> found_edges(std::int64_t nodes) const override {
    const auto n = static_cast<double>(nodes);
    return n * std::min(n - 1, 2 * static_cast<double>(params_.k));
  }
  std::string service_name() const override { return "the matchmaker"; }
  std::unique_ptr<Service> make_service(const Service::Context&) const override {
    return std::make_unique<Matchmaker>(params_);
  }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      if (round == 0) co_await meet_the_similar(self);
      co_await self.train();
      co_await self.mix();
      co_await self.observe(round + 1);
    }
  }

 private:
  static Task<> meet_the_similar(Node& self) {
    const std::vector<Uid> matchmaker(1, self.service());
    const Body histogram = message_of_counts(self.label_counts());
    co_await self.post(kHistogram, histogram, matchmaker);
    const Message message = co_await server::from_server(self, kNeighbors);
    self.meet(neighborhood_of(message.body.coded(), self.uid(), self.nodes()));
    self.report("neighbors", static_cast<double>(self.receivers().size()));
  }

  Params params_;
};

const Register<Protocol, NearestNeighbors> registered{
    "knn", "D-PSGD on an overlay of the nodes with the most, or least, similar labels",
    ProtocolFacts{
        .recursion =
            "N(i) = the k others j with the largest (keep most) or least cos(h_i, h_j), of "
            "histograms h of labels\n"
            "i ~ j where j ∈ N(i) or i ∈ N(j), W by Metropolis–Hastings; x⁺ = W (x + u(x))",
        .sends =
            "4·d to each neighbor found, of which there are k or more, 2·k on average at most; "
            "4 for each label to the matchmaker once",
        .needs =
            "labels: classification, or quadratics with labels; a matchmaker, which lives in one "
            "of the processes; the graph of the config plays no part; the most similar may form "
            "groups that never agree",
        .fixed_point = "that of dpsgd on the found graph",
        .source = "Dhasade et al., EuroMLSys 2023 (arXiv:2304.08322), whose KNN keeps the least "
                  "similar"}};

}  // namespace
}  // namespace kith
