#include "lab/process_times.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

#include <fmt/core.h>
#include <unistd.h>

#include "runtime/file.hpp"

namespace meridian::lab {
namespace {

struct process_facts {
  pid_t parent = 0;
  double own_seconds = 0;
  double ended_children_seconds = 0;
  long resident_pages = 0;
};

// proc(5), /proc/PID/stat: the name may hold anything, so reading begins behind it.
std::optional<process_facts> facts_of(const std::string& process) {
  const auto text = read_file(fmt::format("/proc/{}/stat", process));
  const auto name_end = text ? text->rfind(')') : std::string::npos;
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  std::istringstream rest(text->substr(name_end + 1));
  std::string state;
  process_facts facts;
  rest >> state >> facts.parent;
  std::string skipped;
  for (int field = 5; field <= 13; ++field) {
    rest >> skipped;
  }
  long user = 0;
  long system = 0;
  long children_user = 0;
  long children_system = 0;
  rest >> user >> system >> children_user >> children_system;
  for (int field = 18; field <= 23; ++field) {
    rest >> skipped;
  }
  rest >> facts.resident_pages;
  static const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  facts.own_seconds = static_cast<double>(user + system) / ticks_per_second;
  facts.ended_children_seconds = static_cast<double>(children_user + children_system) / ticks_per_second;
  return facts;
}

}  // namespace

double cpu_seconds_of(pid_t process) {
  const auto facts = facts_of(std::to_string(process));
  return facts ? facts->own_seconds : 0;
}

double cpu_seconds_of_family(pid_t ancestor) {
  const auto head = facts_of(std::to_string(ancestor));
  if (!head) {
    return 0;
  }
  double sum = head->own_seconds + head->ended_children_seconds;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const auto name = entry.path().filename().string();
    if (std::ranges::all_of(name, [](char letter) { return letter >= '0' && letter <= '9'; })) {
      const auto facts = facts_of(name);
      sum += facts && facts->parent == ancestor ? facts->own_seconds : 0;
    }
  }
  return sum;
}

long resident_bytes_of(pid_t process) {
  const auto facts = facts_of(std::to_string(process));
  return facts ? facts->resident_pages * ::sysconf(_SC_PAGESIZE) : 0;
}

}  // namespace meridian::lab
