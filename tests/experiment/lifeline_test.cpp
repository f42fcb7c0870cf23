#include "experiment/lifeline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

namespace kith {
namespace {

/// Follows a launcher that says `words` and then, where it `leaves`, is gone.
void hear(std::string_view words, bool leaves) {
  int ends[2];
  if (pipe(ends) != 0) _exit(1);
  follow_launcher(ends[0]);
  if (write(ends[1], words.data(), words.size()) < 0) _exit(1);
  if (leaves) close(ends[1]);
  for (;;) pause();
}

TEST(Lifeline, SignalsArePassedOn) {
  EXPECT_EXIT(hear("signal 2\n", false), testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(hear("signal 15\n", false), testing::KilledBySignal(SIGTERM), "");
}

TEST(Lifeline, TheEndOfTheLauncherIsASignal) {
  EXPECT_EXIT(hear("", true), testing::KilledBySignal(SIGTERM), "");
}

TEST(Lifeline, WhoIgnoresASignalEndsWithTheLauncher) {
  const auto ignore = [] {
    std::signal(SIGINT, SIG_IGN);
    hear("signal 2\n", true);
  };
  EXPECT_EXIT(ignore(), testing::ExitedWithCode(130), "");
}

TEST(Lifeline, OtherWordsMeanNothing) {
  EXPECT_EXIT(hear("signal 9\nsignal\nhello\nsignal 15\n", false), testing::KilledBySignal(SIGTERM),
              "");
}

}  // namespace
}  // namespace kith
