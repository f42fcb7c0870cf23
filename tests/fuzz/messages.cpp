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
  Bytes head(way / 4 % 4);
  Bytes code(input.rest().begin(), input.rest().end());
  if (way % 2 == 1) {
    const Indices indices = fuzz::made_up_indices(input, d);
    std::vector<float> values(indices.size());
    for (float& value : values) value = static_cast<float>(input.byte()) - 128;
    const Body body = codec.encode(indices, view(values), d, head);
    Sparse back;
    codec.decode(0, body, d, back, head);
    fuzz::require(back.indices == indices, "coordinates come back");
    fuzz::require(!codec.lossless() || back.values == values, "numbers come back");
    code = fuzz::spoiled(Bytes(body.coded().begin(), body.coded().end()), input);
  }
  try {
    if (way % 8 == 7) {
      // A compressor's: so many indices and values, or at most so many.
      const Form form{d % 64, way % 16 == 15 ? 0 : d % 64, head.size(), 0,
                      way % 16 != 15 && way % 3 == 0};
      Compressed message;
      codec.decode(0, Body(code), form, d, message);
      fuzz::require(form.values == 0 || message.indices.size() == message.values.size(),
                    "a number for each coordinate");
      fuzz::require(message.indices.size() <= form.indices, "no more coordinates than there can be");
    } else if (way % 4 < 2) {
      Sparse sparse;
      codec.decode(0, Body(code), d, sparse, head);
      fuzz::require(sparse.indices.size() == sparse.values.size(), "a number for each coordinate");
      for (const float value : sparse.values) fuzz::require(std::isfinite(value), "finite numbers");
    } else {
      std::vector<float> values(d % 256);
      codec.decode(0, Body(code), view(values), head);
      for (const float value : values) fuzz::require(std::isfinite(value), "finite numbers");
    }
  } catch (const PeerError&) {
  }
  return 0;
}
