#include "cluster/postgres/tree.hpp"

#include <fmt/core.h>

#include "cluster/schema.hpp"
#include "pg/quote.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

// A dead node is told at once, a frozen one after these; the round trips are saved by batches and pruning.
constexpr std::string_view server_options =
    "connect_timeout '2', tcp_user_timeout '3000', keepalives_idle '5', keepalives_interval '2', keepalives_count '2', "
    "async_capable 'true', parallel_commit 'true', batch_size '100', fetch_size '1000', use_remote_estimate 'false'";

std::string declare_server(const instance& other) {
  const auto& node = other.node();
  const auto server = pg::identifier(node.region);
  return fmt::format(
      "CREATE SERVER IF NOT EXISTS {0} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host {1}, port '{2}', dbname {3}, "
      "{4});\n"
      "ALTER SERVER {0} OPTIONS (SET host {1}, SET port '{2}');\n"
      "GRANT USAGE ON FOREIGN SERVER {0} TO meridian_owner;\n",
      server, pg::literal(node.address), node.sql_port, pg::literal(database_name), server_options
  );
}

// The administrator reaches the other regions with the services' rights only.
std::string declare_user(
    const instance& other, std::string_view local, std::string_view remote, const std::string& password
) {
  return fmt::format(
      "CREATE USER MAPPING IF NOT EXISTS FOR {0} SERVER {1} OPTIONS (user {2}, password {3});\n"
      "ALTER USER MAPPING FOR {0} SERVER {1} OPTIONS (SET user {2}, SET password {3});\n",
      local, pg::identifier(other.node().region), pg::literal(remote), password
  );
}

}  // namespace

std::string connect_script(const std::vector<instance>& others, const passwords& secrets) {
  std::string script = "CREATE EXTENSION IF NOT EXISTS postgres_fdw;\n";
  script += sql_text("placement/postgres/tree_rights.sql");
  for (const auto& other : others) {
    script += declare_server(other);
    script += declare_user(other, role_service, role_service, secrets.service);
    script += declare_user(other, role_admin, role_service, secrets.service);
    // ANALYZE works as a table's owner; it is to find nothing to gather (statistics.sql), not to fail.
    script += declare_user(other, "meridian_owner", role_service, secrets.service);
    script += declare_user(other, role_adhoc, role_adhoc, secrets.adhoc);
  }
  return script;
}

task<void> connect_regions(instance here, std::vector<instance> others, const state& kept) {
  const auto until = deadline::in(20s);
  MERIDIAN_CO_TRY(const auto service_password, kept.password_of(role_service));
  MERIDIAN_CO_TRY(const auto adhoc_password, kept.password_of(role_adhoc));
  const passwords secrets{pg::literal(service_password), pg::literal(adhoc_password), ""};
  auto script = connect_script(others, secrets);
  MERIDIAN_CO_TRY(auto node, co_await here.connect(role_admin, until));
  co_return co_await node.run_script(std::move(script), until);
}

}  // namespace meridian::cluster::postgres
