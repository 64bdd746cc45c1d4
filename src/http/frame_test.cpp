// What a client's bytes mean, without sockets.
#include "http/frame.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace meridian::http {
namespace {

constexpr unsigned not_final = 0x80;

// A client's frame with a mask of its own. `first` is taken as it is but for the final bit, which is set.
std::string masked(unsigned first, std::string_view payload, std::string_view key = "\x12\x9a\xff\x07") {
  std::string frame;
  append_frame(frame, opcode::text, payload);
  const auto head = frame.size() - payload.size();
  frame[0] = static_cast<char>(first ^ 0x80U);
  frame[1] = static_cast<char>(frame[1] | 0x80);
  frame.insert(head, key);
  for (std::size_t at = 0; at < payload.size(); ++at) {
    auto& letter = frame[head + key.size() + at];
    letter = static_cast<char>(letter ^ key[at % key.size()]);
  }
  return frame;
}

class recorder final : public frame_listener {
 public:
  bool on_frame() override { return ++frames <= frames_max; }
  bool on_text(std::string_view text) override {
    heard.push_back("text " + std::string(text));
    return text != "enough";
  }
  bool on_ping(std::string_view payload) override {
    heard.push_back("ping " + std::string(payload));
    return true;
  }
  void on_close(std::uint16_t code) override { heard.push_back("close " + std::to_string(code)); }

  std::vector<std::string> heard;
  int frames = 0;
  int frames_max = 1'000'000;
};

struct outcome {
  std::vector<std::string> heard;
  int code = 0;  // of the fault
  bool is_at_rest = false;
};

constexpr std::size_t bytes_max = 70'000;

// In pieces of that size.
outcome read(std::string bytes, std::size_t piece = std::string::npos) {
  frame_reader reader(bytes_max);
  recorder kept;
  outcome found;
  for (std::size_t at = 0; at < bytes.size() && found.code == 0; at += std::min(piece, bytes.size() - at)) {
    const auto fault = reader.feed(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)), kept);
    found.code = fault ? static_cast<int>(fault->code) : 0;
  }
  found.heard = kept.heard;
  found.is_at_rest = reader.is_at_rest();
  return found;
}

void expect_heard(const std::string& bytes, const std::vector<std::string>& heard) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{1000}, bytes.size()}) {
    const auto found = read(bytes, piece);
    EXPECT_EQ(found.heard, heard) << piece;
    EXPECT_EQ(found.code, 0) << piece;
    EXPECT_TRUE(found.is_at_rest) << piece;
  }
}

void expect_fault(const std::string& bytes, close_code code) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
    EXPECT_EQ(read(bytes, piece).code, static_cast<int>(code)) << piece;
  }
}

TEST(frame, texts_come_whole_in_whatever_pieces) {
  const std::string longer(300, 'x');
  const std::string longest(66'000, 'y');
  expect_heard(masked(1, "hello"), {"text hello"});
  expect_heard(masked(1, ""), {"text "});
  expect_heard(masked(1, longer) + masked(1, "b"), {"text " + longer, "text b"});
  expect_heard(masked(1, longest), {"text " + longest});
  expect_heard(masked(1, "a", std::string(4, '\0')), {"text a"});
}

TEST(frame, fragments_make_one_text_and_control_frames_may_come_between) {
  expect_heard(
      masked(1 | not_final, "hel") + masked(9, "p") + masked(0 | not_final, "l") + masked(10, "") + masked(0, "o") +
          masked(1, "next"),
      {"ping p", "text hello", "text next"}
  );
  expect_heard(masked(1 | not_final, "") + masked(0 | not_final, "") + masked(0, ""), {"text "});
  // One letter of two bytes over two fragments.
  expect_heard(masked(1 | not_final, "\xc3") + masked(0, "\xa9"), {"text \xc3\xa9"});
}

TEST(frame, a_close_ends_the_reading) {
  expect_heard(masked(8, ""), {"close 0"});
  expect_heard(masked(8, "\x03\xe8") + "\xff\xff\xff nonsense", {"close 1000"});
  expect_heard(masked(8, "\x0f\xa0reason"), {"close 4000"});
}

TEST(frame, what_is_not_the_protocol_is_refused) {
  std::string unmasked;
  append_frame(unmasked, opcode::text, "a");
  expect_fault(unmasked, close_code::broken);
  expect_fault(masked(0x40 | 1, "a"), close_code::broken);  // compressed, without having agreed on it
  expect_fault(masked(0x10 | 1, "a"), close_code::broken);
  for (const unsigned unknown : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    expect_fault(masked(unknown, "a"), close_code::broken);
  }
  expect_fault(masked(0, "a"), close_code::broken);
  expect_fault(masked(1 | not_final, "a") + masked(1, "b"), close_code::broken);
  expect_fault(masked(9 | not_final, "a"), close_code::broken);
  expect_fault(masked(9, std::string(126, 'a')), close_code::broken);
  using namespace std::string_literals;
  expect_fault("\x81\xfe\x00\x7d"s + "1234" + std::string(125, 'a'), close_code::broken);
  expect_fault("\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff"s + "1234", close_code::broken);
}

// Of several faults the one that is told does not depend on how the bytes came.
TEST(frame, what_the_first_two_bytes_tell_is_judged_first) {
  using namespace std::string_literals;
  expect_fault("\x82\xfe\x00\x00"s + "1234", close_code::not_text);
  expect_fault("\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff"s + "1234", close_code::not_text);
  const auto nearly_full = masked(1 | not_final, std::string(bytes_max - 100, 'x'));
  expect_fault(nearly_full + "\x80\xfe\x00\x00"s + "1234", close_code::too_large);
}

TEST(frame, closes_that_may_not_be_said_are_refused) {
  using namespace std::string_literals;
  for (const auto* payload : {"\x03", "\x03\xec", "\x03\xed", "\x03\xee", "\x03\xf7", "\x07\xd0", "\x13\x88"}) {
    expect_fault(masked(8, payload), close_code::broken);
  }
  expect_fault(masked(8, "\x00\x00"s), close_code::broken);
  expect_fault(masked(8, "\x03\xe8\xff"), close_code::not_utf8);
}

TEST(frame, only_texts_that_are_utf8_are_taken) {
  expect_fault(masked(2, "a"), close_code::not_text);
  expect_fault(masked(1, "\xc3"), close_code::not_utf8);
  expect_fault(masked(1, "\xed\xa0\x80"), close_code::not_utf8);
  expect_fault(masked(1 | not_final, "\xc3") + masked(0, "x"), close_code::not_utf8);
}

TEST(frame, texts_have_a_longest_size_over_all_fragments) {
  expect_heard(masked(1, std::string(bytes_max, 'x')), {"text " + std::string(bytes_max, 'x')});
  expect_fault(masked(1, std::string(bytes_max + 1, 'x')), close_code::too_large);
  expect_fault(masked(1 | not_final, std::string(bytes_max, 'x')) + masked(0, "x"), close_code::too_large);
  // The head is enough: nothing is held that will be refused.
  using namespace std::string_literals;
  expect_fault("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s, close_code::too_large);
  expect_fault("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, close_code::too_large);
}

TEST(frame, nothing_is_held_between_messages) {
  frame_reader reader(100);
  recorder kept;
  auto bytes = masked(1 | not_final, "a");
  EXPECT_TRUE(reader.is_at_rest());
  EXPECT_FALSE(reader.feed(bytes, kept));
  EXPECT_FALSE(reader.is_at_rest());
  bytes = masked(0, "b");
  EXPECT_FALSE(reader.feed(bytes, kept));
  EXPECT_TRUE(reader.is_at_rest());
}

TEST(frame, a_listener_that_has_had_enough_hears_no_more) {
  EXPECT_EQ(read(masked(1, "enough") + masked(1, "more")).heard, std::vector<std::string>{"text enough"});
  EXPECT_EQ(read(masked(1, "enough") + masked(1, "more"), 3).heard, std::vector<std::string>{"text enough"});
  frame_reader reader(100);
  recorder kept;
  kept.frames_max = 1;
  auto bytes = masked(1, "a") + masked(1, "b");
  EXPECT_FALSE(reader.feed(bytes, kept));
  EXPECT_EQ(kept.heard.size(), 1);
}

TEST(frame, ours_have_the_shortest_length) {
  for (const std::size_t size : {0U, 125U, 126U, 65'535U, 65'536U}) {
    const auto frame = *make_text_frame(std::string(size, 'x'));
    EXPECT_EQ(frame.size() - size, size < 126 ? 2U : size < 65'536 ? 4U : 10U);
    EXPECT_EQ(frame[0], '\x81');
  }
}

TEST(frame, compressed_texts_are_expanded_where_that_was_agreed_on) {
  deflater compressing;
  inflater expanding;
  const std::string text(5'000, 'a');
  const auto payload = compressing.compress(text);
  EXPECT_LT(payload.size(), 100);
  for (const std::size_t piece : {1U, 7U, 1000U}) {
    frame_reader reader(5'000, &expanding);
    recorder kept;
    auto bytes = masked(0x40 | 1, payload) + masked(1, "plain") + masked(0x40 | 1 | not_final, payload.substr(0, 5)) +
                 masked(9, "") + masked(0, payload.substr(5));
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      EXPECT_FALSE(reader.feed(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)), kept));
    }
    EXPECT_EQ(kept.heard, (std::vector<std::string>{"text " + text, "text plain", "ping ", "text " + text}));
  }
  frame_reader small(4'999, &expanding);
  recorder kept;
  auto bomb = masked(0x40 | 1, payload);
  EXPECT_EQ(small.feed(bomb, kept)->code, close_code::too_large);
  frame_reader strict(5'000, &expanding);
  auto nonsense = masked(0x40 | 1, "\xff\xff\xff");
  EXPECT_EQ(strict.feed(nonsense, kept)->code, close_code::not_utf8);
  frame_reader control(5'000, &expanding);
  auto ping = masked(0x40 | 9, "a");
  EXPECT_EQ(control.feed(ping, kept)->code, close_code::broken);
  EXPECT_TRUE(kept.heard.empty());
}

TEST(frame, a_reason_is_cut_at_a_letter) {
  const auto short_one = encode_close(close_code::policy, "why");
  EXPECT_EQ(short_one, "\x88\x05\x03\xf0why");
  std::string letters(122, 'x');
  letters += "\xc3\xa9\xc3\xa9";
  EXPECT_EQ(encode_close(close_code::policy, letters), "\x88\x7c\x03\xf0" + std::string(122, 'x'));
}

}  // namespace
}  // namespace meridian::http
