// Where a parser stands in a phrase.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/tokens.hpp"

namespace meridian::calendar {

// Reads forward; a parser that fails half-way goes back to where it began. It remembers how far anybody looked: nobody
// could read the token there, so that is the one at fault.
class cursor {
 public:
  explicit cursor(std::vector<token> tokens) : tokens_(std::move(tokens)) {}

  bool is_at_end() const { return at_ == tokens_.size(); }
  std::size_t position() const { return at_; }
  void go_back(std::size_t position) { at_ = position; }

  // The token here or `ahead` of it, if there is one; counts as looked at only when it is here.
  const token* peek(std::size_t ahead = 0) {
    if (ahead == 0) {
      farthest_ = std::max(farthest_, at_);
    }
    return at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
  }
  void take() { ++at_; }

  // Takes the word or the mark when it is here.
  bool take(std::string_view text) {
    const auto* here = peek();
    const bool is_here = here != nullptr && here->text == text;
    at_ += is_here ? 1 : 0;
    return is_here;
  }
  // The first of these that is here.
  bool take_any(std::initializer_list<std::string_view> texts) {
    for (const auto text : texts) {
      if (take(text)) {
        return true;
      }
    }
    return false;
  }
  // All of them, one after another, or nothing.
  bool take_all(std::initializer_list<std::string_view> texts) {
    const auto before = at_;
    for (const auto text : texts) {
      if (!take(text)) {
        at_ = before;
        return false;
      }
    }
    return true;
  }

  bool is_number_here(int least, int most) {
    const auto* here = peek();
    return here != nullptr && here->what == token::kind::number && here->value >= least && here->value <= most;
  }
  std::optional<int> take_number(int least, int most) {
    if (!is_number_here(least, most)) {
      return std::nullopt;
    }
    return tokens_[at_++].value;
  }
  // A mark with a number behind it, all without spaces: the ":30" of 9:30.
  std::optional<int> take_glued(std::string_view mark, int least, int most) {
    const auto* first = peek();
    const auto* second = peek(1);
    if (first == nullptr || second == nullptr || first->text != mark || !first->glued || !second->glued ||
        second->what != token::kind::number || second->value < least || second->value > most) {
      return std::nullopt;
    }
    at_ += 2;
    return second->value;
  }

  // What nobody could read, with what is written in one with it; "" when the phrase ended too early.
  std::string stumbling_block() const {
    if (farthest_ >= tokens_.size()) {
      return {};
    }
    auto first = farthest_;
    while (first > 0 && tokens_[first].glued) {
      --first;
    }
    auto text = tokens_[first].text;
    for (auto at = first + 1; at < tokens_.size() && tokens_[at].glued; ++at) {
      text += tokens_[at].text;
    }
    return text;
  }
  const token& last() const { return tokens_.back(); }

 private:
  std::vector<token> tokens_;
  std::size_t at_ = 0;
  std::size_t farthest_ = 0;
};

// Runs a parser; goes back when it finds nothing.
template <class Parser>
auto attempt(cursor& at, Parser parser) {
  const auto before = at.position();
  auto found = parser(at);
  if (!found) {
    at.go_back(before);
  }
  return found;
}

}  // namespace meridian::calendar
