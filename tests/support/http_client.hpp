// A person's client: asks the product over HTTP and holds each answer against the OpenAPI document.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "support/openapi.hpp"

namespace meridian::test {

struct http_reply {
  int status = 0;       // 0: no answer came
  std::string trouble;  // why: "refused" when nobody listens, "cut" when the connection ended or nothing came in time
  header_fields headers;
  std::string body;

  // "" for none. Names are compared letter case aside.
  std::string header(std::string_view name) const;

  // null for a body that is not JSON.
  boost::json::value json() const;
};

// One connection that is kept alive, and opened again when the server has closed it. Blocking; for one thread at a
// time.
class http_client {
 public:
  http_client(std::string address, std::uint16_t port) : address_(std::move(address)), port_(port) {}
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  ~http_client();

  // Sent as Authorization: Bearer with every request; "" for none.
  void set_token(std::string token) { token_ = std::move(token); }
  const std::string& token() const { return token_; }

  // POST /v1/sessions, and keeps the token; anything but 201 is a test failure.
  http_reply sign_in(const std::string& email, const std::string& password);

  http_reply get(const std::string& target, const header_fields& headers = {});
  http_reply post(const std::string& target, const boost::json::value& body, const header_fields& headers = {});
  http_reply put(const std::string& target, const boost::json::value& body = {}, const header_fields& headers = {});
  http_reply patch(const std::string& target, const boost::json::value& body, const header_fields& headers = {});
  http_reply remove(const std::string& target, const header_fields& headers = {});

  // With any body. What of the answer is not as documented is a test failure.
  http_reply ask(
      const std::string& method, const std::string& target, const std::string& body, const header_fields& headers = {}
  );

  // Whether answers are held against the document; they are.
  void set_checking(bool checks) { checks_ = checks; }

  // For an answer; 20 s.
  void set_patience(std::chrono::milliseconds longest) { patience_ = longest; }

  // For what is not a request as it should be: bytes as they are, the end of what this side says, and the next answer,
  // which is not held against the document. False when the other side does not take them any more.
  bool say(std::string_view bytes);
  void end_saying();
  http_reply hear();

  // Ends the connection; the next request opens another.
  void close();

 private:
  bool connect();
  bool send_all(std::string_view bytes) const;
  bool receive();
  http_reply hear_answer_to(const std::string& method);

  std::string address_;
  std::uint16_t port_;
  std::string token_;
  bool checks_ = true;
  std::chrono::milliseconds patience_{20'000};
  int socket_ = -1;
  std::string pending_;
};

}  // namespace meridian::test
