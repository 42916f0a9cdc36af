#include "node/load/histogram.hpp"

#include <gtest/gtest.h>

namespace keel::node {
namespace {

TEST(Histogram, percentiles_are_right_to_a_64th) {
  Histogram histogram;
  for (std::int64_t us = 1; us <= 10'000; ++us) histogram.record(Duration::microseconds(us));
  for (const std::uint64_t per_mille : {1u, 100u, 500u, 990u, 999u}) {
    const auto exact = static_cast<double>(per_mille) * 10'000.0;
    const auto found = static_cast<double>(histogram.percentile(per_mille).ns);
    EXPECT_GE(found, exact * (1 - 1.0 / 64)) << per_mille;
    EXPECT_LE(found, exact * (1 + 1.0 / 32)) << per_mille;
  }
  EXPECT_EQ(histogram.percentile(1000), Duration::microseconds(10'000));
  EXPECT_EQ(histogram.largest(), Duration::microseconds(10'000));
}

TEST(Histogram, takes_the_smallest_and_the_largest_and_none) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(500), Duration{});
  histogram.record(Duration{0});
  histogram.record(Duration{INT64_MAX});
  histogram.record(Duration{-5});
  EXPECT_EQ(histogram.count(), 3u);
  EXPECT_EQ(histogram.percentile(1000), Duration{INT64_MAX});
}

TEST(Histogram, adds_up) {
  Histogram left;
  Histogram right;
  left.record(Duration{10});
  right.record(Duration{20});
  left.add(right);
  EXPECT_EQ(left.count(), 2u);
  EXPECT_EQ(left.percentile(500), Duration{10});
  EXPECT_EQ(left.percentile(1000), Duration{20});
}

}  // namespace
}  // namespace keel::node
