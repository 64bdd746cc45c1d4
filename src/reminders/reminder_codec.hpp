// Reminders in JSON, and the token of a read-your-writes session.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/writer.hpp"
#include "reminders/reminder_times.hpp"

namespace meridian::reminders {

// With "understood" where a phrase was read.
void write(json::writer& out, const reminder& it, const std::optional<understanding>& understood = std::nullopt);

// {"type":"reminder","reminder":{...},"is_late":...,"token":"..."}: the token makes a read hold at least this.
std::string frame_of(const reminder& it, log_position position);

// 16 hexadecimal digits. None for what to_token did not make.
std::string to_token(log_position position);
std::optional<log_position> parse_token(std::string_view text);

}  // namespace meridian::reminders
