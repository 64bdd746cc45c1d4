#include "cluster/sealed_report.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cluster/residency_report.hpp"

namespace meridian::cluster {
namespace {

class sealed_report_test : public testing::Test {
 protected:
  static residency_report some_report() {
    residency_report report;
    report.topology = "small";
    report.partitions.push_back({"profile", "profile_west", "west", "geo-west", storage::local, 3});
    report.canaries.push_back({"west", "canary", "geo-west", {"geo-west", "geo-east"}});
    return report;
  }

  const signing_key key_ = make_signing_key();
  const std::string report_ = to_json(some_report());
  const std::string file_ = seal_report(report_, key_);
};

TEST_F(sealed_report_test, is_json_and_gives_the_report_back) {
  EXPECT_EQ(boost::json::serialize(boost::json::parse(file_).at("report")), report_);
  const auto opened = open_report(file_, key_.open);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*opened, report_);
}

TEST_F(sealed_report_test, refuses_every_altered_byte) {
  for (std::size_t at = 0; at < file_.size(); ++at) {
    auto altered = file_;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    // The last letter of a base64 text has bits that mean nothing; libsodium refuses those too.
    EXPECT_FALSE(open_report(altered, key_.open)) << "byte " << at;
  }
}

TEST_F(sealed_report_test, refuses_what_was_added_or_cut_off) {
  EXPECT_FALSE(open_report(file_ + "{}\n", key_.open));
  EXPECT_FALSE(open_report(" " + file_, key_.open));
  EXPECT_FALSE(open_report(file_.substr(0, file_.size() - 1), key_.open));
  EXPECT_FALSE(open_report("", key_.open));
  EXPECT_FALSE(open_report(report_, key_.open));
}

TEST_F(sealed_report_test, tells_an_altered_report_from_one_of_another_topology) {
  auto altered = file_;
  altered.replace(altered.find("\"rows\":3"), 8, "\"rows\":4");
  EXPECT_EQ(open_report(altered, key_.open).error().code, errc::conflict);
  EXPECT_EQ(open_report(file_, make_signing_key().open).error().code, errc::forbidden);
  EXPECT_EQ(open_report("hello", key_.open).error().code, errc::invalid_argument);
}

TEST(residency_report_test, passes_only_when_nothing_is_stray_and_nothing_left_out) {
  residency_report report;
  report.findings.push_back({severity::warning, "geo-west", "archive_mode", "is on"});
  EXPECT_TRUE(report.passed());
  report.findings.push_back({severity::incomplete, "geo-west", "", "can't be reached"});
  EXPECT_FALSE(report.passed());
  EXPECT_NE(verdict_of(report).find("incomplete"), std::string::npos);
  report.findings[1].weight = severity::stray;
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(verdict_of(report), "1 stray: data rests outside its region.");
}

}  // namespace
}  // namespace meridian::cluster
