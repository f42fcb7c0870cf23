#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kith {

inline bool is_free(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(socket);
  return free;
}

/// The first of `count` ports of this machine, one behind the other, that nobody listens at. They
/// are of those that the system gives to nobody by itself, and another for every test program.
inline int free_ports(int count) {
  constexpr int kFirst = 12'000, kPorts = 16'000;
  for (int tried = 0; tried < kPorts; ++tried) {
    const int first = kFirst + (static_cast<int>(getpid()) * 16 + tried) % kPorts;
    int free = 0;
    while (free < count && is_free(first + free)) ++free;
    if (free == count) return first;
  }
  ADD_FAILURE() << "no free ports";
  return 0;
}

}  // namespace kith
