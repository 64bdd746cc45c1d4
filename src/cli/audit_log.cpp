#include <algorithm>
#include <functional>

#include <fmt/core.h>

#include <boost/asio/this_coro.hpp>

#include "base/suggest.hpp"
#include "cli/overview.hpp"
#include "cli/secrets.hpp"
#include "cli/session.hpp"
#include "identity/audit_log.hpp"
#include "json/writer.hpp"
#include "topology/topology_file.hpp"

namespace meridian::cli {
namespace {

using namespace std::chrono_literals;
using identity::audit_page;
using identity::chain_reports;

std::string hex_of(const std::string& octets) {
  std::string digits;
  for (const char octet : octets) {
    digits += fmt::format("{:02x}", static_cast<unsigned char>(octet));
  }
  return digits;
}

std::string json_of(const audit_page& page) {
  std::string text;
  json::writer out(text);
  out.begin_object().key("entries").begin_array();
  for (const auto& entry : page.entries) {
    out.begin_object()
        .text("region", entry.where->name)
        .number("number", entry.number)
        .time("at", entry.at)
        .id("actor_id", entry.actor_id)
        .text("action", entry.action)
        .text("subject", entry.subject)
        .key("details")
        .raw(entry.details)
        .text("hash", hex_of(entry.hash))
        .end_object();
  }
  out.end_array().text("missing_regions", residency::names_of(page.missing)).end_object();
  return text;
}

std::string json_of(const chain_reports& reports) {
  std::string text;
  json::writer out(text);
  out.begin_object().key("chains").begin_array();
  for (const auto& chain : reports.chains) {
    out.begin_object().text("region", chain.where->name).number("entries", chain.newest_number).key("broken_at");
    chain.broken_at ? out.number(*chain.broken_at) : out.null();
    out.text("newest_hash", hex_of(chain.newest_hash)).end_object();
  }
  out.end_array().text("missing_regions", residency::names_of(reports.missing)).end_object();
  return text;
}

void print(const audit_page& page) {
  std::vector<std::vector<std::string>> rows{{"AT", "REGION", "NUMBER", "ACTOR", "ACTION", "SUBJECT", "DETAILS"}};
  for (const auto& entry : page.entries) {
    rows.push_back({
        json::to_text(entry.at),
        entry.where->name,
        std::to_string(entry.number),
        entry.actor_id ? std::to_string(*entry.actor_id) : "-",
        entry.action,
        entry.subject,
        entry.details == "{}" ? "" : entry.details,
    });
  }
  fmt::print("{}", table_of(rows));
}

void print(const chain_reports& reports) {
  std::vector<std::vector<std::string>> rows{{"REGION", "ENTRIES", "CHAIN", "NEWEST HASH"}};
  for (const auto& chain : reports.chains) {
    const auto state = chain.broken_at ? fmt::format("BROKEN at {}", *chain.broken_at) : std::string("whole");
    rows.push_back({chain.where->name, std::to_string(chain.newest_number), state, hex_of(chain.newest_hash)});
  }
  fmt::print("{}", table_of(rows));
}

// What both kinds of answer share: printing, and what the exit code tells.
template <class Answer>
bool show(const Answer& answer, bool json) {
  if (json) {
    fmt::print("{}\n", json_of(answer));
  } else {
    print(answer);
  }
  for (const auto& one : answer.missing) {
    fmt::print(stderr, "meridian: {}\n", to_string(one.why));
  }
  return answer.missing.empty();
}

// Asks over a lane of its own.
template <class Answer>
task<Answer> over_regions(
    const topology::topology& world, const topology::deployment& part, pg::endpoint sign_in,
    std::function<task<Answer>(residency::regions&)> ask
) {
  residency::regions regions(
      co_await boost::asio::this_coro::executor, world, part, world.region_named(part.nodes.front().region), sign_in
  );
  auto answer = co_await ask(regions);
  MERIDIAN_CO_CHECK(co_await regions.stop(deadline::in(5s)));
  co_return answer;
}

result<const topology::region*> region_named(const topology::topology& world, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& region : world.regions) {
    if (region.name == name) {
      return &region;
    }
    known.push_back(region.name);
  }
  if (name.empty()) {
    return static_cast<const topology::region*>(nullptr);
  }
  return error{errc::invalid_argument, fmt::format("there is no region {}{}", name, did_you_mean(name, known)), ""};
}

result<bool> show_log(const topology_path& path, const audit_log_options& options) {
  MERIDIAN_TRY(const auto world, topology::read_topology(path));
  const auto* part = world.find_deployment_of_service("profile");
  if (part == nullptr) {
    return error{errc::not_found, fmt::format("the topology {} has no profiles", world.name), ""};
  }
  MERIDIAN_TRY(const auto* where, region_named(world, options.region));
  MERIDIAN_TRY(auto secrets, service_secrets_of(world));
  pg::endpoint sign_in;
  sign_in.database = cluster::database_name;
  sign_in.user = cluster::role_service;
  sign_in.password = std::move(secrets.database_password);
  if (options.verify) {
    std::function<task<chain_reports>(residency::regions&)> ask = [where](residency::regions& regions) {
      return identity::verify_audit_chains(regions, where, deadline::in(60s));
    };
    MERIDIAN_TRY(const auto reports, run(over_regions<chain_reports>(world, *part, std::move(sign_in), ask)));
    const bool is_whole = std::ranges::none_of(reports.chains, [](const auto& chain) { return chain.broken_at.has_value(); });
    return show(reports, options.json) && is_whole;
  }
  std::function<task<audit_page>(residency::regions&)> ask = [where, &options](residency::regions& regions) {
    return identity::list_audit_entries(regions, where, options.limit, deadline::in(20s));
  };
  MERIDIAN_TRY(const auto page, run(over_regions<audit_page>(world, *part, std::move(sign_in), ask)));
  return show(page, options.json);
}

}  // namespace

int audit_log(const topology_path& path, const audit_log_options& options) {
  const auto shown = show_log(path, options);
  return shown ? (*shown ? exit_done : exit_failed) : fail(shown.error());
}

}  // namespace meridian::cli
