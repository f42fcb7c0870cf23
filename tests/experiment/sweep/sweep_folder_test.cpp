#include "experiment/sweep/sweep_folder.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "core/text.h"
#include "support/folder.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

class SweepFolders : public WithFolder {
 protected:
  SweepFolders() {
    run.name = "a-seed1";
    run.config = config(2);
  }

  RunConfig config(int rounds) const {
    const fs::path file =
        write("gossip.json", R"({ "nodes": 4, "rounds": )" + std::to_string(rounds) +
                                 R"(, "graph": "ring", "model": {"type": "vector", "size": 2} })");
    return RunConfig::read(Config::load(file));
  }

  /// A run of that config that came to that end.
  void leave(const RunConfig& config, const std::string& status) const {
    write("sweep/runs/a-seed1/config.json", json_pretty(config.json()));
    write("sweep/runs/a-seed1/summary.json", "{\"status\": \"" + status + "\"}");
  }

  PlannedRun run;
  const fs::path place = folder_ / "sweep";
};

TEST_F(SweepFolders, ARunIsThereWhenItsSummarySaysSoOfTheSameConfig) {
  const SweepFolder folder(place);
  EXPECT_FALSE(folder.has(run));
  fs::create_directories(folder.path_of(run));
  EXPECT_FALSE(folder.has(run)) << "an empty folder";
  leave(run.config, "interrupted");
  EXPECT_FALSE(folder.has(run)) << "a run that was interrupted";
  leave(config(3), "done");
  EXPECT_FALSE(folder.has(run)) << "a run of other rounds";
  leave(run.config, "done");
  EXPECT_TRUE(folder.has(run));
  write("sweep/runs/a-seed1/summary.json", "{\"status\": \"do");
  EXPECT_FALSE(folder.has(run)) << "a torn summary";
}

TEST_F(SweepFolders, WhatIsNotOfThisConfigIsKeptUnderAnotherName) {
  const SweepFolder folder(place);
  leave(run.config, "failed");
  folder.prepare(run);
  EXPECT_FALSE(fs::exists(folder.path_of(run)));
  EXPECT_FALSE(fs::exists(place / "runs/a-seed1.old"));
  for (const char* name : {"runs/a-seed1.old", "runs/a-seed1.old2"}) {
    leave(config(3), "done");
    const fs::path file = folder.prepare(run);
    EXPECT_TRUE(fs::exists(place / name / "summary.json"));
    EXPECT_EQ(RunConfig::read(Config::load(file)).json(), run.config.json());
  }
}

TEST_F(SweepFolders, OneProgramAtATimeWorksInIt) {
  const SweepFolder folder(place);
  EXPECT_THAT(message_of<ResourceError>([&] { SweepFolder again(place); }),
              HasSubstr("another sweep is at work there"));
}

TEST_F(SweepFolders, AreNotMadeInsideARun) {
  write("sweep/config.json", "{}");
  EXPECT_THAT(message_of<ConfigError>([&] { SweepFolder folder(place); }),
              HasSubstr("already holds a run"));
}

}  // namespace
}  // namespace kith
