#include "core/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "core/registry.h"
#include "support/folder.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

/// A small interface with two components, one of which owns another.
class Pet {
 public:
  struct Common {
    std::int64_t age = 1;
    void fields(Fields& f) { f.optional("age", age, "years", Range{.at_least = 0}); }
  };
  static Registry<Pet, int>& registry() {
    static Registry<Pet, int> registry("pet");
    return registry;
  }
  virtual ~Pet() = default;
  virtual std::string says() const = 0;
};

struct Bowl {
  double liters = 0.5;
  std::vector<std::int64_t> sizes{1, 2};
  void fields(Fields& f) {
    f.optional("liters", liters, "how much it holds", Range{.above = 0});
    f.optional("sizes", sizes, "of its rings", Range{.at_least = 1});
  }
};

class Dog : public Pet {
 public:
  struct Params {
    float volume = 0;
    std::string mood = "calm";
    Bowl bowl;
    void fields(Fields& f) {
      f.required("volume", volume, "how loud", Range{.above = 0, .at_most = 1});
      f.optional("mood", mood, "of the day", Choices{{"calm", "wild"}});
      f.optional("bowl", bowl, "what it eats from");
      f.check(mood == "calm" || volume > 0.5f, "mood", "wild dogs are loud: volume above 0.5");
    }
  };
  Dog(Params params, int times) : params_(params), times_(times) {}
  std::string says() const override {
    std::string text;
    for (int i = 0; i < times_; ++i) text += params_.volume > 0.5f ? "WOOF" : "woof";
    return text;
  }

 private:
  Params params_;
  int times_;
};
const Register<Pet, Dog> dog{"dog", "barks"};

class Cat : public Pet {
 public:
  struct Params {
    Blueprint<Pet, int> enemy = registry().standard("cat_without_enemy");
    void fields(Fields& f) { f.optional("enemy", enemy, "whom it fears"); }
  };
  Cat(Params params, int) : params_(params) {}
  std::string says() const override { return "not " + params_.enemy.make(1)->says(); }

 private:
  Params params_;
};
const Register<Pet, Cat> cat{"cat", "fears"};

class LoneCat : public Pet {
 public:
  using Params = NoParams;
  LoneCat(Params, int) {}
  std::string says() const override { return "meow"; }
};
const Register<Pet, LoneCat> lone{"cat_without_enemy", "fears nobody"};

Blueprint<Pet, int> read(const std::string& json) {
  return Pet::registry().read(Config::parse("{\"pet\":" + json + "}", "run.json").at("pet"));
}

struct Case {
  const char* name;
  const char* json;
  const char* message;
};

const Case kCases[] = {
    {"UnknownComponent", R"({"type": "dgo"})",
     R"(run.json: /pet/type: unknown pet "dgo"; did you mean "dog"? )"
     R"(Known: cat, cat_without_enemy, dog)"},
    {"UnknownComponentByNameAlone", R"("wolf")",
     R"(run.json: /pet: unknown pet "wolf". Known: cat, cat_without_enemy, dog)"},
    {"MissingType", R"({"volume": 1})",
     R"(run.json: /pet: missing "type", the name of a pet. Known: cat, cat_without_enemy, dog)"},
    {"MissingField", R"({"type": "dog"})",
     R"(run.json: /pet: missing "volume" (number above 0 and at most 1): how loud)"},
    {"MisspeltRequiredField", R"({"type": "dog", "volum": 1})",
     R"(run.json: /pet: unknown key "volum"; did you mean "volume"? )"
     R"(Known: type, volume, mood, bowl, age)"},
    {"OutOfRange", R"({"type": "dog", "volume": 3})",
     "run.json: /pet/volume: must be above 0 and at most 1, got 3"},
    {"WrongType", R"({"type": "dog", "volume": "0.4"})",
     R"(run.json: /pet/volume: must be a number, got "0.4")"},
    {"FractionForAnInteger", R"({"type": "dog", "volume": 1, "age": 1.5})",
     "run.json: /pet/age: must be an integer, got 1.5"},
    {"IntegerTooLarge", R"({"type": "dog", "volume": 1, "age": 9999999999999999999})",
     "run.json: /pet/age: must be at most 9223372036854775807, got 9999999999999999999"},
    {"UnknownChoice", R"({"type": "dog", "volume": 1, "mood": "wlid"})",
     R"(run.json: /pet/mood: unknown value "wlid"; did you mean "wild"? Known: calm, wild)"},
    {"Nested", R"({"type": "dog", "volume": 1, "bowl": {"liters": 0}})",
     "run.json: /pet/bowl/liters: must be above 0, got 0"},
    {"ListElement", R"({"type": "dog", "volume": 1, "bowl": {"sizes": [1, 0]}})",
     "run.json: /pet/bowl/sizes: must be at least 1, got [1,0]"},
    {"NestedComponent", R"({"type": "cat", "enemy": {"type": "dog", "volume": 0}})",
     "run.json: /pet/enemy/volume: must be above 0 and at most 1, got 0"},
    {"BetweenFields", R"({"type": "dog", "volume": 0.2, "mood": "wild"})",
     "run.json: /pet/mood: wild dogs are loud: volume above 0.5"},
    {"NotAnObject", "3", R"(run.json: /pet: must be a pet, {"type": …} or just its name, got 3)"},
};

class ConfigMessage : public ::testing::TestWithParam<Case> {};

TEST_P(ConfigMessage, SaysWhereAndWhy) {
  try {
    read(GetParam().json);
    FAIL() << "the config was accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), GetParam().message);
    EXPECT_EQ(error.code(), ExitCode::kUsage);
  }
}

INSTANTIATE_TEST_SUITE_P(Pet, ConfigMessage, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(Blueprint, MakesAnyNumberOfEqualComponents) {
  const auto dog = read(R"({"type": "dog", "volume": 1})");
  EXPECT_EQ(dog.make(2)->says(), "WOOFWOOF");
  EXPECT_EQ(dog.make(1)->says(), "WOOF");
}

TEST(Blueprint, SpellsOutEveryDefault) {
  EXPECT_EQ(read(R"({"type": "dog", "volume": 0.25, "age": 3})").json(),
            R"({"type":"dog","volume":0.25,"mood":"calm",)"
            R"("bowl":{"liters":0.5,"sizes":[1,2]},"age":3})");
  EXPECT_EQ(read(R"("cat")").json(),
            R"({"type":"cat","enemy":{"type":"cat_without_enemy","age":1},"age":1})");
}

TEST(Blueprint, OptionsWithoutATypeAreThoseOfTheStandardComponent) {
  EXPECT_EQ(read(R"({"type": "cat", "enemy": {"age": 7}})").json(),
            R"({"type":"cat","enemy":{"type":"cat_without_enemy","age":7},"age":1})");
}

TEST(Blueprint, ReadsItsOwnResolvedForm) {
  const std::string resolved =
      read(R"({"type": "cat", "enemy": {"type": "dog", "volume": 1}})").json();
  EXPECT_EQ(read(resolved).json(), resolved);
}

TEST(Registry, DescribesFieldsWithoutAConfig) {
  const ComponentInfo info = Pet::registry().describe("dog");
  ASSERT_EQ(info.fields.size(), 4u);
  EXPECT_EQ(info.fields[0].name, "volume");
  EXPECT_TRUE(info.fields[0].required);
  EXPECT_EQ(info.fields[1].choices, (std::vector<std::string>{"calm", "wild"}));
  EXPECT_EQ(info.fields[2].members[0].standard, "0.5");
  EXPECT_EQ(info.fields[3].name, "age");
}

class ConfigFiles : public WithFolder {
 protected:
  std::string message_of(const fs::path& file, std::vector<std::string> settings = {}) {
    try {
      Config::load(file, settings).at("pet").at("age").to_integer();
      return "accepted";
    } catch (const ConfigError& error) {
      std::string text = error.what();
      const auto at = text.find(folder_.string());
      return at == std::string::npos ? text : text.erase(at, folder_.string().size() + 1);
    }
  }
};

TEST_F(ConfigFiles, ExtendsMergesOverItsBase) {
  write("base.json", R"({"pet": {"type": "dog", "age": 1}, "a": [1, 2]})");
  const auto file = write("sub/run.json", R"({"extends": "../base.json", "pet": {"age": 2}})");
  const Config config = Config::load(file);
  EXPECT_EQ(config.at("pet").dump(), R"({"age":2,"type":"dog"})");
  EXPECT_EQ(config.at("a").dump(), "[1,2]");
  EXPECT_FALSE(config.has("extends"));
}

TEST_F(ConfigFiles, PathsAndMessagesBelongToTheFileThatWroteThem) {
  write("base.json", R"({"data": "x.csv", "pet": {"age": "old"}})");
  const auto file = write("sub/run.json", R"({"extends": "../base.json", "mine": "y.csv"})");
  const Config config = Config::load(file);
  EXPECT_EQ(config.at("data").to_path(), folder_ / "x.csv");
  EXPECT_EQ(config.at("mine").to_path(), folder_ / "sub/y.csv");
  EXPECT_EQ(message_of(file), "base.json: /pet/age: must be an integer, got \"old\"");
}

TEST_F(ConfigFiles, ABaseThatIsMissingIsNamed) {
  const auto file = write("run.json", R"({"extends": "none.json"})");
  EXPECT_EQ(message_of(file), "none.json: cannot be read; is the path right?");
}

TEST_F(ConfigFiles, WhatIsNoFileIsNotWaitedFor) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(message_of(pipe), "pipe: is not a regular file");
  std::filesystem::create_directory(folder_ / "sub");
  EXPECT_EQ(message_of(folder_ / "sub"), "sub: is a folder, not a config file");
}

TEST_F(ConfigFiles, ABottomlessConfigIsRefused) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += R"({"a":)";
  EXPECT_EQ(message_of(write("deep.json", text)), "deep.json: is nested more than 100 levels deep");
}

TEST_F(ConfigFiles, AFileThatExtendsItselfEnds) {
  const auto file = write("run.json", R"({"extends": "run.json"})");
  EXPECT_NE(message_of(file).find("does a file extend itself?"), std::string::npos);
}

TEST_F(ConfigFiles, SettingsOverrideByDottedPath) {
  const auto file = write("run.json", R"({"pet": "dog", "list": [1, {"x": 2}], "gone": 1})");
  const std::vector<std::string> settings{"pet.age=4", "list.1.x=[3]", "new.deep=word",
                                          "list.0=1e-3", "gone=null"};
  const Config config = Config::load(file, settings);
  EXPECT_EQ(config.dump(), R"({"gone":null,"list":[0.001,{"x":[3]}],"new":{"deep":"word"},)"
                           R"("pet":{"age":4,"type":"dog"}})");
}

TEST_F(ConfigFiles, SettingsMayLeaveOutTheZeroBeforeAPoint) {
  const auto file = write("run.json", "{}");
  const std::vector<std::string> settings{"a=.5", "b=-.25e1", "c=.x", "d=.", "e=-"};
  EXPECT_EQ(Config::load(file, settings).dump(), R"({"a":0.5,"b":-2.5,"c":".x","d":".","e":"-"})");
}

TEST_F(ConfigFiles, BadSettingsAreNamed) {
  const auto file = write("run.json", R"({"pet": {"age": 1}, "list": [1]})");
  EXPECT_EQ(message_of(file, {"pet.age=old"}), "--set: /pet/age: must be an integer, got \"old\"");
  EXPECT_EQ(message_of(file, {"pet"}), "--set pet: expected PATH=VALUE, such as training.lr=0.05");
  EXPECT_EQ(message_of(file, {"list.7=1"}), "--set: /list/7: no such element in the array");
  EXPECT_EQ(message_of(file, {"pet.age.x=1"}),
            "--set: /pet/age/x: leads into 1, which has no members");
}

TEST_F(ConfigFiles, SyntaxErrorsGiveTheLine) {
  const auto file = write("run.json", "{\n  \"pet\": ,\n}");
  EXPECT_NE(message_of(file).find("run.json: not valid JSON: parse error at line 2"),
            std::string::npos)
      << message_of(file);
}

TEST_F(ConfigFiles, AKeyThatStandsTwiceIsAnError) {
  const auto file = write("run.json", R"({"pet": {"age": 1, "age": 2}})");
  EXPECT_EQ(message_of(file),
            "run.json: the key \"age\" stands twice in one object; remove one of them");
}

TEST_F(ConfigFiles, CommentsAreAllowed) {
  const auto file = write("run.json", "// why\n{\"pet\": {\"age\": 1 /* young */}}");
  EXPECT_EQ(message_of(file), "accepted");
}

}  // namespace
}  // namespace kith
