#include "messaging/message_codec.hpp"

#include "json/writer.hpp"
#include "messaging/mention.hpp"

namespace meridian::messaging {
namespace {

void append_mentions(json::writer& body, std::string_view text) {
  const auto called = mentions_in(text);
  body.key("mentions").begin_object().key("profile_ids").begin_array();
  for (const auto id : called.profile_ids) {
    body.id(id);
  }
  body.end_array().flag("channel", called.channel).flag("here", called.here).end_object();
}

}  // namespace

void append_json(std::string& out, const message& it, const topology::region& home) {
  json::writer body(out);
  body.begin_object()
      .id("id", it.id)
      .id("channel_id", it.channel_id)
      .id("sender_id", it.sender_id)
      .number("seq", it.seq)
      .number("change_seq", it.change_seq)
      .text("text", it.text)
      .time("sent_at", it.sent_at)
      .time("edited_at", it.edited_at)
      .time("deleted_at", it.deleted_at)
      .id("thread_root_id", it.thread_root_id)
      .text("client_msg_id", it.client_msg_id)
      .number("reply_count", it.reply_count)
      .key("reactions")
      .raw(it.reactions ? std::string_view(*it.reactions) : "[]");
  append_mentions(body, it.text);
  body.text("region", home.name);
  body.key("permalink").text("/v1/messages/" + std::to_string(it.id)).end_object();
}

std::string to_json(const message& it, const topology::region& home) {
  std::string out;
  out.reserve(it.text.size() + 512);
  append_json(out, it, home);
  return out;
}

}  // namespace meridian::messaging
