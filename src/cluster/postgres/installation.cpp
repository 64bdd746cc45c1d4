#include "cluster/postgres/installation.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "runtime/process.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view default_programs = "/usr/lib/postgresql/15/bin";
constexpr std::string_view install = "Install them: apt-get install postgresql-15 postgresql-15-pglogical";

std::filesystem::path programs_directory() {
  const char* chosen = std::getenv("MERIDIAN_POSTGRES_BIN");
  return chosen == nullptr ? std::filesystem::path(default_programs) : std::filesystem::path(chosen);
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

installation planned_installation() {
  return {programs_directory(), false};
}

task<installation> find_installation() {
  const auto until = deadline::in(10s);
  const auto programs = programs_directory();
  for (const auto* program : {"postgres", "initdb", "pg_ctl", "pg_basebackup", "pg_config", "psql"}) {
    std::error_code ignored;
    if (!std::filesystem::exists(programs / program, ignored)) {
      co_return error{
          errc::not_found, fmt::format("PostgreSQL 15 is missing: there is no {}", (programs / program).string()),
          std::string(install)
      };
    }
  }
  command ask_extensions{{programs / "pg_config", "--sharedir"}, {}};
  MERIDIAN_CO_TRY(const auto shared, co_await run_checked(std::move(ask_extensions), until));
  const auto pglogical = std::filesystem::path(first_line(shared)) / "extension" / "pglogical.control";
  if (std::error_code ignored; !std::filesystem::exists(pglogical, ignored)) {
    co_return error{
        errc::not_found,
        fmt::format("the PostgreSQL extension pglogical is missing: there is no {}", pglogical.string()),
        std::string(install)
    };
  }
  command ask_settings{{programs / "postgres", "--describe-config"}, {}};
  MERIDIAN_CO_TRY(const auto settings, co_await run_checked(std::move(ask_settings), until));
  installation found;
  found.programs = programs;
  found.lists_output_plugins = settings.find("\noutput_plugin_libraries\t") != std::string::npos;
  co_return found;
}

}  // namespace meridian::cluster::postgres
