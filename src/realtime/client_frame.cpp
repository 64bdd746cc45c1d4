#include "realtime/client_frame.hpp"

#include <fmt/core.h>

#include "json/reader.hpp"

namespace meridian::realtime {
namespace {

constexpr std::pair<std::string_view, request_kind> kinds[] = {
    {"authenticate", request_kind::authenticate},
    {"follow", request_kind::follow},
    {"unfollow", request_kind::unfollow},
    {"watch", request_kind::watch},
    {"unwatch", request_kind::unwatch},
    {"look", request_kind::look},
    {"away", request_kind::away},
    {"typing", request_kind::typing},
    {"ping", request_kind::ping},
};

result<request_kind> kind_of(std::string_view word) {
  std::string accepted;
  for (const auto& [name, kind] : kinds) {
    if (word == name) {
      return kind;
    }
    accepted += accepted.empty() ? "" : ", ";
    accepted += name;
  }
  return error{
      errc::invalid_argument, "the type of the frame is unknown", fmt::format("Accepted: {}.", accepted), "type"
  };
}

}  // namespace

result<client_frame> parse_client_frame(std::string_view text) {
  constexpr json::text_size type_size{1, 30};
  constexpr json::text_size token_size{1, 200};
  MERIDIAN_TRY(auto fields, json::reader::parse(text));
  const auto type = fields.text("type", type_size);
  MERIDIAN_CHECK(fields.check());
  client_frame read;
  MERIDIAN_TRY(read.what, kind_of(type));
  switch (read.what) {
    case request_kind::authenticate:
      read.token = fields.text("token", token_size);
      break;
    case request_kind::watch:
    case request_kind::unwatch:
      read.profile_ids = fields.ids("profile_ids", profiles_of_frame_max);
      break;
    case request_kind::ping:
      break;
    default:
      read.channel_id = fields.id("channel_id");
  }
  MERIDIAN_CHECK(fields.check());
  return read;
}

}  // namespace meridian::realtime
