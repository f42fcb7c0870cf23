#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "core/executor.h"
#include "core/members.h"
#include "core/types.h"

namespace kith {

/// Where nodes wait for each other. Thread-safe.
class Meeting {
 public:
  /// `uids` ascend; `members` names them.
  explicit Meeting(std::vector<Uid> uids, const Members& members = {});

  /// Notes that `uid` has come. True for the last one, which then does what the meeting is for and
  /// calls `part`; the others await `parting`.
  bool arrive(Uid uid);

  class Parting;
  Parting parting(Uid uid);

  /// Ends the meeting: everybody goes on.
  void part();

 private:
  std::string missing() const;
  std::uint32_t& met(Uid uid);

  std::vector<Uid> uids_;
  Members members_;
  mutable std::mutex mutex_;
  std::vector<std::uint32_t> met_;  // in the order of uids_: meetings that a node has come to
  std::int64_t present_ = 0;
  std::uint32_t parted_ = 0;     // meetings that have ended
  std::vector<Fiber*> waiting_;  // null: gave up
};

class Meeting::Parting final : public Wait {
 public:
  Parting(Meeting& meeting, std::uint32_t number) : meeting_(meeting), number_(number) {}

  std::string describe() const override { return meeting_.missing(); }

 protected:
  bool subscribe(Fiber& fiber) override;
  bool unsubscribe() override;

 private:
  Meeting& meeting_;
  std::uint32_t number_;  // over when as many meetings have ended
  bool waits_ = false;
  std::size_t place_ = 0;  // in Meeting::waiting_
};

}  // namespace kith
