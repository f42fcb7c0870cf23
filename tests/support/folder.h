#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace kith {

/// The message of the `Kind` of error that `action` ends with.
template <class Kind, class Action>
std::string message_of(Action action) {
  try {
    action();
    return "no error";
  } catch (const Kind& error) {
    return error.what();
  }
}

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// An empty folder for the running test, gone with the object.
class TestFolder {
 public:
  TestFolder() : path_(std::filesystem::path(::testing::TempDir()) / name_of_test()) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }

 private:
  static std::string name_of_test() {
    const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string("kith_") + test->test_suite_name() + '_' + test->name();
    std::ranges::replace(name, '/', '_');
    return name + '_' + std::to_string(getpid());
  }

  std::filesystem::path path_;
};

/// A test with a folder of its own.
class WithFolder : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    return test_folder_.write(name, bytes);
  }

  const TestFolder test_folder_;
  const std::filesystem::path folder_ = test_folder_.path();
};

}  // namespace kith
