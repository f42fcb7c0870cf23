#include "graph/file.h"
#include "graph/line_reader.h"

namespace kith {

Graph read_edges(const std::filesystem::path& file) {
  LineReader lines(file);
  const std::int64_t nodes = lines.read_node_count();
  const std::string expected = "two node numbers, \"x y\"";
  std::vector<Edge> edges;
  while (lines.next_filled()) {
    const auto ends = lines.integers(expected);
    if (ends.size() != 2) {
      lines.fail("expected " + expected + ", got " + count_of(ends.size(), "number"));
    }
    const Edge edge{lines.node(ends[0], nodes), lines.node(ends[1], nodes)};
    if (edge.from == edge.to) {
      lines.fail("node " + std::to_string(edge.from) +
                 " is its own neighbor; remove the line, a node always hears itself");
    }
    edges.push_back(edge);
  }
  require_plausible(file.string(), nodes, edges.size());
  return lines.directed_edges() ? Graph::directed(nodes, edges) : Graph::undirected(nodes, edges);
}

}  // namespace kith
