#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sharing/sharing.h"

namespace kith {
namespace {

std::shared_ptr<Array> vector(std::vector<float> values) {
  auto array = std::make_shared<Array>(values.size());
  std::ranges::copy(values, array->data());
  return array;
}

class Full : public ::testing::Test {
 protected:
  Full() { layout_.add("x", {3}); }

  ParameterLayout layout_;
  Reports reports_;
  std::unique_ptr<Sharing> sharing_ =
      Sharing::registry().standard("full").make(Sharing::Context{0, 1, layout_, {}, reports_});
};

TEST_F(Full, SaysTheVectorItselfWithoutACopy) {
  const Slot x = vector({1, 2, 3});
  Sharing::Outbox outbox;
  sharing_->say({}, x, outbox);
  EXPECT_EQ(outbox.common()->floats().data, x->data());
  EXPECT_EQ(outbox.common()->size(), 12u);
  EXPECT_EQ(outbox.common()->metadata_bytes(), 0u);
}

TEST_F(Full, BecomesTheWeightedSumOfWhatItHears) {
  const Slot x = vector({1, 2, 3});
  const Body left(Slot(vector({10, 20, 30}))), right(Slot(vector({100, 200, 300})));
  const std::vector<Sharing::Heard> heard{{1, 0.25f, &left}, {2, 0.125f, &right}};
  Array out(3);
  Sharing::Turn turn;
  turn.self_weight = 0.5f;
  sharing_->hear(turn, x, heard, out.view());
  EXPECT_THAT(std::vector<float>(out.data(), out.data() + 3),
              ::testing::ElementsAre(15.5f, 31.0f, 46.5f));
}

TEST_F(Full, RefusesAVectorOfAnotherLength) {
  const Slot x = vector({1, 2, 3});
  const Body wrong(Slot(vector({1, 2})));
  const std::vector<Sharing::Heard> heard{{7, 0.5f, &wrong}};
  Array out(3);
  try {
    sharing_->hear({}, x, heard, out.view());
    FAIL() << "merged";
  } catch (const PeerError& error) {
    EXPECT_STREQ(error.what(), "node 7 sent a vector of 2 numbers, not 3");
  }
}

}  // namespace
}  // namespace kith
