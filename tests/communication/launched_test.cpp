#include "communication/launched.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.h"

namespace kith {
namespace {

/// A process that a launcher told `words`: the test's standard input and environment are others.
class LaunchedBy {
 public:
  explicit LaunchedBy(const std::string& words) : input_(dup(STDIN_FILENO)) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    if (write(ends[1], words.data(), words.size()) != std::ssize(words)) std::abort();
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    setenv("KITH_LAUNCHER", "stdin", 1);
  }
  ~LaunchedBy() {
    dup2(input_, STDIN_FILENO);
    close(input_);
    for (const char* name : {"KITH_LAUNCHER", "KITH_PROCESS", "KITH_PROCESSES", "KITH_HOSTS",
                             "KITH_SECRET_KEY", "KITH_PUBLIC_KEYS", "KITH_TOKEN"}) {
      unsetenv(name);
    }
  }
  LaunchedBy(const LaunchedBy&) = delete;
  LaunchedBy& operator=(const LaunchedBy&) = delete;

 private:
  int input_;
};

TEST(Launched, HearsWhatTheLauncherSays) {
  const LaunchedBy launcher(launcher_words({{"KITH_PROCESS", "1"},
                                            {"KITH_PROCESSES", "3"},
                                            {"KITH_HOSTS", "a b c"},
                                            {"KITH_TOKEN", "x=y"},
                                            {"KITH_SECRET_KEY", "s"},
                                            {"KITH_PUBLIC_KEYS", "k0 k1 k2"}}) +
                            "rest");
  Launched::hear_launcher();
  const std::optional<Launched> launched = Launched::from_environment();
  ASSERT_TRUE(launched);
  EXPECT_EQ(launched->process, 1);
  EXPECT_EQ(launched->processes, 3);
  EXPECT_EQ(launched->hosts, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(launched->token, "x=y");
  EXPECT_EQ(launched->secret_key, "s");
  EXPECT_EQ(launched->public_keys, (std::vector<std::string>{"k0", "k1", "k2"}));
  char rest[8] = {};
  EXPECT_EQ(read(STDIN_FILENO, rest, sizeof rest), 4);  // what follows is the lifeline's
  EXPECT_STREQ(rest, "rest");
}

TEST(Launched, VariablesOfAnotherLauncherDoNotReachIt) {
  setenv("KITH_TOKEN", "old", 1);
  const LaunchedBy launcher(launcher_words({{"KITH_PROCESS", "0"}, {"KITH_PROCESSES", "1"}}));
  Launched::hear_launcher();
  EXPECT_EQ(Launched::from_environment()->token, "");
}

TEST(Launched, ALauncherThatGoesAwayOrSpeaksAnotherLanguageIsAnError) {
  for (const std::string words : {"", "KITH_PROCESS=0\n", "PATH=/tmp\n\n", "KITH_PROCESS\n\n"}) {
    const LaunchedBy launcher(words);
    EXPECT_THROW(Launched::hear_launcher(), PeerError) << words;
  }
}

TEST(Launched, AProcessAloneWasLaunchedByNobody) { EXPECT_FALSE(Launched::from_environment()); }

TEST(Launched, AProcessBeyondTheLastIsAnError) {
  const LaunchedBy launcher(launcher_words({{"KITH_PROCESS", "3"}, {"KITH_PROCESSES", "3"}}));
  Launched::hear_launcher();
  EXPECT_THROW(Launched::from_environment(), ConfigError);
}

}  // namespace
}  // namespace kith
