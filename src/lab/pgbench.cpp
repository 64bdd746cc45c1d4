#include "lab/pgbench.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>
#include <sys/resource.h>

#include "cluster/postgres/installation.hpp"
#include "runtime/file.hpp"
#include "runtime/process.hpp"

namespace meridian::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

double ended_children_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::string without_comments(std::string_view sql) {
  std::string out;
  std::istringstream lines{std::string(sql)};
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::min(line.size(), line.find("--")));
    if (line.find_first_not_of(' ') != std::string::npos) {
      out += line + "\n";
    }
  }
  return out;
}

// pgbench appends its process number to the prefix, and ".2" and so on for further threads.
result<void> read_logs(const fs::path& directory, std::string_view prefix, latency_histogram& latencies) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    if (!entry.path().filename().string().starts_with(prefix)) {
      continue;
    }
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    MERIDIAN_CHECK(read_log(text, latencies));
    fs::remove(entry.path(), failed);
  }
  return {};
}

command command_of(const pgbench_settings& settings, const fs::path& script, const fs::path& log) {
  command what;
  what.arguments = {
      "pgbench",
      "--no-vacuum",
      "--protocol=prepared",
      fmt::format("--client={}", settings.clients),
      fmt::format("--jobs={}", settings.threads),
      fmt::format("--time={}", settings.duration.count()),
      fmt::format("--file={}", script.string()),
      "--log",
      fmt::format("--log-prefix={}", log.string()),
      fmt::format("--host={}", settings.where.host),
      fmt::format("--port={}", settings.where.port),
      fmt::format("--username={}", settings.where.user)
  };
  if (settings.arrivals_per_second > 0) {
    what.arguments.push_back(fmt::format("--rate={}", settings.arrivals_per_second));
  }
  for (const auto& definition : settings.definitions) {
    what.arguments.push_back("--define=" + definition);
  }
  what.arguments.push_back(settings.where.database);
  what.environment = {{"PGPASSFILE", settings.password_file.string()}, {"PGOPTIONS", ""}};
  return what;
}

}  // namespace

std::string pgbench_script(
    const pg::query& what, const std::string& region, const std::string& prelude, const std::vector<std::string>& values
) {
  constexpr std::string_view region_mark = "${region}";
  const auto text = without_comments(what.text);
  std::string out = prelude;
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, region_mark.size(), region_mark) == 0) {
      out += region;
      at += region_mark.size();
      continue;
    }
    std::size_t number = 0;
    const auto* begin = text.data() + at + 1;
    const auto [end, failed] = std::from_chars(begin, text.data() + text.size(), number);
    if (text[at] == '$' && failed == std::errc() && number >= 1 && number <= values.size()) {
      out += values[number - 1];
      at = static_cast<std::size_t>(end - text.data());
      continue;
    }
    out += text[at++];
  }
  while (out.ends_with('\n') || out.ends_with(' ') || out.ends_with(';')) {
    out.pop_back();
  }
  return out + ";\n";
}

result<double> read_tps(std::string_view printed) {
  constexpr std::string_view mark = "tps = ";
  const auto at = printed.rfind(mark);
  double tps = 0;
  if (at == std::string_view::npos ||
      std::from_chars(printed.data() + at + mark.size(), printed.data() + printed.size(), tps).ec != std::errc()) {
    return error{errc::invalid_argument, "pgbench does not tell its rate", ""};
  }
  return tps;
}

result<void> read_log(std::string_view log, latency_histogram& latencies) {
  while (!log.empty()) {
    const auto end = log.find('\n');
    const auto line = log.substr(0, end);
    log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    std::int64_t took_us = 0;
    const bool is_there = first != std::string_view::npos && second != std::string_view::npos;
    if (!is_there || std::from_chars(line.data() + second + 1, line.data() + line.size(), took_us).ec != std::errc()) {
      return error{errc::invalid_argument, fmt::format("a line of pgbench's log is strange: {}", line), ""};
    }
    latencies.record(std::chrono::microseconds(took_us));
  }
  return {};
}

result<pgbench_outcome> run_pgbench(const pgbench_settings& settings) {
  constexpr std::string_view prefix = "pgbench-log";
  MERIDIAN_TRY(const auto programs, run(cluster::postgres::find_installation()));
  const auto script = settings.directory / "pgbench.sql";
  MERIDIAN_CHECK(write_file(script, settings.script, mode_public));
  auto what = command_of(settings, script, settings.directory / prefix);
  what.arguments.front() = (programs.programs / "pgbench").string();
  const auto before = ended_children_seconds();
  MERIDIAN_TRY(const auto ended, run(run_process(std::move(what), deadline::in(settings.duration + 60s))));
  pgbench_outcome outcome;
  outcome.cpu_seconds = ended_children_seconds() - before;
  const auto logs = read_logs(settings.directory, prefix, outcome.latencies);
  const bool lost_some = ended.output.find("number of failed transactions: 0 ") == std::string::npos;
  if (ended.exit_code != 0 || lost_some) {
    return error{errc::internal, "pgbench failed: " + (ended.errors + ended.output).substr(0, 1500), ""};
  }
  MERIDIAN_CHECK(logs);
  MERIDIAN_TRY(outcome.transactions_per_second, read_tps(ended.output));
  return outcome;
}

}  // namespace meridian::lab
