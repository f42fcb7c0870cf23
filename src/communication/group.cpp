#include "communication/group.h"

namespace kith {

Task<std::vector<Bytes>> Group::gather(Bytes own) {
  std::vector<Bytes> all;
  if (process() != 0) {
    post(0, std::move(own));
    co_return all;
  }
  all.push_back(std::move(own));
  for (int from = 1; from < processes(); ++from) {
    Bytes bytes = co_await next(from);
    all.push_back(std::move(bytes));
  }
  co_return all;
}

Task<> Group::barrier() {
  Bytes nothing;
  const std::vector<Bytes> all = co_await gather(std::move(nothing));
  for (int to = 1; process() == 0 && to < processes(); ++to) post(to, {});
  if (process() != 0) co_await next(0);
}

std::vector<Bytes> Group::wait_gather(Bytes own) {
  std::vector<Bytes> all;
  if (process() != 0) {
    post(0, std::move(own));
    return all;
  }
  all.push_back(std::move(own));
  for (int from = 1; from < processes(); ++from) all.push_back(wait(from));
  return all;
}

Bytes Group::wait_broadcast(Bytes words) {
  if (process() != 0) return wait(0);
  for (int to = 1; to < processes(); ++to) post(to, words);
  return words;
}

void Group::wait_barrier() {
  wait_gather({});
  wait_broadcast({});
}

}  // namespace kith
