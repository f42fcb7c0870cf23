#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/harness.h"
#include "graph/schedule.h"

/// What a node pays to know its neighbors of a round, in schedules whose graphs are never stored,
/// with a thousand nodes and with a hundred million; beside it the cost of filling a Neighborhood
/// of as many senders and receivers, whose two allocations are most of it.
namespace kith::bench {
namespace {

constexpr int kCalls = 10'000;
constexpr double kMostGrowth = 2;  // of a call, from few nodes to many
constexpr double kMost_ns = 1'000;

/// Keeps the compiler from dropping a computation.
volatile double sink;

/// Rows of nodes far apart, in as many rounds.
void ask(const Schedule& schedule) {
  double sum = 0;
  std::int64_t node = 0;
  for (int call = 0; call < kCalls; ++call) {
    node = (node + 77'777'777) % schedule.nodes();
    const Neighborhood at = schedule.neighborhood(static_cast<Uid>(node), Round(call));
    sum += at.self_weight + double(at.receivers.size());
  }
  sink = sum;
}

/// `like` again and again, as large as it is.
void fill(const Neighborhood& like) {
  double sum = 0;
  for (int call = 0; call < kCalls; ++call) {
    const Neighborhood copy = like;
    sum += copy.self_weight + double(copy.receivers.size());
  }
  sink = sum;
}

bool measure(const std::string& graph, std::int64_t few, std::int64_t many) {
  const auto chosen = Schedule::registry().read(Config::parse(graph, "bench"));
  const auto small = chosen.make({few, 1, nullptr});
  const auto large = chosen.make({many, 1, nullptr});
  const Neighborhood like = large->neighborhood(0, 0);
  const std::vector<std::function<void()>> functions{[&] { ask(*small); }, [&] { ask(*large); },
                                                     [&] { fill(like); }};
  const std::vector<double> seconds = fastest_s(functions, 0.5);
  const double small_ns = 1e9 * seconds[0] / kCalls;
  const double large_ns = 1e9 * seconds[1] / kCalls;
  const double fill_ns = 1e9 * seconds[2] / kCalls;
  const bool reached = large_ns <= kMost_ns && large_ns <= kMostGrowth * small_ns;
  std::printf("%-66s %6.0f %6.0f ns   filling %4.0f ns   %s\n", graph.c_str(), small_ns, large_ns,
              fill_ns, reached ? "reached" : "MISSED");
  return reached;
}

int run() {
  constexpr std::int64_t kFew = 1 << 10, kMany = 1 << 26;
  std::printf("A call, with %lld and with %lld nodes; at most %g ns, and %g times\n",
              static_cast<long long>(kFew), static_cast<long long>(kMany), kMost_ns, kMostGrowth);
  bool reached = true;
  for (const char* graph :
       {R"("one_peer_exponential")", R"("one_peer_hypercube")", R"("one_peer_ring")",
        R"("shift_one")", R"({"type": "equidyn", "directed": true})",
        R"({"type": "equidyn", "directed": false})",
        R"({"type": "alternating_exp_ring", "nodes_per_machine": 4})",
        R"({"type": "base_k", "k": 1})", R"({"type": "hyper_hypercube", "k": 1})"}) {
    reached &= measure(graph, kFew, kMany);
  }
  // No power of two: Base-(k+1) looks for a node in a list of parts.
  reached &= measure(R"({"type": "base_k", "k": 2})", 1'000, 60'000'001);
  return reached ? 0 : 1;
}

}  // namespace
}  // namespace kith::bench

int main() { return kith::bench::run(); }
