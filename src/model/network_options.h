#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/fields.h"

namespace kith {

/// Options of the networks, known to builds with and without LibTorch.

struct MlpOptions {
  std::vector<std::int64_t> hidden;

  void fields(Fields& f) {
    f.required("hidden", hidden, "width of each hidden layer",
               Range{.at_least = 1, .at_most = 1e6});
  }
};

struct LeNetOptions {
  std::optional<std::int64_t> channels, size, classes;
  std::string norm = "none";
  std::string variant = "classic";

  void fields(Fields& f) {
    f.optional("channels", channels, "of an image; by default the dataset's");
    f.optional("size", size, "pixels a side; by default the dataset's");
    f.optional("classes", classes, "by default the dataset's");
    f.optional("norm", norm, "none: LeNet-5; group: three convolutions with GroupNorm(2)",
               Choices{{"none", "group"}});
    f.optional("variant", variant, "femnist: 32 and 64 channels, a hidden layer of 512",
               Choices{{"classic", "femnist"}});
    f.check(norm == "none" || variant == "classic", "norm",
            "must be \"none\" with the variant \"femnist\"");
  }
};

}  // namespace kith
