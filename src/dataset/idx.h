#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kith {

/// An array of bytes from an IDX file, the format of MNIST and its family.
struct Idx {
  std::vector<std::uint32_t> extents;  ///< all positive
  std::vector<std::uint8_t> bytes;     ///< as many as the product of the extents
};

/// Reads a file (raw or gzip) of unsigned bytes with `dimensions` dimensions; `things` is what the
/// first of them counts, for messages. Never reads more than the header promises, plus one byte.
/// Throws InputError.
Idx read_idx(const std::filesystem::path& path, std::size_t dimensions, const std::string& things);

}  // namespace kith
