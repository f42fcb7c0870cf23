#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"
#include "dataset/dataset.h"
#include "support/folder.h"

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

/// A test of files. `@` in the JSON it loads stands for its folder, which is left out of messages.
class WithDataFiles : public WithFolder {
 protected:
  std::filesystem::path write_gzip(const std::string& name, const std::string& bytes) {
    const gzFile file = gzopen((folder_ / name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return folder_ / name;
  }

  Data load_here(const std::string& json) { return load(replaced(json, "@", folder_.string())); }

  template <class Kind = InputError>
  std::string message_here(const std::string& json) {
    return replaced(message_of<Kind>([&] { load_here(json); }), folder_.string() + '/', "");
  }
};

}  // namespace kith
