#include "compression/packing.h"

namespace kith {
namespace {

/// Only the first of the packers sees the words that the numbers make.
int word_for(std::size_t packer, int word) { return packer == 0 ? word : 1; }

/// No bytes become no bytes.
Bytes pack(const Packers& packers, Bytes bytes, int word) {
  if (bytes.empty()) return {};
  for (std::size_t i = 0; i < packers.size(); ++i) {
    Bytes packed;
    packers[i]->encode(bytes, word_for(i, word), packed);
    bytes = std::move(packed);
  }
  return bytes;
}

/// The inverse, where the bytes were at most `most`.
Bytes unpack(const Packers& packers, ByteView code, int word, std::size_t most) {
  if (code.empty()) return {};
  std::vector<std::size_t> limits;
  for (const auto& packer : packers) {
    limits.push_back(most);
    most = packer->most(most);
  }
  Bytes bytes(code.begin(), code.end());
  for (std::size_t i = packers.size(); i-- > 0;) {
    Bytes unpacked;
    packers[i]->decode(bytes, word_for(i, word), limits[i], unpacked);
    if (unpacked.empty()) throw CorruptError("it has bytes that stand for nothing");
    bytes = std::move(unpacked);
  }
  return bytes;
}

std::size_t most_packed(const Packers& packers, std::size_t size) {
  for (const auto& packer : packers) size = packer->most(size);
  return size;
}

}  // namespace

void PackedIndices::encode(IndexView indices, std::uint32_t d, Bytes& out) const {
  Bytes bytes;
  numbers_->encode(indices, d, bytes);
  append(out, pack(packers_, std::move(bytes), numbers_->word()));
}

void PackedIndices::decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const {
  numbers_->decode(unpack(packers_, code, numbers_->word(), most_index_bytes(d)), d, out);
}

void PackedValues::encode(ConstArrayView values, Bytes& out) const {
  Bytes bytes;
  numbers_->encode(values, bytes);
  const auto metadata = static_cast<std::ptrdiff_t>(numbers_->metadata_bytes());
  append(out, ByteView(bytes).first(numbers_->metadata_bytes()));
  bytes.erase(bytes.begin(), bytes.begin() + metadata);
  append(out, pack(packers_, std::move(bytes), numbers_->word()));
}

void PackedValues::decode(ByteView code, ArrayView out) const {
  const std::size_t metadata = numbers_->metadata_bytes();
  if (code.size() < metadata) throw CorruptError("its numbers lack their scale");
  Bytes bytes(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(metadata));
  append(bytes, unpack(packers_, code.subspan(metadata), numbers_->word(),
                       numbers_->most(out.size) - metadata));
  numbers_->decode(bytes, out);
}

std::size_t PackedValues::most(std::size_t count) const {
  const std::size_t metadata = numbers_->metadata_bytes();
  return metadata + most_packed(packers_, numbers_->most(count) - metadata);
}

}  // namespace kith
