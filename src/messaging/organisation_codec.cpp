#include "messaging/organisation_codec.hpp"

#include "messaging/names.hpp"

namespace meridian::messaging {
namespace {

constexpr std::size_t token_letters_max = 100;
constexpr std::size_t country_letters_max = 100;

role role_of(json::reader& in, role when_absent) {
  const auto word = in.find_word("role", {"guest", "member", "admin", "owner"});
  return word ? find_role(*word).value() : when_absent;
}

}  // namespace

void write(json::writer& out, const workspace& shown) {
  out.begin_object()
      .id("id", shown.id)
      .text("name", shown.name)
      .text("url", shown.url)
      .text("country", shown.country)
      .text("region", shown.home->name)
      .text("role", to_string(shown.own_role))
      .time("joined_at", shown.joined_at)
      .id("created_by", shown.created_by)
      .time("created_at", shown.created_at)
      .number("version", shown.version)
      .end_object();
}

void write(json::writer& out, const member& shown) {
  out.begin_object()
      .id("profile_id", shown.profile_id)
      .text("role", to_string(shown.role))
      .time("joined_at", shown.joined_at)
      .key("profile");
  if (shown.profile) {
    out.begin_object()
        .id("id", shown.profile->id)
        .text("full_name", shown.profile->full_name)
        .text("title", shown.profile->title)
        .text("time_zone", shown.profile->time_zone)
        .text("region", shown.profile->home->name)
        .end_object();
  } else {
    out.null();
  }
  out.end_object();
}

void write(json::writer& out, const channel& shown) {
  out.begin_object()
      .id("id", shown.id)
      .id("workspace_id", shown.workspace_id)
      .text("name", shown.name)
      .text("topic", shown.topic)
      .flag("is_private", shown.is_private)
      .flag("is_direct", shown.is_direct)
      .flag("is_archived", shown.is_archived)
      .flag("is_member", shown.is_member)
      .number("last_seq", shown.last_seq)
      .number("change_seq", shown.change_seq)
      .number("read_seq", shown.read_seq)
      .number("unread_count", shown.unread_count());
  if (shown.member_count) {
    out.number("member_count", *shown.member_count);
  }
  if (shown.unread_mention_count) {
    out.number("unread_mention_count", *shown.unread_mention_count);
  }
  out.key("direct_profile_ids").begin_array();
  for (const auto id : shown.direct_profile_ids) {
    out.id(id);
  }
  out.end_array()
      .text("region", shown.home->name)
      .id("created_by", shown.created_by)
      .time("created_at", shown.created_at)
      .number("version", shown.version)
      .end_object();
}

namespace {

void write_fields(json::writer& out, const invitation& shown) {
  out.id("id", shown.id)
      .id("workspace_id", shown.workspace_id)
      .text("role", to_string(shown.role))
      .id("created_by", shown.created_by)
      .time("created_at", shown.created_at)
      .time("expires_at", shown.expires_at)
      .number("uses_max", shown.uses_max)
      .number("uses", shown.uses)
      .time("revoked_at", shown.revoked_at)
      .text("region", shown.home->name);
}

}  // namespace

void write(json::writer& out, const invitation& shown) {
  out.begin_object();
  write_fields(out, shown);
  out.end_object();
}

void write(json::writer& out, const opened_invitation& shown) {
  out.begin_object();
  write_fields(out, shown.row);
  out.text("token", shown.token).key("url");
  if (shown.url.empty()) {
    out.null();
  } else {
    out.text(shown.url);
  }
  out.end_object();
}

void write(json::writer& out, const invitation_preview& shown) {
  out.begin_object()
      .key("workspace")
      .begin_object()
      .id("id", shown.workspace_id)
      .text("name", shown.workspace_name)
      .text("url", shown.workspace_url)
      .text("region", shown.home->name)
      .end_object()
      .text("role", to_string(shown.role))
      .time("expires_at", shown.expires_at)
      .end_object();
}

result<new_workspace> read_new_workspace(std::string_view body) {
  MERIDIAN_TRY(auto in, json::reader::parse(body));
  new_workspace wish;
  wish.name = in.text("name", {1, workspace_name_letters_max});
  wish.url = in.text("url", {1, url_letters_max});
  wish.country = in.text("country", {1, country_letters_max});
  MERIDIAN_CHECK(in.check());
  return wish;
}

result<std::string> read_workspace_name(std::string_view body) {
  MERIDIAN_TRY(auto in, json::reader::parse(body));
  auto name = in.text("name", {1, workspace_name_letters_max});
  MERIDIAN_CHECK(in.check());
  return name;
}

result<role> read_role(std::string_view body) {
  MERIDIAN_TRY(auto in, json::reader::parse(body));
  if (!in.has("role")) {
    in.refuse("role", "is missing", "guest, member, admin, owner");
  }
  const auto wanted = role_of(in, role::guest);
  MERIDIAN_CHECK(in.check());
  return wanted;
}

result<new_invitation> read_new_invitation(std::string_view body) {
  MERIDIAN_TRY(auto in, json::reader::parse(body));
  new_invitation wish;
  wish.role = role_of(in, wish.role);
  const auto duration = in.find_number("expires_in_s", 1, invitation_duration_max.count());
  wish.duration = duration ? std::chrono::seconds(*duration) : wish.duration;
  wish.uses_max = in.find_number("uses_max", 1, invitation_uses_max).value_or(wish.uses_max);
  MERIDIAN_CHECK(in.check());
  return wish;
}

result<std::string> read_token(std::string_view body) {
  MERIDIAN_TRY(auto in, json::reader::parse(body));
  auto token = in.text("token", {1, token_letters_max});
  MERIDIAN_CHECK(in.check());
  return token;
}

result<wanted_channel> read_wanted_channel(std::string_view body) {
  MERIDIAN_TRY(auto in, json::reader::parse(body));
  wanted_channel wanted;
  if (in.has("profile_ids")) {
    wanted.direct_with = in.ids("profile_ids", direct_people_max);
    if (in.has("name")) {
      in.refuse("name", "does not go with profile_ids", "one of the two: direct channels have no name");
    }
  } else {
    // One more, for the "#" that people write before it.
    wanted.wish.name = in.text("name", {1, channel_name_letters_max + 1});
    wanted.wish.topic = in.find_text("topic", {0, topic_letters_max}).value_or("");
    wanted.wish.is_private = in.flag("is_private", false);
    wanted.wish.member_ids = in.ids("member_ids", first_members_max);
  }
  MERIDIAN_CHECK(in.check());
  return wanted;
}

result<channel_change> read_channel_change(std::string_view body) {
  MERIDIAN_TRY(auto in, json::reader::parse(body));
  channel_change what;
  what.name = in.find_text("name", {1, channel_name_letters_max + 1});
  what.topic = in.find_text("topic", {0, topic_letters_max});
  what.is_archived = in.find_flag("is_archived");
  MERIDIAN_CHECK(in.check());
  return what;
}

}  // namespace meridian::messaging
