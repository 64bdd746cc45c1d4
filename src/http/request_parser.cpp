#include "http/request_parser.hpp"

#include <limits>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace meridian::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

std::string_view plain(beast::string_view text) {
  return {text.data(), text.size()};
}

// Writes into a plain request what Beast's parser finds, and checks what it does not.
class message_parser final : public beast::http::basic_parser<true> {
 public:
  explicit message_parser(const parser_limits& limits) : limits_(limits) {
    // Beast's own caps are off: its header cap starts anew behind each line, and a body's cap hangs on the route.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

  request message;
  std::string target;
  std::optional<refusal> refused;
  std::size_t body_bytes_max = 0;
  std::size_t body_size = 0;
  bool expects_continue = false;
  bool is_http_1_0 = false;

  refusal body_refusal() const {
    return {413, "too_large", "a body of at most " + std::to_string(body_bytes_max) + " bytes is taken here"};
  }

  // Between two chunks, or behind the last.
  bool is_at_chunk_header() const { return chunked() && chunk_bytes_left_ == 0; }

 private:
  void refuse(error_code& failed, int status, std::string_view type, std::string detail) {
    refused = refusal{status, type, std::move(detail)};
    failed = beast::http::error::bad_field;  // any error ends the parse; `refused` says why
  }

  void refuse_malformed(error_code& failed, std::string detail) {
    refuse(failed, 400, "invalid_argument", std::move(detail));
  }

  void on_request_impl(
      beast::http::verb, beast::string_view method, beast::string_view raw_target, int version, error_code& failed
  ) override {
    is_http_1_0 = version == 10;
    const auto known = find_verb(plain(method));
    if (!known) {
      return refuse(failed, 501, "method_unknown", "this server does not know that method");
    }
    if (raw_target.size() > limits_.target_bytes_max) {
      return refuse(failed, 414, "target_too_long", "the request target is too long");
    }
    message.method = *known;
    target = plain(raw_target);
  }

  void on_field_impl(beast::http::field name, beast::string_view text, beast::string_view value, error_code& failed)
      override {
    if (++field_count_ > limits_.header_count_max) {
      return refuse(failed, 431, "header_too_large", "the request has too many header fields");
    }
    // A trailer's fields are dropped: merged into the header they could forge what has been checked already.
    if (is_header_done()) {
      return;
    }
    check_field(name, plain(value), failed);
    message.headers.add(plain(text), plain(value));
  }

  void check_field(beast::http::field name, std::string_view value, error_code& failed) {
    switch (name) {
      case beast::http::field::host:
        return ++host_count_ > 1 ? refuse_malformed(failed, "there is more than one Host field") : void();
      // Beast takes a request whose last coding is not "chunked" for one without a body, and what follows for the next.
      case beast::http::field::transfer_encoding:
        if (is_http_1_0) {
          return refuse_malformed(failed, "HTTP/1.0 has no Transfer-Encoding");
        }
        if (!equal_tokens(value, "chunked")) {
          return refuse(failed, 501, "transfer_encoding_unknown", "the only transfer coding known here is chunked");
        }
        return;
      case beast::http::field::expect:
        if (!equal_tokens(value, "100-continue")) {
          return refuse(failed, 417, "expectation_failed", "the only expectation known here is 100-continue");
        }
        expects_continue = !is_http_1_0;
        return;
      default:
        return;
    }
  }

  void on_header_impl(error_code& failed) override {
    if (!is_http_1_0 && host_count_ == 0) {
      refuse_malformed(failed, "there is no Host field");
    }
  }

  std::size_t on_body_impl(beast::string_view bytes, error_code& failed) override {
    if (bytes.size() > body_bytes_max - body_size) {
      refused = body_refusal();
      failed = beast::http::error::body_limit;
      return 0;
    }
    message.body.append(bytes.data(), bytes.size());
    body_size += bytes.size();
    return bytes.size();
  }

  void on_chunk_header_impl(std::uint64_t size, beast::string_view, error_code&) override { chunk_bytes_left_ = size; }

  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& failed) override {
    const auto taken = on_body_impl(bytes, failed);
    chunk_bytes_left_ -= taken;
    return taken;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  const parser_limits& limits_;
  std::size_t field_count_ = 0;
  std::uint64_t chunk_bytes_left_ = 0;
  int host_count_ = 0;
};

// The least that ends a chunked body: "0", and two line ends. Shown less, Beast 1.81 fails an assertion of its own,
// which any client that sends this byte by byte could reach.
constexpr std::size_t chunked_end_bytes = 5;

}  // namespace

struct request_parser::native {
  parser_limits limits;
  std::optional<message_parser> parser;
  std::size_t header_bytes = 0;
};

request_parser::request_parser(const parser_limits& limits) : native_(std::make_unique<native>(limits)) {
  reset();
}

request_parser::~request_parser() = default;

void request_parser::reset() {
  native_->parser.emplace(native_->limits);
  native_->header_bytes = 0;
}

boost::system::result<std::size_t, refusal> request_parser::feed(std::string_view bytes) {
  auto& parser = *native_->parser;
  const bool in_header = !parser.is_header_done();
  if (!in_header && parser.is_at_chunk_header() && bytes.size() < chunked_end_bytes) {
    return std::size_t{0};
  }
  parser.eager(!in_header);
  error_code failed;
  const auto taken = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), failed);
  if (failed && failed != beast::http::error::need_more) {
    return parser.refused ? *parser.refused
                          : refusal{400, "invalid_argument", "the request is malformed: " + failed.message()};
  }
  native_->header_bytes += in_header ? taken : 0;
  // What is waiting for its end is a header too: of the request, of a chunk, or a trailer.
  const auto waiting = parser.is_header_done() && (in_header || parser.is_done()) ? 0 : bytes.size() - taken;
  if ((in_header ? native_->header_bytes : 0) + waiting > native_->limits.header_bytes_max) {
    return refusal{431, "header_too_large", "the request's header is too large"};
  }
  return taken;
}

boost::system::result<void, refusal> request_parser::limit_body(std::size_t bytes_max) {
  auto& parser = *native_->parser;
  parser.body_bytes_max = bytes_max;
  if (parser.content_length().value_or(0) > bytes_max) {
    return parser.body_refusal();
  }
  return {};
}

bool request_parser::has_header() const {
  return native_->parser->is_header_done();
}

bool request_parser::is_complete() const {
  return native_->parser->is_done();
}

std::string_view request_parser::target() const {
  return native_->parser->target;
}

bool request_parser::keeps_alive() const {
  return native_->parser->keep_alive() && !native_->parser->is_http_1_0;
}

bool request_parser::awaits_continue() const {
  return native_->parser->expects_continue && !is_complete();
}

std::size_t request_parser::body_size() const {
  return native_->parser->body_size;
}

request& request_parser::message() {
  return native_->parser->message;
}

}  // namespace meridian::http
