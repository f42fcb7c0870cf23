#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "bench/harness.h"
#include "compression/chain.h"
#include "core/random.h"

/// How fast indices and numbers become bytes and come back, on one core, through the interfaces
/// that sharing methods use: million indices a second, and GB of float32 a second; beside copying
/// them with memcpy, and, for indices, beside an Elias gamma coder that goes bit by bit.
///
/// The indices are random subsets of a million coordinates, the next of sixteen at each call, so
/// that the processor cannot learn one by heart; they are in its caches, where a selection has left
/// them.
namespace kith::bench {
namespace {

constexpr std::uint32_t kSize = 1'000'000;  // d
constexpr std::size_t kSets = 16;

using Indices = std::vector<std::uint32_t>;

std::vector<Indices> random_sets(double density) {
  Random random(1, Purpose::kSharing);
  std::vector<Indices> sets(kSets);
  for (Indices& indices : sets) {
    for (std::uint32_t i = 0; i < kSize; ++i) {
      if (random.uniform_float() < density) indices.push_back(i);
    }
  }
  return sets;
}

/// What one writes first: Elias gamma, one bit at a time.
void encode_by_bits(IndexView indices, Bytes& out) {
  std::size_t size = 0;
  const auto put = [&](bool bit) {
    if (size % 8 == 0) out.push_back(std::byte{0});
    if (bit) out.back() |= std::byte{0x80} >> (size % 8);
    ++size;
  };
  std::uint32_t before = ~0u;
  for (const std::uint32_t index : indices) {
    const std::uint32_t gap = index - before;
    const int digits = std::bit_width(gap);
    for (int k = 1; k < digits; ++k) put(false);
    for (int k = digits - 1; k >= 0; --k) put((gap >> k & 1) != 0);
    before = index;
  }
}

void decode_by_bits(ByteView code, Indices& out) {
  std::size_t at = 0;
  const auto get = [&] {
    const bool bit = (code[at / 8] & (std::byte{0x80} >> (at % 8))) != std::byte{0};
    ++at;
    return bit;
  };
  std::uint32_t before = ~0u;
  for (;;) {
    int zeros = 0;
    for (;; ++zeros) {
      if (at == 8 * code.size()) return;
      if (get()) break;
    }
    std::uint32_t gap = 1;
    for (; zeros > 0; --zeros) gap = 2 * gap + (get() ? 1 : 0);
    out.push_back(before += gap);
  }
}

/// A codec, or what stands in for one, on one set after another.
struct Contender {
  std::string name;
  std::function<void(IndexView, Bytes&)> encode;
  std::function<void(ByteView, Indices&)> decode;
  double encode_target = 0;  // million indices a second
  double decode_target = 0;
};

template <class Numbers>
std::shared_ptr<const Numbers> codec(const std::string& json) {
  Chain<Numbers> chain;
  FieldType<Chain<Numbers>>::read(Config::parse(json, "bench"), chain);
  return make_codec(chain);
}

Contender contender(const std::string& json) {
  const auto made = codec<IndexCodec>(json);
  return {json, [made](IndexView indices, Bytes& out) { made->encode(indices, kSize, out); },
          [made](ByteView code, Indices& out) { made->decode(code, kSize, out); }};
}

std::vector<Contender> contenders(bool has_target) {
  std::vector<Contender> all;
  const auto room = std::make_shared<Indices>(kSize);
  all.push_back(
      {"memcpy", [](IndexView indices, Bytes& out) { append(out, std::as_bytes(indices)); },
       [room](ByteView code, Indices&) { std::memcpy(room->data(), code.data(), code.size()); }});
  all.push_back({"gamma, bit by bit", encode_by_bits, decode_by_bits});
  for (const char* json : {R"("elias_gamma")", R"("elias_delta")", R"("rice")", R"("varint")",
                           R"("bitpack")", R"("none")", R"("lz4")", R"("zstd")"}) {
    all.push_back(contender(json));
  }
  if (has_target) {
    all[2].encode_target = 300;
    all[2].decode_target = 200;
  }
  return all;
}

/// `fastest_s` calls twice and times the second call. The first only reads the input that the
/// second works on.
template <class Input, class Work>
std::function<void()> on_warm_input(Input input, Work work) {
  return [input, work, calls = std::size_t{0}]() mutable {
    const std::size_t k = calls / 2 % kSets;
    if (calls++ % 2 == 1) return work(k);
    unsigned sum = 0;
    for (const std::byte byte : input(k)) sum += std::to_integer<unsigned>(byte);
    asm volatile("" : : "r"(sum));
  };
}

/// log2 C(d, n) bits are what a random subset carries.
double entropy_bits(double n, double d) {
  return (std::lgamma(d + 1) - std::lgamma(n + 1) - std::lgamma(d - n + 1)) / std::log(2.0);
}

/// Prints a table; false if a target is missed.
bool measure_indices(double density, bool has_target) {
  const std::vector<Indices> sets = random_sets(density);
  std::vector<Contender> all = contenders(has_target);
  std::vector<std::vector<Bytes>> codes(all.size(), std::vector<Bytes>(kSets));
  std::vector<std::function<void()>> functions;
  Bytes bytes;
  Indices indices;
  for (std::size_t c = 0; c < all.size(); ++c) {
    for (std::size_t k = 0; k < kSets; ++k) all[c].encode(sets[k], codes[c][k]);
    functions.emplace_back(
        on_warm_input([&sets](std::size_t k) { return std::as_bytes(std::span(sets[k])); },
                      [&, c](std::size_t k) {
                        bytes.clear();
                        all[c].encode(sets[k], bytes);
                      }));
    functions.emplace_back(
        on_warm_input([&codes, c](std::size_t k) { return ByteView(codes[c][k]); },
                      [&, c](std::size_t k) {
                        indices.clear();
                        all[c].decode(codes[c][k], indices);
                      }));
  }
  const std::vector<double> seconds = fastest_s(functions, 3);
  const double count = double(sets[0].size());
  const auto millions = [&](std::size_t f) { return 1e-6 * count / seconds[f]; };
  std::printf("\n%.3g of %u indices, entropy %.2f bits each; million a second\n", count, kSize,
              entropy_bits(count, kSize) / count);
  std::printf("%-18s %9s %9s %9s %15s %19s\n", "", "bits", "encode", "decode", "memcpy's part",
              "times bit by bit");
  bool reached = true;
  for (std::size_t c = 0; c < all.size(); ++c) {
    const double encode = millions(2 * c);
    const double decode = millions(2 * c + 1);
    std::printf("%-18s %9.2f %9.0f %9.0f   %5.3f %5.3f     %7.1f %7.1f", all[c].name.c_str(),
                8.0 * double(codes[c][0].size()) / count, encode, decode, encode / millions(0),
                decode / millions(1), encode / millions(2), decode / millions(3));
    if (all[c].encode_target > 0) {
      const bool ok = encode >= all[c].encode_target && decode >= all[c].decode_target;
      std::printf("   >= %.0f, >= %.0f  %s", all[c].encode_target, all[c].decode_target,
                  ok ? "reached" : "MISSED");
      reached &= ok;
    }
    std::printf("\n");
  }
  return reached;
}

void measure_values() {
  Array values(kSize);
  Random random(2, Purpose::kSharing);
  for (std::size_t i = 0; i < kSize; ++i) values[i] = float(0.02 * random.normal());
  Array out(kSize), copy(kSize);
  std::printf("\n%u normal numbers; GB of float32 a second\n%-46s %9s %9s %9s %15s\n", kSize, "",
              "ratio", "encode", "decode", "memcpy's part");
  for (const char* json :
       {R"("none")", R"("quantization")", R"({"type": "quantization", "levels": 127})",
        R"(["quantization", "zstd"])", R"("lz4")", R"("zstd")",
        R"({"type": "zstd", "shuffle": false})", R"("fpzip")",
        R"({"type": "fpzip", "precision": 16})"}) {
    const auto made = codec<ValueCodec>(json);
    Bytes code;
    made->encode(values.view(), code);
    Bytes bytes;
    const std::function<void()> functions[] = {
        [&] { std::memcpy(copy.data(), values.data(), sizeof(float) * kSize); },
        [&] {
          bytes.clear();
          made->encode(values.view(), bytes);
        },
        [&] { made->decode(code, out.view()); },
    };
    const std::vector<double> seconds = fastest_s(functions, 0.6);
    const auto gigabytes = [&](double s) { return 1e-9 * sizeof(float) * kSize / s; };
    std::printf("%-46s %9.3f %9.2f %9.2f   %5.3f %5.3f\n", json,
                sizeof(float) * double(kSize) / double(code.size()), gigabytes(seconds[1]),
                gigabytes(seconds[2]), seconds[0] / seconds[1], seconds[0] / seconds[2]);
  }
}

}  // namespace
}  // namespace kith::bench

int main() {
  bool reached = true;
  for (const double density : {0.001, 0.01, 0.1}) {
    reached &= kith::bench::measure_indices(density, /*has_target=*/density >= 0.01);
  }
  kith::bench::measure_values();
  return reached ? 0 : 1;
}
