#include "experiment/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace kith {
namespace {

// What is longer than that is passed on in parts.
constexpr std::size_t kLongestLine = 1 << 16;
// More than a pipe holds; whoever never stops printing must not keep the others waiting.
constexpr int kMostReads = 64;

void close_once(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

/// Both ends of a pipe, which no program started later inherits.
struct Pipe {
  int ends[2] = {-1, -1};  // to read from, to write to

  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw ResourceError("too many open files; raise the limit (ulimit -n)");
    }
  }
  ~Pipe() {
    for (int& end : ends) close_once(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  /// One end, which the caller owns and which never blocks.
  int take(int end) {
    ::fcntl(ends[end], F_SETFL, O_NONBLOCK);
    return std::exchange(ends[end], -1);
  }
};

/// How a program is started: its descriptors, its process group, and no signal ignored.
struct Spawning {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  Spawning() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t usual;
    sigemptyset(&usual);
    for (const int signal : {SIGPIPE, SIGXFSZ}) sigaddset(&usual, signal);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Spawning() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
};

}  // namespace

Child::Child(const std::vector<std::string>& words) {
  Pipe input, output, error;
  Spawning spawning;
  posix_spawn_file_actions_adddup2(&spawning.actions, input.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&spawning.actions, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&spawning.actions, error.ends[1], STDERR_FILENO);
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const int failed = posix_spawnp(&process_, pointers[0], &spawning.actions, &spawning.attributes,
                                  pointers.data(), environ);
  if (failed != 0) {
    process_ = -1;
    throw ResourceError(words[0] + ": cannot be started: " + std::strerror(failed));
  }
  input_ = input.take(1);
  streams_[0].descriptor = output.take(0);
  streams_[1].descriptor = error.take(0);
}

Child::~Child() {
  kill();
  if (process_ >= 0) {
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  close_all();
}

void Child::close_all() {
  close_once(input_);
  for (Stream& stream : streams_) close_once(stream.descriptor);
}

void Child::watch(std::vector<pollfd>& items) const {
  for (const Stream& stream : streams_) {
    if (stream.descriptor >= 0) items.push_back({stream.descriptor, POLLIN, 0});
  }
  if (input_ >= 0 && !unsaid_.empty()) items.push_back({input_, POLLOUT, 0});
}

void Child::pump(const Hear& hear) {
  write();
  for (Stream& stream : streams_) read(stream, hear);
}

void Child::write() {
  while (input_ >= 0 && !unsaid_.empty()) {
    const ssize_t count = ::write(input_, unsaid_.data(), unsaid_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) return close_once(input_);  // it reads no more
    unsaid_.erase(0, static_cast<std::size_t>(count));
  }
}

void Child::read(Stream& stream, const Hear& hear) {
  char bytes[1 << 14];
  for (int i = 0; i < kMostReads && stream.descriptor >= 0; ++i) {
    const ssize_t count = ::read(stream.descriptor, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      close_once(stream.descriptor);
    } else {
      stream.line.append(bytes, static_cast<std::size_t>(count));
    }
    std::size_t begin = 0;
    for (auto end = stream.line.find('\n'); end != std::string::npos;
         end = stream.line.find('\n', begin)) {
      hear(stream.is_error, std::string_view(stream.line).substr(begin, end - begin));
      begin = end + 1;
    }
    stream.line.erase(0, begin);
    const bool is_over = stream.descriptor < 0 && !stream.line.empty();
    if (is_over || stream.line.size() > kLongestLine) {
      hear(stream.is_error, std::exchange(stream.line, ""));
    }
  }
}

std::optional<int> Child::ended(const Hear& hear) {
  if (status_ || process_ < 0) return status_;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
  status_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  process_ = -1;
  pump(hear);
  for (Stream& stream : streams_) {  // what it started may hold them open
    close_once(stream.descriptor);
    if (!stream.line.empty()) hear(stream.is_error, std::exchange(stream.line, ""));
  }
  close_once(input_);
  return status_;
}

void Child::hang_up() { close_once(input_); }

void Child::kill() {
  if (process_ >= 0) ::kill(-process_, SIGKILL);
}

}  // namespace kith
