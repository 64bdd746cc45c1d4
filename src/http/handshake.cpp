#include "http/handshake.hpp"

#include <fmt/core.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http/problem.hpp"

namespace meridian::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using beast::error_code;

constexpr std::string_view version = "13";

// Whether a field that is a list of words, in any number of lines, has that one.
bool has_word(const header_list& headers, std::string_view name, std::string_view word) {
  for (std::size_t index = 0; index < headers.size(); ++index) {
    const auto field = headers.at(index);
    if (equal_tokens(field.name, name) &&
        beast::http::token_list({field.value.data(), field.value.size()}).exists({word.data(), word.size()})) {
      return true;
    }
  }
  return false;
}

std::size_t count_of(const header_list& headers, std::string_view name) {
  std::size_t count = 0;
  for (std::size_t index = 0; index < headers.size(); ++index) {
    count += equal_tokens(headers.at(index).name, name) ? 1 : 0;
  }
  return count;
}

// 16 octets in base64.
bool is_key(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() == 24 && text.ends_with("==") && text.substr(0, 22).find_first_not_of(letters) == text.npos;
}

// A stream to nobody, which keeps what is written: Beast's handshake without its connection.
class kept_stream {
 public:
  using executor_type = asio::any_io_executor;

  explicit kept_stream(asio::any_io_executor lane) : lane_(std::move(lane)) {}
  executor_type get_executor() const { return lane_; }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& failed) {
    failed = {};
    const auto before = written.size();
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
      const asio::const_buffer part(*at);
      written.append(static_cast<const char*>(part.data()), part.size());
    }
    return written.size() - before;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    error_code none;
    return write_some(buffers, none);
  }
  template <class Buffers>
  std::size_t read_some(const Buffers&, error_code& failed) {
    failed = asio::error::eof;
    return 0;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers&) {
    throw beast::system_error(asio::error::eof);
  }

  std::string written;

 private:
  asio::any_io_executor lane_;
};

// What Beast answers to it.
beast::http::fields answer_to(const request& received, bool may_compress, const asio::any_io_executor& lane) {
  const auto key = *received.headers.find("Sec-WebSocket-Key");
  beast::http::request<beast::http::empty_body> asked(beast::http::verb::get, "/", 11);
  asked.set(beast::http::field::host, "meridian");
  asked.set(beast::http::field::connection, "upgrade");
  asked.set(beast::http::field::upgrade, "websocket");
  asked.set(beast::http::field::sec_websocket_version, "13");
  asked.set(beast::http::field::sec_websocket_key, beast::string_view(key.data(), key.size()));
  beast::websocket::stream<kept_stream> accepted(lane);
  if (may_compress) {
    const auto offers = received.headers.find("Sec-WebSocket-Extensions").value_or("");
    asked.set(beast::http::field::sec_websocket_extensions, beast::string_view(offers.data(), offers.size()));
    beast::websocket::permessage_deflate wish;
    wish.server_enable = true;
    wish.server_no_context_takeover = true;
    wish.client_no_context_takeover = true;
    accepted.set_option(wish);
  }
  error_code failed;
  accepted.accept(asked, failed);
  beast::http::response_parser<beast::http::empty_body> parser;
  parser.put(asio::buffer(accepted.next_layer().written), failed);
  return parser.get().base();
}

response upgrade_required() {
  auto refused = problem_of(refusal{426, "upgrade_required", "this path speaks WebSocket, version 13, only"});
  refused.headers.add("Upgrade", "websocket");
  refused.headers.add("Sec-WebSocket-Version", version);
  return refused;
}

}  // namespace

std::optional<response> refuse_handshake(const request& asked) {
  const auto& headers = asked.headers;
  if (asked.method != verb::get || !has_word(headers, "Upgrade", "websocket") ||
      !has_word(headers, "Connection", "upgrade") || headers.find("Sec-WebSocket-Version") != version) {
    return upgrade_required();
  }
  if (count_of(headers, "Sec-WebSocket-Key") != 1 || !is_key(*headers.find("Sec-WebSocket-Key"))) {
    return problem_of(refusal{400, "invalid_argument", "there is no proper Sec-WebSocket-Key"});
  }
  if (!asked.body.empty()) {
    return problem_of(refusal{400, "invalid_argument", "a handshake has no body"});
  }
  return std::nullopt;
}

acceptance accept_handshake(
    const request& asked, const head_facts& facts, bool may_compress, const asio::any_io_executor& lane
) {
  auto fields = answer_to(asked, may_compress, lane);
  const auto text = [&](beast::http::field name) {
    const auto value = fields[name];
    return std::string(value.data(), value.size());
  };
  // A window of our own that is smaller than what we compress with was not what we meant.
  auto agreed = text(beast::http::field::sec_websocket_extensions);
  if (agreed.find("server_max_window_bits") != std::string::npos) {
    agreed.clear();
  }
  acceptance made;
  made.compresses = !agreed.empty();
  made.head = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nDate: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\n{}{}{}X-Request-Id: {}\r\n{}\r\n",
      facts.date, text(beast::http::field::sec_websocket_accept), made.compresses ? "Sec-WebSocket-Extensions: " : "",
      agreed, made.compresses ? "\r\n" : "", facts.request_id, facts.common_fields
  );
  return made;
}

}  // namespace meridian::http
