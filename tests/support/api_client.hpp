// A person at one region's door: JSON over one HTTP connection that stays open.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <boost/json/value.hpp>

namespace meridian::test {

struct api_answer {
  int status = 0;                              // 0: nobody answered
  std::map<std::string, std::string> headers;  // names in lower case
  boost::json::value body;                     // null where there is no JSON
  std::string text;

  // A member of the body, by a JSON pointer ("/items/0/id"); fails the test when it is not there.
  const boost::json::value& at(const std::string& pointer) const;
  std::string text_at(const std::string& pointer) const;
  std::int64_t number_at(const std::string& pointer) const;
  std::size_t size_of(const std::string& pointer) const;  // of an array
};

// Blocking; every call ends after 20 s.
class api_client {
 public:
  explicit api_client(std::uint16_t port, std::string token = "");
  api_client(const api_client&) = delete;
  api_client& operator=(const api_client&) = delete;
  ~api_client();

  // POST /v1/sessions; a test failure unless it succeeds. Later calls are that person's.
  void sign_in(const std::string& email, const std::string& password);
  std::int64_t profile_id() const { return profile_id_; }
  void set_token(std::string token) { token_ = std::move(token); }

  // `body` is JSON, "" for none. `headers` are lines without their ends: "If-Match: \"3\"".
  api_answer ask(
      const std::string& method, const std::string& target, const std::string& body = "",
      const std::vector<std::string>& headers = {}
  );
  api_answer get(const std::string& target) { return ask("GET", target); }
  api_answer post(const std::string& target, const std::string& body) { return ask("POST", target, body); }
  api_answer put(const std::string& target, const std::string& body = "") { return ask("PUT", target, body); }
  api_answer patch(const std::string& target, const std::string& body) { return ask("PATCH", target, body); }
  api_answer remove(const std::string& target) { return ask("DELETE", target); }

 private:
  bool connect();
  bool receive(std::string& into);

  std::uint16_t port_;
  std::string token_;
  std::int64_t profile_id_ = 0;
  int socket_ = -1;
};

// JSON of a flat object whose members are texts: json_of({{"text", "hello"}}).
std::string json_of(const std::map<std::string, std::string>& members);

}  // namespace meridian::test
