// permessage-deflate (RFC 7692), without context takeover on either side: nothing is kept between two messages, so that
// one compressed frame serves all its receivers and a connection that rests costs nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace meridian::http {

// One for a lane: some 300 KB, made when it is first used.
class deflater {
 public:
  deflater();
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;
  ~deflater();

  // The payload of a frame with its RSV1 set.
  std::string compress(std::string_view text);

 private:
  struct native;
  std::unique_ptr<native> native_;
};

// One for a lane, of 40 KB, likewise.
class inflater {
 public:
  inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater();

  enum class verdict { done, malformed, too_large };

  // Appends the text of one message to `out`, which holds at most bytes_max then.
  verdict expand(std::string_view payload, std::size_t bytes_max, std::string& out);

 private:
  struct native;
  std::unique_ptr<native> native_;
};

}  // namespace meridian::http
