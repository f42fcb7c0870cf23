#include "graph/drawing/draw.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "graph/analysis.h"
#include "graph/drawing/panel.h"

namespace kith {
namespace {

constexpr Round kMostPanels = 12;
constexpr std::int64_t kMostNodes = 100'000;
constexpr std::size_t kMostLines = 1'000'000;

[[noreturn]] void refuse(const std::string& what, std::size_t most) {
  throw ConfigError("a picture of " + what + " would show nothing; at most " +
                    std::to_string(most) + " can be drawn");
}

/// What a schedule looks like, round after round.
struct Film {
  std::int64_t nodes;
  std::vector<Lines> rounds;
  std::int64_t edges = 0;  // of the last
  bool directed = false;

  explicit Film(const Schedule& schedule) : nodes(schedule.nodes()) {
    if (nodes > kMostNodes) refuse(count_of(std::uint64_t(nodes), "node"), kMostNodes);
    const Round period = schedule.period();
    const Round count = period == 0 ? kMostPanels : std::min(period, kMostPanels);
    std::size_t lines = 0;
    for (Round round = 0; round < count; ++round) {
      const MixingMatrix w = matrix_of(schedule, round);
      edges = w.graph.edges();
      directed = w.graph.is_directed();
      rounds.push_back(lines_of(w));
      lines += rounds.back().size();
      if (lines > kMostLines) refuse(count_of(lines, "line"), kMostLines);
    }
  }

  /// With the edges of all its rounds.
  Graph graph() const {
    std::vector<Edge> edges;
    for (const auto& lines : rounds) {
      for (const Line& line : lines) edges.push_back({line.from, line.to});
    }
    return Graph::undirected(nodes, edges);
  }

  double largest_weight() const {
    double largest = 0;
    for (const auto& lines : rounds) {
      for (const Line& line : lines) largest = std::max(largest, std::abs(line.weight));
    }
    return largest > 0 ? largest : 1;
  }
};

/// Rounds are compared best where all nodes look alike.
LayoutKind chosen(LayoutKind kind, const Film& film, const Graph& graph) {
  if (kind != LayoutKind::kAuto || film.rounds.size() == 1) return kind;
  const bool in_rows = fitting_layout(graph) == LayoutKind::kGrid;
  return in_rows ? LayoutKind::kGrid : LayoutKind::kCircle;
}

double side_of(std::int64_t nodes) { return nodes <= 150 ? 480 : nodes <= 600 ? 640 : 880; }

std::string title(const Film& film) {
  const std::string nodes = count_of(std::uint64_t(film.nodes), "node") + ", ";
  if (film.rounds.size() > 1) return nodes + count_of(film.rounds.size(), "round");
  return nodes + count_of(std::uint64_t(film.edges), film.directed ? "directed edge" : "edge");
}

/// Panels in rows, each with its round below it.
class Rows {
 public:
  Rows(const Frame& frame, std::size_t count) : frame_(frame), count_(count) {
    constexpr std::size_t kMostColumns = 5;
    const std::size_t rows = (count + kMostColumns - 1) / kMostColumns;
    columns_ = (count + rows - 1) / rows;
    width_ = kGap + double(columns_) * (frame.width() + kGap);
    height_ = kGap + double(rows) * (frame.height() + kLine + kGap);
  }

  std::string draw(const Film& film, const std::string& title, const std::string& caption,
                   std::optional<double> largest) const {
    Svg svg(width_, height_ + (caption.empty() ? 0 : kLine), title);
    for (std::size_t k = 0; k < count_; ++k)
      draw_panel(svg, frame_, film.rounds[k], corner(k), largest);
    svg.begin("g", Svg::centered_text(kLetters));
    for (std::size_t k = 0; k < count_; ++k) {
      const Point below = corner(k) + Point{frame_.width() / 2, frame_.height() + kLetters + 2};
      svg.text({{"x", below.x}, {"y", below.y}}, "round " + std::to_string(k));
    }
    if (!caption.empty()) svg.text({{"x", width_ / 2}, {"y", height_ + kLetters / 2}}, caption);
    svg.end();
    return svg.finish();
  }

 private:
  static constexpr double kGap = 14, kLine = 20, kLetters = 13;

  Point corner(std::size_t k) const {
    return {kGap + double(k % columns_) * (frame_.width() + kGap),
            kGap + double(k / columns_) * (frame_.height() + kLine + kGap)};
  }

  const Frame& frame_;
  std::size_t count_, columns_;
  double width_, height_;
};

/// Which rounds are shown, where they are not all.
std::string caption(std::size_t shown, Round period) {
  if (period == Round(shown)) return "";
  const std::string text = "the first " + std::to_string(shown);
  return text + (period == 0 ? "" : " of " + std::to_string(period)) + " rounds";
}

}  // namespace

std::string draw(const Schedule& schedule, const DrawOptions& options) {
  const Film film(schedule);
  const Graph graph = film.graph();
  const auto layout = lay_out(graph, chosen(options.layout, film, graph));
  const auto largest = options.show_weights ? std::optional(film.largest_weight()) : std::nullopt;
  const std::size_t count = film.rounds.size();
  if (count > 1) {
    constexpr double kSide = 190;
    const Frame frame(*layout, film.rounds, kSide);
    return Rows(frame, count).draw(film, title(film), caption(count, schedule.period()), largest);
  }
  const Frame frame(*layout, film.rounds, side_of(film.nodes));
  Svg svg(frame.width(), frame.height(), title(film));
  draw_panel(svg, frame, film.rounds.front(), {0, 0}, largest);
  return svg.finish();
}

}  // namespace kith
