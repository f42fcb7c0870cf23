#include "graph/drawing/draw.h"

#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "graph/drawing/drawing_testing.h"
#include "graph/markup.h"
#include "graph/stored_schedule.h"

namespace kith {
namespace {

using Tag = TagReader::Tag;

/// The numbers in a text such as "M1 2L3 4".
std::vector<double> numbers(const std::string& text) {
  std::string plain = text;
  for (char& letter : plain) {
    if (std::string("MLQZtranslate()").find(letter) != std::string::npos) letter = ' ';
  }
  std::istringstream stream(plain);
  std::vector<double> numbers;
  for (double number = 0; stream >> number;) numbers.push_back(number);
  EXPECT_TRUE(stream.eof()) << text;
  return numbers;
}

/// An SVG file taken apart. Reading it fails where its tags do not match.
class Picture {
 public:
  Picture(const std::filesystem::path& folder, std::string text) : text_(std::move(text)) {
    std::ofstream(folder / "picture.svg") << text_;
    TagReader tags(folder / "picture.svg");
    while (const auto tag = tags.next()) {
      if (tag->opens) tags_.push_back(*tag);
    }
  }

  const std::string& text() const { return text_; }
  std::vector<double> view() const { return numbers(tags_.front().attributes.at("viewBox")); }

  std::vector<Tag> all(const std::string& name) const {
    std::vector<Tag> found;
    std::ranges::copy_if(tags_, std::back_inserter(found),
                         [&](const Tag& tag) { return tag.name == name; });
    return found;
  }

  int count(const std::string& words) const {
    int count = 0;
    for (auto at = text_.find(words); at != std::string::npos; at = text_.find(words, at + 1)) {
      ++count;
    }
    return count;
  }

  /// Lines that end in `Z` are arrowheads.
  std::vector<Tag> lines(bool heads = false) const {
    std::vector<Tag> lines = all("path");
    std::erase_if(lines,
                  [&](const Tag& path) { return path.attributes.at("d").ends_with('Z') != heads; });
    return lines;
  }

  /// Whether everything lies inside of the view.
  bool is_whole() const {
    const auto view = this->view();
    Point corner;
    const auto inside = [&](double x, double y, double room) {
      return corner.x + x >= room && corner.x + x <= view[2] - room && corner.y + y >= room &&
             corner.y + y <= view[3] - room;
    };
    double letters = 0;
    return std::ranges::all_of(tags_, [&](const Tag& tag) {
      const auto value = [&](const char* name) { return std::stod(tag.attributes.at(name)); };
      if (const std::string* move = tag.find("transform")) {
        corner = {numbers(*move)[0], numbers(*move)[1]};
      }
      if (tag.find("font-size")) letters = value("font-size");
      if (tag.find("font-size") && letters == 13) corner = {};  // the captions stand outside
      if (tag.name == "circle") return inside(value("cx"), value("cy"), value("r"));
      if (tag.name == "text") return inside(value("x"), value("y") - letters / 2, letters / 2);
      if (tag.name != "path") return true;
      const auto d = numbers(tag.attributes.at("d"));
      if (tag.attributes.at("d").find('Q') != std::string::npos) {
        return inside((d[0] + 2 * d[2] + d[4]) / 4, (d[1] + 2 * d[3] + d[5]) / 4, 0);
      }
      for (std::size_t k = 0; k < d.size(); k += 2) {
        if (!inside(d[k], d[k + 1], 0)) return false;
      }
      return true;
    });
  }

 private:
  std::string text_;
  std::vector<Tag> tags_;
};

class Draw : public WithGraphFiles {
 protected:
  Picture picture(const Schedule& schedule, const DrawOptions& options = {}) const {
    return {folder_, draw(schedule, options)};
  }
  Picture picture(const std::string& json, int nodes, const DrawOptions& options = {}) const {
    return picture(*make_graph(json, nodes), options);
  }
};

TEST_F(Draw, ShowsEveryNodeAndEveryEdgeOnceInsideOfThePicture) {
  const std::pair<const char*, int> graphs[] = {
      {R"("ring")", 1},
      {R"("ring")", 2},
      {R"("ring")", 100},
      {R"("ring")", 3'000},
      {R"("star")", 30},
      {R"("complete")", 24},
      {R"({"type": "torus", "rows": 6})", 36},
      {R"("grid")", 200},
      {R"("hypercube")", 16},
      {R"("binary_tree")", 63},
      {R"("binary_tree")", 300},
      {R"("social")", 32},
      {R"({"type": "small_world", "k": 6, "beta": 0.2})", 100},
      {R"({"type": "barabasi_albert", "m": 2})", 200},
      {R"({"type": "geometric", "radius": 0.15})", 300},
  };
  for (const auto& [json, nodes] : graphs) {
    for (const auto layout : {LayoutKind::kAuto, LayoutKind::kCircle, LayoutKind::kGrid,
                              LayoutKind::kTree, LayoutKind::kForce}) {
      if (nodes > 1'000 && layout == LayoutKind::kForce) continue;
      SCOPED_TRACE(std::string(json) + ' ' + std::to_string(nodes) + ' ' +
                   std::to_string(int(layout)));
      const Picture picture = this->picture(json, nodes, {.layout = layout});
      EXPECT_EQ(picture.all("circle").size(), std::size_t(nodes));
      EXPECT_EQ(picture.lines().size(), std::size_t(graph_of(json, nodes).edges()));
      EXPECT_TRUE(picture.lines(true).empty()) << "no arrowheads";
      EXPECT_TRUE(picture.is_whole());
    }
  }
}

TEST_F(Draw, IsTheSameBytesEveryTime) {
  for (const char* json : {R"({"type": "regular", "degree": 4})", R"("exponential")"}) {
    EXPECT_EQ(picture(json, 64).text(), picture(json, 64).text());
  }
}

TEST_F(Draw, NeedsNothingButTheFileItself) {
  for (const char* json : {R"("ring")", R"("exponential")", R"("one_peer_hypercube")"}) {
    const std::string text = picture(json, 16).text();
    for (const char* word : {"href", "url(", "@import", "<script", "<style", "<image", "nan"}) {
      EXPECT_EQ(text.find(word), std::string::npos) << word;
    }
    EXPECT_TRUE(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "));
  }
}

TEST_F(Draw, NumbersNodesWhereTheNumbersCanBeRead) {
  EXPECT_EQ(picture(R"("ring")", 16).count("</text>"), 16);
  EXPECT_EQ(picture(R"("ring")", 100).count("</text>"), 100);
  EXPECT_EQ(picture(R"("grid")", 100).count("</text>"), 100);
  EXPECT_EQ(picture(R"("ring")", 1'000).count("</text>"), 0);
  for (const int nodes : {10, 60, 100, 128}) {
    for (const Tag& group : picture(R"("ring")", nodes).all("g")) {
      if (const auto* size = group.find("font-size")) {
        EXPECT_GE(std::stod(*size), 6) << nodes;
      }
    }
  }
}

TEST_F(Draw, PutsArrowheadsWhereMessagesArrive) {
  std::vector<Edge> edges{{0, 1}, {1, 2}, {2, 0}, {0, 2}};
  const auto mean = Weights::registry().standard("neighborhood_mean");
  Schedule::Common common;
  common.weights = mean;
  const StoredSchedule schedule(Graph::directed(3, edges), {3, 1, &common});
  const Picture picture = this->picture(schedule);
  EXPECT_EQ(picture.lines().size(), 3u) << "both ways are one line";
  int heads = 0;
  std::vector<Point> nodes;
  for (const Tag& node : picture.all("circle")) {
    nodes.push_back({std::stod(node.attributes.at("cx")), std::stod(node.attributes.at("cy"))});
  }
  const double radius = std::stod(picture.all("circle")[0].attributes.at("r"));
  std::vector<int> heard(3, 0);
  for (const Tag& path : picture.lines(true)) {
    const auto d = numbers(path.attributes.at("d"));
    for (std::size_t tip = 0; tip < d.size(); tip += 6, ++heads) {
      for (std::size_t node = 0; node < 3; ++node) {
        heard[node] += length(nodes[node] - Point{d[tip], d[tip + 1]}) < radius + 1;
      }
    }
  }
  EXPECT_EQ(heads, 4);
  EXPECT_EQ(heard, (std::vector<int>{1, 1, 2}));
  EXPECT_NE(picture.text().find("<title>3 nodes, 4 directed edges</title>"), std::string::npos);
}

TEST_F(Draw, LeavesArrowheadsAwayWhereThereIsNoRoomForThem) {
  const Picture picture = this->picture(R"("exponential")", 2'000);
  EXPECT_EQ(picture.text().find("nan"), std::string::npos);
  EXPECT_TRUE(picture.is_whole());
}

TEST_F(Draw, ShowsTheRoundsOfAPeriodSideBySide) {
  const Picture cube = picture(R"("one_peer_hypercube")", 16);
  EXPECT_EQ(cube.count("translate("), 4);
  EXPECT_EQ(cube.all("circle").size(), 4u * 16);
  EXPECT_EQ(cube.lines().size(), 4u * 8);
  for (const char* round : {">round 0<", ">round 3<"}) EXPECT_EQ(cube.count(round), 1);
  EXPECT_EQ(cube.count("of"), 0) << "all rounds are there";
  EXPECT_TRUE(cube.is_whole());

  // Every round has the nodes where the others have them.
  const auto circles = cube.all("circle");
  for (std::size_t i = 16; i < circles.size(); ++i) {
    EXPECT_EQ(circles[i].attributes.at("cx"), circles[i % 16].attributes.at("cx"));
    EXPECT_EQ(circles[i].attributes.at("cy"), circles[i % 16].attributes.at("cy"));
  }
}

TEST_F(Draw, SaysWhichRoundsOfALongScheduleItShows) {
  const Picture shifts = picture(R"("shift_one")", 40);
  EXPECT_EQ(shifts.count("translate("), 12);
  EXPECT_EQ(shifts.count("the first 12 of 20 rounds"), 1);
  EXPECT_TRUE(shifts.is_whole());
  const Picture endless = picture(R"("random_matching")", 10);
  EXPECT_EQ(endless.count("the first 12 rounds"), 1);
  EXPECT_TRUE(endless.is_whole());
}

TEST_F(Draw, PalesTheNodesThatRest) {
  const Picture picture = this->picture(R"("random_matching")", 7);
  EXPECT_EQ(picture.count("#c9d5df"), 12) << "one a round";
  EXPECT_EQ(this->picture(*make_graph(R"("ring")", 1)).count("#c9d5df"), 0) << "nobody talks";
}

TEST_F(Draw, ShowsWeightsAsOpacityAndNegativeOnesInRed) {
  const std::vector<Weight> entries{{0, 1, 0.5}, {1, 0, 0.5}, {1, 2, -0.25}, {2, 1, -0.25}};
  std::vector<MixingMatrix> period{mixing_matrix(3, entries)};
  const StoredSchedule schedule(std::move(period));
  const auto lines = picture(schedule, {.show_weights = true}).lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].attributes.at("stroke-opacity"), "1");
  EXPECT_EQ(lines[1].attributes.at("stroke-opacity"), "0.54");  // 0.08 + 0.92 / 2
  EXPECT_FALSE(lines[0].attributes.contains("stroke"));
  EXPECT_EQ(lines[1].attributes.at("stroke"), "#c0392b");
  for (const Tag& line : picture(schedule).lines()) {
    EXPECT_FALSE(line.attributes.contains("stroke-opacity"));
  }
}

TEST_F(Draw, FadesLinesWhereThereAreMany) {
  const auto opacity = [&](const char* json, int nodes) {
    return std::stod(picture(json, nodes).all("g")[1].attributes.at("stroke-opacity"));
  };
  EXPECT_EQ(opacity(R"("ring")", 16), 0.85);
  EXPECT_LT(opacity(R"("complete")", 64), 0.3);
  EXPECT_LT(opacity(R"("complete")", 150), opacity(R"("complete")", 64));
}

TEST_F(Draw, RefusesWhatWouldShowNothing) {
  EXPECT_EQ(message_of<ConfigError>([] { draw(*make_graph(R"("ring")", 100'001), {}); }),
            "a picture of 100001 nodes would show nothing; at most 100000 can be drawn");
  EXPECT_EQ(message_of<ConfigError>(
                [] { draw(*make_graph(R"({"type": "regular", "degree": 60})", 40'000), {}); }),
            "a picture of 1200000 lines would show nothing; at most 1000000 can be drawn");
}

}  // namespace
}  // namespace kith
