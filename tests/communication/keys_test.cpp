#include "communication/keys.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <set>

#include "core/error.h"
#include "support/folder.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::StartsWith;

class KeyFolder : public WithFolder {
 protected:
  static mode_t mode(const fs::path& file) {
    struct stat status {};
    EXPECT_EQ(stat(file.c_str(), &status), 0) << file;
    return status.st_mode & 0777;
  }

  static std::string text(const fs::path& file) {
    std::ostringstream all;
    all << std::ifstream(file).rdbuf();
    return all.str();
  }

  std::string error(int process, int processes) const {
    return message_of<InputError>([&] { read_keys(keys_, process, processes); });
  }

  const fs::path keys_ = folder_ / "a/keys";
};

TEST_F(KeyFolder, HoldsASecretForEachAndWhatAllMayKnow) {
  write_keys(keys_, 3);
  std::set<std::string> secrets;
  for (int process = 0; process < 3; ++process) {
    const ZmqSettings::Keys keys = read_keys(keys_, process, 3);
    EXPECT_EQ(public_curve_key(keys.secret), keys.public_keys[std::size_t(process)]);
    EXPECT_EQ(keys.public_keys.size(), 3u);
    secrets.insert(keys.secret);
  }
  EXPECT_EQ(secrets.size(), 3u);
}

TEST_F(KeyFolder, KeepsSecretsFromOthers) {
  const mode_t before = umask(0);
  write_keys(keys_, 2);
  umask(before);
  EXPECT_EQ(mode(keys_ / "process-0.secret"), 0600u);
  EXPECT_EQ(mode(keys_ / "process-1.secret"), 0600u);
  EXPECT_EQ(mode(keys_ / "public.keys"), 0644u);
  for (const std::string& secret :
       {text(keys_ / "process-0.secret"), text(keys_ / "process-1.secret")}) {
    EXPECT_THAT(text(keys_ / "public.keys"), Not(HasSubstr(secret.substr(0, 40))));
  }
}

TEST_F(KeyFolder, IsRefusedWhenOthersMayReadASecret) {
  write_keys(keys_, 2);
  for (const int mode : {0640, 0604, 0666, 0610}) {
    chmod((keys_ / "process-1.secret").c_str(), static_cast<mode_t>(mode));
    EXPECT_THAT(error(1, 2), HasSubstr("others may read it; chmod 600 it"));
  }
  EXPECT_EQ(error(0, 2), "no error");
}

TEST_F(KeyFolder, IsNeverOverwritten) {
  write_keys(keys_, 2);
  const std::string secret = text(keys_ / "process-0.secret");
  EXPECT_THAT(message_of<ConfigError>([&] { write_keys(keys_, 2); }),
              HasSubstr("already holds keys; choose another folder"));
  EXPECT_EQ(text(keys_ / "process-0.secret"), secret);
  fs::remove(keys_ / "public.keys");
  EXPECT_THAT(message_of<ResourceError>([&] { write_keys(keys_, 2); }),
              HasSubstr("cannot be made"));
  EXPECT_EQ(text(keys_ / "process-0.secret"), secret);
}

TEST_F(KeyFolder, MayHoldMoreKeysThanTheRunNeeds) {
  write_keys(keys_, 5);
  EXPECT_EQ(read_keys(keys_, 1, 2).public_keys.size(), 2u);
  EXPECT_THAT(error(1, 6), HasSubstr("has no key of process 5; this run has 6 processes"));
}

TEST_F(KeyFolder, RevokesAKeyByLeavingItsLineOut) {
  write_keys(keys_, 3);
  const std::string lines = text(keys_ / "public.keys");
  const auto second = lines.find("1 ");
  std::ofstream(keys_ / "public.keys") << lines.substr(0, second) + lines.substr(lines.find("2 "));
  EXPECT_THAT(error(0, 3), HasSubstr("has no key of process 1"));
}

TEST_F(KeyFolder, GivesEveryProcessAKeyOfItsOwn) {
  write_keys(keys_, 2);
  const std::string key = text(keys_ / "public.keys").substr(2, 40);
  std::ofstream(keys_ / "public.keys") << "0 " << key << "\n1 " << key << '\n';
  EXPECT_THAT(error(0, 2),
              HasSubstr("has the key of process 1 twice; every process needs its own"));
}

TEST_F(KeyFolder, HasSecretsThatBelongToThePublicKeys) {
  write_keys(keys_, 2);
  fs::rename(keys_ / "process-1.secret", keys_ / "process-0.secret");
  EXPECT_THAT(error(0, 2), HasSubstr("does not belong to the key that"));
}

TEST_F(KeyFolder, IsReadWithCare) {
  write_keys(keys_, 2);
  std::ofstream(keys_ / "process-0.secret") << "hello\n";
  EXPECT_THAT(error(0, 2), HasSubstr("process-0.secret: is no key of `kith keygen`"));
  std::ofstream(keys_ / "public.keys") << "0\n";
  EXPECT_THAT(error(1, 2), HasSubstr("a line must be a process and its key, got \"0\""));
  std::ofstream(keys_ / "public.keys") << "-1 " << std::string(40, 'a') << '\n';
  EXPECT_THAT(error(1, 2), HasSubstr("a line must be a process and its key"));
  fs::remove(keys_ / "process-1.secret");
  EXPECT_THAT(error(1, 2), HasSubstr("process-1.secret: cannot be read"));
}

}  // namespace
}  // namespace kith
