#pragma once

#include <vector>

#include "compression/packing.h"

namespace kith {

/// A codec of numbers, and codecs of bytes through which its bytes go one after another. In a
/// config it is one component, or a list of them.
template <class Numbers>
struct Chain {
  Blueprint<Numbers> numbers;
  std::vector<Blueprint<ByteCodec>> packers;
};

/// Makes the codec that a chain describes.
std::unique_ptr<const IndexCodec> make_codec(const Chain<IndexCodec>& chain);
std::unique_ptr<const ValueCodec> make_codec(const Chain<ValueCodec>& chain);

template <class Numbers>
struct FieldType<Chain<Numbers>> {
  using Value = Chain<Numbers>;

  static void read(const Config& config, Value& value) {
    value.packers.clear();
    if (!config.is_list()) return FieldType<Blueprint<Numbers>>::read(config, value.numbers);
    const std::vector<Config> elements = config.elements();
    if (elements.empty()) config.fail("must name a codec, got []");
    value.numbers = Numbers::registry().read(elements.front());
    for (std::size_t i = 1; i < elements.size(); ++i) {
      value.packers.push_back(ByteCodec::registry().read(elements[i]));
    }
  }

  static std::string json(const Value& value) {
    if (value.packers.empty()) return value.numbers.json();
    std::vector<std::string> elements{value.numbers.json()};
    for (const auto& packer : value.packers) elements.push_back(packer.json());
    return '[' + join(elements, ",") + ']';
  }

  static void describe(const Value&, FieldInfo& info) {
    info.component = Numbers::registry().kind();
    info.more = ByteCodec::registry().kind();
    info.type = info.component + ", or a list of one and of " + info.more + 's';
  }
};

}  // namespace kith
