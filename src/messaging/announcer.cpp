#include "messaging/announcer.hpp"

#include <utility>

#include "json/writer.hpp"
#include "messaging/message_codec.hpp"

namespace meridian::messaging {
namespace {

// Of a frame around its message.
constexpr std::size_t envelope_bytes = 128;
constexpr std::size_t message_bytes = 640;  // without its text

bus::topic topic_of(bus::audience to, std::int64_t id) {
  bus::topic made;
  made.to = to;
  made.id = id;
  return made;
}

// The beginning of a frame, up to its message.
json::writer begin_frame(bus::event& told) {
  json::writer out(told.frame);
  out.begin_object().text("type", to_string(told.what)).id("channel_id", told.channel_id);
  return out;
}

}  // namespace

std::string announcer::tell_posted(const message& it, const topology::region& home) const {
  if (!to_.is_heard(topic_of(bus::audience::channel, it.channel_id))) {
    return "";
  }
  bus::event told;
  told.what = bus::event_kind::message;
  told.channel_id = it.channel_id;
  told.seq = it.seq;
  told.change_seq = it.change_seq;
  told.frame.reserve(it.text.size() + message_bytes + envelope_bytes);
  auto out = begin_frame(told);
  out.number("seq", it.seq).number("change_seq", it.change_seq).key("message");
  const auto begin = told.frame.size();
  append_json(told.frame, it, home);
  auto written = told.frame.substr(begin);
  out.end_object();
  to_.publish(std::move(told));
  return written;
}

void announcer::tell_changed(std::int64_t change_seq, const message& it, const topology::region& home) const {
  if (!to_.is_heard(topic_of(bus::audience::channel, it.channel_id))) {
    return;
  }
  bus::event told;
  told.what = bus::event_kind::change;
  told.channel_id = it.channel_id;
  told.seq = it.seq;
  told.change_seq = change_seq;
  auto out = begin_frame(told);
  out.number("change_seq", change_seq).key("message");
  append_json(told.frame, it, home);
  out.end_object();
  to_.publish(std::move(told));
}

void announcer::tell_read(
    std::int64_t channel_id, std::int64_t profile_id, std::int64_t read_seq, std::int64_t last_seq
) const {
  if (!to_.is_heard(topic_of(bus::audience::profile, profile_id))) {
    return;
  }
  bus::event told;
  told.what = bus::event_kind::read;
  told.channel_id = channel_id;
  told.profile_id = profile_id;
  begin_frame(told).number("read_seq", read_seq).number("last_seq", last_seq).end_object();
  to_.publish(std::move(told));
}

void announcer::tell_channel(std::int64_t channel_id, std::int64_t workspace_id, std::string_view change) const {
  if (!to_.is_heard(topic_of(bus::audience::channel, channel_id))) {
    return;
  }
  bus::event told;
  told.what = bus::event_kind::channel;
  told.channel_id = channel_id;
  told.workspace_id = workspace_id;
  begin_frame(told).id("workspace_id", workspace_id).text("change", change).end_object();
  to_.publish(std::move(told));
}

void announcer::tell_membership(
    std::int64_t channel_id, std::int64_t workspace_id, std::int64_t profile_id, bool is_member
) const {
  if (!to_.is_heard(topic_of(bus::audience::profile, profile_id))) {
    return;
  }
  bus::event told;
  told.what = bus::event_kind::membership;
  told.channel_id = channel_id;
  told.workspace_id = workspace_id;
  told.profile_id = profile_id;
  told.is_member = is_member;
  json::writer out(told.frame);
  out.begin_object().text("type", to_string(told.what)).key("channel_id");
  if (channel_id > 0) {
    out.id(channel_id);
  } else {
    out.null();
  }
  out.id("workspace_id", workspace_id).id("profile_id", profile_id).flag("is_member", is_member).end_object();
  to_.publish(std::move(told));
}

}  // namespace meridian::messaging
