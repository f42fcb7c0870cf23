#include "experiment/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kith {
namespace {

using ::testing::ElementsAre;
using Cards = DeviceChoice::Cards;

TEST(DeviceChoice, IsTheProcessorOrCards) {
  EXPECT_EQ(device_choice("cpu")->kind, Device::Kind::kCpu);
  EXPECT_EQ(device_choice("cuda")->kind, Device::Kind::kCuda);
  EXPECT_THAT(device_choice("cuda")->cards, ElementsAre(0));
  EXPECT_THAT(device_choice("cuda:11")->cards, ElementsAre(11));
  EXPECT_THAT(device_choice("cuda:2,0,11")->cards, ElementsAre(2, 0, 11));
  EXPECT_EQ(device_choice("cuda:2,0,11")->which, Cards::kListed);
  EXPECT_EQ(device_choice("cuda:auto")->kind, Device::Kind::kCuda);
  EXPECT_EQ(device_choice("cuda:auto")->which, Cards::kOneByTurns);
  EXPECT_EQ(device_choice("cuda:all")->kind, Device::Kind::kCuda);
  EXPECT_EQ(device_choice("cuda:all")->which, Cards::kAll);
}

TEST(DeviceChoice, IsNothingElse) {
  for (const char* const text :
       {"", "gpu", "CUDA", "cpu ", "cuda:", "cuda:-1", "cuda:1x", "cuda: 1", "cuda:99999999999",
        "cudauto", "cuda:0,", "cuda:,0", "cuda:0,0", "cuda:0, 1", "cuda:0;1", "cuda:all,0"}) {
    EXPECT_FALSE(device_choice(text).has_value()) << text;
  }
}

TEST(OpenDevices, TheProcessorIsAlwaysThere) {
  EXPECT_THAT(open_devices("cpu", 3), ElementsAre(Device{}));
}

TEST(CardModels, AreWrittenWithHowManyThereAre) {
  EXPECT_EQ(text_of({}), "");
  EXPECT_EQ(text_of({{"NVIDIA H200", 1}}), "NVIDIA H200");
  EXPECT_EQ(text_of({{"NVIDIA A100", 1}, {"NVIDIA H200", 2}}), "NVIDIA A100, 2 x NVIDIA H200");
}

TEST(DealToCards, GivesEachAnEqualShareOfNodesThatFollowEachOther) {
  const std::vector<Uid> five{3, 4, 6, 7, 9};
  EXPECT_THAT(deal_to_cards(five, 1, 0), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(deal_to_cards(five, 2, 0), ElementsAre(0, 0, 0, 1, 1));
  EXPECT_THAT(deal_to_cards(five, 5, 0), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(deal_to_cards({}, 2, 0), ElementsAre());
  const std::vector<Uid> scattered{9, 3, 7, 4};
  EXPECT_THAT(deal_to_cards(scattered, 2, 0), ElementsAre(1, 0, 1, 0));
}

TEST(DealToCards, KeepsTogetherWhoIsTrainedTogether) {
  const std::vector<Uid> five{3, 4, 6, 7, 9};
  EXPECT_THAT(deal_to_cards(five, 2, 4), ElementsAre(0, 0, 0, 0, 1));  // 3; 4, 6, 7; 9
  EXPECT_THAT(deal_to_cards(five, 2, 16), ElementsAre(0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace kith
