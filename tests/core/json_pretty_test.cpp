#include <gtest/gtest.h>

#include "core/text.h"

namespace kith {
namespace {

TEST(JsonPretty, PutsEveryMemberOnALineOfItsOwn) {
  EXPECT_EQ(json_pretty(R"({"a":1, "b": [true,{"c":null}]})"),
            "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    {\n      \"c\": null\n    }\n  ]\n}\n");
}

TEST(JsonPretty, LeavesNothingBetweenEmptyBrackets) {
  EXPECT_EQ(json_pretty(R"([{ }, [ ]])"), "[\n  {},\n  []\n]\n");
}

TEST(JsonPretty, TouchesNoString) {
  const std::string odd = R"("a, {b}: [c] \" \\")";
  EXPECT_EQ(json_pretty(odd), odd + '\n');
}

TEST(JsonPretty, KeepsNumbersAsTheyAreWritten) { EXPECT_EQ(json_pretty("-1.50e+3"), "-1.50e+3\n"); }

}  // namespace
}  // namespace kith
