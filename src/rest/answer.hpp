// Responses of the JSON API.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "topology/topology.hpp"

namespace meridian::rest {

// application/json; the body is whole.
http::response json_answer(int status, std::string body);

// 204.
http::response nothing();

// Where the row rests: "Meridian-Region: asia".
void set_region(http::response& answer, const topology::region& home);

// A list from which the rows of these regions are missing: "Meridian-Missing-Regions: asia, europe". Nothing when "".
void set_missing_regions(http::response& answer, std::string_view names);

// A strong validator (RFC 9110, section 8.8.3) made of the row's version.
void set_etag(http::response& answer, std::int64_t version);

}  // namespace meridian::rest
