#include "cluster/up.hpp"

#include "cluster/schema.hpp"

namespace meridian::cluster {
namespace {

using namespace std::chrono_literals;
using topology::deployment_kind;

}  // namespace

task<void> load_sample(postgres::instance first, bool leave_out) {
  const auto until = deadline::in(30s);
  MERIDIAN_CO_TRY(auto owner, co_await first.connect(role_admin, until));
  MERIDIAN_CO_TRY(
      const auto loaded, co_await owner.query("SELECT FROM meridian.data_load WHERE name = 'sample'", until)
  );
  if (!loaded.empty()) {
    co_return result<void>();
  }
  if (!leave_out) {
    // Over several regions this is not one transaction: a kill in the middle leaves a part, and the next call the rest.
    MERIDIAN_CO_TRY(auto service, co_await first.connect(role_service, until));
    std::string sample(sql_text("sample/sample.sql"));
    MERIDIAN_CO_CHECK(co_await service.run_script(std::move(sample), until));
  }
  MERIDIAN_CO_CHECK(
      co_await owner.query("INSERT INTO meridian.data_load (name) VALUES ('sample') ON CONFLICT DO NOTHING", until)
  );
  co_return result<void>();
}

task<void> bring_up(
    const topology::topology& world, postgres::postgres_engine& engine, up_options options, progress& told
) {
  MERIDIAN_CO_CHECK(co_await engine.provision(told));
  for (const auto& part : world.deployments) {
    const bool geo = part.kind == deployment_kind::geo_partitioned;
    if (!geo && options.manual_replication) {
      continue;
    }
    MERIDIAN_CO_CHECK(co_await engine.apply_schema(part, told));
    MERIDIAN_CO_CHECK(co_await engine.replicate(part, told));
    if (geo) {
      told.step(options.empty ? "No sample company" : "Sample company");
      MERIDIAN_CO_CHECK(co_await load_sample(engine.instance_of(part.nodes.front()), options.empty));
    }
  }
  told.finish();
  co_return result<void>();
}

}  // namespace meridian::cluster
