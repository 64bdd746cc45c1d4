// The OpenAPI document: what this program answers to, as people and programs read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace meridian::serve {

// One method of one path. The views are into the document.
struct operation {
  http::verb method;
  std::string path;     // "/v1/channels/{id}"
  std::string service;  // "profile", "messaging", or "process" for what every process answers
};

// api/openapi.json, as it was built in.
const std::string& document_text();

const std::vector<operation>& document_operations();

// The same as one HTML page without scripts: its style is at /docs/style.css.
const std::string& document_page();
std::string_view document_style();

}  // namespace meridian::serve
