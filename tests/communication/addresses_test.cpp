#include "communication/addresses.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "support/folder.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

class Addresses : public WithFolder {
 protected:
  std::vector<std::string> read(const std::string& text) {
    return read_addresses(write("hosts", text));
  }

  /// What is wrong with a file, without its name.
  std::string error(const std::string& text) {
    const std::string message = message_of<InputError>([&] { read(text); });
    const std::string begin = (folder_ / "hosts").string() + ": ";
    return message.starts_with(begin) ? message.substr(begin.size()) : message;
  }
};

TEST_F(Addresses, AreReadAsDecentralizepyWritesThem) {
  EXPECT_THAT(read(R"({"0": "10.0.0.1", "1": "10.0.0.2"})"), ElementsAre("10.0.0.1", "10.0.0.2"));
  EXPECT_THAT(read("\n // of the cluster\n{ \"1\": \"b\", \"0\": \"a\" }"), ElementsAre("a", "b"));
  std::string many = "{";
  for (int i = 0; i < 12; ++i) {
    many += (i ? ", \"" : "\"") + std::to_string(i) + "\": \"h" + std::to_string(i) + '"';
  }
  EXPECT_EQ(read(many + "}")[10], "h10") << "by number, not by alphabet";
}

TEST_F(Addresses, AreReadFromAHostfile) {
  EXPECT_THAT(read("# ours\nnode-a slots=4\n\n  node-b   # the big one\n10.0.0.3\r\n"),
              ElementsAre("node-a", "node-b", "10.0.0.3"));
}

TEST_F(Addresses, ThatMissAMachineAreAnError) {
  EXPECT_EQ(error(R"({"0": "a", "2": "b"})"),
            "has 2 entries, but none for \"1\"; machines are numbered from 0");
  EXPECT_EQ(error(R"({"1": "a"})"),
            "has 1 entries, but none for \"0\"; machines are numbered from 0");
}

TEST_F(Addresses, ThatAreNoTextAreAnError) {
  EXPECT_EQ(error(R"({"0": 10})"), "the address of machine 0 must be a string");
  EXPECT_EQ(error(R"({"0": ""})"), "the address of machine 0 must be a string");
  EXPECT_EQ(error(R"({"0": ["a"]})"), "the address of machine 0 must be a string");
}

TEST_F(Addresses, ThatAreBrokenAreAnError) {
  EXPECT_EQ(error(R"({"0": "a")"), "must be an object like {\"0\": \"10.0.0.1\", …}");
  EXPECT_EQ(error("{"), "must be an object like {\"0\": \"10.0.0.1\", …}");
  EXPECT_EQ(error(std::string(100'000, '{')), "must be an object like {\"0\": \"10.0.0.1\", …}");
}

TEST_F(Addresses, OfNobodyAreAnError) {
  for (const char* text : {"", "\n\n# nobody\n", "{}"}) EXPECT_EQ(error(text), "names no host");
}

TEST_F(Addresses, NeedAFile) {
  EXPECT_EQ(message_of<InputError>([&] { read_addresses(folder_ / "none"); }),
            (folder_ / "none").string() + ": cannot be read; is the path right?");
  EXPECT_NE(message_of<InputError>([&] { read_addresses(folder_); }), "no error");
}

}  // namespace
}  // namespace kith
