#include "experiment/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
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
constexpr int kNoProgram = 127;

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

/// Becomes the program `words`, in the process that was just forked; gives an errno when it cannot.
/// Only what is safe in a copy of a process with threads.
int become(const std::vector<char*>& words, pid_t starter, const int (&standard)[3]) {
  ::setpgid(0, 0);
  // ssh would wait for a far end that no longer reads.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != starter) return ESRCH;
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_DFL);
  for (int i = 0; i < 3; ++i) {
    if (::dup2(standard[i], i) < 0) return errno;
  }
  ::execvp(words.front(), words.data());
  return errno;
}

}  // namespace

Child::Child(const std::vector<std::string>& words) {
  Pipe input, output, error, trouble;
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const pid_t starter = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    const int why = become(pointers, starter, {input.ends[0], output.ends[1], error.ends[1]});
    [[maybe_unused]] const auto written = ::write(trouble.ends[1], &why, sizeof why);
    _exit(kNoProgram);
  }
  int why = errno;
  close_once(trouble.ends[1]);
  // Comes to its end without a word when the program runs.
  if (process_ < 0 || ::read(trouble.ends[0], &why, sizeof why) == sizeof why) {
    if (process_ > 0) ::waitpid(std::exchange(process_, -1), nullptr, 0);
    throw ResourceError(words[0] + ": cannot be started: " + std::strerror(why));
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

bool Child::stands_still() const {
  siginfo_t info{};
  return process_ >= 0 &&
         ::waitid(P_PID, static_cast<id_t>(process_), &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == process_;
}

void Child::hang_up() { close_once(input_); }

void Child::kill() {
  if (process_ >= 0) ::kill(-process_, SIGKILL);
}

}  // namespace kith
