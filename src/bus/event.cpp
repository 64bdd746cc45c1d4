#include "bus/event.hpp"

#include <array>
#include <charconv>

#include <fmt/core.h>

namespace meridian::bus {
namespace {

constexpr std::array<std::string_view, event_kind_count> kinds{"message", "change",   "channel", "membership", "read",
                                                               "typing",  "presence", "status",  "reminder"};

// In the order of the enumeration.
constexpr std::array<std::string_view, 3> audiences{"channel", "profile", "watchers"};

}  // namespace

std::string_view to_string(event_kind what) {
  return kinds.at(static_cast<std::size_t>(what));
}

audience audience_of(event_kind what) {
  switch (what) {
    case event_kind::message:
    case event_kind::change:
    case event_kind::channel:
    case event_kind::typing:
      return audience::channel;
    case event_kind::membership:
    case event_kind::read:
    case event_kind::reminder:
      return audience::profile;
    case event_kind::presence:
    case event_kind::status:
      break;
  }
  return audience::watchers;
}

// Fibonacci's: ids of one lane differ in their lowest bits only.
std::size_t topic_hash::operator()(const topic& of) const {
  const auto mixed = (static_cast<std::uint64_t>(of.id) * 4 + static_cast<std::uint64_t>(of.to)) * 0x9E3779B97F4A7C15U;
  return mixed ^ (mixed >> 32U);
}

topic topic_of(const event& what) {
  const auto to = audience_of(what.what);
  return {to, to == audience::channel ? what.channel_id : what.profile_id};
}

std::string to_string(const topic& which) {
  return fmt::format("{}.{}", audiences.at(static_cast<std::size_t>(which.to)), which.id);
}

std::string subject_of(const event& what) {
  return to_string(topic_of(what));
}

std::optional<topic> parse_topic(std::string_view subject) {
  topic made;
  const auto dot = subject.find('.');
  for (std::size_t at = 0; at < audiences.size() && dot != std::string_view::npos; ++at) {
    if (subject.substr(0, dot) == audiences.at(at)) {
      made.to = static_cast<audience>(at);
      const auto digits = subject.substr(dot + 1);
      const auto* end = digits.data() + digits.size();
      const auto [behind, failed] = std::from_chars(digits.data(), end, made.id);
      const bool is_plain = failed == std::errc() && behind == end && made.id > 0 && digits.front() != '0';
      return is_plain ? std::optional(made) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace meridian::bus
