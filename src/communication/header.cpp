#include "communication/header.h"

#include <algorithm>
#include <bit>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "kernels/hash.h"

namespace kith {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire is little-endian");

constexpr std::uint32_t kMagic = 0x4854'494B;  // "KITH"
constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kMostBodyBytes = std::uint64_t{1} << 48;
constexpr std::size_t kSigned = 56;  // bytes before the checksum

template <class T>
void put(HeaderBytes& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

template <class T>
T get(ByteView bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::uint64_t checksum_of(const std::byte* header, std::uint64_t payload_hash) {
  return XXH3_64bits_withSeed(header, kSigned, payload_hash);
}

}  // namespace

std::uint32_t Header::chunks() const {
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(1, (body_bytes + kChunkBytes - 1) / kChunkBytes));
}

std::size_t Header::payload_bytes() const {
  if (chunk == 0) return sizeof(Uid) * static_cast<std::size_t>(-std::int64_t{receiver});
  const std::uint64_t offset = std::uint64_t{chunk - 1} * kChunkBytes;
  return static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, body_bytes - offset));
}

std::uint64_t payload_hash(ByteView payload) { return kernels::hash(payload); }

HeaderBytes write_header(const Header& header, std::uint64_t payload_hash) {
  HeaderBytes bytes;
  put(bytes, 0, kMagic);
  put(bytes, 4, kVersion);
  put(bytes, 5, static_cast<std::uint8_t>(kHeaderBytes));
  put(bytes, 6, header.type);
  put(bytes, 7, header.form);
  put(bytes, 8, header.run[0]);
  put(bytes, 16, header.run[1]);
  put(bytes, 24, header.sender);
  put(bytes, 28, header.receiver);
  put(bytes, 32, header.round);
  put(bytes, 40, header.kind);
  put(bytes, 42, header.incarnation);
  put(bytes, 44, header.chunk);
  put(bytes, 48, header.body_bytes);
  put(bytes, kSigned, checksum_of(bytes.data(), payload_hash));
  return bytes;
}

const char* name_of(Rejection reason) {
  constexpr const char* kNames[kRejections] = {"length",   "magic",    "version", "run",
                                               "receiver", "sender",   "round",   "kind",
                                               "body",     "checksum", "stranger"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::optional<Header> read_header(ByteView bytes, Rejection& reason) {
  const auto refuse = [&](Rejection why) {
    reason = why;
    return std::nullopt;
  };
  if (bytes.size() != kHeaderBytes) return refuse(Rejection::kLength);
  if (get<std::uint32_t>(bytes, 0) != kMagic) return refuse(Rejection::kMagic);
  if (get<std::uint8_t>(bytes, 4) != kVersion) return refuse(Rejection::kVersion);
  if (get<std::uint8_t>(bytes, 5) != kHeaderBytes) return refuse(Rejection::kVersion);
  const auto type = get<std::uint8_t>(bytes, 6);
  if (type == 0 || type > Header::kLastType) return refuse(Rejection::kKind);
  const auto form = get<std::uint8_t>(bytes, 7);
  if (form > static_cast<std::uint8_t>(Header::Form::kCoded)) return refuse(Rejection::kBody);
  Header header;
  header.type = static_cast<Header::Type>(type);
  header.form = static_cast<Header::Form>(form);
  header.run = {get<std::uint64_t>(bytes, 8), get<std::uint64_t>(bytes, 16)};
  header.sender = get<std::int32_t>(bytes, 24);
  header.receiver = get<std::int32_t>(bytes, 28);
  header.round = get<Round>(bytes, 32);
  header.kind = get<std::uint16_t>(bytes, 40);
  header.incarnation = get<std::uint16_t>(bytes, 42);
  header.chunk = get<std::uint32_t>(bytes, 44);
  header.body_bytes = get<std::uint64_t>(bytes, 48);
  header.checksum = get<std::uint64_t>(bytes, kSigned);
  if (header.body_bytes > kMostBodyBytes) return refuse(Rejection::kBody);
  if (header.chunk == 0 && header.receiver >= 0) return refuse(Rejection::kLength);
  if (header.chunk > header.chunks()) return refuse(Rejection::kLength);
  return header;
}

bool checksum_holds(const Header& header, ByteView bytes, std::uint64_t payload_hash) {
  return header.checksum == checksum_of(bytes.data(), payload_hash);
}

}  // namespace kith
