#include <cstddef>
#include <cstdint>

#include "json/reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parsed = meridian::json::reader::parse({reinterpret_cast<const char*>(data), size});
  if (parsed) {
    parsed->text("text", {1, 40'000});
    parsed->ids("ids", 8);
    parsed->find_number("number", 0, 100);
    parsed->flag("flag", false);
    if (parsed->check()) {
      // What was accepted is written so that it can be read again.
      std::string out;
      meridian::json::writer(out).begin_object().text("text", parsed->text("text", {1, 40'000})).end_object();
      if (!meridian::json::reader::parse(out)) {
        __builtin_trap();
      }
    }
  }
  return 0;
}
