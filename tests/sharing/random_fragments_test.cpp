#include <gmock/gmock.h>

#include <set>

#include "compression/codec.h"
#include "sharing/fragments.h"
#include "sharing/gossip_network.h"
#include "support/folder.h"

namespace kith {
namespace {

std::string fragments(std::size_t count, const std::string& more = "") {
  return R"({"type": "random_fragments", "fragments": )" + std::to_string(count) + more + '}';
}

/// Nodes that all know each other, and may say something else to each.
class EverybodyTalks {
 public:
  EverybodyTalks(const std::string& sharing, std::size_t nodes,
                 const ParameterLayout& layout = small_model())
      : layout_(layout), reports_(nodes) {
    const auto chosen = Sharing::registry().read(
        Config::parse("{\"sharing\": " + sharing + "}", "run.json").at("sharing"));
    for (std::size_t i = 0; i < nodes; ++i) {
      auto x = std::make_shared<Array>(layout.size);
      Random random(i, Purpose::kModel);
      for (float& value : x->view()) value = static_cast<float>(random.normal());
      methods_.push_back(chosen.make({static_cast<Uid>(i), 1, layout_, {}, reports_[i]}));
      x_.push_back(x);
    }
  }

  std::size_t nodes() const { return x_.size(); }
  Slot x(std::size_t i) const { return x_[i]; }

  /// What node j told node i last.
  const Body& told(std::size_t j, std::size_t i) const { return told_[j][i]; }

  void round() {
    const std::size_t n = nodes();
    const float weight = 0.8f / float(n);
    told_.assign(n, std::vector<Body>(n));
    std::vector<std::vector<Sharing::Sender>> senders(n);
    std::vector<std::vector<Uid>> receivers(n);
    const auto turn = [&](std::size_t i) {
      return Sharing::Turn{round_, 0, 1 - float(n - 1) * weight, senders[i], receivers[i]};
    };
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (j == i) continue;
        senders[i].push_back({static_cast<Uid>(j), weight});
        receivers[i].push_back(static_cast<Uid>(j));
      }
      Sharing::Outbox outbox;
      methods_[i]->say(turn(i), x_[i], outbox);
      for (Body& body : told_[i]) body = outbox.common().value_or(Body());
      for (const auto& [j, body] : outbox.single()) told_[i][static_cast<std::size_t>(j)] = body;
    }
    std::vector<Slot> next;
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<Sharing::Heard> heard;
      for (const auto& [uid, w] : senders[i]) {
        heard.push_back({uid, w, &told_[static_cast<std::size_t>(uid)][i]});
      }
      auto merged = std::make_shared<Array>(layout_.size);
      methods_[i]->hear(turn(i), x_[i], heard, merged->view());
      next.push_back(merged);
    }
    x_ = next;
    ++round_;
  }

 private:
  ParameterLayout layout_;
  std::vector<Reports> reports_;
  std::vector<std::unique_ptr<Sharing>> methods_;
  std::vector<Slot> x_;
  std::vector<std::vector<Body>> told_;
  Round round_ = 0;
};

void expect_same_bits(EverybodyTalks& a, EverybodyTalks& b) {
  for (int round = 0; round < 10; ++round) {
    a.round();
    b.round();
    for (std::size_t i = 0; i < a.nodes(); ++i) {
      for (std::size_t k = 0; k < a.x(i)->size(); ++k) ASSERT_EQ((*a.x(i))[k], (*b.x(i))[k]);
    }
  }
}

bool says(const Body& body, std::size_t f) {
  return (std::to_integer<unsigned>(body.coded()[f / 8]) >> f % 8 & 1) != 0;
}

TEST(Fragments, DealEveryTensorEquallyToAll) {
  ParameterLayout layout = small_model();
  layout.add("filters", {30, 30});
  for (const std::size_t count : {1u, 2u, 3u, 7u, 16u}) {
    const Fragments fragments(layout, count, 5);
    std::vector<int> seen(layout.size);
    for (const std::uint32_t i : fragments.coordinates()) ++seen[i];
    EXPECT_THAT(seen, ::testing::Each(1));
    for (std::size_t f = 0; f < count; ++f) {
      const auto coordinates =
          fragments.coordinates().subspan(fragments.part(f).offset, fragments.part(f).size);
      EXPECT_TRUE(std::ranges::is_sorted(coordinates));
      for (const auto& tensor : layout.tensors) {
        const auto share = std::ranges::count_if(coordinates, [&](std::uint32_t i) {
          return i >= tensor.offset && i < tensor.offset + tensor.size;
        });
        EXPECT_GE(share, std::ptrdiff_t(tensor.size / count));
        EXPECT_LE(share, std::ptrdiff_t((tensor.size + count - 1) / count));
      }
    }
  }
}

TEST(Fragments, AreTheRunsAndDrawnAtRandom) {
  const ParameterLayout layout = small_model();
  std::vector<double> first(layout.size);  // how often a coordinate is in fragment 0
  constexpr int kSeeds = 2000;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const Fragments& fragments = Fragments::of(layout, 4, std::uint64_t(seed));
    for (std::size_t k = 0; k < fragments.part(0).size; ++k) ++first[fragments.coordinates()[k]];
  }
  // Of the tensor of 40 a quarter each, of that of 5 two, of that of 1 it.
  double chi_square = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    chi_square += std::pow(first[i] - kSeeds / 4.0, 2) / (kSeeds * 0.25 * 0.75);
  }
  EXPECT_LT(chi_square, 73.4);  // the 99.9 % quantile at 40 degrees of freedom
  EXPECT_EQ(first[45], kSeeds);
  const Fragments& again = Fragments::of(layout, 4, 7);
  EXPECT_TRUE(std::ranges::equal(again.coordinates(), Fragments(layout, 4, 7).coordinates()));
}

TEST(RandomFragments, AllToldToAllAreFullSharingToTheLastBit) {
  for (const std::size_t count : {1u, 3u, 8u, 60u}) {
    EverybodyTalks all(fragments(count, R"(, "copies": 9, "average": "weights")"), 5);
    EverybodyTalks full(R"("full")", 5);
    expect_same_bits(all, full);
  }
}

TEST(RandomFragments, AllToldToAllArePlainAveragesToTheLastBit) {
  EverybodyTalks all(fragments(7, R"(, "copies": 4)"), 5);
  EverybodyTalks plain(R"("plain_average")", 5);
  expect_same_bits(all, plain);
}

TEST(RandomFragments, EachGoesToAsManyReceiversAndReceiversGetAsMany) {
  constexpr std::size_t n = 6;
  for (const std::size_t copies : {1u, 2u, 4u}) {
    for (const std::size_t count : {1u, 3u, 8u, 10u}) {
      EverybodyTalks network(fragments(count, R"(, "copies": )" + std::to_string(copies)), n);
      for (int round = 0; round < 5; ++round) {
        network.round();
        std::vector<std::size_t> told(count);
        std::set<std::size_t> got;
        for (std::size_t i = 1; i < n; ++i) {
          std::size_t own = 0;
          for (std::size_t f = 0; f < count; ++f) {
            told[f] += says(network.told(0, i), f);
            own += says(network.told(0, i), f);
          }
          got.insert(own);
        }
        EXPECT_THAT(told, ::testing::Each(copies));
        EXPECT_LE(*got.rbegin() - *got.begin(), 1u);
      }
    }
  }
}

TEST(RandomFragments, ReceiversAreDrawnEquallyOften) {
  constexpr std::size_t n = 5, count = 3;
  constexpr int kRounds = 3000;
  EverybodyTalks network(fragments(count), n);
  std::vector<double> told((n - 1) * count);
  for (int round = 0; round < kRounds; ++round) {
    network.round();
    for (std::size_t i = 1; i < n; ++i) {
      for (std::size_t f = 0; f < count; ++f) {
        told[(i - 1) * count + f] += says(network.told(0, i), f);
      }
    }
  }
  double chi_square = 0;
  for (const double times : told) {
    chi_square += std::pow(times - kRounds / 4.0, 2) / (kRounds * 0.25 * 0.75);
  }
  EXPECT_LT(chi_square, 32.9);  // the 99.9 % quantile at 12 degrees of freedom, of which 9 are free
}

TEST(RandomFragments, AreAveragedOverThoseWhoSaidThem) {
  constexpr std::size_t n = 5, count = 4;
  const Fragments cut(small_model(), count, 1);
  for (const bool plain : {true, false}) {
    EverybodyTalks network(fragments(count, R"(, "copies": 2, "average": ")" +
                                                std::string(plain ? "plain" : "weights") + '"'),
                           n);
    for (int round = 0; round < 20; ++round) {
      std::vector<Slot> y;
      for (std::size_t i = 0; i < n; ++i) y.push_back(network.x(i));
      network.round();
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t f = 0; f < count; ++f) {
          for (std::size_t p = 0; p < cut.part(f).size; ++p) {
            const std::size_t k = cut.coordinates()[cut.part(f).offset + p];
            double sum = 0, heard = 0;
            for (std::size_t j = 0; j < n; ++j) {
              if (j == i || !says(network.told(j, i), f)) continue;
              sum += double((*y[j])[k]);
              ++heard;
            }
            const double own = double((*y[i])[k]);
            const double expected =
                plain ? (own + sum) / (1 + heard) : own + 0.8 / n * (sum - heard * own);
            ASSERT_NEAR((*network.x(i))[k], expected, 1e-6);
          }
        }
      }
    }
  }
}

TEST(RandomFragments, TakeTheBytesOfWhatIsTold) {
  EverybodyTalks network(fragments(10, R"(, "codec": {"values": "quantization"})"), 6);
  network.round();
  std::size_t values = 0;
  for (std::size_t i = 1; i < 6; ++i) {
    const Body& body = network.told(0, i);
    EXPECT_EQ(body.metadata_bytes(), 2u + 4);  // a bit a fragment, and the scale
    values += (body.size() - body.metadata_bytes()) / 2;
  }
  EXPECT_EQ(values, small_model().size);
}

TEST(RandomFragments, ComeToAgreeWholly) {
  EverybodyTalks network(fragments(8), 8);
  for (int round = 0; round < 150; ++round) network.round();
  for (std::size_t k = 0; k < small_model().size; ++k) {
    EXPECT_NEAR((*network.x(0))[k], (*network.x(5))[k], 1e-6);
  }
}

TEST(RandomFragments, RefuseWhatIsNotFragments) {
  const ParameterLayout layout = small_model();
  Reports reports;
  const auto method = Sharing::registry()
                          .read(Config::parse(fragments(10), "run.json"))
                          .make({0, 1, layout, {}, reports});
  const auto x = std::make_shared<Array>(layout.size);
  const auto refusal = [&](Body body) {
    const std::vector<Sharing::Heard> heard{{3, 0.5f, &body}};
    Array out(layout.size);
    return message_of<PeerError>([&] { method->hear({}, x, heard, out.view()); });
  };
  EXPECT_EQ(refusal(Body(std::vector<std::byte>(1))),
            "node 3 sent a message that does not say of which fragments it is");
  EXPECT_EQ(refusal(Body(std::vector<std::byte>(2, std::byte{4}))),
            "node 3 sent a message that does not say of which fragments it is");
  EXPECT_EQ(refusal(Body(Slot(x))),
            "node 3 sent a message that does not say of which fragments it is");
  EXPECT_THAT(
      refusal(Body({std::byte{1}, std::byte{0}})),
      ::testing::StartsWith("node 3 sent a message that cannot be decoded: it has 0 numbers"));
  EXPECT_EQ(refusal(Body({std::byte{0}, std::byte{0}})), "no error");
}

}  // namespace
}  // namespace kith
