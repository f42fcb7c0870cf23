#include "experiment/check_needs.h"

#include <gmock/gmock.h>

#include "node/protocol.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// Needs what its options say; does nothing.
class Needy final : public Protocol {
 public:
  struct Params {
    Needs needs;

    void fields(Fields& f) {
      f.optional("row_stochastic", needs.row_stochastic, "");
      f.optional("column_stochastic", needs.column_stochastic, "");
      f.optional("doubly_stochastic", needs.doubly_stochastic, "");
      f.optional("symmetric", needs.symmetric, "");
      f.optional("static_graph", needs.static_graph, "");
      f.optional("tree", needs.tree, "");
      f.optional("lambda_min_above", needs.lambda_min_above, "");
      f.optional("even", needs.even, "");
      f.optional("equal_start", needs.equal_start, "");
      f.optional("one_step", needs.one_step, "");
      f.optional("plain_sgd", needs.plain_sgd, "");
    }
  };

  explicit Needy(const Params& params) : needs_(params.needs) {}

  Needs needs() const override { return needs_; }
  Task<> run(Node&) override { co_return; }

 private:
  Needs needs_;
};
const Register<Protocol, Needy> needy{"needy_in_a_test", "needs what it is told"};

/// Gossip that needs a symmetric W.
class Particular final : public Sharing {
 public:
  using Params = NoParams;

  Particular(Params, const Context&) {}

  Needs needs() const override { return {.symmetric = true}; }
  void say(const Turn&, const Slot&, Outbox&) override {}
  void hear(const Turn&, const Slot&, std::span<const Heard>, ArrayView) override {}
};
const Register<Sharing, Particular> particular{"particular_in_a_test", "needs a symmetric W"};

class CheckNeeds : public WithFolder {
 protected:
  /// The message with which a run of 6 nodes is refused, or "no error".
  std::string refusal(const std::string& graph, const std::string& node,
                      const std::string& more = R"("model": {"type": "vector", "size": 3})") const {
    const std::string training =
        more.find("training") == std::string::npos ? R"("training": {"local_steps": 0}, )" : "";
    const std::string config = R"({"nodes": 6, "rounds": 1, "graph": )" + graph + R"(, "node": )" +
                               node + ", " + training + more + '}';
    return message_of<ConfigError>(
        [&] { Experiment(RunConfig::read(Config::parse(config, "run.json")), 1); });
  }

  static std::string needing(const std::string& need) {
    return R"({"type": "needy_in_a_test", ")" + need + R"(": true})";
  }

  /// A graph file whose rounds have these weights.
  std::string file(const std::string& rounds, const std::string& name = "w.json") const {
    const std::size_t count = std::size_t(std::ranges::count(rounds, '|')) + 1;
    const auto path = write(name, R"({"nodes": 6, "period": )" + std::to_string(count) +
                                      R"(, "rounds": [[)" + replaced(rounds, "|", "], [") + "]]}");
    return R"({"type": "file", "path": )" + json_string(path.string()) + '}';
  }

  // Nodes 0 and 1 average, the others stay alone.
  static constexpr const char* kPair =
      "[0,0,0.5],[0,1,0.5],[1,0,0.5],[1,1,0.5],[2,2,1],[3,3,1],[4,4,1],[5,5,1]";
  // Node 0 hears node 1, which does not hear it: rows sum to one.
  static constexpr const char* kOneWay =
      "[0,0,0.5],[0,1,0.5],[1,1,1],[2,2,1],[3,3,1],[4,4,1],[5,5,1]";
  // A directed ring of 0, 1 and 2: doubly stochastic, not symmetric.
  static constexpr const char* kCycle =
      "[0,0,0.5],[0,1,0.5],[1,1,0.5],[1,2,0.5],[2,2,0.5],[2,0,0.5],[3,3,1],[4,4,1],[5,5,1]";
};

TEST_F(CheckNeeds, RowsThatDoNotSumToOneAreForPushSum) {
  const std::string star = R"({"type": "star", "weights": "column_stochastic"})";
  const std::string message = refusal(star, R"("dpsgd")");
  EXPECT_EQ(
      message,
      "/graph/weights: dpsgd needs weights that sum to 1 over what each node hears and itself, "
      "but those of node 0 sum to 2.666666667 in round 0; use metropolis_hastings, or "
      "neighborhood_mean where edges go one way (these, of which columns sum to 1, are for "
      "push-sum)");
  EXPECT_THAT(refusal(star, needing("doubly_stochastic")), HasSubstr("over what each node hears"));
  EXPECT_EQ(refusal(star, needing("equal_start")), "no error");
  EXPECT_EQ(refusal(R"({"type": "ring", "weights": "column_stochastic"})", R"("dpsgd")"),
            "no error");  // equal degrees
  EXPECT_EQ(refusal(R"({"type": "star", "weights": "neighborhood_mean"})", R"("dpsgd")"),
            "no error");
  EXPECT_EQ(refusal(R"({"type": "epidemic", "degree": 2})", R"("dpsgd")"), "no error");
}

TEST_F(CheckNeeds, ColumnsMustSumToOneWhereTheMeanMustBeKept) {
  const std::string need = needing("doubly_stochastic");
  EXPECT_EQ(
      refusal(R"({"type": "star", "weights": "neighborhood_mean"})", need),
      "/graph/weights: needy_in_a_test needs doubly stochastic weights, which keep the mean of "
      "all models, but those put on node 0 sum to 2.666666667 in round 0; use "
      "metropolis_hastings on a graph whose edges go both ways");
  EXPECT_THAT(refusal(R"({"type": "epidemic", "degree": 2})", need), HasSubstr("in round "));
  for (const char* graph : {R"("star")", R"("one_peer_exponential")", R"("exponential")",
                            R"({"type": "base_k", "k": 2})", R"("random_matching")"}) {
    EXPECT_EQ(refusal(graph, need), "no error") << graph;
  }
}

TEST_F(CheckNeeds, PushSumNeedsColumnsAndNoRows) {
  const std::string need = needing("column_stochastic");
  EXPECT_EQ(refusal(R"({"type": "star", "weights": "column_stochastic"})", need), "no error");
  EXPECT_EQ(refusal(R"({"type": "star", "weights": "neighborhood_mean"})", need),
            "/graph/weights: needy_in_a_test needs column-stochastic weights, which keep the sum "
            "over all nodes, but those put on node 0 sum to 2.666666667 in round 0; use "
            "column_stochastic, or metropolis_hastings where edges go both ways");
}

TEST_F(CheckNeeds, EigenvaluesAreThoseOfWAndTheLazyOneIsOffered) {
  const std::string need = R"({"type": "needy_in_a_test", "lambda_min_above": -0.3333333333})";
  EXPECT_EQ(refusal(R"("complete_bipartite")", need),  // K_{3,3}: 1/4 (1 − 3)
            "/graph/weights: needy_in_a_test needs a mixing matrix whose eigenvalues are above "
            "-0.3333, but the least of this one is -0.5; use {\"type\": \"lazy\", \"of\": "
            "\"metropolis_hastings\", \"gamma\": 0.5}");
  EXPECT_EQ(refusal(R"({"type": "complete_bipartite", "weights": {"type": "lazy", "of":
                        "metropolis_hastings", "gamma": 0.5}})",
                    need),
            "no error");
  EXPECT_EQ(refusal(R"("chain")", need), "no error");
  EXPECT_THAT(refusal(R"("one_peer_exponential")", need), HasSubstr("a graph that stays the same"));
  EXPECT_THAT(refusal(file(kCycle), need), HasSubstr("weights that are equal both ways"));
}

TEST_F(CheckNeeds, TrainingIsHeldAgainstThemToo) {
  const QuadraticProblem problem(6, 3);
  problem.write(folder_ / "q.json");
  const std::string model = R"("model": "vector", "dataset": {"type": "quadratics", "path": ")" +
                            (folder_ / "q.json").string() + R"("}, )";
  const auto training = [&](const std::string& options, const std::string& need) {
    return refusal(R"("ring")", needing(need), model + R"("training": )" + options);
  };
  EXPECT_EQ(training(R"({"type": "sgd", "lr": 0.1, "local_steps": 4})", "one_step"),
            "/training/local_steps: needy_in_a_test needs one local step a round, but this run "
            "takes 4; set training.local_steps to 1");
  EXPECT_EQ(training(R"({"type": "sgd", "lr": 0.1, "local_steps": 1})", "one_step"), "no error");
  EXPECT_THAT(
      training(R"({"type": "sgd", "lr": 0.1, "momentum": 0.9})", "plain_sgd"),
      HasSubstr("needs an optimizer that remembers nothing, but sgd with these options does"));
  EXPECT_THAT(training(R"({"type": "adam", "lr": 0.1})", "plain_sgd"), HasSubstr("but adam with"));
  EXPECT_EQ(training(R"({"type": "sgd", "lr": 0.1})", "plain_sgd"), "no error");
  EXPECT_EQ(refusal(R"("ring")", needing("even")), "no error");
}

TEST_F(CheckNeeds, EveryRoundOfAPeriodIsLookedAt) {
  const std::string rounds = std::string(kPair) + '|' + kOneWay;
  EXPECT_EQ(refusal(file(rounds), needing("row_stochastic")), "no error");
  EXPECT_THAT(refusal(file(rounds), needing("doubly_stochastic")),
              HasSubstr("those put on node 0 sum to 0.5 in round 1; "));
  EXPECT_THAT(refusal(file(std::string(kPair) + '|' + kCycle), needing("symmetric")),
              HasSubstr("node 0 puts another weight on node 1 than node 1 on node 0 in round 1; "));
  EXPECT_EQ(refusal(file(kPair), needing("symmetric")), "no error");
  EXPECT_EQ(refusal(file(kCycle), needing("doubly_stochastic")), "no error");
}

TEST_F(CheckNeeds, OnlyAStaticGraphStaysTheSame) {
  for (const char* graph : {R"("one_peer_exponential")", R"("random_matching")"}) {
    EXPECT_THAT(refusal(graph, needing("static_graph")),
                AllOf(StartsWith("/graph: needy_in_a_test needs a graph that stays the same, but "),
                      HasSubstr(" changes from round to round; use a static one")));
  }
  EXPECT_EQ(refusal(R"("exponential")", needing("static_graph")), "no error");
}

TEST_F(CheckNeeds, ATreeIsConnectedWithoutCycles) {
  for (const char* tree : {R"("chain")", R"("star")", R"("binary_tree")"}) {
    EXPECT_EQ(refusal(tree, needing("tree")), "no error") << tree;
  }
  EXPECT_THAT(refusal(R"("ring")", needing("tree")),
              HasSubstr("but 6 nodes are joined by 6 edges, not 5; use chain"));
  EXPECT_THAT(refusal(R"("one_peer_ring")", needing("tree")), HasSubstr("stays the same"));
  EXPECT_THAT(refusal(file(kPair), needing("tree")), HasSubstr("some nodes are not joined"));
  EXPECT_THAT(refusal(file(kCycle), needing("tree")), HasSubstr("some edges go one way only"));
}

TEST_F(CheckNeeds, AnEqualStartIsComparedNodeByNode) {
  const std::string need = needing("equal_start");
  EXPECT_EQ(refusal(R"("ring")", need), "no error");
  EXPECT_EQ(
      refusal(R"("ring")", need, R"("model": {"type": "vector", "size": 3, "init": "per_node"})"),
      "/model/init: needy_in_a_test needs all nodes to start from the same parameters, but "
      "those of nodes 0 and 1 differ; set it to \"shared\", or to a file with one tensor for "
      "each parameter");
  QuadraticProblem problem(6, 2);
  const auto quadratics = [&] {
    problem.write(folder_ / "q.json");
    return R"("model": "vector", "dataset": {"type": "quadratics", "path": )" +
           json_string((folder_ / "q.json").string()) + '}';
  };
  EXPECT_THAT(refusal(R"("ring")", need, quadratics()),
              AllOf(StartsWith("/dataset: "), HasSubstr("leave x0 out, or make its rows equal")));
  std::ranges::fill(problem.x0, problem.x0[0]);
  EXPECT_EQ(refusal(R"("ring")", need, quadratics()), "no error");
}

TEST_F(CheckNeeds, SharingMethodsHaveNeedsToo) {
  const std::string more =
      R"("sharing": "particular_in_a_test", "model": {"type": "vector", "size": 3})";
  EXPECT_EQ(refusal(R"("ring")", R"("dpsgd")", more), "no error");
  EXPECT_EQ(
      refusal(R"("exponential")", R"("dpsgd")", more),
      "/graph/weights: particular_in_a_test needs weights that are equal both ways, but node 0 "
      "puts another weight on node 1 than node 1 on node 0 in round 0; use "
      "metropolis_hastings on a graph whose edges go both ways");
}

TEST(NoteOnMean, IsGivenWhereOnlyRowsSumToOne) {
  EXPECT_FALSE(note_on_mean({}));
  EXPECT_FALSE(note_on_mean({WrongSum{0, 0, 2}, {}}));
  EXPECT_EQ(
      note_on_mean({{}, WrongSum{4, 3, 1.25}}),
      "mixing moves the mean of all models: the weights put on node 3 sum to 1.25 in round 4, "
      "not to 1");
}

}  // namespace
}  // namespace kith
