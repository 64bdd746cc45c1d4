#include "bus/event.hpp"

#include <fmt/core.h>

namespace meridian::bus {

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
      return audience::watchers;
    case event_kind::topology:
      break;
  }
  return audience::everybody;
}

std::string subject_of(const event& what) {
  switch (audience_of(what.what)) {
    case audience::channel:
      return fmt::format("channel.{}", what.channel_id);
    case audience::profile:
      return fmt::format("profile.{}", what.profile_id);
    case audience::watchers:
      return fmt::format("watchers.{}", what.profile_id);
    case audience::everybody:
      break;
  }
  return "everybody";
}

}  // namespace meridian::bus
