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
  const std::pair<const char*, GraphFormat> formats[] = {
      {"g.edges", GraphFormat::kEdges},   {"g.txt", GraphFormat::kEdges},
      {"g.adj", GraphFormat::kAdjacency}, {"g.graphml", GraphFormat::kGraphml},
      {"g.gml", GraphFormat::kGml},       {"g.json", GraphFormat::kJson}};
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

TEST_F(GraphFile, OfEdgesGoesOneWayOnlyWhereItSaysSo) {
  WithFolder::write("g.edges", "3\n# directed: x sends to y\n0 1\n2 1\n");
  const Graph graph = read_edges("g.edges");
  EXPECT_TRUE(graph.is_directed());
  EXPECT_EQ(list(graph.senders(1)), std::vector<Uid>({0, 2}));
  EXPECT_EQ(list(graph.receivers(1)), std::vector<Uid>());
  WithFolder::write("g.edges", "3\n# Directed graph\n0 1\n2 1\n");
  EXPECT_FALSE(read_edges("g.edges").is_directed());
}

/// A file as decentralizepy's Graph.write_graph_to_file leaves it: the number of nodes, then, node
/// by node, a line for each neighbor, in the order of a hash table.
TEST_F(GraphFile, OfDecentralizepysEdgesNamesEachEdgeFromBothEnds) {
  WithFolder::write("d.edges", "5\n0 4\n0 1\n1 0\n1 2\n2 1\n2 3\n3 4\n3 2\n4 0\n4 3\n");
  const auto ring = read_schedule("d.edges");
  const MixingMatrix w = matrix_of(*ring, 0);
  EXPECT_EQ(edges_of(w.graph), edges_of(make_matrix(R"("ring")", 5).graph));
  EXPECT_EQ(w.weights, make_matrix(R"("ring")", 5).weights);
}

/// Line i + 2 names the neighbors of node i; nobody makes them mutual.
TEST_F(GraphFile, OfDecentralizepysAdjacencyIsReadLineByLine) {
  WithFolder::write("d.adj", "6\n1\n0 3 4\n3 5\n1 2 5\n1\n2 3");
  const Graph graph = read_adjacency("d.adj");
  EXPECT_FALSE(graph.is_directed());
  EXPECT_EQ(edges_of(graph),
            (std::vector<std::pair<Uid, Uid>>{{0, 1}, {1, 3}, {1, 4}, {2, 3}, {2, 5}, {3, 5}}));
}

TEST_F(GraphFile, OfAdjacencyIsDirectedAsItStands) {
  WithFolder::write("g.adj", "4\n1 2\n\n# of node 2:\n0\n0 1\n");
  const Graph graph = read_adjacency("g.adj");
  EXPECT_TRUE(graph.is_directed());
  EXPECT_EQ(list(graph.receivers(0)), std::vector<Uid>({1, 2}));
  EXPECT_EQ(list(graph.receivers(1)), std::vector<Uid>());
  EXPECT_EQ(list(graph.senders(1)), std::vector<Uid>({0, 3}));
}

TEST_F(GraphFile, OfADirectedGraphComesBackDirected) {
  const auto graph = make_graph(R"("exponential")", 12);
  const MixingMatrix w = matrix_of(*graph, 0);
  const std::pair<const char*, GraphFormat> formats[] = {{"g.edges", GraphFormat::kEdges},
                                                         {"g.adj", GraphFormat::kAdjacency},
                                                         {"g.graphml", GraphFormat::kGraphml},
                                                         {"g.gml", GraphFormat::kGml}};
  for (const auto& [name, format] : formats) {
    write_to(name, *graph, format);
    const MixingMatrix back =
        matrix_of(*read_schedule(name, Weights::registry().standard("neighborhood_mean")), 0);
    EXPECT_TRUE(back.graph.is_directed()) << name;
    for (Uid node = 0; node < 12; ++node) {
      EXPECT_EQ(list(back.graph.senders(node)), list(w.graph.senders(node))) << name;
    }
  }
}

TEST_F(GraphFile, OfGraphmlMayComeFromOtherPrograms) {
  WithFolder::write("g.graphml", R"(<?xml version='1.0' encoding='utf-8'?>
<!-- a path, <b> in its middle -->
<ns:graphml xmlns:ns="http://graphml.graphdrawing.org/xmlns">
  <ns:key id='d0' for="edge" attr.name="weight" attr.type="double"/>
  <ns:graph id="G" edgedefault="undirected">
    <ns:edge source="a&amp;b" target="&#x3b2;"><ns:data key="d0">0.5</ns:data></ns:edge>
    <ns:node id="&#x3b2;"><ns:data key="x">&lt;edge/> is text</ns:data></ns:node>
    <ns:node id='a&amp;b' />
    <ns:node id="c"/>
    <ns:edge directed="true" source="c" target="a&amp;b"></ns:edge>
  </ns:graph>
</ns:graphml>
)");
  const Graph graph = read_graphml("g.graphml");
  EXPECT_TRUE(graph.is_directed());
  EXPECT_EQ(list(graph.senders(0)), std::vector<Uid>({1}));  // β is the first in the file
  EXPECT_EQ(list(graph.senders(1)), std::vector<Uid>({0, 2}));
  EXPECT_EQ(list(graph.senders(2)), std::vector<Uid>());
}

TEST_F(GraphFile, KeepsNodesThatAreNumberedInAnotherOrder) {
  WithFolder::write("g.graphml",
                    R"(<graphml><graph edgedefault="undirected"><node id="2"/><node id="0"/>)"
                    R"(<node id="1"/><edge source="2" target="0"/></graph></graphml>)");
  EXPECT_EQ(edges_of(read_graphml("g.graphml")), (std::vector<std::pair<Uid, Uid>>{{0, 2}}));
  WithFolder::write("g.gml", R"(graph [ node [ id 0 label "2" ] node [ id 1 label "0" ]
    node [ id 2 label "1" ] edge [ source 0 target 1 ] ])");
  EXPECT_EQ(edges_of(read_gml("g.gml")), (std::vector<std::pair<Uid, Uid>>{{0, 2}}));
}

TEST_F(GraphFile, OfGmlMayComeFromOtherPrograms) {
  WithFolder::write("g.gml", R"(Creator "somebody" # and a comment
Version 1
graph
[
  directed 1
  name "two [ nodes"
  node [ id 7 label "AT&T" graphics [ x 1.5 y -2 fill "#ff0000" ] ]
  node [ id 9 ]
  edge [ source 9 target 7 weight 0.5 ]
]
)");
  const Graph graph = read_gml("g.gml");
  EXPECT_TRUE(graph.is_directed());
  EXPECT_EQ(list(graph.senders(0)), std::vector<Uid>({1}));
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
  WithFolder::write("g.json",
                    R"({"nodes": 2, "period": 1, "rounds": [[[0, 1, 0.1], [1, 0, 0.1]]]})");
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
    {"a.csv", "2\n0 1\n",
     "a.csv: unknown kind of graph file; known by their extensions are .adj, .edges, .gml, "
     ".graphml, .json, .txt"},
    {"a.graphml", "", "a.graphml: holds no <graph>; is it empty?"},
    {"a.graphml", "<graphml></graphml>", "a.graphml: holds no <graph>"},
    {"a.graphml", "<html>", "a.graphml: line 1: expected <graphml>, got <html>"},
    {"a.graphml", "<graphml>\n<graph edgedefault=\"undirected\">\n",
     "a.graphml: line 3: <graph> is never closed; is the file truncated?"},
    {"a.graphml", "<graphml>\n<graph edgedefault=\"undirected\"><node id=\"",
     "a.graphml: line 2: expected id=\"value\" in <node>"},
    {"a.graphml", "<graphml></graph>", "a.graphml: line 1: </graph> closes <graphml>"},
    {"a.graphml", "<graphml><graph/></graphml>", "a.graphml: line 1: <graph> has no edgedefault"},
    {"a.graphml", "<graphml><graph edgedefault=\"undirected\"/></graphml>",
     "a.graphml: has no nodes"},
    {"a.graphml",
     "<graphml><graph edgedefault=\"undirected\"><node id=\"a\"/>\n<node "
     "id=\"a\"/></graph></graphml>",
     "a.graphml: line 2: node \"a\" stands twice; remove one"},
    {"a.graphml",
     "<graphml><graph edgedefault=\"undirected\"><node id=\"a\"/>\n"
     "<edge source=\"a\" target=\"b\"/></graph></graphml>",
     "a.graphml: line 2: node \"b\" does not exist; add it, or remove the edge"},
    {"a.graphml",
     "<graphml><graph edgedefault=\"undirected\"><node id=\"a\"/>\n"
     "<edge source=\"a\" target=\"a\"/></graph></graphml>",
     "a.graphml: line 2: node \"a\" is its own neighbor; remove the edge, a node always hears "
     "itself"},
    {"a.graphml", "<graphml><graph edgedefault=\"undirected\"><node id=\"a&b\"/></graph></graphml>",
     "a.graphml: line 1: an & in id begins no entity; write &amp;"},
    {"a.gml", "", "a.gml: holds no graph [ … ]"},
    {"a.gml", "graph [\n node [ id 0 ]\n",
     "a.gml: line 1: [ is never closed; is the file truncated?"},
    {"a.gml", "graph [\n node [ label \"0\" ] ]", "a.gml: line 2: node [ … ] has no id"},
    {"a.gml", "graph [\n node [ id 0 ]\n edge [ source 0 target 3 ] ]",
     "a.gml: line 3: node \"3\" does not exist; add it, or remove the edge"},
    {"a.gml", "graph [\n 7 ]", "a.gml: line 2: expected a key, got \"7\""},
    {"a.gml", "graph [\n name \"x", "a.gml: line 2: \" is never closed; is the file truncated?"},
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

TEST(GraphFormats, AreKnownByTheirExtensions) {
  EXPECT_EQ(format_of("a/b.adj"), GraphFormat::kAdjacency);
  EXPECT_EQ(format_of("b.dot"), GraphFormat::kDot);
  EXPECT_FALSE(format_of("b.png"));
  EXPECT_FALSE(format_of("edges"));
}

TEST_F(GraphFile, IsRefusedInAFormatThatCannotSayIt) {
  WithFolder::write("g.json", kDirectedJson);
  const auto schedule = read_schedule("g.json");
  EXPECT_EQ(message_of<ConfigError>([&] { written(*schedule, GraphFormat::kDot); }),
            "dot holds one graph, not 2 rounds; write json");
  EXPECT_EQ(message_of<ConfigError>(
                [&] { written(*make_graph(R"("random_matching")", 4), GraphFormat::kJson); }),
            "/rounds: this schedule never repeats; say how many rounds to write");
  EXPECT_EQ(message_of<ConfigError>([] { graph_format("edge"); }),
            "unknown graph format \"edge\"; did you mean \"edges\"? Known: edges, adjacency, json, "
            "graphml, gml, dot");
}

}  // namespace
}  // namespace kith
