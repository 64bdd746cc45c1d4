#include "json/time.hpp"

#include <gtest/gtest.h>

#include "json/writer.hpp"

namespace meridian::json {
namespace {

std::string read(std::string_view text) {
  const auto parsed = parse_time(text);
  return parsed ? to_text(*parsed) : "none";
}

TEST(time, reads_rfc_3339) {
  EXPECT_EQ(read("2026-11-23T08:15:30Z"), "2026-11-23T08:15:30.000000Z");
  EXPECT_EQ(read("2026-11-23T08:15:30.123456Z"), "2026-11-23T08:15:30.123456Z");
  EXPECT_EQ(read("2026-11-23t08:15:30.5z"), "2026-11-23T08:15:30.500000Z");
  EXPECT_EQ(read("2026-11-23T08:15:30.1234567890Z"), "2026-11-23T08:15:30.123456Z");
  EXPECT_EQ(read("2026-11-23T08:15:30+05:30"), "2026-11-23T02:45:30.000000Z");
  EXPECT_EQ(read("2026-12-31T23:30:00-01:00"), "2027-01-01T00:30:00.000000Z");
  EXPECT_EQ(read("2028-02-29 00:00:00Z"), "2028-02-29T00:00:00.000000Z");
}

TEST(time, refuses_anything_else) {
  for (const auto* text :
       {"", "2026-11-23", "2026-11-23T08:15Z", "2026-11-23T08:15:30", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-23T24:00:00Z", "2026-11-23T08:60:00Z", "2026-11-23T08:15:60Z", "2026-11-23T08:15:30.Z",
        "2026-11-23T08:15:30+0530", "2026-11-23T08:15:30+24:00", "2026-11-23T08:15:30Z ", "0000-01-01T00:00:00Z",
        "tomorrow", "2026-1-23T08:15:30Z", "+026-11-23T08:15:30Z"}) {
    EXPECT_EQ(read(text), "none") << text;
  }
}

}  // namespace
}  // namespace meridian::json
