#include "dataset/idx.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>

#include "core/text.h"
#include "dataset/input_file.h"

namespace kith {
namespace {

/// No file of this format is larger.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 48;

/// "00 00 08 03"
std::string hex(std::span<const std::uint8_t> bytes) {
  std::vector<std::string> words;
  for (const std::uint8_t byte : bytes) {
    char word[3];
    std::snprintf(word, sizeof word, "%02X", unsigned{byte});
    words.emplace_back(word);
  }
  return join(words, " ");
}

/// "60000 images of 28 x 28"
std::string words_for(const std::vector<std::uint32_t>& extents, const std::string& things) {
  std::string text = std::to_string(extents[0]) + ' ' + things;
  for (std::size_t i = 1; i < extents.size(); ++i) {
    text += (i == 1 ? " of " : " x ") + std::to_string(extents[i]);
  }
  return text;
}

/// The product; nothing when it is beyond all files.
std::optional<std::size_t> product(const std::vector<std::uint32_t>& extents) {
  std::uint64_t product = 1;
  for (const std::uint32_t extent : extents) {
    if (product > kMostBytes / extent) return std::nullopt;
    product *= extent;
  }
  return static_cast<std::size_t>(product);
}

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

std::vector<std::uint32_t> read_extents(InputFile& file, std::size_t dimensions,
                                        const std::string& things) {
  const std::size_t header_bytes = 4 + 4 * dimensions;
  const std::vector<std::uint8_t> header = file.read_up_to(header_bytes);
  const std::uint8_t magic[] = {0, 0, 8 /* unsigned bytes */,
                                static_cast<std::uint8_t>(dimensions)};
  const std::size_t known = std::min<std::size_t>(header.size(), 4);
  if (!std::equal(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(known), magic)) {
    file.fail("is not an IDX file of " + things + ": it begins with " +
              hex(std::span(header).first(known)) + ", expected " + hex(magic));
  }
  if (header.size() < header_bytes) {
    file.fail("truncated: the header of an IDX file of " + things + " has " +
              std::to_string(header_bytes) + " bytes, but it has " +
              count_of(header.size(), "byte"));
  }
  std::vector<std::uint32_t> extents;
  for (std::size_t i = 1; i <= dimensions; ++i) {
    extents.push_back(big_endian(std::span(header).subspan(4 * i, 4)));
  }
  return extents;
}

}  // namespace

Idx read_idx(const std::filesystem::path& path, std::size_t dimensions, const std::string& things) {
  InputFile file(path);
  Idx idx{read_extents(file, dimensions, things), {}};
  const std::string promise = "its header promises " + words_for(idx.extents, things);
  if (std::ranges::find(idx.extents, 0u) != idx.extents.end()) {
    file.fail(promise + ", expected at least one of each");
  }
  const auto size = product(idx.extents);
  if (!size) file.fail(promise + ", more than a file can hold");

  idx.bytes = file.read_up_to(*size);
  const std::size_t header_bytes = 4 + 4 * dimensions;
  const std::string promised_bytes = " (" + std::to_string(header_bytes + *size) + " bytes)";
  if (idx.bytes.size() < *size) {
    file.fail("truncated: " + promise + promised_bytes + " but it has " +
              count_of(header_bytes + idx.bytes.size(), "byte"));
  }
  if (!file.read_up_to(1).empty()) {
    file.fail(promise + promised_bytes + " but it has more; is it the right file?");
  }
  file.check_not_cut_short();
  return idx;
}

}  // namespace kith
