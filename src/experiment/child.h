#pragma once

#include <poll.h>
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith {

/// A program that this one started. It has pipes as its standard input, output and error, and a
/// process group of its own, so that Ctrl-C comes to it through its starter only. SIGPIPE must be
/// ignored: it may end while it is being told something.
class Child {
 public:
  /// Starts `words`, of which the first is found on PATH. Throws ResourceError.
  explicit Child(const std::vector<std::string>& words);

  /// Kills what still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// What it prints, a line at a time and without the newline.
  using Hear = std::function<void(bool is_error, std::string_view line)>;

  /// Adds what a `poll` must wait for.
  void watch(std::vector<pollfd>& items) const;

  /// Moves bytes both ways, as many as can be moved without waiting.
  void pump(const Hear& hear);

  /// How it ended, once it has: an exit status, or the negative number of the signal that killed
  /// it. All that it printed has been heard then.
  std::optional<int> ended(const Hear& hear);

  /// Whether a signal has made it stand still: it can neither hear nor say anything.
  bool stands_still() const;

  /// Its input gets `text`, after what was said before.
  void say(std::string_view text) { unsaid_ += text; }

  /// Its input ends, now.
  void hang_up();

  /// Ends it, and what it started, at once.
  void kill();

 private:
  /// One of its outputs, as read so far.
  struct Stream {
    bool is_error;
    int descriptor = -1;
    std::string line;
  };

  void read(Stream& stream, const Hear& hear);
  void write();
  void close_all();

  pid_t process_ = -1;  // -1 once it has been waited for
  int input_ = -1;
  std::string unsaid_;
  Stream streams_[2] = {{false}, {true}};
  std::optional<int> status_;
};

}  // namespace kith
