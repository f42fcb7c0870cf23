#include "experiment/sweep/crew.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <map>

#include "core/error.h"
#include "support/folder.h"

namespace kith {
namespace {

using testing::ElementsAre;

class Crews : public WithFolder {
 protected:
  Crews() {
    std::signal(SIGPIPE, SIG_IGN);
    settings.stop_s = settings.leave_s = 0.2;
    settings.ended = [this](std::size_t number, const Crew::End& end) {
      order.push_back(number);
      ends[number] = end;
    };
  }

  void add(const std::string& script) { commands.push_back({"sh", "-c", script}); }

  ExitCode run() {
    try {
      Crew(settings).run(commands);
      return ExitCode::kDone;
    } catch (const Error& error) {
      return error.code();
    }
  }

  Crew::Settings settings;
  std::vector<std::vector<std::string>> commands;
  std::vector<std::size_t> order;
  std::map<std::size_t, Crew::End> ends;
};

TEST_F(Crews, GoOnWhenOneFails) {
  add("exit 6");
  add("echo 'error: no luck' >&2; exit 4");
  add("kill -9 $$");
  add("exit 0");
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(ends[0].status, 6);
  EXPECT_EQ(ends[1].status, 4);
  EXPECT_EQ(ends[1].error, "no luck");
  EXPECT_EQ(ends[2].status, -9);
  EXPECT_EQ(ends[3].status, 0);
}

TEST_F(Crews, NoMoreWorkAtOnceThanTheyMay) {
  settings.at_once = 2;
  // Each counts who is there while it is; the third begins when one has gone.
  const std::string count = "cd '" + folder_.string() + "'; touch in-$$; ls in-* | wc -l >> seen; ";
  for (int i = 0; i < 6; ++i) add(count + "rm in-$$");
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_EQ(ends.size(), 6u);
  std::ifstream seen(folder_ / "seen");
  int lines = 0;
  for (int there = 0; seen >> there; ++lines) EXPECT_LE(there, 2);
  EXPECT_EQ(lines, 6);
}

TEST_F(Crews, ARunIsToldThatItIsAlone) {
  add("while read -r line && [ -n \"$line\" ]; do export \"$line\"; done; "
      "echo \"error: $KITH_LAUNCHER $KITH_PROCESS of $KITH_PROCESSES\" >&2");
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_EQ(ends[0].error, "stdin 0 of 1");
}

TEST_F(Crews, ASignalIsPassedOnAndNothingStartsAfterIt) {
  const std::string took = (folder_ / "took").string();
  settings.stop_s = 60;
  settings.pending_signal = [&] { return std::filesystem::exists(took) ? SIGINT : 0; };
  add("while read -r line && [ -n \"$line\" ]; do :; done; touch '" + took +
      "'; read -r word; "
      "[ \"$word\" = 'signal 2' ] && touch '" +
      took + "-on'");
  add("touch '" + took + "-late'");
  EXPECT_EQ(run(), ExitCode::kInterrupted);
  EXPECT_TRUE(std::filesystem::exists(took + "-on"));
  EXPECT_FALSE(std::filesystem::exists(took + "-late"));
  EXPECT_TRUE(ends.empty());
}

TEST_F(Crews, WhoIgnoresASignalIsKilledWithAllItStarted) {
  settings.at_once = 2;
  settings.pending_signal = [] { return SIGTERM; };
  for (int i = 0; i < 2; ++i) add("trap '' TERM INT HUP; (read -r never < /dev/zero); exit 0");
  EXPECT_EQ(run(), ExitCode::kTerminated);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Crews, AProgramThatIsNotThereFailsAlone) {
  commands.push_back({"/nowhere/at/all"});
  add("exit 0");
  EXPECT_EQ(run(), ExitCode::kDone);
  EXPECT_EQ(ends[0].status, 127);
  EXPECT_EQ(ends[1].status, 0);
}

}  // namespace
}  // namespace kith
