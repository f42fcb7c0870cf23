#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "dataset/dataset.h"

namespace kith {

/// A dataset from JSON.
inline Blueprint<Dataset> dataset_of(const std::string& json) {
  return Dataset::registry().read(
      Config::parse("{\"dataset\":" + json + "}", "run.json").at("dataset"));
}

inline Blueprint<Partitioner> partition_of(const std::string& json) {
  return Partitioner::registry().read(
      Config::parse("{\"partition\":" + json + "}", "run.json").at("partition"));
}

/// The data of one node with seed 1.
inline Data load(const std::string& json) { return load_data(dataset_of(json), 1, 1); }

/// All features of `samples`.
inline std::vector<float> features_of(const Samples& samples) {
  std::vector<float> features(samples.size() * samples.sample_size());
  samples.gather(all_indices(samples.size()), features);
  return features;
}

/// The message of the `Kind` of error that `run` ends with.
template <class Kind, class Run>
std::string message_of(Run run) {
  try {
    run();
    return "no error";
  } catch (const Kind& error) {
    return error.what();
  }
}

/// A test with a folder of its own, gone with it. `@` in the JSON it loads stands for that folder,
/// and is left out of messages.
class WithFolder : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  std::filesystem::path write_gzip(const std::string& name, const std::string& bytes) {
    const gzFile file = gzopen((folder_ / name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return folder_ / name;
  }

  static std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
      text.replace(at, what.size(), by);
    }
    return text;
  }

  Data load_here(const std::string& json) { return load(replaced(json, "@", folder_.string())); }

  template <class Kind = InputError>
  std::string message_here(const std::string& json) {
    return replaced(message_of<Kind>([&] { load_here(json); }), folder_.string() + '/', "");
  }

  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      (std::string("kith_") +
       ::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() + '_' +
       ::testing::UnitTest::GetInstance()->current_test_info()->name() + '_' +
       std::to_string(::getpid()));
};

}  // namespace kith
