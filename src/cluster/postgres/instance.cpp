#include "cluster/postgres/instance.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <unistd.h>

#include "pg/quote.hpp"
#include "runtime/process.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto probe_duration_max = 2s;  // a frozen server accepts connections and never answers
constexpr auto initialise_duration_max = 60s;
constexpr auto start_duration_max = 60s;  // with crash recovery
constexpr auto stop_duration_max = 40s;

// Data of every region passes through every node's statements, and must not rest in its log: so no statement texts, no
// row values (DETAIL) and, where rows are bound to a region, no errors of statements at all.
constexpr std::string_view log_settings = R"(
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_parameter_max_length_on_error = 0
log_line_prefix = '%m [%p] '
log_timezone = UTC
timezone = UTC
)";

constexpr std::string_view common_settings = R"(
unix_socket_directories = ''          # loopback TCP is the only door
password_encryption = 'scram-sha-256'
shared_buffers = 32MB
max_connections = 200
max_wal_senders = 10
max_replication_slots = 10
max_slot_wal_keep_size = 1GB          # a replica that stays away longer is cloned anew, instead of filling the disk
min_wal_size = 32MB
max_wal_size = 512MB
wal_retrieve_retry_interval = 500ms   # the default of 5 s is what a promotion would wait for
wal_receiver_timeout = 10s
wal_sender_timeout = 10s
tcp_user_timeout = 10s
client_connection_check_interval = 2s # who gave up does not leave a statement behind
enable_partitionwise_join = on
jit = off
)";

constexpr std::string_view access_rules_text =
    "# Written by meridian at every start.\n"
    "# type  database     user                  address       method\n"
    "host    all          all                   127.0.0.0/8   scram-sha-256\n"
    "host    all          all                   ::1/128       scram-sha-256\n"
    "host    replication  meridian_replication  127.0.0.0/8   scram-sha-256\n"
    "host    replication  meridian_replication  ::1/128       scram-sha-256\n";

}  // namespace

instance::instance(
    installation programs, const state& kept, const topology::deployment& part, const topology::node& node
)
    : programs_(std::move(programs)), state_(&kept), part_(&part), node_(&node) {}

pg::endpoint instance::endpoint(std::string_view role, std::string_view database, const std::string& password) const {
  return {node_->address, node_->sql_port, std::string(database), std::string(role), password, "meridian"};
}

task<pg::connection> instance::connect(std::string_view role, std::string_view database, deadline until) const {
  MERIDIAN_CO_TRY(const auto password, state_->password_of(role));
  auto where = endpoint(role, database, password);
  co_return co_await pg::connection::open(std::move(where), until);
}

task<pg::connection> instance::connect(std::string_view role, deadline until) const {
  co_return co_await connect(role, database_name, until);
}

std::string instance::connection_string(std::string_view role) const {
  return fmt::format("host={} port={} user={} application_name=meridian", node_->address, node_->sql_port, role) +
         pg::connection_option("dbname", database_name) +
         pg::connection_option("passfile", state_->password_file().string()) +
         " connect_timeout=5 tcp_user_timeout=10000";
}

// The list may hold the node itself, which takes no writes while it looks for a primary.
std::string instance::upstream_string() const {
  std::string hosts;
  std::string ports;
  for (const auto& each : part_->nodes) {
    hosts += (hosts.empty() ? "" : ",") + each.address;
    ports += (ports.empty() ? "" : ",") + std::to_string(each.sql_port);
  }
  return fmt::format("host={} port={} user={} application_name={}", hosts, ports, role_replication, slot_name()) +
         pg::connection_option("passfile", state_->password_file().string()) +
         " target_session_attrs=read-write connect_timeout=2 tcp_user_timeout=10000";
}

bool instance::is_standby() const {
  return std::filesystem::exists(data_directory() / "standby.signal");
}

// pg_basebackup writes the two settings too, as they were on that day; the last line of a name counts.
result<void> instance::make_standby() const {
  const auto settings = data_directory() / "postgresql.auto.conf";
  MERIDIAN_TRY(const auto before, read_file(settings));
  std::string kept;
  for (std::string_view rest = before; !rest.empty();) {
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    if (!line.starts_with("primary_conninfo ") && !line.starts_with("primary_slot_name ")) {
      kept += line;
    }
  }
  kept += fmt::format(
      "primary_conninfo = {}\nprimary_slot_name = {}\n", pg::literal(upstream_string()), pg::literal(slot_name())
  );
  MERIDIAN_CHECK(write_file(settings, kept, mode_private));
  return write_file(data_directory() / "standby.signal", "", mode_private);
}

std::filesystem::path instance::lock_file() const {
  return state_->data_directory(*node_) / "postmaster.pid";
}

// A server that was killed stays in the process table until its parent takes note, which the first process of a
// container may never do. The lock file then names a process that seems to live: the next start is refused, and a stop
// waits for what is dead already. A number that no process has goes in its place. The file itself must stay: by the
// shared memory that it also names, the next server sees whether backends of the dead one are still at work.
result<void> instance::forget_dead_server() const {
  constexpr std::string_view nobody = "2147483647";  // above every pid_max
  const auto text = read_file(lock_file());
  if (!text) {
    return text.error().code == errc::not_found ? result<void>() : text.error();
  }
  pid_t recorded = 0;
  std::from_chars(text->data(), text->data() + text->size(), recorded);
  if (recorded <= 0 || server_pid() > 0) {
    return {};
  }
  return write_file(lock_file(), std::string(nobody) + text->substr(text->find('\n')), mode_private);
}

// A server works in its data directory. Whoever else has the number now got it after the server's death (a reboot).
pid_t instance::server_pid() const {
  const auto text = read_file(lock_file());
  pid_t recorded = 0;
  if (text) {
    std::from_chars(text->data(), text->data() + text->size(), recorded);
  }
  if (recorded <= 0 || is_zombie(recorded)) {
    return 0;
  }
  std::error_code unreadable;
  const auto works_in = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", recorded), unreadable);
  std::error_code missing;
  return !unreadable && std::filesystem::equivalent(works_in, data_directory(), missing) ? recorded : 0;
}

bool instance::is_initialised() const {
  return std::filesystem::exists(state_->data_directory(*node_) / "PG_VERSION");
}

task<instance::listener> instance::probe() const {
  const auto until = deadline::in(probe_duration_max);
  auto opened = co_await connect(role_admin, "postgres", until);
  if (!opened) {
    const auto& failure = opened.error();
    if (failure.code == errc::timed_out) {
      co_return listener::no_answer;
    }
    const bool refused = failure.message.find("Connection refused") != std::string::npos;
    const bool starting = failure.message.find("the database system is") != std::string::npos;
    co_return refused ? listener::nobody : starting ? listener::no_answer : listener::somebody_else;
  }
  const auto rows = co_await opened->query("SHOW data_directory", until);
  const bool ours = rows && (*rows)[0].text(0) == state_->data_directory(*node_).string();
  co_return ours ? listener::this_node : listener::somebody_else;
}

std::string instance::configuration() const {
  const bool logical = part_->kind == topology::deployment_kind::bidirectional;
  const bool regional = part_->kind == topology::deployment_kind::geo_partitioned;
  auto text = fmt::format(
      "# Written by meridian at every start: change the topology file, or ALTER SYSTEM.\n"
      "listen_addresses = '{}'\nport = {}\ncluster_name = '{}'\n",
      node_->address, node_->sql_port, node_->name
  );
  text += common_settings;
  text += log_settings;
  text += fmt::format("log_min_messages = {}\n", regional ? "log" : "warning");
  if (part_->kind == topology::deployment_kind::read_replicas) {
    text += replication_settings();
  }
  if (logical) {
    text +=
        "wal_level = logical\ntrack_commit_timestamp = on\nshared_preload_libraries = 'pglogical'\n"
        "max_worker_processes = 16\n"
        "pglogical.conflict_resolution = 'apply_remote'  # the merge trigger decides which version stays\n"
        "pglogical.conflict_log_level = debug1\n";
    if (programs_.lists_output_plugins) {
      text += fmt::format("{}\n", output_plugins_setting());
    }
  }
  return text;
}

// The same on each node, whichever is the primary. Only the services wait for replicas (their roles say so): this
// program's own work goes on while there is none, as when the first node starts.
std::string instance::replication_settings() const {
  std::string others;
  for (const auto& each : part_->nodes) {
    if (each.name != node_->name) {
      others += (others.empty() ? "" : ", ") + instance(programs_, *state_, *part_, each).slot_name();
    }
  }
  const bool waits = part_->synchronous && !others.empty();
  return fmt::format(
      "synchronous_commit = local\nsynchronous_standby_names = '{}'\n", waits ? fmt::format("ANY 1 ({})", others) : ""
  );
}

std::string_view instance::output_plugins_setting() {
  return "output_plugin_libraries = 'pgoutput, test_decoding, pglogical_output'";
}

result<void> instance::write_configuration(const std::filesystem::path& data) const {
  MERIDIAN_CHECK(write_file(data / "postgresql.conf", configuration(), mode_private));
  return write_file(data / "pg_hba.conf", access_rules(), mode_private);
}

std::string_view instance::access_rules() {
  return access_rules_text;
}

command instance::initdb_command(const std::filesystem::path& data) const {
  return {
      {programs_.programs / "initdb", "-D", data, "-U", std::string(role_admin), "--auth=scram-sha-256",
       "--pwfile=" + state_->secret_file(role_admin).string(), "--encoding=UTF8", "--locale=C.UTF-8",
       "--data-checksums"},
      {}
  };
}

command instance::clone_command(const std::filesystem::path& data) const {
  return {
      {programs_.programs / "pg_basebackup", "-D", data, "-d", upstream_string(), "--write-recovery-conf",
       "--wal-method=stream", "--slot=" + slot_name(), "--checkpoint=fast"},
      {}
  };
}

command instance::start_command() const {
  return {
      {programs_.programs / "pg_ctl", "start", "--silent", "--wait",
       fmt::format("--timeout={}", start_duration_max.count()), "-D", state_->data_directory(*node_), "-l",
       state_->log_file(*node_)},
      {}
  };
}

namespace {

result<std::filesystem::path> unfinished_directory(const std::filesystem::path& parent) {
  MERIDIAN_CHECK(make_directory(parent, 0700));
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(parent, failed)) {
    if (entry.path().filename().string().starts_with("unfinished.")) {
      std::filesystem::remove_all(entry.path(), failed);
    }
  }
  return parent / fmt::format("unfinished.{}", ::getpid());
}

}  // namespace

// A kill at any moment leaves at most a directory with another name, which the next call removes.
task<void> instance::build(command how, std::filesystem::path unfinished) const {
  MERIDIAN_CO_CHECK(co_await run_checked(std::move(how), deadline::in(initialise_duration_max)));
  MERIDIAN_CO_CHECK(write_configuration(unfinished));
  std::error_code failed;
  std::filesystem::rename(unfinished, state_->data_directory(*node_), failed);
  if (failed) {
    co_return error{errc::internal, fmt::format("can't rename {}: {}", unfinished.string(), failed.message()), ""};
  }
  co_return result<void>();
}

task<void> instance::initialise() const {
  if (is_initialised()) {
    co_return result<void>();
  }
  MERIDIAN_CO_TRY(auto unfinished, unfinished_directory(state_->node_directory(*node_)));
  MERIDIAN_CO_CHECK(state_->password_of(role_admin));
  auto initdb = initdb_command(unfinished);
  co_return co_await build(std::move(initdb), std::move(unfinished));
}

task<void> instance::clone() const {
  if (is_initialised()) {
    co_return result<void>();
  }
  MERIDIAN_CO_TRY(auto unfinished, unfinished_directory(state_->node_directory(*node_)));
  auto backup = clone_command(unfinished);
  co_return co_await build(std::move(backup), std::move(unfinished));
}

result<void> instance::discard() const {
  if (node_->role != topology::node_role::replica) {
    return error{errc::forbidden, fmt::format("{} is a primary: its data is the only copy", node_->name), ""};
  }
  // Out of the way at once, gone in a while: a kill in between leaves what the next build removes.
  const auto discarded = state_->node_directory(*node_) / "unfinished.discarded";
  std::error_code failed;
  std::filesystem::remove_all(discarded, failed);
  std::filesystem::rename(state_->data_directory(*node_), discarded, failed);
  if (!failed) {
    std::filesystem::remove_all(discarded, failed);
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return error{
        errc::internal, fmt::format("can't remove the data of {}: {}", node_->name, failed.message()),
        "Look at its directory under nodes/ in the state directory, then repair again."
    };
  }
  return {};
}

std::string instance::slot_name() const {
  auto name = node_->name;
  std::ranges::replace(name, '-', '_');
  return name;
}

error instance::port_taken() const {
  return {
      errc::conflict,
      fmt::format(
          "{}:{}, where the node {} belongs, is in use by another program", node_->address, node_->sql_port, node_->name
      ),
      fmt::format(
          "Stop that program (ss -ltnp 'sport = :{}' shows it), or give the node another port in the topology file.",
          node_->sql_port
      )
  };
}

// Until the server answers, or is known not to be there. Who listens and does not answer may be the node, recovering
// from a crash; where the node has left no trace of a start it is somebody else.
task<instance::listener> instance::probe_patiently(deadline until) const {
  while (true) {
    MERIDIAN_CO_TRY(const auto found, co_await probe());
    if (found == listener::no_answer && !std::filesystem::exists(lock_file())) {
      co_return listener::somebody_else;
    }
    if (found != listener::no_answer || until.passed()) {
      co_return found;
    }
    MERIDIAN_CO_CHECK(co_await pause(100ms));
  }
}

// What the topology file says since the server started, as far as that needs no restart.
task<void> instance::reconfigure() const {
  const auto data = data_directory();
  const auto written = read_file(data / "postgresql.conf");
  if (written && *written == configuration()) {
    co_return result<void>();
  }
  MERIDIAN_CO_CHECK(write_configuration(data));
  command reload{{program("pg_ctl"), "reload", "--silent", "-D", data}, {}};
  MERIDIAN_CO_CHECK(co_await run_checked(std::move(reload), deadline::in(5s)));
  co_return result<void>();
}

task<void> instance::start() const {
  MERIDIAN_CO_TRY(const auto found, co_await probe_patiently(deadline::in(start_duration_max)));
  if (found == listener::this_node) {
    co_return co_await reconfigure();
  }
  if (found == listener::no_answer) {
    co_return error{
        errc::timed_out,
        fmt::format("something listens at the address of the node {} and does not answer", node_->name),
        fmt::format("If it is the node itself, frozen or overloaded: meridian logs {}, meridian down.", node_->name)
    };
  }
  if (found == listener::somebody_else) {
    co_return port_taken();
  }
  const auto data = state_->data_directory(*node_);
  MERIDIAN_CO_CHECK(forget_dead_server());
  MERIDIAN_CO_CHECK(write_configuration(data));
  if (node_->role == topology::node_role::replica) {
    MERIDIAN_CO_CHECK(make_standby());
  }
  auto how = start_command();
  const auto started = co_await run_checked(std::move(how), deadline::in(start_duration_max + 5s));
  if (started) {
    co_return result<void>();
  }
  // An interrupted call may have left a server that was about to listen: then it does by now.
  MERIDIAN_CO_TRY(const auto after, co_await probe_patiently(deadline::in(5s)));
  if (after == listener::this_node) {
    co_return result<void>();
  }
  co_return error{
      errc::unavailable, fmt::format("the node {} does not start: {}", node_->name, started.error().message),
      fmt::format("Its log tells why: meridian logs {}", node_->name)
  };
}

task<void> instance::stop() const {
  if (!is_initialised()) {
    co_return result<void>();
  }
  const auto data = state_->data_directory(*node_);
  MERIDIAN_CO_CHECK(forget_dead_server());
  command ask{{programs_.programs / "pg_ctl", "status", "-D", data}, {}};
  MERIDIAN_CO_TRY(const auto status, co_await run_process(std::move(ask), deadline::in(5s)));
  constexpr int not_running = 3;
  if (status.exit_code == not_running) {
    co_return result<void>();
  }
  command how{
      {programs_.programs / "pg_ctl", "stop", "--silent", "--mode=fast",
       fmt::format("--timeout={}", stop_duration_max.count()), "-D", data},
      {}
  };
  MERIDIAN_CO_CHECK(co_await run_checked(std::move(how), deadline::in(stop_duration_max + 5s)));
  co_return result<void>();
}

}  // namespace meridian::cluster::postgres
