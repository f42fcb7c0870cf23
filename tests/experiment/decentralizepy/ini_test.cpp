#include "experiment/decentralizepy/ini.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "support/folder.h"

namespace kith {
namespace {

using testing::HasSubstr;

TEST(Ini, IsReadAsPythonReadsIt) {
  Ini ini = Ini::parse(
      "# first\n[A]\nOne = 1 ; of many\ntwo: a=b;c#d\nthree =\n"
      "four = 1,\n   2,\n\t3\n\n[ B ]\r\none=x\r\n; [C]\n",
      "a.ini");
  EXPECT_EQ(ini.take("A", "one"), "1");
  EXPECT_EQ(ini.take("A", "two"), "a=b;c#d");
  EXPECT_EQ(ini.take("A", "three"), "");
  EXPECT_EQ(ini.take("A", "four"), "1, 2, 3");
  EXPECT_EQ(ini.take("A", "five"), std::nullopt);
  ASSERT_EQ(ini.rest().size(), 1u);
  EXPECT_EQ(ini.rest()[0].section, "B");
  EXPECT_EQ(ini.take("B", "one"), "x");
  EXPECT_EQ(ini.take("B", "one"), std::nullopt) << "it was taken";
  EXPECT_TRUE(ini.rest().empty());
}

TEST(Ini, WhatIsWrongIsToldWithItsLine) {
  const auto error = [](const std::string& text) {
    return message_of<InputError>([&] { Ini::parse(text, "a.ini"); });
  };
  EXPECT_EQ(error("a = 1"), "a.ini: line 1: stands in no [SECTION]");
  EXPECT_EQ(error("[A]\n\nword\n"), "a.ini: line 3: expected key = value, got \"word\"");
  EXPECT_EQ(error("[A\n"), "a.ini: line 1: the name of a section ends with ]");
  EXPECT_EQ(error("[A]\na=1\n[A]\nA=2\n"), "a.ini: line 4: [A] has a twice; remove one");
  EXPECT_THAT(error(""), HasSubstr("is it an INI file?"));
  EXPECT_THAT(message_of<InputError>([] { Ini::read("/nowhere.ini"); }),
              HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace kith
