#include <atomic>
#include <vector>

#include "communication/incoming.h"
#include "fuzz/input.h"

namespace kith {
namespace {

constexpr std::size_t kNumbers = Header::kChunkBytes / sizeof(float) + 100;  // two chunks

/// What process 0 makes of frames that process 1 sends: each is a right one with some fields that
/// the input chose, or nothing but input.
class Frames {
 public:
  explicit Frames(fuzz::Input& input) : input_(input) {
    for (auto& round : now_) round = 10;
    right_.sender = 1;
    right_.round = 10;
    right_.chunk = 1;
    right_.body_bytes = sizeof(float) * kNumbers;
    right_.form = Header::Form::kFloats;
  }

  void run() {
    try {
      while (!input_.empty()) give(frame());
    } catch (const Violation&) {  // nothing more of that process is read
    }
  }

 private:
  HeaderBytes frame() {
    if (input_.byte() % 8 == 0) {
      HeaderBytes bytes{};
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(input_.byte());
      return bytes;
    }
    const std::uint32_t what = input_.byte();
    if (what % 2 != 0) right_.chunk = input_.byte() % 4;
    if (what & 2) right_.receiver = static_cast<std::int8_t>(input_.byte());
    if (what & 4) right_.sender = static_cast<std::int8_t>(input_.byte());
    if (what & 8) right_.round = static_cast<std::int8_t>(input_.byte());
    if (what & 16) right_.kind = static_cast<std::uint16_t>(input_.byte() % 3);
    if (what & 32) right_.body_bytes = input_.number(3);
    if (what & 64) right_.form = static_cast<Header::Form>(input_.byte() % 2);
    if (what & 128) right_.incarnation = static_cast<std::uint16_t>(input_.byte() % 2);
    HeaderBytes bytes = write_header(right_, 0);
    if (input_.byte() % 16 == 0) bytes[input_.byte() % bytes.size()] ^= std::byte{1};
    return bytes;
  }

  void give(const HeaderBytes& bytes) {
    Rejection reason{};
    const std::optional<Header> header = read_header(bytes, reason);
    if (!header || header->type != Header::Type::kLetter) return;
    std::byte* const place = incoming_.place(*header);
    const std::size_t size = header->payload_bytes();
    if (header->chunk == 0) {
      for (std::size_t i = 0; i < size; ++i) place[i] = static_cast<std::byte>(input_.byte());
    } else if (size > 0) {
      place[0] = place[size - 1] = std::byte{1};
    }
    Incoming::Letter letter;
    if (incoming_.add(*header, letter)) check(*header, letter);
  }

  void check(const Header& header, const Incoming::Letter& letter) {
    const Message& message = letter.message;
    fuzz::require(placement_.process_of.at(std::size_t(message.sender)) == 1, "a node of theirs");
    fuzz::require(message.round >= 10 && message.round <= 12, "a round that is due");
    fuzz::require(!letter.receivers.empty(), "somebody whom it is for");
    for (const Uid receiver : letter.receivers) {
      fuzz::require(placement_.process_of.at(std::size_t(receiver)) == 0, "nodes of ours");
    }
    const std::size_t bytes =
        sizeof(float) * message.body.floats().size + message.body.coded().size();
    fuzz::require(bytes == header.body_bytes, "as long as it said");
  }

  fuzz::Input& input_;
  Header right_;
  Placement placement_{placement(6, {{0, 2, 4}, {1, 3, 5}})};
  ArrayPool vectors_{kNumbers};
  std::vector<std::atomic<Round>> now_ = std::vector<std::atomic<Round>>(6);
  Incoming incoming_{{placement_, 0, 1, 2 * sizeof(float) * kNumbers, 2, 100, 2, vectors_, now_}};
};

}  // namespace
}  // namespace kith

/// Frames from another process: whatever they are, they are written nowhere but where they belong,
/// and what comes of them is a letter of this run.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kith::fuzz::Input input(data, size);
  kith::Frames(input).run();
  return 0;
}
