#include "core/array.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <string>

#include "core/error.h"

namespace kith {

namespace {
constexpr std::align_val_t kAlignment{64};
}

Array::Array(std::size_t size) : size_(size) {
  if (size == 0) return;
  try {
    data_.reset(static_cast<float*>(::operator new(size * sizeof(float), kAlignment)));
  } catch (const std::bad_alloc&) {
    throw ResourceError("not enough memory for a vector of " + std::to_string(size) +
                        " numbers; use fewer nodes or a smaller model");
  }
  std::fill_n(data_.get(), size, 0.0f);
}

void Array::Free::operator()(float* data) const { ::operator delete(data, kAlignment); }

struct ArrayPool::Shelf {
  std::mutex mutex;
  std::vector<std::unique_ptr<Array>> free;
};

ArrayPool::ArrayPool(std::size_t size) : size_(size), shelf_(std::make_shared<Shelf>()) {}

std::shared_ptr<Array> ArrayPool::take() {
  std::unique_ptr<Array> array;
  {
    const std::lock_guard lock(shelf_->mutex);
    if (!shelf_->free.empty()) {
      array = std::move(shelf_->free.back());
      shelf_->free.pop_back();
    }
  }
  if (!array) array = std::make_unique<Array>(size_);
  // The shelf goes as soon as the pool and all its arrays are gone.
  return {array.release(), [shelf = shelf_](Array* used) {
            std::unique_ptr<Array> back(used);
            const std::lock_guard lock(shelf->mutex);
            shelf->free.push_back(std::move(back));
          }};
}

}  // namespace kith
