#include "support/http_client.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>

namespace meridian::test {
namespace {

bool is_same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](unsigned char one, unsigned char other) {
    return std::tolower(one) == std::tolower(other);
  });
}

std::string text_of(const boost::json::value& body) {
  return body.is_null() ? "" : boost::json::serialize(body);
}

}  // namespace

std::string http_reply::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (is_same_name(known, name)) {
      return value;
    }
  }
  return "";
}

boost::json::value http_reply::json() const {
  boost::system::error_code malformed;
  auto value = boost::json::parse(body, malformed);
  return malformed ? boost::json::value() : value;
}

http_client::~http_client() {
  close();
}

void http_client::close() {
  if (socket_ >= 0) {
    ::close(std::exchange(socket_, -1));
  }
  pending_.clear();
}

bool http_client::connect() {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const timeval longest{patience_.count() / 1000, patience_.count() % 1000 * 1000};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port_);
  ::inet_pton(AF_INET, address_.c_str(), &where.sin_addr);
  return ::connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
}

bool http_client::send_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool http_client::receive() {
  char buffer[16384];
  const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
  if (count <= 0) {
    return false;
  }
  pending_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

http_reply http_client::hear_answer_to(const std::string& method) {
  auto end = pending_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!receive()) {
      return {};
    }
    end = pending_.find("\r\n\r\n");
  }
  http_reply reply;
  auto head = std::string_view(pending_).substr(0, end);
  const auto status = head.substr(std::min<std::size_t>(9, head.size()), 3);
  std::from_chars(status.data(), status.data() + status.size(), reply.status);
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    if (const auto colon = line.find(": "); colon != std::string_view::npos) {
      reply.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    head.remove_prefix(std::min(head.size(), line.size() + 2));
  }
  std::size_t size = 0;
  const auto length = reply.header("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), size);
  size = method == "HEAD" ? 0 : size;
  while (pending_.size() < end + 4 + size) {
    if (!receive()) {
      return {};
    }
  }
  reply.body = pending_.substr(end + 4, size);
  pending_.erase(0, end + 4 + size);
  return reply;
}

bool http_client::say(std::string_view bytes) {
  return (socket_ >= 0 || connect()) && send_all(bytes);
}

void http_client::end_saying() {
  ::shutdown(socket_, SHUT_WR);
}

http_reply http_client::hear() {
  auto reply = hear_answer_to("");
  if (reply.status == 0) {
    reply.trouble = "cut";
    close();
  }
  return reply;
}

http_reply http_client::ask(
    const std::string& method, const std::string& target, const std::string& body, const header_fields& headers
) {
  auto text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target, address_);
  if (!token_.empty()) {
    text += "Authorization: Bearer " + token_ + "\r\n";
  }
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  }
  for (const auto& [name, value] : headers) {
    text += name + ": " + value + "\r\n";
  }
  text += "\r\n" + body;
  http_reply reply;
  if (socket_ < 0 && !connect()) {
    reply.trouble = "refused";
  } else if (send_all(text)) {
    reply = hear_answer_to(method);
  }
  if (reply.status == 0 && reply.trouble.empty()) {
    reply.trouble = "cut";
  }
  if (reply.status == 0 || is_same_name(reply.header("Connection"), "close")) {
    close();
  }
  if (checks_ && reply.status != 0 && method != "HEAD") {
    const observed_answer answer{reply.status, reply.headers, reply.body};
    EXPECT_EQ(openapi::product().fault_in(method, target, answer), "");
  }
  return reply;
}

http_reply http_client::get(const std::string& target, const header_fields& headers) {
  return ask("GET", target, "", headers);
}

http_reply http_client::post(const std::string& target, const boost::json::value& body, const header_fields& headers) {
  return ask("POST", target, text_of(body), headers);
}

http_reply http_client::put(const std::string& target, const boost::json::value& body, const header_fields& headers) {
  return ask("PUT", target, text_of(body), headers);
}

http_reply http_client::patch(const std::string& target, const boost::json::value& body, const header_fields& headers) {
  return ask("PATCH", target, text_of(body), headers);
}

http_reply http_client::remove(const std::string& target, const header_fields& headers) {
  return ask("DELETE", target, "", headers);
}

http_reply http_client::sign_in(const std::string& email, const std::string& password) {
  set_token("");
  auto reply = post("/v1/sessions", boost::json::value{{"email", email}, {"password", password}});
  EXPECT_EQ(reply.status, 201) << reply.body;
  if (reply.status == 201) {
    set_token(std::string(reply.json().at("token").as_string()));
  }
  return reply;
}

}  // namespace meridian::test
