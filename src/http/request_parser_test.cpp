#include "http/request_parser.hpp"

#include <gtest/gtest.h>

namespace meridian::http {
namespace {

constexpr parser_limits limits{.header_bytes_max = 1024, .header_count_max = 10, .target_bytes_max = 100};
constexpr std::size_t body_bytes_max = 64;

// Feeds `bytes` in pieces of that size, as a session does; the status of the refusal, or 0.
int parse(request_parser& parser, std::string_view bytes, std::size_t piece_bytes = 1 << 20) {
  std::size_t taken = 0;
  std::size_t shown = 0;
  while (!parser.is_complete() && shown < bytes.size()) {
    shown = std::min(bytes.size(), shown + piece_bytes);
    while (!parser.is_complete() && taken < shown) {
      const auto fed = parser.feed(bytes.substr(taken, shown - taken));
      if (!fed) {
        return fed.error().status;
      }
      if (parser.has_header() && parser.body_size() == 0) {
        if (const auto limited = parser.limit_body(body_bytes_max); !limited) {
          return limited.error().status;
        }
      }
      if (*fed == 0) {
        break;
      }
      taken += *fed;
    }
  }
  return 0;
}

int status_of(std::string_view bytes) {
  request_parser parser(limits);
  return parse(parser, bytes);
}

std::string with_host(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

TEST(request_parser, reads_a_request_in_pieces_of_any_size) {
  const std::string_view bytes =
      "POST /a?b HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\nHost: forged\r\n\r\n";
  for (std::size_t piece_bytes = 1; piece_bytes <= bytes.size(); ++piece_bytes) {
    request_parser parser(limits);
    ASSERT_EQ(parse(parser, bytes, piece_bytes), 0) << piece_bytes;
    ASSERT_TRUE(parser.is_complete()) << piece_bytes;
    EXPECT_EQ(parser.message().method, verb::post);
    EXPECT_EQ(parser.target(), "/a?b");
    EXPECT_EQ(parser.message().body, "abcde");
    EXPECT_EQ(parser.message().headers.find("x-one"), "1");
    EXPECT_EQ(parser.message().headers.find("host"), "h");
    EXPECT_FALSE(parser.message().headers.find("X-Trailer"));
  }
}

TEST(request_parser, leaves_the_next_request_alone) {
  request_parser parser(limits);
  const std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabGET / HTTP/1.1\r\n";
  const auto header = parser.feed(bytes);
  ASSERT_TRUE(header);
  ASSERT_TRUE(parser.has_header());
  ASSERT_FALSE(parser.is_complete());
  EXPECT_TRUE(parser.limit_body(body_bytes_max));
  EXPECT_EQ(*parser.feed(std::string_view(bytes).substr(*header)), 2);
  EXPECT_TRUE(parser.is_complete());
  parser.reset();
  EXPECT_FALSE(parser.has_header());
}

TEST(request_parser, refuses_what_another_reader_could_split_differently) {
  for (const auto* fields : {
           "Content-Length: 1\r\nContent-Length: 2\r\n",
           "Content-Length: 1, 2\r\n",
           "Content-Length: -1\r\n",
           "Content-Length: +1\r\n",
           "Content-Length: 0x1\r\n",
           "Content-Length: \r\n",
           "Content-Length: 1 1\r\n",
           "Content-Length: 99999999999999999999\r\n",
           "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Content-Length : 1\r\n",
           "Host: other\r\n",
           "X\r\n",
           ": x\r\n",
           "X: a\nY: b\r\n",
           "X: a\x01\r\n",
       }) {
    EXPECT_EQ(status_of(with_host(fields)), 400) << fields;
  }
  for (const auto* fields : {
           "Transfer-Encoding: gzip\r\n",
           "Transfer-Encoding: identity\r\n",
           "Transfer-Encoding: gzip, chunked\r\n",
           "Transfer-Encoding: chunked, gzip\r\n",
           "Transfer-Encoding: xchunked\r\n",
           "Transfer-Encoding: \r\n",
       }) {
    EXPECT_EQ(status_of(with_host(fields)), 501) << fields;
  }
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(request_parser, refuses_malformed_lines) {
  for (const auto* bytes : {
           "\r\nGET / HTTP/1.1\r\n", " GET / HTTP/1.1\r\n", "GET  / HTTP/1.1\r\n", "GET /a b HTTP/1.1\r\n",
           "GET /\r\n\r\n", "GET / HTTP/2.0\r\n", "GET / http/1.1\r\n", "G\xc3T / HTTP/1.1\r\n",
           "GET /\x01 HTTP/1.1\r\n", "\x16\x03\x01",
           "GET / HTTP/1.1\r\n\r\n",  // no Host
       }) {
    EXPECT_EQ(status_of(bytes), 400) << bytes;
  }
  EXPECT_EQ(status_of("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
  EXPECT_EQ(status_of("get / HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
}

TEST(request_parser, refuses_malformed_chunks) {
  for (const auto* body :
       {"x\r\nxx", "-1\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", "1 1\r\na", "ffffffffffffffffff\r\n", "1\na\r\n",
        "0\r\nX\r\n\r\n"}) {
    EXPECT_EQ(status_of(with_host("Transfer-Encoding: chunked\r\n") + body), 400) << body;
  }
}

TEST(request_parser, knows_when_a_connection_goes_on) {
  const auto keeps_alive = [](std::string_view bytes) {
    request_parser parser(limits);
    EXPECT_EQ(parse(parser, bytes), 0);
    return parser.keeps_alive();
  };
  EXPECT_TRUE(keeps_alive("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(request_parser, knows_who_waits_before_sending_the_body) {
  const auto awaits_continue = [](std::string_view bytes) {
    request_parser parser(limits);
    EXPECT_EQ(parse(parser, bytes), 0);
    return parser.awaits_continue();
  };
  EXPECT_TRUE(awaits_continue(with_host("Expect: 100-Continue\r\nContent-Length: 1\r\n")));
  EXPECT_FALSE(awaits_continue(with_host("Expect: 100-continue\r\n")));
  EXPECT_FALSE(awaits_continue("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
  EXPECT_EQ(status_of(with_host("Expect: a miracle\r\n")), 417);
}

TEST(request_parser, caps_the_target) {
  EXPECT_EQ(status_of("GET /" + std::string(99, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
  EXPECT_EQ(status_of("GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 414);
}

TEST(request_parser, caps_the_number_of_fields_with_the_trailer) {
  std::string fields;
  for (int count = 0; count < 8; ++count) {
    fields += "X: y\r\n";
  }
  const auto chunked = with_host(fields + "Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(status_of(with_host(fields + "X: y\r\n")), 0);
  EXPECT_EQ(status_of(with_host(fields + "X: y\r\nX: y\r\n")), 431);
  EXPECT_EQ(status_of(chunked + "0\r\n\r\n"), 0);
  EXPECT_EQ(status_of(chunked + "0\r\nX: y\r\n\r\n"), 431);
}

TEST(request_parser, caps_the_header_however_it_comes) {
  const std::string line = "X: " + std::string(195, 'y') + "\r\n";
  std::string fields;
  for (int count = 0; count < 4; ++count) {
    fields += line;
  }
  for (const std::size_t piece_bytes : {1, 100, 1 << 20}) {
    request_parser fits(limits);
    EXPECT_EQ(parse(fits, with_host(fields), piece_bytes), 0);
    request_parser many_lines(limits);
    EXPECT_EQ(parse(many_lines, with_host(fields + line), piece_bytes), 431);
    request_parser long_line(limits);
    EXPECT_EQ(parse(long_line, "GET / HTTP/1.1\r\nX: " + std::string(5000, 'y'), piece_bytes), 431);
    request_parser long_method(limits);
    EXPECT_EQ(parse(long_method, std::string(5000, 'G'), piece_bytes), 431);
    request_parser long_extension(limits);
    const auto chunked = with_host("Transfer-Encoding: chunked\r\n") + "1;" + std::string(5000, 'a');
    EXPECT_EQ(parse(long_extension, chunked, piece_bytes), 431);
    request_parser long_trailer(limits);
    const auto trailer = with_host("Transfer-Encoding: chunked\r\n") + "0\r\nX: " + std::string(5000, 'a');
    EXPECT_EQ(parse(long_trailer, trailer, piece_bytes), 431);
  }
}

TEST(request_parser, caps_the_body_as_promised_and_as_it_comes) {
  EXPECT_EQ(status_of(with_host("Content-Length: 64\r\n") + std::string(64, 'a')), 0);
  EXPECT_EQ(status_of(with_host("Content-Length: 65\r\n")), 413);
  const auto chunked = with_host("Transfer-Encoding: chunked\r\n") + "40\r\n" + std::string(64, 'a') + "\r\n";
  EXPECT_EQ(status_of(chunked + "0\r\n\r\n"), 0);
  EXPECT_EQ(status_of(chunked + "1\r\na"), 413);
}

}  // namespace
}  // namespace meridian::http
