#include "fuzz/input.h"

/// Every codec of bytes: what is encoded comes back, and is no longer than promised; nothing longer
/// than asked for is decoded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith;
  static const auto codecs = [] {
    std::vector<std::unique_ptr<const ByteCodec>> made;
    for (const char* json : {R"("lz4")", R"({"type": "lz4", "shuffle": false})", R"("zstd")",
                             R"({"type": "zstd", "level": 4})"}) {
      made.push_back(ByteCodec::registry().read(Config::parse(json, "fuzz")).make());
    }
    return made;
  }();
  fuzz::Input input(data, size);
  const ByteCodec& codec = *codecs[input.byte() % codecs.size()];
  const int word = 1 << input.byte() % 3;
  const std::size_t most = 1 + input.number(2);
  Bytes code(input.rest().begin(), input.rest().end());
  if (input.byte() % 2 == 1 && !input.empty()) {
    const Bytes bytes(input.rest().begin(), input.rest().end());
    code.clear();
    codec.encode(bytes, word, code);
    fuzz::require(code.size() <= codec.most(bytes.size()), "codes are as short as promised");
    Bytes back;
    codec.decode(code, word, bytes.size(), back);
    fuzz::require(back == bytes, "bytes come back");
    code = fuzz::spoiled(std::move(code), input);
  }
  Bytes out;
  try {
    codec.decode(code, word, most, out);
    fuzz::require(!out.empty() && out.size() <= most, "no more is decoded than asked for");
  } catch (const CorruptError&) {
  }
  return 0;
}
