#include "http/message.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace meridian::http {
namespace {

constexpr std::array<std::string_view, verb_count> verb_names = {"GET",   "HEAD",   "POST",   "PUT",
                                                                 "PATCH", "DELETE", "OPTIONS"};

constexpr char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

std::string_view to_string(verb method) {
  return verb_names[static_cast<std::size_t>(method)];
}

std::optional<verb> find_verb(std::string_view name) {
  const auto* const found = std::find(verb_names.begin(), verb_names.end(), name);
  if (found == verb_names.end()) {
    return std::nullopt;
  }
  return static_cast<verb>(found - verb_names.begin());
}

std::string_view reason_of(int status) {
  static constexpr std::pair<int, std::string_view> reasons[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  };
  const auto* const found = std::ranges::lower_bound(reasons, status, {}, &std::pair<int, std::string_view>::first);
  return found != std::end(reasons) && found->first == status ? found->second : std::string_view();
}

bool equal_tokens(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char one, char other) { return lower(one) == lower(other); });
}

void header_list::add(std::string_view name, std::string_view value) {
  places_.push_back({
      static_cast<std::uint32_t>(text_.size()),
      static_cast<std::uint32_t>(name.size()),
      static_cast<std::uint32_t>(value.size()),
  });
  text_.append(name).append(value);
}

void header_list::set(std::string_view name, std::string_view value) {
  const auto text = std::string_view(text_);
  std::erase_if(places_, [&](const place& one) { return equal_tokens(text.substr(one.at, one.name_size), name); });
  add(name, value);
}

std::optional<std::string_view> header_list::find(std::string_view name) const {
  for (std::size_t index = 0; index < places_.size(); ++index) {
    if (const auto one = at(index); equal_tokens(one.name, name)) {
      return one.value;
    }
  }
  return std::nullopt;
}

header_list::field header_list::at(std::size_t index) const {
  const auto& one = places_[index];
  const auto text = std::string_view(text_).substr(one.at);
  return {text.substr(0, one.name_size), text.substr(one.name_size, one.value_size)};
}

std::optional<std::string_view> query_list::find(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string_view request::text(std::string_view name) const {
  for (std::size_t index = 0; index < captures.size(); ++index) {
    if (captures[index].name == name) {
      return std::string_view(path).substr(captures[index].at, captures[index].size);
    }
  }
  throw std::logic_error("the route has no capture {" + std::string(name) + "}");
}

std::int64_t request::number(std::string_view name) const {
  const auto digits = text(name);
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failed != std::errc() || end != digits.data() + digits.size()) {
    throw std::logic_error("the route's capture {" + std::string(name) + "} is not a :number");
  }
  return value;
}

}  // namespace meridian::http
