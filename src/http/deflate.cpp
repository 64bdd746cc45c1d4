#include "http/deflate.hpp"

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>

namespace meridian::http {

namespace zlib = boost::beast::zlib;
using boost::beast::error_code;

namespace {

// What ends each message, and is left out of it on the wire.
constexpr std::string_view tail("\x00\x00\xff\xff", 4);

constexpr int level = 3;  // higher ones win a few percent on texts of some hundred letters, for twice the time
constexpr int window_bits = 15;
constexpr int memory_level = 8;
constexpr std::size_t expand_step = 4 << 10;

}  // namespace

struct deflater::native {
  zlib::deflate_stream stream;
};

deflater::deflater() = default;
deflater::~deflater() = default;

std::string deflater::compress(std::string_view text) {
  if (native_ == nullptr) {
    native_ = std::make_unique<native>();
  }
  auto& stream = native_->stream;
  stream.reset(level, window_bits, memory_level, zlib::Strategy::normal);
  std::string out(stream.upper_bound(text.size()) + 2 * tail.size(), '\0');
  zlib::z_params at;
  at.next_in = text.data();
  at.avail_in = text.size();
  at.next_out = out.data();
  at.avail_out = out.size();
  error_code failed;
  stream.write(at, zlib::Flush::sync, failed);
  out.resize(at.total_out);
  if (out.ends_with(tail)) {
    out.resize(out.size() - tail.size());
  }
  return out;
}

struct inflater::native {
  zlib::inflate_stream stream;
};

inflater::inflater() = default;
inflater::~inflater() = default;

inflater::verdict inflater::expand(std::string_view payload, std::size_t bytes_max, std::string& out) {
  if (native_ == nullptr) {
    native_ = std::make_unique<native>();
  }
  auto& stream = native_->stream;
  stream.reset();
  std::string all(payload);
  all += tail;
  zlib::z_params at;
  at.next_in = all.data();
  at.avail_in = all.size();
  while (at.avail_in > 0 || at.avail_out == 0) {
    const auto before = out.size();
    out.resize(before + expand_step);
    at.next_out = out.data() + before;
    at.avail_out = expand_step;
    error_code failed;
    stream.write(at, zlib::Flush::sync, failed);
    out.resize(before + expand_step - at.avail_out);
    if (out.size() > bytes_max) {
      return verdict::too_large;
    }
    if (failed == zlib::error::end_of_stream || (failed == zlib::error::need_buffers && at.avail_in == 0)) {
      return verdict::done;
    }
    if (failed) {
      return verdict::malformed;
    }
  }
  return verdict::done;
}

}  // namespace meridian::http
