#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/array.h"
#include "core/carrier.h"
#include "core/device_stream.h"

namespace kith {

/// What coded bytes stand for, as who wrote them has it.
class Meaning {
 public:
  virtual ~Meaning() = default;

  /// Where its numbers lie.
  virtual const Device& device() const = 0;

  /// The same on another device.
  virtual std::shared_ptr<const Meaning> carried(Carrier& carrier) const = 0;
};

/// What a message carries: a run of numbers that nobody changes any more, with whoever keeps them
/// alive. Copying it copies no number.
class Body {
 public:
  using Bytes = std::vector<std::byte>;

  Body() = default;

  /// A whole vector, as it lies in memory.
  explicit Body(Slot vector)
      : owner_(vector), floats_(vector->view()), size_(floats_.size * sizeof(float)) {}

  /// Coded bytes, of which `metadata_bytes` are indices, seeds and scales.
  explicit Body(Bytes coded, std::uint64_t metadata_bytes = 0,
                std::shared_ptr<const Meaning> meaning = nullptr)
      : size_(coded.size()), metadata_bytes_(metadata_bytes) {
    hold(std::make_shared<Coded>(std::move(coded), std::move(meaning)));
  }

  /// The same, but the `size` bytes are written when somebody asks for them: within a process
  /// nobody does who understands what they mean.
  Body(std::function<Bytes()> write, std::uint64_t size, std::uint64_t metadata_bytes,
       std::shared_ptr<const Meaning> meaning)
      : size_(size), metadata_bytes_(metadata_bytes) {
    hold(std::make_shared<Coded>(std::move(write), std::move(meaning)));
  }

  /// The vector, when the body is one; else a view of nothing.
  ConstArrayView floats() const { return floats_; }

  /// The coded bytes, in host memory, when the body is not a plain vector. Thread-safe; throws what
  /// writing them throws.
  ByteView coded() const { return coded_ ? coded_->bytes() : ByteView(); }

  /// What the bytes stand for; null when they came from another process.
  const Meaning* meaning() const { return coded_ ? coded_->meaning.get() : nullptr; }

  /// Where the numbers lie that a reader of this process looks at.
  Device device() const {
    return coded_ && coded_->meaning ? coded_->meaning->device() : floats_.device;
  }

  /// The same on another device.
  Body carried(Carrier& carrier) const {
    if (floats_.size > 0) return Body(carrier.carry(floats_));
    const auto bytes = [here = *this] {
      const ByteView coded = here.coded();
      return Bytes(coded.begin(), coded.end());
    };
    return {bytes, size_, metadata_bytes_, coded_->meaning->carried(carrier)};
  }

  /// A copy that keeps `owner` alive, who keeps this, and is there when `there` is reached.
  Body kept_by(std::shared_ptr<const void> owner, std::shared_ptr<DeviceEvent> there) const {
    Body kept = *this;
    kept.owner_ = std::move(owner);
    kept.there_ = std::move(there);
    return kept;
  }

  /// What is given to reader.stream from now on finds the numbers. Whoever reads them calls it
  /// first.
  void meet(const Device& reader) const {
    if (there_) there_->hold(reader);
  }

  /// Who keeps the numbers: the same as long as they are.
  const void* owner() const { return owner_.get(); }

  /// Bytes on the wire, header excluded.
  std::uint64_t size() const { return size_; }
  std::uint64_t metadata_bytes() const { return metadata_bytes_; }

 private:
  struct Coded {
    Coded(Bytes bytes, std::shared_ptr<const Meaning> meaning)
        : meaning(std::move(meaning)), written(std::move(bytes)) {}
    Coded(std::function<Bytes()> write, std::shared_ptr<const Meaning> meaning)
        : meaning(std::move(meaning)), write(std::move(write)) {}

    ByteView bytes() {
      if (write) std::call_once(once, [this] { written = write(); });
      return written;
    }

    const std::shared_ptr<const Meaning> meaning;
    const std::function<Bytes()> write;
    std::once_flag once;
    Bytes written;
  };

  void hold(std::shared_ptr<Coded> coded) {
    coded_ = coded.get();
    owner_ = std::move(coded);
  }

  std::shared_ptr<const void> owner_;
  std::shared_ptr<DeviceEvent> there_;  // null: they are there
  ConstArrayView floats_;
  Coded* coded_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t metadata_bytes_ = 0;
};

}  // namespace kith
