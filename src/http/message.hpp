// Requests and responses as handlers see them: plain values, no wire format.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/deadline.hpp"

namespace meridian::http {

// `remove` is DELETE. Other methods never reach a handler.
enum class verb { get, head, post, put, patch, remove, options };
inline constexpr std::size_t verb_count = 7;

// As on the wire: "GET".
std::string_view to_string(verb method);

// Methods are case-sensitive; none for one that this server does not know.
std::optional<verb> find_verb(std::string_view name);

// "Not Found". Empty for a status without a registered phrase.
std::string_view reason_of(int status);

// Whether two header names (or tokens) are the same, ASCII case aside.
bool equal_tokens(std::string_view left, std::string_view right);

// Header fields in order. All text is in one string, so that a request costs two allocations and not two a field.
class header_list {
 public:
  struct field {
    std::string_view name;
    std::string_view value;
  };

  // Keeps fields of the same name that are there.
  void add(std::string_view name, std::string_view value);

  // Takes the place of every field of that name.
  void set(std::string_view name, std::string_view value);

  // The first of that name, case aside. The view holds until the list changes.
  std::optional<std::string_view> find(std::string_view name) const;

  std::size_t size() const { return places_.size(); }
  field at(std::size_t index) const;

 private:
  struct place {
    std::uint32_t at;  // of the name in text_; the value follows it
    std::uint32_t name_size;
    std::uint32_t value_size;
  };

  std::string text_;
  std::vector<place> places_;
};

// Query parameters in order, decoded: valid UTF-8 without NUL.
class query_list {
 public:
  void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }

  // The first of that name; "" for one without "=". The view holds until the list changes.
  std::optional<std::string_view> find(std::string_view name) const;

  std::size_t size() const { return pairs_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// Where in the path the route's captures are. Offsets, so that a request may be moved.
class capture_list {
 public:
  // Deeper resources than /v1/a/{}/b/{}/c/{}/d/{} are a design mistake.
  static constexpr std::size_t count_max = 4;

  struct capture {
    std::string_view name;  // the router's, which outlives every request
    std::uint32_t at;
    std::uint32_t size;
  };

  // At most count_max; the router sees to it.
  void add(capture next) { captures_[count_++] = next; }
  std::size_t size() const { return count_; }
  const capture& operator[](std::size_t index) const { return captures_[index]; }
  capture& operator[](std::size_t index) { return captures_[index]; }

 private:
  std::array<capture, count_max> captures_{};
  std::size_t count_ = 0;
};

struct request {
  verb method = verb::get;
  std::string path;  // decoded: valid UTF-8 without controls, no "." and ".." segments
  query_list query;
  header_list headers;
  std::string body;
  capture_list captures;
  std::string peer_address;           // of the socket, without the port; or what a proxy that we know says
  std::string id;                     // X-Request-Id: the caller's when it is fit to be logged, else ours
  deadline until = deadline::in({});  // hand it to whatever the handler waits for

  // What the route's {name} stands for. Asking for one that the pattern does not have is a bug and throws.
  std::string_view text(std::string_view name) const;

  // As text, for {name:number}.
  std::int64_t number(std::string_view name) const;
};

// The server adds Date, Content-Length, Connection, X-Request-Id, X-Content-Type-Options and, unless set,
// Cache-Control. The first three are its own: a response that sets them, or a field that can't be sent, is a bug and
// answered 500.
struct response {
  int status = 200;
  std::string content_type;  // none when empty
  header_list headers;
  std::string body;  // not sent to HEAD, nor with 204 and 304
};

}  // namespace meridian::http
