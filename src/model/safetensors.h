#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/array.h"
#include "core/layout.h"

namespace kith {

/// Reads float32 tensors from a safetensors file (huggingface.co/docs/safetensors: eight bytes of
/// header length, a JSON header, raw little-endian data). Nothing in the file is believed before it
/// was checked against the file's own size.
class SafetensorsFile {
 public:
  /// Throws InputError naming the file and what is wrong with it.
  explicit SafetensorsFile(std::filesystem::path file);

  bool has(const std::string& name) const { return tensors_.contains(name); }

  /// Throws InputError unless `prefix` + the name of every tensor of `layout` is there, in its
  /// shape.
  void check(const ParameterLayout& layout, const std::string& prefix) const;

  /// Reads `prefix` + the name of every tensor of `layout` into the flat vector `x`.
  void read(const ParameterLayout& layout, const std::string& prefix, ArrayView x) const;

 private:
  struct Tensor {
    std::string type;
    std::vector<std::int64_t> shape;
    std::uint64_t offset = 0;  // in the file
    std::uint64_t bytes = 0;
  };

  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path file_;
  std::map<std::string, Tensor> tensors_;
};

/// Writes the parameters of several nodes, tensors named `node.<uid>.<parameter>`; `x`, called once
/// for each in their order, gives the flat vector of a node. The file appears whole or not at all.
/// Throws ResourceError.
void write_safetensors(const std::filesystem::path& file, const ParameterLayout& layout,
                       const std::vector<std::int32_t>& uids,
                       const std::function<ConstArrayView(std::int32_t uid)>& x);

}  // namespace kith
