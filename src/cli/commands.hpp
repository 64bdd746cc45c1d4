// What the program can do. Each function is one command: it prints, and answers with the exit code: 0 done, 1 failed
// (or found what it looked for, as an audit does), 2 wrong usage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/up.hpp"

namespace meridian::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

// The topology file; every command starts from it.
using topology_path = std::filesystem::path;

int up(const topology_path& path, cluster::up_options options);

struct down_options {
  bool erase = false;  // removes the data too
  bool yes = false;    // without asking
};
int down(const topology_path& path, down_options options);

int status(const topology_path& path, bool json);

struct logs_options {
  std::string node;  // or "agent", or "serve-REGION"
  int lines = 50;
  bool follow = false;
};
int logs(const topology_path& path, const logs_options& options);

struct serve_options {
  std::string region;
  std::vector<std::string> services;  // empty: all
  std::string listen;                 // an address; empty: the topology's, else 127.0.0.1
  int port = -1;                      // -1: the topology's, else 8080; 0: one that is free
  int lanes = 0;                      // 0: one for each CPU
  std::vector<std::string> proxies;   // addresses whose X-Forwarded-For is believed
  std::string registration;           // open or invited; empty: open on a local topology only
  double rate_limit = 200;            // requests a second of one profile; 0: none
  double drain_delay_s = 0;
  double watch_interval_s = 10;  // between questions to other regions' nodes; 0: none
  std::string web;               // a directory; empty: the one beside the program, if there is one
  bool no_web = false;
  bool no_io_uring = false;
  int tail_cache_mb = 64;  // of each lane, for the ends of timelines; 0: none
};
int serve(const topology_path& path, const serve_options& options);

struct sql_options {
  std::string node;
  std::string role = "meridian_adhoc";
  std::vector<std::string> arguments;  // for psql
};
int sql(const topology_path& path, const sql_options& options);

struct plan_options {
  bool json = false;
};
int plan(const topology_path& path, plan_options options);

struct apply_options {
  std::string deployment;  // empty: all
};
int apply(const topology_path& path, const apply_options& options);

struct direction {
  std::string from;
  std::string to;
};
int replication_list(const topology_path& path, bool json);
int replication_show(const topology_path& path, bool json);
int replication_setup(const topology_path& path, const direction& way);
int replication_pause(const topology_path& path, const direction& way);
int replication_resume(const topology_path& path, const direction& way);
int replication_repair(const topology_path& path, const direction& way);
int replication_watch(const topology_path& path);

struct failover_options {
  std::string service;  // whose deployment
  std::string to;       // a node; empty: the freshest replica
  bool dry_run = false;
  bool json = false;
};
int failover(const topology_path& path, const failover_options& options);

struct audit_options {
  bool json = false;
  std::filesystem::path report;  // where to write the signed report; empty: nowhere
};
int audit_residency(const topology_path& path, const audit_options& options);

struct audit_log_options {
  std::string region;  // empty: all
  int limit = 50;
  bool verify = false;  // the chains instead of the entries
  bool json = false;
};
int audit_log(const topology_path& path, const audit_log_options& options);

struct verify_options {
  std::filesystem::path file;  // a signed report
};
int audit_verify(const topology_path& path, const verify_options& options);

struct bench_options {
  std::size_t clients = 64;
  std::int64_t rows = 0;  // messages that are there before
  int duration_s = 10;    // of one round of one side
  int rounds = 3;
  std::string region;  // empty: the topology's first
  bool json = false;
};
struct bench_send_options : bench_options {
  std::vector<std::size_t> channels{1, 1000};
  double open_loop = 0;  // arrivals a second; 0: closed loop
};
int bench_send(const topology_path& path, const bench_send_options& options);
struct bench_read_options : bench_options {
  bench_read_options() { clients = 16; }

  std::size_t channels = 100;
  double writes = 50;  // a second, of the part with writers
};
struct bench_reminders_options {
  std::int64_t count = 20'000;  // that are due at one moment
  int rounds = 3;
  bool json = false;
};
int bench_reminders(const topology_path& path, const bench_reminders_options& options);
int bench_read(const topology_path& path, const bench_read_options& options);
struct bench_fanout_options : bench_options {
  bench_fanout_options() { duration_s = 5; }

  std::size_t members = 1'000;
  std::size_t channels = 1;
  std::vector<std::size_t> in_flight{1, 8};
  bool without_peers = false;
  bool share_cpus = false;
};
int bench_fanout(const topology_path& path, const bench_fanout_options& options);
struct bench_idle_options : bench_options {
  std::size_t connections = 10'000;
  bool without_peers = false;
};
int bench_idle(const topology_path& path, const bench_idle_options& options);

}  // namespace meridian::cli
