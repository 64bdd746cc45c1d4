#include "lab/reply_parser.hpp"

#include <charconv>

namespace meridian::lab {
namespace {

constexpr std::size_t head_bytes_max = 16 << 10;

error not_ours(const char* what) {
  return {errc::invalid_argument, what, ""};
}

bool equal_names(std::string_view left, std::string_view lower_case) {
  if (left.size() != lower_case.size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    const char letter = left[i] >= 'A' && left[i] <= 'Z' ? static_cast<char>(left[i] + ('a' - 'A')) : left[i];
    if (letter != lower_case[i]) {
      return false;
    }
  }
  return true;
}

template <class Number>
std::optional<Number> number_of(std::string_view digits) {
  Number value{};
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = failure == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(value) : std::nullopt;
}

struct head_facts {
  std::optional<std::size_t> body_size;
  bool closes = false;
};

// `fields` are lines that end in CR LF each.
std::optional<head_facts> read_fields(std::string_view fields) {
  head_facts facts;
  while (!fields.empty()) {
    const auto end = fields.find("\r\n");
    const auto line = fields.substr(0, end);
    fields.remove_prefix(end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      return std::nullopt;
    }
    const auto name = line.substr(0, colon);
    const auto value = line.substr(
        line.find_first_not_of(' ', colon + 1) == std::string_view::npos ? line.size()
                                                                         : line.find_first_not_of(' ', colon + 1)
    );
    if (equal_names(name, "content-length")) {
      facts.body_size = number_of<std::size_t>(value);
    } else if (equal_names(name, "connection")) {
      facts.closes = equal_names(value, "close");
    }
  }
  return facts;
}

}  // namespace

result<std::optional<reply>> parse_reply(std::string_view received) {
  constexpr std::string_view protocol = "HTTP/1.1 ";
  constexpr std::size_t status_digits = 3;
  if (!received.starts_with(protocol.substr(0, received.size()))) {
    return not_ours("what answers does not speak HTTP/1.1");
  }
  const auto head_end = received.substr(0, head_bytes_max).find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    return received.size() < head_bytes_max ? result<std::optional<reply>>(std::nullopt)
                                            : not_ours("the head of an answer is too long");
  }
  const auto status = number_of<int>(received.substr(protocol.size(), status_digits));
  const auto fields_begin = received.find("\r\n") + 2;
  const auto facts = read_fields(received.substr(fields_begin, head_end + 2 - fields_begin));
  if (!status || !facts) {
    return not_ours("the head of an answer is malformed");
  }
  const bool has_no_body = *status == 204 || *status == 304;
  if (!has_no_body && !facts->body_size) {
    return not_ours("an answer does not tell the length of its body");
  }
  const auto body_begin = head_end + 4;
  const auto body_size = has_no_body ? 0 : *facts->body_size;
  if (received.size() - body_begin < body_size) {
    return std::optional<reply>();
  }
  return std::optional(reply{*status, received.substr(body_begin, body_size), body_begin + body_size, facts->closes});
}

std::string_view find_member(std::string_view json, std::string_view name) {
  for (auto at = json.find(name); at != std::string_view::npos; at = json.find(name, at + 1)) {
    const auto after = at + name.size();
    if (at == 0 || json[at - 1] != '"' || !json.substr(after).starts_with("\":")) {
      continue;
    }
    auto value = json.substr(after + 2);
    if (value.starts_with('"')) {
      value.remove_prefix(1);
      return value.substr(0, value.find('"'));
    }
    return value.substr(0, value.find_first_of(",}]"));
  }
  return {};
}

}  // namespace meridian::lab
