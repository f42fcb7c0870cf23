#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file_check.h"
#include "core/json_depth.h"
#include "core/json_object.h"
#include "core/text.h"
#include "model/safetensors.h"

namespace kith {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return json_array(shape, [](std::int64_t side) { return std::to_string(side); });
}

json member(const json& value, const char* name) {
  return value.is_object() && value.contains(name) ? value[name] : json();
}

/// An array of `count` non-negative integers (any number of them for −1), or nothing.
std::optional<std::vector<std::int64_t>> integers(const json& value, int count) {
  if (!value.is_array() || (count >= 0 && value.size() != static_cast<std::size_t>(count))) {
    return std::nullopt;
  }
  std::vector<std::int64_t> numbers;
  for (const json& element : value) {
    if (!element.is_number_integer() || element.get<std::int64_t>() < 0) return std::nullopt;
    numbers.push_back(element.get<std::int64_t>());
  }
  return numbers;
}

}  // namespace

SafetensorsFile::SafetensorsFile(fs::path file) : file_(std::move(file)) {
  if (const auto reason = why_unreadable(file_, "safetensors file")) fail(*reason);
  const std::uint64_t size = fs::file_size(file_);
  std::ifstream stream(file_, std::ios::binary);

  std::uint64_t header_size = 0;
  if (size < sizeof header_size) fail("is too short for a safetensors file");
  stream.read(reinterpret_cast<char*>(&header_size), sizeof header_size);
  if (header_size > size - sizeof header_size) {
    fail("is truncated, or no safetensors file: its header would have " +
         std::to_string(header_size) + " bytes, and the file has " + std::to_string(size));
  }
  constexpr std::uint64_t kLargestHeader = 100'000'000;  // as the format has it
  if (header_size > kLargestHeader) fail("has a header of more than 100 MB");
  std::string text(header_size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(header_size));
  json header;
  try {
    header = json::parse(text, limit_depth, /*allow_exceptions=*/false);
  } catch (const JsonTooDeep& too_deep) {
    fail(std::string("its header ") + too_deep.what());
  }
  if (!header.is_object()) fail("has no JSON header: not a safetensors file");

  const std::uint64_t data = sizeof header_size + header_size;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const json type = member(entry, "dtype");
    const auto shape = integers(member(entry, "shape"), -1);
    const auto range = integers(member(entry, "data_offsets"), 2);
    if (!type.is_string() || !shape || !range) {
      fail("tensor " + json_string(name) + " has no valid dtype, shape and data_offsets");
    }
    const auto begin = static_cast<std::uint64_t>((*range)[0]);
    const auto end = static_cast<std::uint64_t>((*range)[1]);
    if (begin > end || end > size - data) {
      fail("is truncated: the data of tensor " + json_string(name) + " lies beyond its end");
    }
    tensors_[name] = {type, *shape, data + begin, end - begin};
  }
}

void SafetensorsFile::check(const ParameterLayout& layout, const std::string& prefix) const {
  for (const auto& wanted : layout.tensors) {
    const auto found = tensors_.find(prefix + wanted.name);
    if (found == tensors_.end()) fail("has no tensor " + json_string(prefix + wanted.name));
    const Tensor& tensor = found->second;
    const std::string subject = "tensor " + json_string(found->first);
    if (tensor.type != "F32") {
      fail(subject + " is of type " + json_string(tensor.type) + ", and only \"F32\" is read");
    }
    if (tensor.shape != wanted.shape) {
      fail(subject + " has the shape " + shape_text(tensor.shape) + ", and the model's has " +
           shape_text(wanted.shape));
    }
    if (tensor.bytes != wanted.size * sizeof(float)) {
      fail(subject + " has " + count_of(tensor.bytes, "byte") + " of data, and its shape takes " +
           std::to_string(wanted.size * sizeof(float)));
    }
  }
}

void SafetensorsFile::read(const ParameterLayout& layout, const std::string& prefix,
                           ArrayView x) const {
  check(layout, prefix);
  std::ifstream stream(file_, std::ios::binary);
  for (const auto& wanted : layout.tensors) {
    const Tensor& tensor = tensors_.at(prefix + wanted.name);
    stream.seekg(static_cast<std::streamoff>(tensor.offset));
    stream.read(reinterpret_cast<char*>(x.data + wanted.offset),
                static_cast<std::streamsize>(tensor.bytes));
    if (!stream) fail("cannot be read to its end");
  }
}

void SafetensorsFile::fail(const std::string& what) const {
  throw InputError(file_.string() + ": " + what);
}

void write_safetensors(const fs::path& file, const ParameterLayout& layout,
                       const std::vector<std::int32_t>& uids,
                       const std::function<ConstArrayView(std::int32_t)>& x) {
  JsonObject header;
  header.raw("__metadata__", R"({"format": "pt"})");
  std::uint64_t offset = 0;
  for (const std::int32_t uid : uids) {
    for (const auto& tensor : layout.tensors) {
      const std::uint64_t end = offset + tensor.size * sizeof(float);
      header.raw("node." + std::to_string(uid) + '.' + tensor.name,
                 JsonObject()
                     .add("dtype", "F32")
                     .raw("shape", shape_text(tensor.shape))
                     .raw("data_offsets", json_array(std::array{offset, end},
                                                     [](auto at) { return std::to_string(at); }))
                     .str());
      offset = end;
    }
  }
  std::string text = header.str();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = text.size();

  const fs::path partial = file.string() + ".partial";
  std::ofstream stream(partial, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(&size), sizeof size);
  stream << text;
  for (const std::int32_t uid : uids) {
    const ConstArrayView vector = x(uid);
    stream.write(reinterpret_cast<const char*>(vector.data),
                 static_cast<std::streamsize>(vector.size * sizeof(float)));
  }
  stream.close();
  std::error_code error;
  if (stream) fs::rename(partial, file, error);
  if (!stream || error) {
    fs::remove(partial, error);
    throw ResourceError(file.string() + ": cannot be written; is the disk full?");
  }
}

}  // namespace kith
