#include <bit>

#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Every node hears those at distances that double (Ying et al., "Exponential graph is provably
/// efficient for decentralized deep training", NeurIPS 2021).
///
/// Node i hears i + 2^j (mod n) for j = 0..τ−1, τ = ⌈log2 n⌉, each with weight 1 / (τ + 1), as
/// itself. W is a circulant matrix, doubly stochastic though directed; ρ = 1 − 2 / (τ + 1) for even
/// n, and smaller for odd. The undirected graph joins i with i ± 2^j.
class Exponential final : public StoredSchedule {
 public:
  struct Params {
    bool directed = true;

    void fields(Fields& f) {
      f.optional("directed", directed, "hear only i + 2^j; else talk with i + 2^j and i - 2^j");
    }
  };

  Exponential(Params params, const Context& context)
      : StoredSchedule(matrix(params.directed, context.nodes), context) {}

 private:
  static MixingMatrix matrix(bool directed, std::int64_t nodes) {
    // All degrees are equal, so that the plain mean is doubly stochastic, and is what
    // Metropolis–Hastings gives on the undirected graph.
    Graph graph = Exponential::graph(directed, nodes);
    const double weight = 1.0 / double(1 + graph.degree(0));
    return stochastic_matrix(std::move(graph), [weight](Uid, Uid) { return weight; });
  }

  static Graph graph(bool directed, std::int64_t nodes) {
    const int doublings = std::bit_width(std::uint64_t(nodes - 1));  // τ
    std::vector<Edge> edges;
    edges.reserve(std::size_t(nodes) * std::size_t(doublings));
    for (std::int64_t node = 0; node < nodes; ++node) {
      for (int j = 0; j < doublings; ++j) {
        const std::int64_t sender = (node + (std::int64_t{1} << j)) % nodes;
        edges.push_back({static_cast<Uid>(sender), static_cast<Uid>(node)});
      }
    }
    return directed ? Graph::directed(nodes, edges) : Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, Exponential> registered{
    "exponential", "each node hears those 1, 2, 4, 8, ... places ahead",
    TopologyFacts{.degree = "⌈log2(n)⌉",
                  .spectral_gap = "2/(1 + ⌈log2(n)⌉) for n even; more for n odd",
                  .source = "Ying, Yuan, Chen, Hu, Pan & Yin, NeurIPS 2021 (arXiv:2110.13363)",
                  .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
