#include "communication/door.h"

#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>

namespace kith {
namespace {

constexpr int kMostStrangers = 512;
constexpr int kLeastStrangers = 16;
constexpr int kFilesOfOurOwn = 64;
constexpr int kFilesForEach =
    4;  // of a connection that is expected: both directions, and their signals

}  // namespace

Door::Door(int listener, int expected) : listener_(listener) {
  rlimit limit{};
  const bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < rlim_t{1} << 30;
  const int files = known ? static_cast<int>(limit.rlim_cur) : 1 << 30;
  const int spare = files - kFilesOfOurOwn - kFilesForEach * expected;
  most_ = expected + std::clamp(spare / 2, kLeastStrangers, kMostStrangers);
}

void Door::entered() {
  if (++inside_ >= most_) shut(true);
}

void Door::left() {
  if (--inside_ < most_ / 2 + 1) shut(false);
}

/// By a filter for the socket, which lets no packet in: what asks for a connection is dropped, and
/// connections that are open do not notice.
void Door::shut(bool shut) {
  if (shut == is_shut_) return;
  is_shut_ = shut;
  if (shut) {
    sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &none};
    setsockopt(listener_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  } else {
    const int unused = 0;
    setsockopt(listener_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
  }
}

}  // namespace kith
