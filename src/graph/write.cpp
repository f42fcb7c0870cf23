#include <algorithm>
#include <charconv>
#include <ostream>

#include "core/text.h"
#include "graph/file.h"

namespace kith {
namespace {

/// Enough digits to read back the same bits.
std::string seventeen_digits(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 17);
  return {text, end.ptr};
}

void write_json(const Schedule& schedule, Round rounds, std::ostream& out) {
  out << "{\"nodes\": " << schedule.nodes() << ", \"period\": " << schedule.period()
      << ", \"rounds\": [";
  for (Round round = 0; round < rounds; ++round) {
    out << (round == 0 ? "\n[" : ",\n[");
    bool first = true;
    const auto put = [&](Uid receiver, Uid sender, double weight) {
      if (weight == 0) return;
      out << (first ? "[" : ", [") << receiver << ", " << sender << ", " << seventeen_digits(weight)
          << ']';
      first = false;
    };
    for (Uid i = 0; i < schedule.nodes(); ++i) {
      const Neighborhood row = schedule.neighborhood(i, round);
      put(i, i, row.self_weight);
      for (const auto& [j, weight] : row.senders) put(i, j, weight);
    }
    out << ']';
  }
  out << "\n]}\n";
}

bool is_directed(const Schedule& graph) {
  for (Uid node = 0; node < graph.nodes(); ++node) {
    const Neighborhood at = graph.neighborhood(node, 0);
    if (!std::ranges::equal(at.senders, at.receivers, {}, &Neighborhood::Sender::uid)) return true;
  }
  return false;
}

/// `line(from, to)` for every edge; one that goes both ways comes once, from the lower uid.
template <class Line>
void for_each_edge(const Schedule& graph, bool directed, Line line) {
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid receiver : graph.neighborhood(node, 0).receivers) {
      if (directed || node < receiver) line(node, receiver);
    }
  }
}

void write_edges(const Schedule& graph, std::ostream& out) {
  if (is_directed(graph)) {
    throw ConfigError(
        "an edge list says that edges go both ways, which these do not; write them as adjacency or "
        "json");
  }
  out << graph.nodes() << '\n';
  for_each_edge(graph, false, [&](Uid from, Uid to) { out << from << ' ' << to << '\n'; });
}

void write_adjacency(const Schedule& graph, std::ostream& out) {
  out << graph.nodes() << '\n';
  for (Uid node = 0; node < graph.nodes(); ++node) {
    const char* separator = "";
    for (const Uid receiver : graph.neighborhood(node, 0).receivers) {
      out << separator << receiver;
      separator = " ";
    }
    out << '\n';
  }
}

void write_graphml(const Schedule& graph, std::ostream& out) {
  const bool directed = is_directed(graph);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
         "  <graph edgedefault=\""
      << (directed ? "directed" : "undirected") << "\">\n";
  for (Uid node = 0; node < graph.nodes(); ++node) out << "    <node id=\"" << node << "\"/>\n";
  for_each_edge(graph, directed, [&](Uid from, Uid to) {
    out << "    <edge source=\"" << from << "\" target=\"" << to << "\"/>\n";
  });
  out << "  </graph>\n</graphml>\n";
}

void write_dot(const Schedule& graph, std::ostream& out) {
  const bool directed = is_directed(graph);
  out << (directed ? "digraph {\n" : "graph {\n");
  for (Uid node = 0; node < graph.nodes(); ++node) out << "  " << node << ";\n";
  for_each_edge(graph, directed, [&](Uid from, Uid to) {
    out << "  " << from << (directed ? " -> " : " -- ") << to << ";\n";
  });
  out << "}\n";
}

using GraphWriter = void (*)(const Schedule&, std::ostream&);

/// What writes a single graph; null for JSON, which holds a schedule.
struct Format {
  std::string name;
  GraphFormat format;
  GraphWriter write_graph;
};

const std::vector<Format>& formats() {
  static const std::vector<Format> formats{
      {"edges", GraphFormat::kEdges, write_edges},
      {"adjacency", GraphFormat::kAdjacency, write_adjacency},
      {"json", GraphFormat::kJson, nullptr},
      {"graphml", GraphFormat::kGraphml, write_graphml},
      {"dot", GraphFormat::kDot, write_dot},
  };
  return formats;
}

}  // namespace

GraphFormat graph_format(const std::string& name) {
  const auto known = std::ranges::find(formats(), name, &Format::name);
  if (known != formats().end()) return known->format;
  std::vector<std::string> names;
  for (const Format& format : formats()) names.push_back(format.name);
  throw ConfigError("unknown graph format " + in_quotes(name) + suggest(name, names));
}

void write(const Schedule& schedule, GraphFormat format, std::optional<Round> rounds,
           std::ostream& out) {
  if (!rounds && schedule.period() == 0) {
    throw ConfigError("this schedule never repeats; say how many rounds to write");
  }
  const Round count = rounds.value_or(schedule.period());
  if (format == GraphFormat::kJson) return write_json(schedule, count, out);
  const Format& chosen = *std::ranges::find(formats(), format, &Format::format);
  if (count != 1) {
    throw ConfigError(chosen.name + " holds one graph, not " +
                      count_of(std::uint64_t(count), "round") + "; write json");
  }
  chosen.write_graph(schedule, out);
}

}  // namespace kith
