#include "cluster/sql_statements.hpp"

#include <algorithm>

namespace meridian::cluster {
namespace {

// The length of what starts here and is one piece: a comment, a quoted text, a $$ body; 0 where a plain letter stands.
std::size_t piece_length(std::string_view text) {
  const auto up_to = [&](std::string_view end, std::size_t from) {
    const auto found = text.find(end, from);
    return found == std::string_view::npos ? text.size() : found + end.size();
  };
  if (text.starts_with("--")) {
    return up_to("\n", 2);
  }
  if (text.starts_with("$$")) {
    return up_to("$$", 2);
  }
  return text.starts_with("'") ? up_to("'", 1) : 0;
}

}  // namespace

std::vector<std::string> statements_of(std::string_view script) {
  std::vector<std::string> statements(1);
  while (!script.empty()) {
    auto& current = statements.back();
    const auto length = piece_length(script);
    const char letter = script.front();
    if (length > 0) {
      current += script.starts_with("--") ? "" : script.substr(0, length);
      script.remove_prefix(length);
      continue;
    }
    if (letter == ';') {
      statements.emplace_back();
    } else if (letter != ' ' && letter != '\n') {
      current += letter;
    } else if (!current.empty() && current.back() != ' ') {
      current += ' ';
    }
    script.remove_prefix(1);
  }
  std::erase_if(statements, [](const std::string& text) { return text.find_first_not_of(' ') == std::string::npos; });
  for (auto& statement : statements) {
    statement.erase(0, statement.find_first_not_of(' '));
  }
  return statements;
}

}  // namespace meridian::cluster
