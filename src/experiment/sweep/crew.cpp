#include "experiment/sweep/crew.h"

#include <csignal>
#include <list>
#include <optional>
#include <string_view>

#include "communication/launched.h"
#include "core/clock.h"
#include "core/error.h"
#include "experiment/child.h"

namespace kith {
namespace {

constexpr int kPoll_ms = 50;
constexpr std::string_view kError = "error: ";

/// What a process is told that is alone in its run.
std::string alone() {
  return launcher_words({{"KITH_PROCESS", "0"},
                         {"KITH_PROCESSES", "1"},
                         {"KITH_LOCAL_PROCESS", "0"},
                         {"KITH_LOCAL_PROCESSES", "1"},
                         {"KITH_LIFELINE", "0"}});
}

std::vector<std::string> with_lifeline(const std::vector<std::string>& command) {
  std::vector<std::string> words{"env", "KITH_LAUNCHER=stdin"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

/// A program that runs.
class Member {
 public:
  Member(std::size_t number, const std::vector<std::string>& command)
      : number_(number), child_(with_lifeline(command)) {
    child_.say(alone());
  }

  Child& child() { return child_; }
  std::size_t number() const { return number_; }

  std::optional<Crew::End> look() {
    const Child::Hear hear = [this](bool is_error, std::string_view line) {
      if (is_error && line.starts_with(kError)) error_ = line.substr(kError.size());
    };
    child_.pump(hear);
    const std::optional<int> status = child_.ended(hear);
    if (!status) return std::nullopt;
    return Crew::End{*status, error_, now_s() - started_s_};
  }

 private:
  std::size_t number_;
  double started_s_ = now_s();
  std::string error_;
  Child child_;
};

/// When those that run are told, and made, to end.
class Farewell {
 public:
  Farewell(const Crew::Settings& settings, std::list<Member>& members)
      : settings_(settings), members_(members) {}

  int signal() const { return signal_; }

  /// Looks at the clock, and for a signal.
  void attend() {
    if (signal_ == 0) {
      signal_ = settings_.pending_signal();
      if (signal_ == 0) return;
      for (Member& member : members_) {
        member.child().say("signal " + std::to_string(signal_) + '\n');
      }
      next_s_ = now_s() + settings_.stop_s;
    } else if (now_s() >= next_s_) {
      for (Member& member : members_) hung_up_ ? member.child().kill() : member.child().hang_up();
      hung_up_ = true;
      next_s_ = now_s() + settings_.leave_s;
    }
  }

 private:
  const Crew::Settings& settings_;
  std::list<Member>& members_;
  int signal_ = 0;
  double next_s_ = 0;
  bool hung_up_ = false;
};

void wait(std::list<Member>& members) {
  std::vector<pollfd> items;
  for (Member& member : members) member.child().watch(items);
  ::poll(items.data(), items.size(), kPoll_ms);
}

}  // namespace

void Crew::run(const std::vector<std::vector<std::string>>& commands) const {
  std::size_t next = 0;
  std::list<Member> members;
  Farewell farewell(settings_, members);
  const auto may_start = [&] { return farewell.signal() == 0 && next < commands.size(); };
  while (!members.empty() || may_start()) {
    for (; may_start() && members.size() < static_cast<std::size_t>(settings_.at_once); ++next) {
      members.emplace_back(next, commands[next]);
    }
    wait(members);
    std::erase_if(members, [&](Member& member) {
      const std::optional<End> end = member.look();
      if (end && farewell.signal() == 0) settings_.ended(member.number(), *end);
      return end.has_value();
    });
    farewell.attend();
  }
  const int signal = farewell.signal();
  if (signal == 0) return;
  throw Error(static_cast<ExitCode>(128 + signal), signal == SIGINT ? "interrupted" : "terminated");
}

}  // namespace kith
