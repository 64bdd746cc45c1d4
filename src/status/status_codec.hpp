// Statuses as JSON.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/writer.hpp"
#include "status/status.hpp"

namespace meridian::status {

void write(json::writer& out, const setting& shown);
void write(json::writer& out, const conflict& shown);

std::string body_of(const setting& shown);

// {"type": "status", ...}: what those who watch the profile get.
std::string frame_of(const setting& shown);

// {status?, text?, emoji?, expires_at? | expires_in_s? | until? + time_zone?}. invalid_argument with the field.
result<wish> read_wish(std::string_view body);

// {expires_at? | expires_in_s?}: one of them.
result<ending> read_pause(std::string_view body);

}  // namespace meridian::status
