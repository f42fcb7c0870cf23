#include "fuzz/input.h"

/// Whole messages, with and without coordinates, of several pairs of codecs: what is encoded comes
/// back, and what is decoded is finite and belongs together.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith;
  static const auto codecs = [] {
    std::vector<std::unique_ptr<const Codec>> made;
    for (const char* json :
         {"{}", R"({"indices": "none"})", R"({"indices": "bitpack"})",
          R"({"indices": "bitpack", "values": "quantization"})",
          R"({"indices": "elias_gamma", "values": "fpzip"})",
          R"({"indices": ["gaps", "zstd"], "values": ["quantization", "lz4"]})"}) {
      made.push_back(std::make_unique<Codec>(codec_options(json)));
    }
    return made;
  }();
  fuzz::Input input(data, size);
  const Codec& codec = *codecs[input.byte() % codecs.size()];
  const std::uint32_t way = input.byte();
  const std::uint32_t d = input.number(2);
  // So many indices and values, or at most so many; or values alone, or indices.
  const std::size_t head = way / 4 % 4, count = way % 16 < 8 ? d : d % 64;
  const bool no_values = way % 32 == 31;
  const Form form{head, way / 64 % 4, way % 8 == 7 ? 0 : count, no_values ? 0 : count,
                  way % 3 == 0 && !no_values};
  Bytes code(input.rest().begin(), input.rest().end());
  if (way % 2 == 1) {
    const Indices indices = fuzz::made_up_indices(input, d);
    std::vector<float> values(indices.size());
    for (float& value : values) value = static_cast<float>(input.byte()) - 128;
    const std::vector<std::uint8_t> front(head, 7);
    const Body body = in_bytes(codec, message(indices, values, front), sparse_form(d, head), d);
    Compressed back;
    codec.decode(0, body, sparse_form(d, head), d, back);
    fuzz::require(back.indices == indices && back.head == front, "coordinates come back");
    fuzz::require(!codec.lossless() || back.values == values, "numbers come back");
    code = fuzz::spoiled(Bytes(body.coded().begin(), body.coded().end()), input);
  }
  try {
    Compressed message;
    codec.decode(0, Body(code), form, d, message);
    const std::size_t fewer = form.indices - message.indices.size();
    fuzz::require(fewer == 0 || (form.at_most && fewer <= form.indices), "as many coordinates");
    fuzz::require(message.values.size() == form.values - fewer, "as many numbers");
    for (const float value : message.values) fuzz::require(std::isfinite(value), "finite numbers");
    std::vector<float> values(d % 256);
    codec.decode(0, Body(code), view(values));
    for (const float value : values) fuzz::require(std::isfinite(value), "finite numbers");
  } catch (const PeerError&) {
  }
  return 0;
}
