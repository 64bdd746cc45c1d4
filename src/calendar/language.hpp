// What the calendar asks of a language; english.hpp is the first.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "calendar/cursor.hpp"
#include "calendar/intent.hpp"

namespace meridian::calendar {

struct language {
  std::string_view code;  // of the tag's first part: "en"

  // The whole phrase or an error as not_understood makes it. `region` is the tag's second part, "US", or "".
  result<intent> (*read)(cursor phrase, std::string_view region);

  // "Tuesday 1 December 2026", "14:30" or "14:30:05"
  std::string (*say_date)(local_time time);
  // "every weekday", "every month on the last Friday, 10 times". Days that the rule leaves open are those of `start`.
  std::string (*say_rule)(const recurrence& rule, local_time start);
  // "every weekday" + "at 10:00" + zone + first date
  std::string (*say_first)(std::string_view rule, std::string_view clock, std::string_view zone, std::string_view date);
  // "02:30 does not exist on that day", "02:30 comes twice on that day"
  std::string (*say_gap)(std::string_view clock);
  std::string (*say_overlap)(std::string_view clock);
};

// By its tag; English for one that is not there.
const language& language_of(std::string_view locale);

// "US" of "en-US" or "en_US"; "" without.
std::string_view region_of(std::string_view locale);

}  // namespace meridian::calendar
