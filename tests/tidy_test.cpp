// The house's rules that a compiler can't check, read from the sources. A ban names what to use instead.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace meridian {
namespace {

namespace fs = std::filesystem;

const fs::path root = MERIDIAN_SOURCE_DIR;

struct source {
  std::string path;  // below the root
  std::vector<std::string> lines;

  std::string room() const {
    const auto rest = path.substr(path.find('/') + 1);
    return path.starts_with("src/") ? rest.substr(0, rest.find('/')) : "";
  }
  bool is_test() const {
    return std::regex_search(path, std::regex("_(test|pgtest|natstest|simtest|systest|fuzz|bench)\\.cpp$"));
  }
  std::string stem() const { return path.substr(path.rfind('/') + 1); }
};

std::vector<source> read_sources() {
  std::vector<source> sources;
  for (const auto* folder : {"src", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp") {
        source one{fs::relative(entry.path(), root).string(), {}};
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
          one.lines.push_back(line);
        }
        sources.push_back(std::move(one));
      }
    }
  }
  return sources;
}

const std::vector<source>& sources() {
  static const auto read = read_sources();
  return read;
}

std::string place(const source& file, std::size_t line) {
  return file.path + ":" + std::to_string(line + 1);
}

// What each room may include besides itself: the floors of docs/architecture.md.
const std::map<std::string, std::set<std::string>> rooms_below{
    {"base", {}},
    {"runtime", {"base"}},
    {"json", {"base", "runtime"}},
    {"http", {"base", "runtime"}},
    {"pg", {"base", "runtime"}},
    {"bus", {"base", "runtime", "json"}},
    {"calendar", {"base"}},
    {"metrics", {"base", "runtime"}},
    {"topology", {"base", "runtime"}},
    {"residency", {"base", "runtime", "pg", "topology"}},
    {"rest", {"base", "runtime", "json", "http", "topology"}},
    {"identity", {"base", "runtime", "json", "http", "pg", "topology", "residency", "rest"}},
    {"console", {"base", "runtime", "json", "http", "pg", "topology", "residency", "rest", "identity"}},
    {"messaging", {"base", "runtime", "json", "http", "pg", "bus", "topology", "residency", "rest", "identity"}},
    {"profile", {"base", "runtime", "json", "http", "pg", "topology", "residency", "rest", "identity"}},
    {"realtime",
     {"base", "runtime", "json", "http", "bus", "pg", "metrics", "topology", "residency", "rest", "identity",
      "messaging"}},
    {"status", {"base", "runtime", "json", "http", "pg", "bus", "topology", "rest", "identity"}},
    {"reminders", {"base", "runtime", "json", "http", "pg", "bus", "calendar", "topology", "rest", "identity"}},
    {"serve",
     {"base", "runtime", "json", "http", "pg", "bus", "metrics", "topology", "residency", "rest", "identity", "profile",
      "messaging", "reminders", "status", "console", "realtime"}},
    {"cluster", {"base", "runtime", "http", "pg", "topology"}},
    {"lab", {"base", "runtime", "json", "http", "pg", "topology", "messaging", "cluster"}},
    {"cli",
     {"base", "runtime", "json", "http", "pg", "topology", "residency", "identity", "console", "serve", "cluster", "lab"
     }},
};

TEST(tidy, rooms_include_only_rooms_below_them) {
  const std::regex include("^#include \"([a-z_]+)/");
  for (const auto& file : sources()) {
    const auto room = file.room();
    if (room.empty() || file.is_test()) {
      continue;
    }
    ASSERT_TRUE(rooms_below.contains(room)) << file.path << ": an unknown room; give it a floor here";
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch found;
      if (std::regex_search(file.lines[i], found, include) && found[1] != room) {
        EXPECT_TRUE(rooms_below.at(room).contains(found[1]))
            << place(file, i) << ": " << room << " may not use " << found[1];
      }
    }
  }
}

TEST(tidy, heavy_headers_stay_in_their_place) {
  const std::vector<std::pair<std::regex, std::regex>> quarantine{
      {std::regex("<libpq-fe.h>"), std::regex("^src/pg/.*\\.cpp$")},
      {std::regex("<nats/"), std::regex("^src/bus/nats_wire\\.cpp$")},
      {std::regex("<boost/beast"), std::regex("^src/http/.*\\.(cpp|hpp)$")},
      {std::regex("<CLI/"), std::regex("^src/cli/command_line\\.cpp$")},
      {std::regex("<toml\\+\\+"), std::regex("^src/topology/.*\\.cpp$")},
      {std::regex("<spdlog"), std::regex("^src/base/log\\.cpp$")},
      {std::regex("<prometheus/"), std::regex("^src/metrics/registry\\.cpp$")},
      {std::regex("<date/"), std::regex("^src/calendar/zone\\.cpp$")},
      {std::regex("<libical/"), std::regex("^src/calendar/rrule\\.cpp$")},
      {std::regex("<sodium.h>"), std::regex("^src/runtime/crypto\\.cpp$")},
  };
  for (const auto& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const auto& [header, allowed] : quarantine) {
        if (file.lines[i].starts_with("#include") && std::regex_search(file.lines[i], header)) {
          EXPECT_TRUE(std::regex_search(file.path, allowed)) << place(file, i) << ": " << file.lines[i];
        }
      }
    }
  }
}

TEST(tidy, banned_words_have_better_ones) {
  const std::vector<std::pair<std::regex, std::string>> bans{
      {std::regex("asio::detached"), "give the coroutine an owner that waits for it"},
      {std::regex("std::cout|std::cerr"), "fmt::print in cli/, log:: elsewhere"},
      {std::regex("sleep_for|::sleep\\("), "co_await pause; in tests, wait_until of support/wait.hpp"},
      {std::regex("std::mutex"), "keep it on one lane and post"},
      {std::regex("\\b(TODO|FIXME|XXX)\\b"), "do it, or file an issue"},
      {std::regex("std::regex_search\\(.*request"), "no regular expressions on outside input"},
  };
  for (const auto& file : sources()) {
    // coalescer.hpp: the queue that lanes share is locked for some instructions; a post each way would cost more.
    const bool exempt = file.stem() == "tidy_test.cpp" || file.path == "tests/support/wait.hpp" ||
                        file.path == "src/messaging/coalescer.hpp";
    for (std::size_t i = 0; i < file.lines.size() && !exempt; ++i) {
      for (const auto& [word, instead] : bans) {
        EXPECT_FALSE(std::regex_search(file.lines[i], word)) << place(file, i) << ": " << instead;
      }
    }
  }
}

// g++ 12.2 destroys a braced aggregate inside a co_await expression twice (gcc bug 99576 and its kin).
TEST(tidy, co_await_takes_named_things) {
  const std::regex braced("co_await [^;]*\\([^;)]*\\{[^;}]");
  for (const auto& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size() && file.stem() != "tidy_test.cpp"; ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], braced)) << place(file, i) << ": name the braced value first";
    }
  }
}

// It also awaits the right side of && and ?: when the left side says not to.
TEST(tidy, co_await_is_not_behind_a_condition_in_its_own_expression) {
  const std::regex behind("(co_return|if \\(|while \\().*(&&|\\|\\||\\?) *co_await");
  for (const auto& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size() && file.stem() != "tidy_test.cpp"; ++i) {
      const bool comment = std::regex_search(file.lines[i], std::regex("^ *//"));
      EXPECT_FALSE(!comment && std::regex_search(file.lines[i], behind)) << place(file, i) << ": name the result first";
    }
  }
}

TEST(tidy, files_functions_and_lines_stay_short) {
  constexpr std::size_t file_lines_max = 500;
  constexpr std::size_t function_lines_max = 70;
  constexpr std::size_t line_letters_max = 120;
  for (const auto& file : sources()) {
    EXPECT_LE(file.lines.size(), file_lines_max) << file.path;
    std::size_t started = 0;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto& line = file.lines[i];
      const auto letters = std::ranges::count_if(line, [](char letter) { return (letter & 0xC0) != 0x80; });
      EXPECT_LE(static_cast<std::size_t>(letters), line_letters_max) << place(file, i);
      // clang-format puts a function's own braces at the margin, or one step in for a member that is defined in its
      // class.
      if (std::regex_search(line, std::regex("^ {0,2}[^ #/}].*\\) ?(const|override|noexcept|-> .*)* ?\\{$"))) {
        started = i;
      } else if (line == "}" || line == "  }") {
        EXPECT_TRUE(started == 0 || i - started < function_lines_max) << place(file, started) << ": a long function";
        started = 0;
      }
    }
  }
}

// A statement of sql/query/ without its comments, with what it includes.
std::string read_query(const fs::path& path) {
  std::string text;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (std::regex_search(line, found, std::regex("^ *-- @include (\\w+)$"))) {
      line = read_query(path.parent_path() / "part" / (found[1].str() + ".sql"));
    }
    text += line.substr(0, line.find("--")) + "\n";
  }
  return text;
}

// The parts of a WITH by their names, and under "" what follows them.
std::map<std::string, std::string> parts_of(const std::string& query) {
  std::map<std::string, std::string> parts;
  std::string name;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at < query.size(); ++at) {
    if (query[at] == '(' && depth++ == 0) {
      std::smatch found;
      const auto before = query.substr(begin, at - begin);
      const bool is_part = std::regex_search(before, found, std::regex("(\\w+) AS (MATERIALIZED )?$"));
      name = is_part ? found[1].str() : "";
      parts[""] += is_part ? "" : before;
      begin = at + 1;
    } else if (query[at] == ')' && --depth == 0) {
      parts[name] += query.substr(begin, at - begin) + " ";
      begin = at + 1;
    }
  }
  parts[""] += query.substr(begin);
  return parts;
}

// Those that must be done before this one is, itself too.
std::set<std::string> needed_by(const std::string& name, const std::map<std::string, std::string>& parts) {
  std::set<std::string> needed{name};
  for (bool grows = true; grows;) {
    grows = false;
    for (const auto& [other, body] : parts) {
      const auto is_read = [&](const std::string& by) {
        return std::regex_search(parts.at(by), std::regex("\\b" + other + "\\b"));
      };
      if (!other.empty() && !needed.contains(other) && std::ranges::any_of(needed, is_read)) {
        needed.insert(other);
        grows = true;
      }
    }
  }
  return needed;
}

// Each entry locks the head of its region's chain until the transaction is over, and PostgreSQL does the parts that
// nobody reads last to first: an entry that does not wait for them would hold the head while they wait for rows.
TEST(tidy, an_audit_entry_comes_behind_all_that_its_statement_changes) {
  std::size_t entries = 0;
  for (const auto& file : fs::recursive_directory_iterator(root / "sql/query")) {
    const auto query = file.is_regular_file() ? read_query(file.path()) : "";
    if (query.find("INSERT INTO identity.audit_entry_") == query.npos) {
      continue;
    }
    const auto parts = parts_of(query);
    const std::regex changes("^[ \\n]*(INSERT|UPDATE|DELETE)\\b");
    for (const auto& [name, body] : parts) {
      if (std::regex_search(body, std::regex("^[ \\n]*INSERT INTO identity\\.audit_entry_")) ||
          (name.empty() && body.find("INSERT INTO identity.audit_entry_") != body.npos)) {
        ++entries;
        const auto needed = needed_by(name, parts);
        for (const auto& [other, other_body] : parts) {
          EXPECT_TRUE(needed.contains(other) || !std::regex_search(other_body, changes))
              << file.path() << ": " << name << " does not wait for " << other;
        }
      }
    }
  }
  EXPECT_GE(entries, 20U);
}

TEST(tidy, every_source_is_built) {
  for (const auto& file : sources()) {
    if (!file.path.ends_with(".cpp")) {
      continue;
    }
    bool listed = false;
    for (auto folder = (root / file.path).parent_path(); folder != root && !listed; folder = folder.parent_path()) {
      std::ifstream list(folder / "CMakeLists.txt");
      const std::string text(std::istreambuf_iterator<char>(list), {});
      auto name = fs::relative(root / file.path, folder).string();
      if (name.ends_with("_systest.cpp")) {
        name = "system_test(" + name.substr(0, name.size() - std::string(".cpp").size());
      }
      listed = std::regex_search(
          text, std::regex("[\\s(/]" + std::regex_replace(name, std::regex("[.(]"), "\\$&") + "[\\s)]")
      );
    }
    EXPECT_TRUE(listed) << file.path << " is in no CMakeLists.txt";
  }
}

TEST(tidy, every_header_says_what_it_is_and_is_read_once) {
  for (const auto& file : sources()) {
    if (file.path.ends_with(".hpp")) {
      ASSERT_FALSE(file.lines.empty()) << file.path;
      EXPECT_TRUE(file.lines.front().starts_with("// ")) << file.path << " begins without a comment";
      EXPECT_TRUE(std::ranges::find(file.lines, "#pragma once") != file.lines.end()) << file.path;
    }
  }
}

}  // namespace
}  // namespace meridian
