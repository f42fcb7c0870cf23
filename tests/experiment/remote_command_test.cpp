#include "experiment/remote_command.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "core/text.h"
#include "experiment/child.h"

namespace kith {
namespace {

/// What a shell makes of a command: each word on a line of its own.
std::vector<std::string> taken_apart(const std::string& command) {
  std::vector<std::string> words;
  const Child::Hear hear = [&](bool, std::string_view line) { words.emplace_back(line); };
  Child shell({"sh", "-c", "for word in " + command + "; do printf '%s\\n' \"$word\"; done"});
  while (!shell.ended(hear)) {
    std::vector<pollfd> items;
    shell.watch(items);
    poll(items.data(), items.size(), 100);
    shell.pump(hear);
  }
  return words;
}

TEST(RemoteCommand, AShellTakesItApartIntoTheWordsThatWereGiven) {
  std::vector<std::string> words{"plain", "",      "two words", "it's", "\"$HOME\"", "`x`", "a;b",
                                 "-x",    "*",     "~",         "=ls",  "ä",         "\\",  "'",
                                 "''",    "a=b c", "#",         "!",    "|&>"};
  for (int c = 1; c < 256; ++c) {
    if (c != '\n') words.push_back(std::string("c") + static_cast<char>(c));
  }
  EXPECT_EQ(taken_apart(shell_command(words)), words);
}

TEST(RemoteCommand, TheHostGetsOneCommand) {
  const auto words = remote_command("me@10.0.0.3", {"kith", "run", "my config.json"});
  EXPECT_EQ(words.front(), "ssh");
  EXPECT_EQ(words[words.size() - 2], "me@10.0.0.3");
  EXPECT_EQ(words.back(), "exec kith run 'my config.json'");
}

TEST(RemoteCommand, AnOptionIsNoHost) {
  EXPECT_THROW(remote_command("-oProxyCommand=id", {"true"}), InputError);
  EXPECT_THROW(remote_command("", {"true"}), InputError);
}

TEST(RemoteCommand, TheAddressHasNoUser) {
  EXPECT_EQ(address_of("me@10.0.0.3"), "10.0.0.3");
  EXPECT_EQ(address_of("node1"), "node1");
}

}  // namespace
}  // namespace kith
