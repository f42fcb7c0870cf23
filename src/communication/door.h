#pragma once

namespace kith {

/// How many connections may be open at a listening socket: when there are more, nobody new is let
/// in until enough have gone. Whoever knocks then is not answered, and TCP knocks again, so that a
/// crowd of strangers costs neither memory nor files, and delays others at most.
class Door {
 public:
  Door() = default;

  /// Of the socket `listener`, for `expected` connections of this run and a number of others that
  /// the limit of open files allows.
  Door(int listener, int expected);

  void entered();
  void left();

  int most() const { return most_; }

 private:
  void shut(bool shut);

  int listener_ = -1;
  int most_ = 0;
  int inside_ = 0;
  bool is_shut_ = false;
};

}  // namespace kith
