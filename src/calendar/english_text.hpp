// English sentences about times.
#pragma once

#include <string>
#include <string_view>

#include "calendar/recurrence.hpp"

namespace meridian::calendar::english {

std::string say_date(local_time time);
std::string say_rule(const recurrence& rule, local_time start);
std::string say_first(std::string_view rule, std::string_view clock, std::string_view zone, std::string_view date);
std::string say_gap(std::string_view clock);
std::string say_overlap(std::string_view clock);

}  // namespace meridian::calendar::english
