#include "graph/file.h"

#include <sstream>

#include "graph/graph_testing.h"

namespace kith {
namespace {

using GraphFile = WithGraphFiles;

void write_to(const std::string& name, const Schedule& schedule, GraphFormat format,
              std::optional<Round> rounds = {}) {
  std::ofstream out(name);
  write(schedule, format, rounds, out);
}

std::string written(const Schedule& schedule, GraphFormat format,
                    std::optional<Round> rounds = {}) {
  std::ostringstream out;
  write(schedule, format, rounds, out);
  return out.str();
}

constexpr char kDirectedJson[] = R"({"nodes": 3, "period": 2, "rounds": [
  [[0, 0, 0.5], [0, 2, 0.5], [1, 1, 1], [2, 2, 1]],
  [[2, 0, 0.25], [0, 0, 1], [1, 1, 1], [2, 2, 0.75], [1, 2, 0.0]]]})";

TEST_F(GraphFile, ComesBackAsItWasWrittenInEveryFormatThatIsRead) {
  const auto graph = make_graph(R"({"type": "small_world", "k": 4, "beta": 0.3})", 30);
  const MixingMatrix w = matrix_of(*graph, 0);
  const std::pair<const char*, GraphFormat> formats[] = {{"g.edges", GraphFormat::kEdges},
                                                         {"g.adj", GraphFormat::kAdjacency},
                                                         {"g.json", GraphFormat::kJson}};
  for (const auto& [name, format] : formats) {
    write_to(name, *graph, format);
    const MixingMatrix back = matrix_of(*read_schedule(name), 0);
    EXPECT_EQ(edges_of(back.graph), edges_of(w.graph)) << name;
    EXPECT_EQ(back.weights, w.weights) << name;
    EXPECT_EQ(back.self_weights, w.self_weights) << name;
  }
}

TEST_F(GraphFile, OfEdgesMayHaveCommentsBlankLinesAndBothDirections) {
  WithFolder::write("g.edges", "# a path\n\n 3 \r\n0 1  # there\n1 0\n\n2\t1\n");
  EXPECT_EQ(edges_of(read_edges("g.edges")), (std::vector<std::pair<Uid, Uid>>{{0, 1}, {1, 2}}));
}

TEST_F(GraphFile, OfAdjacencyIsDirectedAsItStands) {
  WithFolder::write("g.adj", "4\n1 2\n\n# of node 2:\n0\n0 1\n");
  const Graph graph = read_adjacency("g.adj");
  EXPECT_TRUE(graph.is_directed());
  EXPECT_EQ(list(graph.receivers(0)), std::vector<Uid>({1, 2}));
  EXPECT_EQ(list(graph.receivers(1)), std::vector<Uid>());
  EXPECT_EQ(list(graph.senders(1)), std::vector<Uid>({0, 3}));
}

TEST_F(GraphFile, OfJsonHoldsAnyMatrixOfAnyRound) {
  WithFolder::write("g.json", kDirectedJson);
  const auto schedule = read_schedule("g.json");
  EXPECT_EQ(schedule->nodes(), 3);
  EXPECT_EQ(schedule->period(), 2);
  for (const Round round : {0, 2, 40}) {
    const Neighborhood zero = schedule->neighborhood(0, round);
    EXPECT_EQ(zero.self_weight, 0.5);
    ASSERT_EQ(zero.senders.size(), 1u);
    EXPECT_EQ(zero.senders[0].uid, 2);
    EXPECT_TRUE(zero.receivers.empty());
    EXPECT_EQ(schedule->neighborhood(2, round).receivers, std::vector<Uid>({0}));
  }
  EXPECT_EQ(schedule->neighborhood(2, 3).senders[0].weight, 0.25);
  EXPECT_TRUE(schedule->neighborhood(1, 3).senders.empty());  // its weight is zero
}

TEST_F(GraphFile, OfJsonTakesOtherWeightsWhenAsked) {
  WithFolder::write("g.json", R"({"nodes": 2, "period": 1, "rounds": [[[0, 1, 0.1], [1, 0, 0.1]]]})");
  EXPECT_EQ(read_schedule("g.json")->neighborhood(0, 0).self_weight, 0);
  const auto mean = Weights::registry().standard("neighborhood_mean");
  EXPECT_EQ(read_schedule("g.json", mean)->neighborhood(0, 0).self_weight, 0.5);
}

TEST_F(GraphFile, IsAGraphOfAConfig) {
  WithFolder::write("g.edges", "3\n0 1\n1 2\n");
  const auto graph =
      make_graph(R"({"type": "file", "path": "g.edges", "weights": "max_degree"})", 3);
  EXPECT_NEAR(graph->neighborhood(0, 0).self_weight, 2.0 / 3, 1e-15);
  const std::string message =
      message_of<ConfigError>([] { make_graph(R"({"type": "file", "path": "g.edges"})", 16); });
  EXPECT_TRUE(message.ends_with(
      "g.edges has 3 nodes, but the run has 16; set nodes to 3 or take another graph"))
      << message;
}

TEST_F(GraphFile, OfJsonKeepsItsWeightsUnlessTheConfigChoosesOthers) {
  WithFolder::write("g.json",
                    R"({"nodes": 2, "period": 1, "rounds": [[[0, 1, 0.1], [1, 0, 0.1]]]})");
  const auto weight = [](const std::string& json) {
    return make_graph(json, 2)->neighborhood(0, 0).senders[0].weight;
  };
  EXPECT_EQ(weight(R"({"type": "file", "path": "g.json"})"), 0.1);
  EXPECT_EQ(weight(R"({"type": "file", "path": "g.json", "weights": "metropolis_hastings"})"), 0.5);
}

struct Bad {
  const char* file;
  const char* text;
  const char* message;
};

const Bad kBad[] = {
    {"a.edges", "16\n0 99\n", "a.edges: line 2: node 99 does not exist; the graph has nodes 0..15"},
    {"a.edges", "1\n0 -1\n", "a.edges: line 2: node -1 does not exist; the graph has only node 0"},
    {"a.edges", "", "a.edges: is empty; expected the number of nodes alone on the first line"},
    {"a.edges", "# only\n\n",
     "a.edges: is empty; expected the number of nodes alone on the first line"},
    {"a.edges", "0 1\n1 2\n",
     "a.edges: line 1: expected the number of nodes alone on the first line, got 2 numbers"},
    {"a.edges", "0\n", "a.edges: line 1: the number of nodes must be 1 to 100000000, got 0"},
    {"a.edges", "4\n0 1\n2", "a.edges: line 3: expected two node numbers, \"x y\", got 1 number"},
    {"a.edges", "4\n0 one\n", "a.edges: line 2: expected two node numbers, \"x y\", got \"one\""},
    {"a.edges", "4\n0 1.5\n", "a.edges: line 2: expected two node numbers, \"x y\", got \"1.5\""},
    {"a.edges", "4\n2 2\n",
     "a.edges: line 2: node 2 is its own neighbor; remove the line, a node always hears itself"},
    {"a.edges", "90000000\n0 1\n",
     "a.edges: announces 90000000 nodes, but has only 1 edge, so most nodes have no neighbor; is "
     "it truncated?"},
    {"a.adj", "3\n1\n0 2\n",
     "a.adj: ends after the neighbors of 2 nodes, but announces 3; is it truncated?"},
    {"a.adj", "2\n1\n0\n1\n",
     "a.adj: line 4: expected the end of the file after the neighbors of 2 nodes"},
    {"a.adj", "2\n1\n1\n",
     "a.adj: line 3: node 1 is its own neighbor; remove it, a node always hears itself"},
    {"a.json", R"({"nodes": 2, )", "a.json: byte 14: is not valid JSON; is it truncated?"},
    {"a.json", "[]", R"(a.json: /: expected {"nodes": …, "period": …, "rounds": […]})"},
    {"a.json", R"({"period": 1, "rounds": [[]]})",
     "a.json: /nodes: expected an integer of 1 to 100000000"},
    {"a.json", R"({"nodes": 99999999999, "period": 1, "rounds": [[]]})",
     "a.json: /nodes: expected an integer of 1 to 100000000, got 99999999999"},
    {"a.json", R"({"nodes": 2, "period": 3, "rounds": [[]]})",
     "a.json: /rounds: expected the 3 rounds of a period, got 1"},
    {"a.json", R"({"nodes": 2, "period": 1, "rounds": [[[0, 2, 1.0]]]})",
     "a.json: /rounds/0/0: node 2 does not exist; the graph has nodes 0..1"},
    {"a.json", R"({"nodes": 2, "period": 1, "rounds": [[[0, 1, "a"]]]})",
     R"(a.json: /rounds/0/0: expected [receiver, sender, weight], got [0,1,"a"])"},
    {"a.json", R"({"nodes": 2, "period": 1, "rounds": [[[0, 1, 1], [0, 1, 2]]]})",
     "a.json: /rounds/0: the weight of receiver 0 on sender 1 stands twice; remove one"},
    {"a.json", R"({"nodes": 2, "period": 1, "rounds": [[[0, 1, 1e999]]]})",
     "a.json: holds a number that is too large"},
    {"a.txt", "2\n0 1\n",
     "a.txt: unknown kind of graph file; known by their extensions are .adj, .edges, .json"},
};

TEST_F(GraphFile, SaysWhereItIsWrong) {
  for (const auto& [file, text, message] : kBad) {
    WithFolder::write(file, text);
    EXPECT_EQ(message_of<InputError>([&] { read_schedule(file); }), message);
  }
}

TEST_F(GraphFile, ThatIsMissingOrAFolderIsNamed) {
  std::filesystem::create_directory("b.adj");
  std::filesystem::create_directory("b.json");
  EXPECT_EQ(message_of<InputError>([] { read_schedule("nowhere.edges"); }),
            "nowhere.edges: cannot be read; is the path right?");
  EXPECT_EQ(message_of<InputError>([] { read_schedule("nowhere.json"); }),
            "nowhere.json: cannot be read; is the path right?");
  EXPECT_EQ(message_of<InputError>([] { read_schedule("b.adj"); }),
            "b.adj: is a folder, not a graph");
  EXPECT_EQ(message_of<InputError>([] { read_schedule("b.json"); }),
            "b.json: is a folder, not a graph");
}

TEST(WriteGraph, SaysEachEdgeOnceInEveryFormat) {
  const auto path = make_graph(R"("star")", 3);
  EXPECT_EQ(written(*path, GraphFormat::kEdges), "3\n0 1\n0 2\n");
  EXPECT_EQ(written(*path, GraphFormat::kAdjacency), "3\n1 2\n0\n0\n");
  EXPECT_EQ(written(*path, GraphFormat::kDot),
            "graph {\n  0;\n  1;\n  2;\n  0 -- 1;\n  0 -- 2;\n}\n");
  EXPECT_EQ(written(*path, GraphFormat::kGraphml),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
            "  <graph edgedefault=\"undirected\">\n"
            "    <node id=\"0\"/>\n    <node id=\"1\"/>\n    <node id=\"2\"/>\n"
            "    <edge source=\"0\" target=\"1\"/>\n    <edge source=\"0\" target=\"2\"/>\n"
            "  </graph>\n</graphml>\n");
  EXPECT_EQ(written(*make_graph(R"("ring")", 2), GraphFormat::kJson),
            "{\"nodes\": 2, \"period\": 1, \"rounds\": [\n"
            "[[0, 0, 0.5], [0, 1, 0.5], [1, 1, 0.5], [1, 0, 0.5]]\n]}\n");
}

TEST_F(GraphFile, IsWrittenForAsManyRoundsAsAsked) {
  WithFolder::write("g.json", kDirectedJson);
  const auto schedule = read_schedule("g.json");
  write_to("three.json", *schedule, GraphFormat::kJson, 3);
  EXPECT_EQ(read_json("three.json").size(), 2u);  // its period
  write_to("round.adj", *schedule, GraphFormat::kAdjacency, 1);
  EXPECT_EQ(list(read_adjacency("round.adj").receivers(2)), std::vector<Uid>({0}));
}

TEST_F(GraphFile, IsRefusedInAFormatThatCannotSayIt) {
  WithFolder::write("g.json", kDirectedJson);
  const auto schedule = read_schedule("g.json");
  EXPECT_EQ(message_of<ConfigError>([&] { written(*schedule, GraphFormat::kDot); }),
            "dot holds one graph, not 2 rounds; write json");
  EXPECT_EQ(message_of<ConfigError>([&] { written(*schedule, GraphFormat::kEdges, 1); }),
            "an edge list says that edges go both ways, which these do not; write them as "
            "adjacency or json");
  EXPECT_EQ(message_of<ConfigError>([] { graph_format("edge"); }),
            "unknown graph format \"edge\"; did you mean \"edges\"? Known: edges, adjacency, json, "
            "graphml, dot");
}

}  // namespace
}  // namespace kith
