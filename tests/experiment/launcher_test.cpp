#include "experiment/launcher.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <set>

#include "support/folder.h"

namespace kith {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// What a part that listens does first: it says that it is ready, and takes what it is told.
constexpr char kListen[] =
    "echo KITH_READY; while read -r line && [ -n \"$line\" ]; do export \"$line\"; done; ";

class Launching : public WithFolder {
 protected:
  Launching() {
    std::signal(SIGPIPE, SIG_IGN);
    settings.grace_s = settings.stop_s = settings.leave_s = 0.2;
    settings.show = [this](bool is_error, const std::string& line) {
      (is_error ? errors : output).push_back(line);
    };
  }

  void add(const std::string& script) {
    const std::string label = std::to_string(parts.size());
    parts.push_back({label, "part " + label, "", {"sh", "-c", script}, std::nullopt});
  }
  void add_listener(const std::string& script, const Variables& variables = {}) {
    add(kListen + script);
    parts.back().variables = variables;
  }

  ExitCode run() {
    try {
      Launcher(parts, settings).run();
      return ExitCode::kDone;
    } catch (const Error& error) {
      why = error.what();
      return error.code();
    }
  }

  std::vector<Launcher::Part> parts;
  Launcher::Settings settings;
  std::vector<std::string> output, errors;
  std::string why;
};

TEST_F(Launching, EveryLineIsShownWithWhoPrintedIt) {
  add("echo one; echo two; printf 'no end'");
  add("echo three >&2");
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_THAT(output, ElementsAre("[0] one", "[0] two", "[0] no end"));
  EXPECT_THAT(errors, ElementsAre("[1] three"));
}

TEST_F(Launching, PartsThatListenAreToldTheirVariables) {
  add_listener("echo $KITH_PROCESS of $KITH_PROCESSES",
               {{"KITH_PROCESS", "7"}, {"KITH_PROCESSES", "9"}});
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_THAT(output, ElementsAre("[0] 7 of 9"));
}

TEST_F(Launching, VariablesLongerThanAPipeArriveWhole) {
  add_listener("echo ${#KITH_PUBLIC_KEYS}", {{"KITH_PUBLIC_KEYS", std::string(300'000, 'k')}});
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_THAT(output, ElementsAre("[0] 300000"));
}

TEST_F(Launching, TheOthersStartWhenTheFirstHasPublished) {
  settings.first_publishes = true;
  add_listener("echo before; echo KITH_RENDEZVOUS=there:1");
  add_listener("echo $KITH_RENDEZVOUS");
  add_listener("echo $KITH_RENDEZVOUS");
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_THAT(output, UnorderedElementsAre("[0] before", "[1] there:1", "[2] there:1"));
  EXPECT_EQ(output.front(), "[0] before");
}

TEST_F(Launching, NothingElseStartsWhenTheFirstFails) {
  settings.first_publishes = true;
  add_listener("echo 'error: no' >&2; exit 5");
  add_listener("echo started");
  EXPECT_EQ(run(), ExitCode::kResource);
  EXPECT_EQ(why, "part 0 ended the run: no");
  EXPECT_THAT(errors, ElementsAre("[0] error: no"));
  EXPECT_TRUE(output.empty());
}

TEST_F(Launching, WhoOnlyLostAPeerIsNotToBlame) {
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  settings.grace_s = 10;
  add_listener("exec 3>'" + pipe + "'; exit 3");
  add_listener("cat '" + pipe + "'; exit 6");  // after the first
  EXPECT_EQ(run(), ExitCode::kNumeric);
  EXPECT_THAT(why, HasSubstr("part 1 "));
}

TEST_F(Launching, AKilledPartIsALostPeer) {
  settings.grace_s = 10;
  add_listener("exit 3");
  add_listener("kill -9 $$");
  EXPECT_EQ(run(), ExitCode::kPeer);
  EXPECT_EQ(why, "part 1 was killed by signal 9 (Killed), which ended the run");
}

TEST_F(Launching, ACrashIsABug) {
  add_listener("kill -SEGV $$");
  EXPECT_EQ(run(), ExitCode::kBug);
  EXPECT_THAT(why, HasSubstr("part 0 was killed by signal 11"));
}

TEST_F(Launching, APartThatFailedEndsTheOthers) {
  add_listener("exit 6");
  add_listener("read -r word; echo told $word");
  EXPECT_EQ(run(), ExitCode::kNumeric);
  EXPECT_THAT(output, ElementsAre("[1] told signal 15"));
}

TEST_F(Launching, APartThatIgnoresEverythingIsKilledWithAllItStarted) {
  add_listener("trap '' TERM INT HUP; (read -r never < /dev/zero); exit 0");
  add_listener("exit 6");
  EXPECT_EQ(run(), ExitCode::kNumeric);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Launching, APartThatStandsStillIsNotWaitedFor) {
  settings.grace_s = 3600;
  add_listener("kill -STOP $$");
  add_listener("exit 6");
  EXPECT_EQ(run(), ExitCode::kNumeric);
}

TEST_F(Launching, ASignalIsPassedOnAndDecidesTheExitCode) {
  settings.pending_signal = [this] { return output.empty() ? 0 : SIGINT; };
  settings.stop_s = 10;
  for (int i = 0; i < 3; ++i) {
    add_listener("echo here; read -r word number; echo 'error: stopped' >&2; exit $((128+number))");
  }
  EXPECT_EQ(run(), ExitCode::kInterrupted);
  EXPECT_EQ(why, "interrupted");
  EXPECT_TRUE(errors.empty());  // that they were stopped need not be said by each
}

TEST_F(Launching, WhatAllSayOfAConfigIsShownOnce) {
  settings.grace_s = 10;
  for (int i = 0; i < 3; ++i) add_listener("echo 'error: bad config' >&2; exit 2");
  EXPECT_EQ(run(), ExitCode::kUsage);
  EXPECT_EQ(errors.size(), 1);
}

TEST_F(Launching, WhoIsNotReadyInTimeIsNamed) {
  settings.start_limit_s = 0.2;
  add_listener("");
  add("exec cat");
  parts.back().variables = Variables{};
  EXPECT_EQ(run(), ExitCode::kPeer);
  EXPECT_THAT(why, HasSubstr("part 1 did not start within"));
}

TEST_F(Launching, AHostIsNotOverrunWithCallers) {
  const std::string door = (folder_ / "door").string();
  std::filesystem::create_directory(door);
  for (int i = 0; i < 30; ++i) {
    add("touch '" + door + "'/$$; ls '" + door + "' | wc -l; rm '" + door +
        "'/$$; echo KITH_READY");
    parts.back().variables = Variables{};
  }
  EXPECT_EQ(run(), ExitCode::kDone);
  ASSERT_EQ(output.size(), 30);
  for (const std::string& line : output) {
    EXPECT_LE(std::stoi(line.substr(line.find(' '))), 8) << line;
  }
}

TEST_F(Launching, AProgramThatIsNotThereIsAnError) {
  parts.push_back({"0", "part 0", "", {"/no/such/program"}, std::nullopt});
  EXPECT_EQ(run(), ExitCode::kResource);
  EXPECT_THAT(why, HasSubstr("/no/such/program"));
}

}  // namespace
}  // namespace kith
