#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/schedule.h"

namespace kith {

/// Reading graphs. All throw InputError for a file that is missing, unreadable, truncated or
/// malformed, with its name, the line (in JSON, the path) and what was expected there. A node count
/// that a file announces is believed only as far as its content bears it out.

/// decentralizepy's edge list: the number of nodes, then a line `x y` for each edge, which goes
/// both ways. Blank lines, and whatever follows a '#', are skipped. A loop is an error. Of ours,
/// the line `# directed: x sends to y` says that edges go one way, which decentralizepy's never do.
Graph read_edges(const std::filesystem::path& file);

/// decentralizepy's adjacency list: the number of nodes n, then n lines, of which line i names the
/// nodes that node i sends to. A blank line is a node that sends to nobody; a line that begins with
/// '#' is skipped.
Graph read_adjacency(const std::filesystem::path& file);

/// `{"nodes": n, "period": p, "rounds": [[[i, j, w_ij], …], …]}`: for each round the non-zero
/// weights that receiver i puts on sender j, in any order. The rounds are repeated for ever.
std::vector<MixingMatrix> read_json(const std::filesystem::path& file);

/// GraphML, of which the nodes and edges are read and nothing else. Nodes keep their numbers if
/// their ids are 0..n-1 in any order; otherwise they are numbered in the order of the file.
Graph read_graphml(const std::filesystem::path& file);

/// GML, likewise; labels that are 0..n-1 come before ids.
Graph read_gml(const std::filesystem::path& file);

/// The graph in a file of any format but JSON, which brings weights.
Graph read_graph(const std::filesystem::path& file);

/// The schedule in a file, whose format is its extension: .edges or .txt, .adj, .graphml, .gml or
/// .json. `weights` make W on the graph of each round; without them a JSON file's own hold, and
/// Metropolis–Hastings elsewhere.
std::unique_ptr<Schedule> read_schedule(const std::filesystem::path& file,
                                        const std::optional<Blueprint<Weights>>& weights = {});

/// Writing graphs.
enum class GraphFormat { kEdges, kAdjacency, kJson, kGraphml, kGml, kDot };

/// "edges", "adjacency", "json", "graphml", "gml" or "dot"; anything else is a ConfigError.
GraphFormat graph_format(const std::string& name);

/// The format whose files have the extension of `file`, if there is one.
std::optional<GraphFormat> format_of(const std::filesystem::path& file);

/// How many rounds `write` would write: as many as asked, or else a whole period. Only JSON holds
/// more than one: throws ConfigError where the format cannot say it, or a schedule never repeats
/// and `rounds` is not given.
Round rounds_to_write(const Schedule& schedule, GraphFormat format, std::optional<Round> rounds);

/// Writes rounds 0..rounds-1 of `schedule`, and throws as above. Only JSON holds weights.
void write(const Schedule& schedule, GraphFormat format, std::optional<Round> rounds,
           std::ostream& out);

}  // namespace kith
