#include "cluster/agent.hpp"

#include <csignal>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/log.hpp"
#include "cluster/cluster_config.hpp"
#include "cluster/postgres/logical.hpp"
#include "http/server.hpp"

namespace meridian::cluster {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto watch_interval = 2s;
constexpr auto drain_duration_max = 5s;
constexpr auto stop_duration_max = 10s;

// The nodes that answer for a deployment: each standalone cluster's, or else the first.
std::vector<const topology::node*> speakers_of(const topology::deployment& part) {
  std::vector<const topology::node*> speakers;
  for (const auto& node : part.nodes) {
    if (speakers.empty() || part.kind == topology::deployment_kind::bidirectional) {
      speakers.push_back(&node);
    }
  }
  return speakers;
}

std::string universe_name(const topology::deployment& part, const topology::node& node) {
  return part.kind == topology::deployment_kind::bidirectional ? node.name : part.name;
}

task<http::response> answer_cluster_config(
    const topology::deployment& part, postgres::postgres_engine& engine, std::string universe
) {
  MERIDIAN_CO_TRY(const auto now, co_await engine.observe());
  http::response answer;
  answer.content_type = "application/json";
  answer.body = cluster_config_of(part, universe, now);
  co_return answer;
}

result<http::server> serve(
    asio::any_io_executor lane, const topology::topology& world, const topology::deployment& part,
    const topology::node& speaker, const state& kept, postgres::postgres_engine& engine
) {
  MERIDIAN_TRY(const auto universe, kept.universe_id(universe_name(part, speaker)));
  http::router routes;
  routes.add(http::verb::get, "/cluster-config", [&part, &engine, universe](const http::request&) {
    return answer_cluster_config(part, engine, universe);
  });
  http::listen_address where;
  where.address = speaker.address;
  where.port = world.http_port;
  return http::server::start(lane, where, std::move(routes));
}

// Until SIGTERM or SIGINT.
task<void> serve_and_watch(
    const topology::topology& world, const state& kept, postgres::postgres_engine& engine,
    const std::function<result<void>()>& ready
) {
  const auto lane = co_await asio::this_coro::executor;
  asio::signal_set signals(lane, SIGTERM, SIGINT);
  std::vector<http::server> servers;
  for (const auto& part : world.deployments) {
    for (const auto* speaker : speakers_of(part)) {
      MERIDIAN_CO_TRY(auto server, serve(lane, world, part, *speaker, kept, engine));
      servers.push_back(std::move(server));
    }
  }
  MERIDIAN_CO_CHECK(ready());
  bool ended = false;
  signals.async_wait([&ended](boost::system::error_code, int) { ended = true; });
  log::info("agent", "answering /cluster-config for {} deployments", world.deployments.size());
  while (!ended) {
    co_await revive_subscriptions(world, engine);
    for (auto waited = 0ms; waited < watch_interval && !ended; waited += 50ms) {
      MERIDIAN_CO_CHECK(co_await pause(50ms));
    }
  }
  for (auto& server : servers) {
    co_await server.stop(deadline::in(drain_duration_max));
  }
  log::info("agent", "stopped");
  co_return result<void>();
}

}  // namespace

task<void> revive_subscriptions(const topology::topology& world, postgres::postgres_engine& engine) {
  for (const auto& part : world.deployments) {
    if (part.kind != topology::deployment_kind::bidirectional) {
      continue;
    }
    for (const auto& [from, to] : {std::pair(0, 1), std::pair(1, 0)}) {
      const auto source = engine.instance_of(part.nodes[from]);
      const auto target = engine.instance_of(part.nodes[to]);
      const auto revived = co_await postgres::revive_subscription(source, target);
      if (revived && *revived) {
        log::warning(
            "agent", "replication from {} to {} was down and has been enabled again", source.node().name,
            target.node().name
        );
      }
    }
  }
  co_return result<void>();
}

companion agent_of(const state& kept) {
  return companion("agent", kept.root() / "agent", after_crash::stay_down, stop_duration_max);
}

int run_agent(
    const topology::topology& world, const state& kept, postgres::postgres_engine& engine,
    const std::function<result<void>()>& ready
) {
  const auto ended = run(serve_and_watch(world, kept, engine, ready));
  if (!ended) {
    log::error("agent", "{}", to_string(ended.error()));
  }
  return ended ? 0 : 1;
}

}  // namespace meridian::cluster
