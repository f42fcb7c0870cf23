#include "graph/drawing/svg.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(Svg, IsWrittenElementByElement) {
  Svg svg(20, 10.5, "two");
  svg.begin("g", {{"fill", "none"}});
  svg.element("path", {{"d", Svg::line({1, 2}, {}, {3, 4})}});
  svg.element("path", {{"d", Svg::line({1, 2}, Point{5, 6}, {3, 4})}});
  svg.end();
  svg.text({{"x", 7.0}}, "words");
  EXPECT_EQ(svg.finish(),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 10.5\" width=\"20\" "
            "height=\"10.5\">\n"
            "  <title>two</title>\n"
            "  <rect width=\"20\" height=\"10.5\" fill=\"#ffffff\"/>\n"
            "  <g fill=\"none\">\n"
            "    <path d=\"M1 2L3 4\"/>\n"
            "    <path d=\"M1 2Q5 6 3 4\"/>\n"
            "  </g>\n"
            "  <text x=\"7\">words</text>\n"
            "</svg>\n");
}

TEST(Svg, KeepsNumbersToAHundredth) {
  EXPECT_EQ(Svg::Value(0.1 + 0.2).text, "0.3");
  EXPECT_EQ(Svg::Value(-0.001).text, "0");
  EXPECT_EQ(Svg::Value(1234.5678).text, "1234.57");
  EXPECT_EQ(Svg::Value(-2.0).text, "-2");
  EXPECT_EQ(Svg::triangle({0, 0}, {1, 0}, {0, 1}), "M0 0L1 0L0 1Z");
}

}  // namespace
}  // namespace kith
