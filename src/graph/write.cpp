#include <algorithm>
#include <charconv>
#include <concepts>
#include <ostream>

#include "core/text.h"
#include "graph/file.h"
#include "graph/line_reader.h"

namespace kith {
namespace {

/// Text on its way to a stream: millions of short pieces, written a megabyte at a time.
class Text {
 public:
  explicit Text(std::ostream& out) : out_(out) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { flush(); }

  Text& operator<<(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() > kEnough) flush();
    return *this;
  }

  Text& operator<<(std::integral auto number) {
    char digits[24];
    return *this << std::string_view(digits, std::to_chars(digits, std::end(digits), number).ptr);
  }

  /// With enough digits to read back the same bits.
  Text& operator<<(double value) {
    char digits[32];
    const auto end = std::to_chars(digits, std::end(digits), value, std::chars_format::general, 17);
    return *this << std::string_view(digits, end.ptr);
  }

 private:
  static constexpr std::size_t kEnough = 1 << 20;

  void flush() {
    out_.write(buffer_.data(), std::streamsize(buffer_.size()));
    buffer_.clear();
  }

  std::ostream& out_;
  std::string buffer_;
};

void write_json(const Schedule& schedule, Round rounds, Text& out) {
  out << "{\"nodes\": " << schedule.nodes() << ", \"period\": " << schedule.period()
      << ", \"rounds\": [";
  for (Round round = 0; round < rounds; ++round) {
    out << (round == 0 ? "\n[" : ",\n[");
    bool first = true;
    const auto put = [&](Uid receiver, Uid sender, double weight) {
      if (weight == 0) return;
      out << (first ? "[" : ", [") << receiver << ", " << sender << ", " << weight << "]";
      first = false;
    };
    for (Uid i = 0; i < schedule.nodes(); ++i) {
      const Neighborhood row = schedule.neighborhood(i, round);
      put(i, i, row.self_weight);
      for (const auto& [j, weight] : row.senders) put(i, j, weight);
    }
    out << "]";
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

void write_edges(const Schedule& graph, Text& out) {
  const bool directed = is_directed(graph);
  out << graph.nodes() << "\n";
  if (directed) out << kDirectedEdges << "\n";
  for_each_edge(graph, directed, [&](Uid from, Uid to) { out << from << " " << to << "\n"; });
}

void write_adjacency(const Schedule& graph, Text& out) {
  out << graph.nodes() << "\n";
  for (Uid node = 0; node < graph.nodes(); ++node) {
    const char* separator = "";
    for (const Uid receiver : graph.neighborhood(node, 0).receivers) {
      out << separator << receiver;
      separator = " ";
    }
    out << "\n";
  }
}

void write_graphml(const Schedule& graph, Text& out) {
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

void write_gml(const Schedule& graph, Text& out) {
  const bool directed = is_directed(graph);
  out << "graph [\n" << (directed ? "  directed 1\n" : "");
  for (Uid node = 0; node < graph.nodes(); ++node) {
    out << "  node [\n    id " << node << "\n    label \"" << node << "\"\n  ]\n";
  }
  for_each_edge(graph, directed, [&](Uid from, Uid to) {
    out << "  edge [\n    source " << from << "\n    target " << to << "\n  ]\n";
  });
  out << "]\n";
}

void write_dot(const Schedule& graph, Text& out) {
  const bool directed = is_directed(graph);
  out << (directed ? "digraph {\n" : "graph {\n");
  for (Uid node = 0; node < graph.nodes(); ++node) out << "  " << node << ";\n";
  for_each_edge(graph, directed, [&](Uid from, Uid to) {
    out << "  " << from << (directed ? " -> " : " -- ") << to << ";\n";
  });
  out << "}\n";
}

using GraphWriter = void (*)(const Schedule&, Text&);

/// What writes a single graph; null for JSON, which holds a schedule.
struct Format {
  std::string name;
  std::string extension;
  GraphFormat format;
  GraphWriter write_graph;
};

const std::vector<Format>& formats() {
  static const std::vector<Format> formats{
      {"edges", ".edges", GraphFormat::kEdges, write_edges},
      {"adjacency", ".adj", GraphFormat::kAdjacency, write_adjacency},
      {"json", ".json", GraphFormat::kJson, nullptr},
      {"graphml", ".graphml", GraphFormat::kGraphml, write_graphml},
      {"gml", ".gml", GraphFormat::kGml, write_gml},
      {"dot", ".dot", GraphFormat::kDot, write_dot},
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

std::optional<GraphFormat> format_of(const std::filesystem::path& file) {
  const auto known = std::ranges::find(formats(), file.extension().string(), &Format::extension);
  return known == formats().end() ? std::nullopt : std::optional(known->format);
}

Round rounds_to_write(const Schedule& schedule, GraphFormat format, std::optional<Round> rounds) {
  if (!rounds && schedule.period() == 0) {
    throw ConfigError("/rounds: this schedule never repeats; say how many rounds to write");
  }
  const Round count = rounds.value_or(schedule.period());
  if (count == 1 || format == GraphFormat::kJson) return count;
  throw ConfigError(std::ranges::find(formats(), format, &Format::format)->name +
                    " holds one graph, not " + count_of(std::uint64_t(count), "round") +
                    "; write json");
}

void write(const Schedule& schedule, GraphFormat format, std::optional<Round> rounds,
           std::ostream& out) {
  const Round count = rounds_to_write(schedule, format, rounds);
  Text text(out);
  if (format == GraphFormat::kJson) return write_json(schedule, count, text);
  std::ranges::find(formats(), format, &Format::format)->write_graph(schedule, text);
}

}  // namespace kith
