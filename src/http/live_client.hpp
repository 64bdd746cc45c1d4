// For tests: a WebSocket client by Beast, so that our frames meet somebody else's reading of RFC 6455.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::http {

// Blocking; for one thread at a time. Pings are answered whenever it waits.
class live_client {
 public:
  // `fields` are whole lines of the handshake: "Authorization: Bearer ...\r\n". Look at status() before anything else.
  live_client(
      const std::string& address, std::uint16_t port, const std::string& target, std::string_view fields = "",
      bool offers_compression = false
  );
  live_client(live_client&&) noexcept;
  live_client& operator=(live_client&&) noexcept;
  ~live_client();

  // 101 when it is open; otherwise the answer's status with its body; 0 when nobody answered, body() says why.
  int status() const;
  const std::string& body() const;

  // The value of a field of that answer, "" for none.
  std::string field(std::string_view name) const;

  // The next text; none when the connection has ended or nothing came in time.
  std::optional<std::string> hear(std::chrono::milliseconds patience = std::chrono::seconds(20));

  // False when it is over.
  bool say(std::string_view text);
  bool say_binary(std::string_view octets);
  bool ping(std::string_view payload);

  // Octets as they are, below the protocol.
  bool say_raw(std::string_view octets);

  // The closing handshake; false when the server does not answer it in time. Texts that come meanwhile are dropped.
  bool close(std::uint16_t code = 1000, std::string_view reason = "");

  // Reads on until the server closes: its code, or 1006 when the connection ended without a close, or 0 in vain.
  std::uint16_t await_close(std::chrono::milliseconds patience = std::chrono::seconds(20));
  const std::string& close_reason() const;

  // Whether it has ended.
  bool is_over() const;

  // What has been heard of pings and pongs.
  std::size_t ping_count() const;
  const std::string& last_pong() const;

  // Ends the connection without a word: the peer sees the end of the stream.
  void drop();

 private:
  struct native;
  std::unique_ptr<native> native_;
};

}  // namespace meridian::http
