#include "support/http_get.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

#include <boost/asio/ip/tcp.hpp>

namespace meridian::test {

http_answer http_get(
    const std::string& address, std::uint16_t port, const std::string& target, std::chrono::seconds longest
) {
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(longest);
  stream.connect(address, std::to_string(port));
  stream << "GET " << target << " HTTP/1.1\r\nHost: " << address << "\r\nConnection: close\r\n\r\n" << std::flush;
  http_answer answer;
  std::string version;
  stream >> version >> answer.status;
  std::string line;
  std::getline(stream, line);
  constexpr std::string_view wanted = "content-type: ";
  while (std::getline(stream, line) && line != "\r") {
    std::ranges::transform(line, line.begin(), [](unsigned char letter) {
      return static_cast<char>(std::tolower(letter));
    });
    if (line.starts_with(wanted)) {
      answer.content_type = line.substr(wanted.size(), line.size() - wanted.size() - 1);
    }
  }
  std::ostringstream body;
  body << stream.rdbuf();
  answer.body = body.str();
  return answer;
}

}  // namespace meridian::test
