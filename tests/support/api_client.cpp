#include "support/api_client.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/json.hpp>

namespace meridian::test {
namespace {

constexpr int patience_s = 20;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  });
  return text;
}

void read_head(const std::string& head, api_answer& answer) {
  std::from_chars(head.data() + std::string("HTTP/1.1 ").size(), head.data() + head.size(), answer.status);
  for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(": ");
    if (colon != std::string::npos) {
      answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
  }
}

}  // namespace

const boost::json::value& api_answer::at(const std::string& pointer) const {
  static const boost::json::value nothing;
  boost::system::error_code missing;
  const auto* found = body.find_pointer(pointer, missing);
  EXPECT_NE(found, nullptr) << "no " << pointer << " in status " << status << ": " << text;
  return found == nullptr ? nothing : *found;
}

std::string api_answer::text_at(const std::string& pointer) const {
  const auto& found = at(pointer);
  EXPECT_TRUE(found.is_string()) << pointer << " in " << text;
  return found.is_string() ? std::string(found.as_string()) : "";
}

std::int64_t api_answer::number_at(const std::string& pointer) const {
  const auto& found = at(pointer);
  EXPECT_TRUE(found.is_int64()) << pointer << " in " << text;
  return found.is_int64() ? found.as_int64() : -1;
}

std::size_t api_answer::size_of(const std::string& pointer) const {
  const auto& found = at(pointer);
  EXPECT_TRUE(found.is_array()) << pointer << " in " << text;
  return found.is_array() ? found.as_array().size() : 0;
}

api_client::api_client(std::uint16_t port, std::string token) : port_(port), token_(std::move(token)) {}

api_client::~api_client() {
  if (socket_ >= 0) {
    ::close(socket_);
  }
}

bool api_client::connect() {
  if (socket_ >= 0) {
    return true;
  }
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{patience_s, 0};
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port_);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    ::close(std::exchange(socket_, -1));
  }
  return socket_ >= 0;
}

bool api_client::receive(std::string& into) {
  char piece[16 << 10];
  const auto count = ::recv(socket_, piece, sizeof piece, 0);
  into.append(piece, count > 0 ? static_cast<std::size_t>(count) : 0);
  return count > 0;
}

api_answer api_client::ask(
    const std::string& method, const std::string& target, const std::string& body,
    const std::vector<std::string>& headers
) {
  std::string said = fmt::format("{} {} HTTP/1.1\r\nHost: meridian\r\n", method, target);
  said += token_.empty() ? "" : fmt::format("Authorization: Bearer {}\r\n", token_);
  said += body.empty() ? "" : "Content-Type: application/json\r\n";
  said += method == "GET" ? "" : fmt::format("Content-Length: {}\r\n", body.size());
  for (const auto& line : headers) {
    said += line + "\r\n";
  }
  said += "\r\n" + body;
  api_answer answer;
  if (!connect() || ::send(socket_, said.data(), said.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(said.size())) {
    return answer;
  }
  std::string heard;
  std::size_t head_end = std::string::npos;
  while ((head_end = heard.find("\r\n\r\n")) == std::string::npos) {
    if (!receive(heard)) {
      ::close(std::exchange(socket_, -1));
      return answer;
    }
  }
  read_head(heard.substr(0, head_end), answer);
  const auto size = answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
  while (heard.size() < head_end + 4 + size && receive(heard)) {
  }
  answer.text = heard.substr(head_end + 4);
  boost::system::error_code malformed;
  answer.body = boost::json::parse(answer.text.empty() ? "null" : answer.text, malformed);
  EXPECT_FALSE(malformed) << answer.text;
  if (answer.headers["connection"] == "close") {
    ::close(std::exchange(socket_, -1));
  }
  return answer;
}

void api_client::sign_in(const std::string& email, const std::string& password) {
  const auto answer = post("/v1/sessions", json_of({{"email", email}, {"password", password}}));
  ASSERT_EQ(answer.status, 201) << email << ": " << answer.text;
  token_ = answer.text_at("/token");
  profile_id_ = std::stoll(answer.text_at("/profile/id"));
}

std::string json_of(const std::map<std::string, std::string>& members) {
  boost::json::object object;
  for (const auto& [name, value] : members) {
    object[name] = value;
  }
  return boost::json::serialize(object);
}

}  // namespace meridian::test
