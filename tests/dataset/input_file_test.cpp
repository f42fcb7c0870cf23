#include "dataset/input_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "dataset/fixtures.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

class InputFileTest : public WithDataFiles {
 protected:
  std::string refusal(const fs::path& path) {
    return replaced(message_of<InputError>([&] { InputFile(path).read_all(); }),
                    folder_.string() + '/', "");
  }
};

std::string text_of(const fs::path& path) {
  const auto bytes = InputFile(path).read_all();
  return {bytes.begin(), bytes.end()};
}

TEST_F(InputFileTest, RawAndGzipReadTheSame) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i);
  EXPECT_EQ(text_of(write("raw", text)), text);
  EXPECT_EQ(text_of(write_gzip("packed", text)), text);
  EXPECT_EQ(text_of(write("empty", "")), "");
}

TEST_F(InputFileTest, ReadsNoMoreThanItsLimit) {
  InputFile file(write("raw", "abcdef"));
  EXPECT_THAT(file.read_up_to(2), ::testing::ElementsAre('a', 'b'));
  EXPECT_TRUE(file.read_up_to(0).empty());
  EXPECT_EQ(file.read_up_to(100).size(), 4u);
  EXPECT_TRUE(file.read_up_to(100).empty());
}

TEST_F(InputFileTest, SaysWhyAPathCannotBeRead) {
  EXPECT_EQ(refusal(folder_ / "none"), "none: no such file; is the path right?");
  EXPECT_EQ(refusal(write("raw", "a") / "below"), "raw/below: no such file; is the path right?");
  fs::create_directory(folder_ / "folder");
  EXPECT_EQ(refusal(folder_ / "folder"), "folder: is a folder, not a file");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder_ / "pipe"), "pipe: is not a regular file");
  fs::create_symlink(folder_ / "loop", folder_ / "loop");
  EXPECT_EQ(refusal(folder_ / "loop"), "loop: cannot be opened: Too many levels of symbolic links");
  EXPECT_EQ(refusal("/proc/self/mem"), "/proc/self/mem: cannot be read: Input/output error");
}

TEST_F(InputFileTest, NoticesGzipDataThatBreaksOff) {
  const fs::path file = write_gzip("packed", std::string(100'000, 'a') + "b");
  for (const std::uintmax_t size : {fs::file_size(file) - 1, std::uintmax_t{20}}) {
    fs::resize_file(file, size);
    EXPECT_EQ(refusal(file), "packed: truncated: its gzip data breaks off; fetch the file again");
  }
}

TEST_F(InputFileTest, NoticesGzipDataThatIsDamaged) {
  const fs::path file = write_gzip("packed", "some text");
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(-8, std::ios::end);  // the checksum
  stream.put('\0');
  stream.close();
  EXPECT_EQ(refusal(file), "packed: damaged gzip data: incorrect data check");
}

}  // namespace
}  // namespace kith
