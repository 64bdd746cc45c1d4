// Any text is a rule that is written and read back as the same, and whose times come one after another, or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "calendar/phrase.hpp"

namespace {

void check(bool promise) {
  if (!promise) {
    std::abort();
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer names it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian::calendar;
  const auto rule = parse_recurrence({reinterpret_cast<const char*>(data), size});
  if (!rule) {
    check(rule.error().code == meridian::errc::invalid_argument && rule.error().field == "recurrence");
    return 0;
  }
  const auto again = parse_recurrence(to_rrule(*rule));
  check(again.has_value() && *again == *rule);
  const auto where = zone::find("America/New_York").value();
  const auto start = std::chrono::local_days(std::chrono::year(2026) / 1 / 31) + std::chrono::minutes(150);
  check(!say_series(*rule, start, "en", where).empty());
  meridian::timestamp after = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);
  for (int i = 0; i < 4; ++i) {
    const auto next = next_after(*rule, start, where, after);
    if (!next) {
      break;
    }
    check(next->at > after && next->at < horizon && next->local >= start);
    after = next->at;
  }
  return 0;
}
