#include "core/error.h"
#include "core/text.h"
#include "graph/file.h"
#include "graph/markup.h"
#include "graph/named_graph.h"

namespace kith {
namespace {

class GraphmlReader {
 public:
  explicit GraphmlReader(const std::filesystem::path& file)
      : name_(file.string()), tags_(file), graph_(name_) {}

  Graph read() {
    bool any = false;
    while (const auto tag = tags_.next()) {
      if (!any && tag->name != "graphml") {
        tags_.fail("expected <graphml>, got <" + tag->name + ">");
      }
      any = true;
      if (tag->opens) take(*tag);
    }
    if (!in_graph_) {
      throw InputError(name_ + ": holds no <graph>" + (any ? "" : "; is it empty?"));
    }
    return graph_.numbered();
  }

 private:
  using Tag = TagReader::Tag;

  void take(const Tag& tag) {
    if (tag.name == "graph") begin_graph(tag);
    if (tag.name == "hyperedge") tags_.fail("holds a hyperedge; write it as edges between pairs");
    if (tag.name != "node" && tag.name != "edge") return;
    if (!in_graph_) tags_.fail("<" + tag.name + "> stands outside of <graph>");
    if (tag.name == "node") graph_.add_node(attribute(tag, "id"), "", tags_.line());
    if (tag.name == "edge") add_edge(tag);
  }

  void begin_graph(const Tag& tag) {
    if (in_graph_) tags_.fail("holds a second graph; one file is one graph");
    in_graph_ = true;
    const std::string direction = attribute(tag, "edgedefault");
    if (direction != "directed" && direction != "undirected") {
      tags_.fail("edgedefault must be directed or undirected, got " + in_quotes(direction));
    }
    directed_ = direction == "directed";
  }

  void add_edge(const Tag& tag) {
    bool directed = directed_;
    if (const std::string* own = tag.find("directed")) {
      if (*own != "true" && *own != "false") {
        tags_.fail("directed must be true or false, got " + in_quotes(*own));
      }
      directed = *own == "true";
    }
    graph_.add_edge(attribute(tag, "source"), attribute(tag, "target"), directed, tags_.line());
  }

  const std::string& attribute(const Tag& tag, const std::string& name) const {
    if (const std::string* value = tag.find(name)) return *value;
    tags_.fail("<" + tag.name + "> has no " + name);
  }

  std::string name_;
  TagReader tags_;
  NamedGraph graph_;
  bool in_graph_ = false;
  bool directed_ = false;
};

}  // namespace

Graph read_graphml(const std::filesystem::path& file) { return GraphmlReader(file).read(); }

}  // namespace kith
