#pragma once

#include <cstdio>
#include <cstdlib>

#include "compression/codec_testing.h"

namespace kith::fuzz {

/// What the fuzzer made up, taken from the front; zeros when nothing is left.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const std::byte*>(data), size) {}

  bool empty() const { return rest_.empty(); }

  std::uint32_t byte() {
    if (rest_.empty()) return 0;
    const auto byte = std::to_integer<std::uint32_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return byte;
  }

  std::uint32_t number(int bytes) {
    std::uint32_t number = 0;
    for (; bytes > 0; --bytes) number = number << 8 | byte();
    return number;
  }

  ByteView rest() const { return rest_; }

 private:
  ByteView rest_;
};

/// Overwrites bytes of a right code where the input says, and cuts it: that gets behind checks
/// which a made-up code does not pass, such as those for the first bytes of a Zstandard frame.
inline Bytes spoiled(Bytes code, Input& input) {
  for (std::uint32_t times = input.byte() % 4; times > 0 && !code.empty(); --times) {
    const std::uint32_t place = input.number(2) % static_cast<std::uint32_t>(code.size());
    code[place] = static_cast<std::byte>(input.byte());
  }
  if (input.byte() % 4 == 0) code.resize(input.number(2) % (code.size() + 1));
  return code;
}

/// Ends the process, as the sanitizers do.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// The codecs that `json` names, made once.
template <class Numbers>
std::vector<std::unique_ptr<const Numbers>> codecs_of(const std::vector<std::string>& json) {
  std::vector<std::unique_ptr<const Numbers>> codecs;
  for (const std::string& codec : json) codecs.push_back(codec_of<Numbers>(codec));
  return codecs;
}

inline Indices made_up_indices(Input& input, std::uint32_t d) {
  Indices indices;
  std::uint64_t next = 0;
  for (std::uint32_t count = input.byte(); count > 0; --count) {
    const std::uint32_t skipped = input.byte();
    next += skipped < 250 ? skipped / 4 : input.number(4);
    if (next >= d) break;
    indices.push_back(static_cast<std::uint32_t>(next++));
  }
  return indices;
}

inline std::vector<float> made_up_values(Input& input) {
  std::vector<float> values(input.byte());
  for (float& value : values) value = std::bit_cast<float>(input.number(4));
  return values;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  const auto bits = [](float x) { return std::bit_cast<std::uint32_t>(x); };
  return std::ranges::equal(a, b, {}, bits, bits);
}

}  // namespace kith::fuzz
