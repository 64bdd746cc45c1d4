// Runs the commands of the documentation, as they stand there, against a topology of their own.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/process.hpp"

namespace meridian {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A fenced block: ```sh is run, the ```text that follows it holds lines that its output must contain.
struct block {
  std::string language;
  std::vector<std::string> lines;
};

std::vector<block> blocks_of(const fs::path& document) {
  std::vector<block> blocks;
  bool inside = false;
  std::ifstream file(document);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) {
        blocks.push_back({line.substr(3), {}});
      }
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char letter : text) {
    out += letter == '\'' ? "'\\''" : std::string(1, letter);
  }
  return out + "'";
}

// Each command in turn; the first that fails ends the script and is named. `! command` must fail.
std::string script_of(const std::vector<block>& blocks) {
  std::string script = "./meridian up || exit 1\n";
  for (const auto& one : blocks) {
    if (one.language != "sh") {
      continue;
    }
    for (const auto& line : one.lines) {
      if (!line.empty() && line != "./meridian test") {  // that is what is running now
        script += "{ " + line + "\n} 2>&1 || { echo " + quoted("FAILED: " + line) + "; exit 1; }\n";
      }
    }
  }
  return script;
}

// A network namespace of its own, where the default addresses and ports are free, if this machine lets us have one.
std::vector<std::string> isolation() {
  const std::vector<std::string> as_root{"unshare", "--net"};
  const std::vector<std::string> as_user{"unshare", "--user", "--map-current-user", "--keep-caps", "--net"};
  auto isolated = ::geteuid() == 0 ? as_root : as_user;
  auto probe = isolated;
  probe.insert(probe.end(), {"ip", "link", "set", "lo", "up"});
  const auto possible = run(run_process({probe, {}}, deadline::in(10s)));
  return possible && possible->exit_code == 0 ? isolated : std::vector<std::string>();
}

class documentation : public testing::TestWithParam<std::string> {
 protected:
  process_outcome run_script(const std::string& script) {
    auto arguments = isolation();
    const std::string loopback = arguments.empty() ? "" : "ip link set lo up\n";
    arguments.insert(arguments.end(), {"bash", "-c", loopback + script});
    const command shell{
        arguments,
        {{"MERIDIAN_STATE_DIR", state_.string()},
         {"MERIDIAN_PRESET", MERIDIAN_PRESET_NAME},
         {"MERIDIAN_TOPOLOGY", default_topology_}}
    };
    const auto outcome = run(run_process(shell, deadline::in(300s)));
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome ? *outcome : process_outcome{};
  }

  const std::string default_topology_ = std::string(MERIDIAN_SOURCE_DIR) + "/config/local.toml";
  const fs::path state_ = fs::temp_directory_path() / ("meridian-documentation-" + std::to_string(::getpid()));
};

TEST_P(documentation, does_what_it_says) {
  const auto blocks = blocks_of(fs::path(MERIDIAN_SOURCE_DIR) / GetParam());
  const auto cleanup = "\nresult=$?\n./meridian down --erase --yes\nexit $result\n";
  const auto outcome =
      run_script("cd " + quoted(MERIDIAN_SOURCE_DIR) + " || exit 1\n(\n" + script_of(blocks) + ")" + cleanup);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output << outcome.errors;
  for (const auto& one : blocks) {
    if (one.language == "text") {
      for (const auto& line : one.lines) {
        EXPECT_NE(outcome.output.find(line), std::string::npos) << "not in the output: " << line << "\n"
                                                                << outcome.output;
      }
    }
  }
  EXPECT_FALSE(fs::exists(state_)) << "something was left behind";
}

INSTANTIATE_TEST_SUITE_P(
    documents, documentation, testing::Values("README.md", "docs/operations.md"),
    [](const auto& one) { return one.param == "README.md" ? "readme" : "operations"; }
);

}  // namespace
}  // namespace meridian
