#include "graph/file.h"
#include "graph/line_reader.h"

namespace kith {

Graph read_adjacency(const std::filesystem::path& file) {
  LineReader lines(file);
  const std::int64_t nodes = lines.read_node_count();
  std::vector<Edge> edges;
  for (Uid node = 0; node < nodes; ++node) {
    if (!lines.next()) {
      throw InputError(file.string() + ": ends after the neighbors of " +
                       count_of(std::uint64_t(node), "node") + ", but announces " +
                       std::to_string(nodes) + "; is it truncated?");
    }
    for (const std::int64_t uid : lines.integers("the neighbors of node " + std::to_string(node))) {
      const Uid receiver = lines.node(uid, nodes);
      if (receiver == node) {
        lines.fail("node " + std::to_string(node) +
                   " is its own neighbor; remove it, a node always hears itself");
      }
      edges.push_back({node, receiver});
    }
  }
  if (lines.next_filled()) {
    lines.fail("expected the end of the file after the neighbors of " +
               count_of(std::uint64_t(nodes), "node"));
  }
  return Graph::directed(nodes, edges);
}

}  // namespace kith
