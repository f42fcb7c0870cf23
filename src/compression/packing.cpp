#include "compression/packing.h"

namespace kith {
namespace {

/// Only the first of the packers sees the words that the numbers make.
int word_for(std::size_t packer, int word) { return packer == 0 ? word : 1; }

/// Appends the code of `bytes`; no bytes have none.
void pack(const Packers& packers, ByteView bytes, int word, Bytes& out) {
  if (bytes.empty()) return;
  Bytes packed;  // by all before the last
  for (std::size_t i = 0; i + 1 < packers.size(); ++i) {
    Bytes more;
    packers[i]->encode(bytes, word_for(i, word), more);
    packed = std::move(more);
    bytes = packed;
  }
  packers.back()->encode(bytes, word_for(packers.size() - 1, word), out);
}

/// The inverse, for bytes of which there are at most `most`.
void unpack(const Packers& packers, ByteView code, int word, std::size_t most, Bytes& out) {
  if (code.empty()) return;
  std::vector<std::size_t> limits;
  for (const auto& packer : packers) {
    limits.push_back(most);
    most = packer->most(most);
  }
  Bytes unpacked;  // by all before the first
  for (std::size_t i = packers.size() - 1; i > 0; --i) {
    Bytes less;
    packers[i]->decode(code, word_for(i, word), limits[i], less);
    unpacked = std::move(less);
    code = unpacked;
  }
  packers.front()->decode(code, word_for(0, word), limits.front(), out);
}

std::size_t most_packed(const Packers& packers, std::size_t size) {
  for (const auto& packer : packers) size = packer->most(size);
  return size;
}

}  // namespace

void PackedIndices::encode(IndexView indices, std::uint32_t d, Bytes& out) const {
  Bytes bytes;
  numbers_->encode(indices, d, bytes);
  pack(packers_, bytes, numbers_->word(), out);
}

void PackedIndices::decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const {
  Bytes bytes;
  unpack(packers_, code, numbers_->word(), most_index_bytes(d), bytes);
  numbers_->decode(bytes, d, out);
}

void PackedValues::encode(ConstArrayView values, Bytes& out) const {
  Bytes bytes;
  numbers_->encode(values, bytes);
  const std::size_t metadata = numbers_->metadata_bytes();
  append(out, ByteView(bytes).first(metadata));
  pack(packers_, ByteView(bytes).subspan(metadata), numbers_->word(), out);
}

void PackedValues::decode(ByteView code, ArrayView out) const {
  const std::size_t metadata = numbers_->metadata_bytes();
  if (code.size() < metadata) throw CorruptError("its numbers lack their scale");
  const std::size_t most = numbers_->most(out.size) - metadata;
  Bytes bytes(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(metadata));
  unpack(packers_, code.subspan(metadata), numbers_->word(), most, bytes);
  numbers_->decode(bytes, out);
}

std::size_t PackedValues::most(std::size_t count) const {
  const std::size_t metadata = numbers_->metadata_bytes();
  return metadata + most_packed(packers_, numbers_->most(count) - metadata);
}

}  // namespace kith
