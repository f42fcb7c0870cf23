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

/// Variables of a launcher, gone with the object.
class Environment {
 public:
  explicit Environment(Variables variables) : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : variables_) unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  Variables variables_;
};

TEST(Launched, ByMpirunOrSrunIsKnownFromTheirVariables) {
  for (const Variables& variables : {Variables{{"OMPI_COMM_WORLD_RANK", "5"},
                                               {"OMPI_COMM_WORLD_SIZE", "8"},
                                               {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                               {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}},
                                     Variables{{"PMIX_RANK", "5"},
                                               {"SLURM_STEP_NUM_TASKS", "8"},
                                               {"SLURM_LOCALID", "1"},
                                               {"SLURM_NTASKS_PER_NODE", "4"}},
                                     Variables{{"SLURM_PROCID", "5"},
                                               {"SLURM_STEP_NUM_TASKS", "8"},
                                               {"SLURM_LOCALID", "1"},
                                               {"SLURM_NTASKS_PER_NODE", "4"}}}) {
    const Environment environment(variables);
    const std::optional<Launched> launched = Launched::from_environment();
    ASSERT_TRUE(launched) << variables.front().first;
    EXPECT_EQ(launched->process, 5);
    EXPECT_EQ(launched->processes, 8);
    EXPECT_EQ(launched->local_process, 1);
    EXPECT_EQ(launched->local_processes, 4);
    EXPECT_EQ(launched->rendezvous, "");
    EXPECT_EQ(launched->publish_to, -1);
  }
}

TEST(Launched, ByKithCountsBeforeOtherLaunchers) {
  const Environment outer({{"OMPI_COMM_WORLD_RANK", "5"}, {"OMPI_COMM_WORLD_SIZE", "8"}});
  const Environment inner({{"KITH_PROCESS", "1"}, {"KITH_PROCESSES", "2"}});
  EXPECT_EQ(Launched::from_environment()->processes, 2);
}

TEST(Launched, NumbersThatAreNoneAreAnError) {
  for (const char* number : {"one", "-1", "1.5", "99999999999", "1 ", "0x1"}) {
    const Environment environment({{"KITH_PROCESS", number}, {"KITH_PROCESSES", "2"}});
    try {
      Launched::from_environment();
      ADD_FAILURE() << number;
    } catch (const ConfigError& error) {
      EXPECT_EQ(std::string(error.what()),
                "KITH_PROCESS: must be a number, got \"" + std::string(number) + '"');
    }
  }
}

}  // namespace
}  // namespace kith
