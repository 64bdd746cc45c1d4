#include "identity/person_codec.hpp"

namespace meridian::identity {

void write(json::writer& out, const person& shown) {
  out.begin_object();
  write_members(out, shown);
  out.end_object();
}

void write_members(json::writer& out, const person& shown) {
  out.id("id", shown.id)
      .text("full_name", shown.full_name)
      .text("email", shown.email)
      .text("phone", shown.phone)
      .text("title", shown.title)
      .text("time_zone", shown.time_zone)
      .text("country", shown.country)
      .text("region", shown.home->name)
      .id("main_profile_id", shown.main_profile_id)
      .number("version", shown.version)
      .time("created_at", shown.created_at)
      .time("deactivated_at", shown.deactivated_at);
}

}  // namespace meridian::identity
