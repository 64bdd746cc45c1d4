#include "json/time.hpp"

#include <algorithm>

namespace meridian::json {
namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// Takes what it reads off the front; any failure makes the whole one.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count || !std::ranges::all_of(rest_.substr(0, count), is_digit)) {
      failed_ = true;
      return 0;
    }
    int value = 0;
    for (const char digit : rest_.substr(0, count)) {
      value = value * 10 + (digit - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  // The one that is next, of those.
  char one_of(std::string_view accepted) {
    if (rest_.empty() || accepted.find(rest_.front()) == std::string_view::npos) {
      failed_ = true;
      return '\0';
    }
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  std::chrono::microseconds fraction() {
    if (rest_.empty() || rest_.front() != '.') {
      return {};
    }
    rest_.remove_prefix(1);
    const auto count = std::min(rest_.size(), rest_.find_first_not_of("0123456789"));
    failed_ = failed_ || count == 0;
    std::int64_t value = 0;
    for (std::size_t place = 0; place < 6; ++place) {
      value = value * 10 + (place < count ? rest_[place] - '0' : 0);
    }
    rest_.remove_prefix(count);
    return std::chrono::microseconds(value);
  }

  bool is_whole() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::optional<timestamp> parse_time(std::string_view text) {
  using namespace std::chrono;
  scanner in(text);
  const int year_number = in.digits(4);
  in.one_of("-");
  const auto month_number = static_cast<unsigned>(in.digits(2));
  in.one_of("-");
  const auto day_number = static_cast<unsigned>(in.digits(2));
  in.one_of("Tt ");
  const int hour = in.digits(2);
  in.one_of(":");
  const int minute = in.digits(2);
  in.one_of(":");
  const int second = in.digits(2);
  const auto fraction = in.fraction();
  const char zone = in.one_of("Zz+-");
  const bool is_offset = zone == '+' || zone == '-';
  const int offset_hours = is_offset ? in.digits(2) : 0;
  if (is_offset) {
    in.one_of(":");
  }
  const int offset_minutes = is_offset ? in.digits(2) : 0;
  const year_month_day date{year(year_number), month(month_number), day(day_number)};
  const bool in_range = year_number > 0 && date.ok() && hour < 24 && minute < 60 && second < 60 && offset_hours < 24 &&
                        offset_minutes < 60;
  if (!in.is_whole() || !in_range) {
    return std::nullopt;
  }
  const auto offset = (hours(offset_hours) + minutes(offset_minutes)) * (zone == '-' ? -1 : 1);
  return timestamp(sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + fraction) - offset;
}

}  // namespace meridian::json
