#include "model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>

#include "core/error.h"
#include "support/folder.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using Numbers = std::vector<float>;

ParameterLayout two_tensors() {
  ParameterLayout layout;
  layout.add("layers.0.weight", {2, 3});
  layout.add("layers.0.bias", {2});
  return layout;
}

/// Eight bytes of length, little-endian, then the header and the data.
std::string file_of(const std::string& header, const Numbers& data = {}) {
  std::string bytes(8 + header.size() + data.size() * sizeof(float), '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> 8 * i);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  std::ranges::copy(std::as_bytes(std::span(data)),
                    reinterpret_cast<std::byte*>(bytes.data() + 8 + header.size()));
  return bytes;
}

class Safetensors : public WithFolder {
 protected:
  Numbers read(const std::string& bytes, const ParameterLayout& layout,
               const std::string& prefix = "") {
    const SafetensorsFile file(write("x.safetensors", bytes));
    Numbers x(layout.size);
    file.read(layout, prefix, {x.data(), x.size(), {}});
    return x;
  }

  /// With what message a model of one tensor "x" of the shape [2] refuses a file.
  std::string refusal(const std::string& bytes) {
    ParameterLayout layout;
    layout.add("x", {2});
    return replaced(message_of<InputError>([&] { read(bytes, layout); }), folder_.string() + '/',
                    "");
  }

  std::string refusal_of_header(const std::string& header) {
    return refusal(file_of(header, {1, 2}));
  }

  /// The tensor "x" with members of its own in place of these.
  std::string refusal_of_tensor(const std::string& tensor) {
    return refusal_of_header("{\"x\": " + tensor + "}");
  }
};

TEST_F(Safetensors, GiveBackWhatWasWritten) {
  const ParameterLayout layout = two_tensors();
  const Numbers nodes[] = {
      {1, 2, 3, 4, 5, 6, 7, 8},
      {-0.0f, 1e-45f, 3e38f, std::numeric_limits<float>::infinity(), 0, 1, 2, -3}};
  const auto path = folder_ / "final.safetensors";
  write_safetensors(path, layout, {4, 11}, [&](std::int32_t uid) -> ConstArrayView {
    const Numbers& x = nodes[uid == 11];
    return {x.data(), x.size(), {}};
  });
  const SafetensorsFile file(path);
  EXPECT_TRUE(file.has("node.4.layers.0.weight"));
  EXPECT_TRUE(file.has("node.11.layers.0.bias"));
  EXPECT_FALSE(file.has("node.1.layers.0.bias"));
  EXPECT_FALSE(file.has("__metadata__"));
  Numbers x(layout.size);
  file.read(layout, "node.4.", {x.data(), x.size(), {}});
  EXPECT_EQ(x, nodes[0]);
  file.read(layout, "node.11.", {x.data(), x.size(), {}});
  EXPECT_EQ(std::memcmp(x.data(), nodes[1].data(), x.size() * sizeof(float)), 0);
}

// {"__metadata__": {"format": "pt"}, "node.0.x": {"dtype": "F32", "shape": [2],
// "data_offsets": [0, 8]}} and spaces up to a multiple of 8, as the Python package reads it.
TEST_F(Safetensors, AreWrittenAsTheFormatAsks) {
  ParameterLayout layout;
  layout.add("x", {2});
  const Numbers x{1, -2};
  const auto path = folder_ / "final.safetensors";
  write_safetensors(path, layout, {0}, [&](auto) { return ConstArrayView{x.data(), 2, {}}; });
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  std::string header = R"({"__metadata__": {"format": "pt"}, )"
                       R"("node.0.x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})";
  while (header.size() % 8 != 0) header += ' ';
  EXPECT_EQ(bytes, file_of(header, x));
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".partial"));
}

TEST_F(Safetensors, AreReadByNameInAnyOrderPastWhatIsNotAskedFor) {
  const std::string header =
      R"({"__metadata__": {"note": "ours"},
          "step": {"dtype": "I64", "shape": [], "data_offsets": [0, 8]},
          "layers.0.bias": {"dtype": "F32", "shape": [2], "data_offsets": [32, 40]},
          "layers.0.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [8, 32]}})";
  EXPECT_THAT(read(file_of(header, {0, 0, 1, 2, 3, 4, 5, 6, 7, 8}), two_tensors()),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(Safetensors, HoldScalars) {
  ParameterLayout layout;
  layout.add("x", {});
  EXPECT_THAT(
      read(file_of(R"({"x": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}})", {5}), layout),
      ElementsAre(5));
}

TEST_F(Safetensors, AMissingFileIsNamed) {
  const auto open = [](const std::filesystem::path& path) {
    return message_of<InputError>([&] { SafetensorsFile file(path); });
  };
  EXPECT_EQ(open("no/such.safetensors"), "no/such.safetensors: cannot be read; is the path right?");
  EXPECT_EQ(open(folder_), folder_.string() + ": is a folder, not a safetensors file");
}

TEST_F(Safetensors, AFileThatIsTooShortIsRefused) {
  EXPECT_EQ(refusal(""), "x.safetensors: is too short for a safetensors file");
  EXPECT_EQ(refusal("1234567"), "x.safetensors: is too short for a safetensors file");
  const auto truncated = [](const std::string& header, const std::string& file) {
    return "x.safetensors: is truncated, or no safetensors file: its header would have " + header +
           " bytes, and the file has " + file;
  };
  EXPECT_EQ(refusal(std::string(7, '\0') + '\x80'), truncated("9223372036854775808", "8"));
  EXPECT_EQ(refusal(std::string(8, '\xff') + "{}"), truncated("18446744073709551615", "10"));
  EXPECT_EQ(refusal(file_of("{}").substr(0, 9)), truncated("2", "9"));
  EXPECT_EQ(
      refusal(file_of(R"({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", {1})),
      "x.safetensors: is truncated: the data of tensor \"x\" lies beyond its end");
}

TEST_F(Safetensors, AHeaderThatIsNoJsonObjectIsRefused) {
  const std::string message = "x.safetensors: has no JSON header: not a safetensors file";
  for (const std::string header :
       {"", "PK\x03\x04 and so on", "[]", "{\"x\": ", "{} {}", "{\"\xff\": 1}", "{\"x\": 1e999}"}) {
    EXPECT_EQ(refusal_of_header(header), message) << header;
  }
  EXPECT_EQ(refusal_of_header(std::string(100'000, '[')),
            "x.safetensors: its header is nested more than 100 levels deep");
}

TEST_F(Safetensors, ATensorWithoutItsThreeMembersIsRefused) {
  const std::string message =
      "x.safetensors: tensor \"x\" has no valid dtype, shape and data_offsets";
  for (const std::string tensor : {
           "null",
           "7",
           "[]",
           "{}",
           R"({"shape": [2], "data_offsets": [0, 8]})",
           R"({"dtype": 5, "shape": [2], "data_offsets": [0, 8]})",
           R"({"dtype": "F32", "data_offsets": [0, 8]})",
           R"({"dtype": "F32", "shape": 2, "data_offsets": [0, 8]})",
           R"({"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]})",
           R"({"dtype": "F32", "shape": [2.0], "data_offsets": [0, 8]})",
           R"({"dtype": "F32", "shape": ["2"], "data_offsets": [0, 8]})",
           R"({"dtype": "F32", "shape": [2]})",
           R"({"dtype": "F32", "shape": [2], "data_offsets": [0]})",
           R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 16]})",
           R"({"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]})",
           R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 1e1]})",
           R"({"dtype": "F32", "shape": [2], "data_offsets": [18446744073709551608, 0]})",
       }) {
    EXPECT_EQ(refusal_of_tensor(tensor), message) << tensor;
  }
}

TEST_F(Safetensors, OffsetsBeyondTheFileAreRefused) {
  const std::string message =
      "x.safetensors: is truncated: the data of tensor \"x\" lies beyond its end";
  for (const std::string offsets : {"[0, 12]", "[8, 16]", "[4, 0]", "[0, 9223372036854775807]",
                                    "[9223372036854775800, 9223372036854775807]"}) {
    EXPECT_EQ(
        refusal_of_tensor(R"({"dtype": "F32", "shape": [2], "data_offsets": )" + offsets + "}"),
        message)
        << offsets;
  }
}

TEST_F(Safetensors, OffsetsThatDoNotFitTheShapeAreRefused) {
  EXPECT_EQ(refusal_of_tensor(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]})"),
            "x.safetensors: tensor \"x\" has 4 bytes of data, and its shape takes 8");
  EXPECT_EQ(refusal_of_tensor(R"({"dtype": "F32", "shape": [2], "data_offsets": [8, 8]})"),
            "x.safetensors: tensor \"x\" has 0 bytes of data, and its shape takes 8");
}

TEST_F(Safetensors, AnotherShapeThanTheModelsIsRefused) {
  const auto refusal_of_shape = [&](const std::string& shape) {
    return refusal_of_tensor(R"({"dtype": "F32", "data_offsets": [0, 8], "shape": )" + shape + "}");
  };
  for (const std::string shape :
       {"[2, 1]", "[]", "[8]",
        // Products that are 2 modulo 2^64.
        "[4294967296, 4294967296, 2]", "[9223372036854775807, 9223372036854775807, 2]"}) {
    EXPECT_EQ(refusal_of_shape(shape),
              "x.safetensors: tensor \"x\" has the shape " + shape + ", and the model's has [2]");
  }
}

TEST_F(Safetensors, AnotherTypeThanFloat32IsRefused) {
  EXPECT_EQ(refusal_of_tensor(R"({"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]})"),
            "x.safetensors: tensor \"x\" is of type \"BF16\", and only \"F32\" is read");
}

TEST_F(Safetensors, AMissingTensorIsNamedOnOneLine) {
  EXPECT_EQ(refusal_of_header("{}"), "x.safetensors: has no tensor \"x\"");
  EXPECT_EQ(refusal_of_header(R"({"x\ny": null})"),
            "x.safetensors: tensor \"x\\ny\" has no valid dtype, shape and data_offsets");
}

TEST_F(Safetensors, AFileThatCannotBeWrittenLeavesNothing) {
  ParameterLayout layout;
  layout.add("x", {1});
  const Numbers x{1};
  const std::filesystem::path path = folder_ / "none" / "final.safetensors";
  EXPECT_EQ(
      message_of<ResourceError>([&] {
        write_safetensors(path, layout, {0}, [&](auto) { return ConstArrayView{x.data(), 1, {}}; });
      }),
      path.string() + ": cannot be written; is the disk full?");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

}  // namespace
}  // namespace kith
