// Workspaces, members, channels and invitations as JSON.
#pragma once

#include <string_view>

#include "json/reader.hpp"
#include "json/writer.hpp"
#include "messaging/channel.hpp"
#include "messaging/invitation.hpp"
#include "messaging/member.hpp"
#include "messaging/workspace.hpp"

namespace meridian::messaging {

void write(json::writer& out, const workspace& shown);
void write(json::writer& out, const member& shown);
void write(json::writer& out, const channel& shown);
void write(json::writer& out, const invitation& shown);
void write(json::writer& out, const opened_invitation& shown);
void write(json::writer& out, const invitation_preview& shown);

// What bodies say. invalid_argument with the field.
result<new_workspace> read_new_workspace(std::string_view body);
result<std::string> read_workspace_name(std::string_view body);
result<role> read_role(std::string_view body);
result<new_invitation> read_new_invitation(std::string_view body);
result<std::string> read_token(std::string_view body);

// `profile_ids` opens a direct channel, `name` makes another one.
struct wanted_channel {
  std::optional<std::vector<std::int64_t>> direct_with;
  new_channel wish;
};
result<wanted_channel> read_wanted_channel(std::string_view body);
result<channel_change> read_channel_change(std::string_view body);

template <class Row>
std::string body_of(const Row& shown) {
  std::string body;
  json::writer out(body);
  write(out, shown);
  return body;
}

}  // namespace meridian::messaging
