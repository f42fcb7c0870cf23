#include "graph/named_graph.h"

#include <charconv>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/text.h"

namespace kith {
namespace {

[[noreturn]] void fail(const std::string& file, std::int64_t line, const std::string& message) {
  throw InputError(file + ": line " + std::to_string(line) + ": " + message);
}

/// The numbers that `names` are, if they are 0..n-1.
std::optional<std::vector<Uid>> numbers(const std::vector<std::string>& names) {
  std::vector<Uid> numbers;
  std::vector<bool> taken(names.size());
  for (const std::string& name : names) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return {};
    if (number >= names.size() || taken[number]) return {};
    taken[number] = true;
    numbers.push_back(static_cast<Uid>(number));
  }
  return numbers;
}

}  // namespace

void NamedGraph::add_node(const std::string& name, const std::string& label, std::int64_t line) {
  if (!places_.emplace(name, static_cast<Uid>(names_.size())).second) {
    fail(file_, line, "node " + in_quotes(name) + " stands twice; remove one");
  }
  names_.push_back(name);
  labels_.push_back(label);
}

void NamedGraph::add_edge(std::string from, std::string to, bool directed, std::int64_t line) {
  links_.push_back({std::move(from), std::move(to), directed, line});
}

Uid NamedGraph::place(const std::string& name, std::int64_t line) const {
  const auto found = places_.find(name);
  if (found == places_.end()) {
    fail(file_, line, "node " + in_quotes(name) + " does not exist; add it, or remove the edge");
  }
  return found->second;
}

Graph NamedGraph::numbered() const {
  if (names_.empty()) throw InputError(file_ + ": has no nodes");
  auto uids = numbers(labels_);
  if (!uids) uids = numbers(names_);
  if (!uids) {
    uids.emplace(names_.size());
    std::iota(uids->begin(), uids->end(), 0);
  }
  std::vector<Edge> edges;
  bool directed = false;
  for (const Link& link : links_) {
    const Edge edge{(*uids)[std::size_t(place(link.from, link.line))],
                    (*uids)[std::size_t(place(link.to, link.line))]};
    if (edge.from == edge.to) {
      fail(file_, link.line,
           "node " + in_quotes(link.from) +
               " is its own neighbor; remove the edge, a node always hears itself");
    }
    edges.push_back(edge);
    if (!link.directed) edges.push_back({edge.to, edge.from});
    directed |= link.directed;
  }
  const auto nodes = std::int64_t(names_.size());
  return directed ? Graph::directed(nodes, edges) : Graph::undirected(nodes, edges);
}

}  // namespace kith
