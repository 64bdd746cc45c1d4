#include "cli/serving.hpp"

#include <algorithm>

#include <fmt/core.h>

#include <boost/json.hpp>

#include "base/log.hpp"
#include "cli/local_lab.hpp"
#include "cli/secrets.hpp"
#include "cli/web_files.hpp"
#include "http/get.hpp"
#include "runtime/cpus.hpp"

namespace meridian::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto answer_time_max = 1s;
constexpr auto ready_time_max = 15s;  // a node that was down is tried again after 5 s at most
constexpr auto stop_time_max = 30s;   // the requests at hand have 15 s

// In the process that serves.
int serve_place(
    const topology::topology& world, const serve::process_settings& settings, const std::function<result<void>()>& ready
) {
  const auto ended = serve::serve(world, settings, [&](const serve::serving&) { return ready(); });
  if (!ended) {
    log::error("serve", "{}", to_string(ended.error()));
  }
  return ended ? 0 : 1;
}

task<void> look(serving_state& facts) {
  auto answer = co_await http::get(facts.place->address, facts.place->port, "/readyz", deadline::in(answer_time_max));
  if (!answer) {
    facts.state = facts.is_running ? answer.error().message : "not running (meridian up starts it)";
    co_return result<void>();
  }
  boost::system::error_code malformed;
  const auto said = boost::json::parse(answer->body, malformed);
  const auto* state = !malformed && said.is_object() ? said.as_object().if_contains("status") : nullptr;
  facts.state = state != nullptr && state->is_string() ? std::string(state->as_string())
                                                       : fmt::format("answers {}", answer->status);
  facts.is_ready = facts.is_running && answer->status == 200;
  co_return result<void>();
}

task<void> look_at_all(std::vector<serving_state>& all_facts) {
  std::vector<task<void>> looks;
  for (auto& facts : all_facts) {
    looks.push_back(look(facts));
  }
  co_return co_await all(std::move(looks));
}

task<void> stop_all(const std::vector<cluster::companion>& companions) {
  std::vector<task<void>> stops;
  for (const auto& one : companions) {
    stops.push_back(one.stop());
  }
  co_return co_await all(std::move(stops));
}

result<void> wait_until_ready(const session& local) {
  const auto until = deadline::in(ready_time_max);
  while (true) {
    const auto now = observe_serving(local);
    const auto waiting = std::ranges::find(now, false, &serving_state::is_ready);
    if (waiting == now.end()) {
      return {};
    }
    if (until.passed()) {
      return error{
          errc::unavailable, fmt::format("{} is not ready: {}", waiting->name, waiting->state),
          "Its log tells more: meridian logs " + waiting->name
      };
    }
    MERIDIAN_CHECK(run(pause(50ms)));
  }
}

}  // namespace

result<serve::process_settings> serving_settings(const topology::topology& world, const std::string& region) {
  MERIDIAN_TRY(auto secrets, service_secrets_of(world));
  serve::process_settings settings;
  settings.region = region;
  settings.sign_in.database = cluster::database_name;
  settings.sign_in.user = cluster::role_service;
  settings.sign_in.password = std::move(secrets.database_password);
  settings.sign_in.application_name = "meridian-serve-" + region;
  settings.digest_key = std::move(secrets.digest_key);
  settings.bus_password = std::move(secrets.bus_password);
  const bool is_local = world.engine == topology::engine_kind::postgres;
  settings.registration_is_open = is_local;
  settings.has_tls = !is_local;
  return settings;
}

std::vector<cluster::companion> companions_of(const session& local) {
  std::vector<cluster::companion> companions;
  for (const auto& place : local.world.serving) {
    companions.emplace_back(
        "serve-" + place.region, local.kept.root() / "serve" / place.region, cluster::after_crash::start_again,
        stop_time_max
    );
  }
  return companions;
}

result<void> start_serving(const session& local) {
  const auto& places = local.world.serving;
  const auto cores = usable_cpus().size();
  const auto companions = companions_of(local);
  MERIDIAN_TRY(const auto web, web_files_found());
  for (std::size_t index = 0; index < places.size(); ++index) {
    MERIDIAN_TRY(auto settings, serving_settings(local.world, places[index].region));
    settings.address = places[index].address;
    settings.port = places[index].port;
    settings.web = web;
    settings.lanes = std::max(1, static_cast<int>(cores / places.size()));
    settings.lab = make_local_lab(local);
    MERIDIAN_CHECK(companions[index].start([&](const auto& ready) { return serve_place(local.world, settings, ready); })
    );
  }
  return wait_until_ready(local);
}

result<void> stop_serving(const session& local) {
  const auto companions = companions_of(local);
  return run(stop_all(companions));
}

std::vector<serving_state> observe_serving(const session& local) {
  std::vector<serving_state> now;
  const auto companions = companions_of(local);
  for (std::size_t index = 0; index < companions.size(); ++index) {
    const auto& one = companions[index];
    serving_state facts;
    facts.place = &local.world.serving[index];
    facts.name = one.name();
    facts.is_running = one.is_running();
    facts.pid = facts.is_running ? one.pid() : 0;
    now.push_back(std::move(facts));
  }
  const auto looked = run(look_at_all(now));
  if (!looked) {
    log::error("cli", "{}", to_string(looked.error()));
  }
  return now;
}

}  // namespace meridian::cli
