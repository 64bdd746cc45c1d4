#include "base/log.hpp"

#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace meridian::log {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("meridian", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum native(level at) {
  switch (at) {
    case level::debug:
      return spdlog::level::debug;
    case level::info:
      return spdlog::level::info;
    case level::warning:
      return spdlog::level::warn;
    case level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// RFC 8259, section 7. Log messages are ours and short, so this stays apart from the JSON room.
std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    } else {
      out += letter;
    }
  }
  return out;
}

}  // namespace

void set_level(level least) {
  logger().set_level(native(least));
}

bool is_written(level at) {
  return logger().should_log(native(at));
}

void write(level at, std::string_view room, std::string_view message) {
  if (logger().should_log(native(at))) {
    logger().log(native(at), R"("room":"{}","message":"{}")", room, escaped(message));
  }
}

void write(level at, std::string_view room, std::string_view message, std::initializer_list<field> fields) {
  if (!is_written(at)) {
    return;
  }
  auto line = fmt::format(R"("room":"{}","message":"{}")", room, escaped(message));
  for (const auto& [name, value] : fields) {
    line += fmt::format(R"(,"{}":)", name);
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      line += fmt::format(R"("{}")", escaped(*text));
    } else if (const auto* number = std::get_if<double>(&value)) {
      line += fmt::format("{:.3f}", *number);
    } else {
      line += fmt::format("{}", std::get<std::int64_t>(value));
    }
  }
  logger().log(native(at), "{}", line);
}

}  // namespace meridian::log
