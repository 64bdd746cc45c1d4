// Any text is a time ahead, said again in words, or an error of the field that says what to write. The first bytes
// choose the zone and now.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "calendar/phrase.hpp"

namespace {

using namespace meridian::calendar;

void check(bool promise) {
  if (!promise) {
    std::abort();
  }
}

void check_reading(const reading& one, const zone& where, meridian::timestamp now) {
  check(one.at > now && one.at < horizon && !one.understood.empty());
  if (one.rule) {
    const auto again = parse_recurrence(to_rrule(*one.rule));
    check(again.has_value() && *again == *one.rule);
    const auto first = next_after(*one.rule, one.local, where, now);
    check(first && first->at == one.at);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer names it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) {
    return 0;
  }
  constexpr const char* zones[]{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"};
  const auto where = zone::find(zones[data[0] % 4]).value();
  const auto now = meridian::timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) +
                   std::chrono::hours(data[1] * 256 + data[2]) + std::chrono::minutes(data[1] % 60);
  const std::string_view phrase(reinterpret_cast<const char*>(data + 3), size - 3);
  const auto got = understand(phrase, data[0] % 2 == 0 ? "en-US" : "en", where, now);
  if (!got) {
    check(got.error().code == meridian::errc::invalid_argument && got.error().field == "when");
    check(!got.error().message.empty() && !got.error().remedy.empty());
    return 0;
  }
  check_reading(*got, where, now);
  check(got->ambiguous.size() <= readings_max);
  for (const auto& one : got->ambiguous) {
    check_reading(one, where, now);
  }
  return 0;
}
