// What a serving process is told.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "console/lab.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "pg/connection.hpp"

namespace meridian::serve {

enum class service { profile, messaging, reminders, status };
inline constexpr service all_services[] = {service::profile, service::messaging, service::reminders, service::status};

std::string_view to_string(service which);

// By name; none for one that this program does not serve.
std::optional<service> find_service(std::string_view name);

struct process_settings {
  std::string region;                                                               // of the topology
  std::vector<service> services{std::begin(all_services), std::end(all_services)};  // of which the topology has some
  std::string address = "127.0.0.1";                                                // in digits
  std::uint16_t port = 0;                                                           // 0: one that is free
  std::vector<std::string> proxies;             // addresses whose X-Forwarded-For is believed
  int lanes = 0;                                // threads; 0: one for each CPU that the process may use
  pg::endpoint sign_in;                         // database, user and password, without an address
  std::string digest_key;                       // of the e-mail digests: the same in all regions
  std::string bus_password;                     // of the account of the topology's [[bus]], where it has one
  bool registration_is_open = false;            // else an account takes an invitation
  double requests_per_second = 200;             // of one profile; 0: no limit
  double attempts_per_minute = 30;              // to sign in or up, of one address
  bool has_tls = true;                          // clients come by TLS, so that cookies need it
  bool has_io_uring = true;                     // to write to many live connections at once, where the kernel allows it
  std::size_t tail_cache_bytes_max = 64 << 20;  // of each lane, for the ends of timelines; 0: none

  std::shared_ptr<console::lab_actions> lab;      // of a local topology; none: its console only shows
  std::shared_ptr<const http::static_files> web;  // the messenger; null: none

  // How often each lane asks the nodes of other regions whether they answer, for /readyz; 0: never.
  std::chrono::milliseconds remote_watch_interval{10'000};

  // After SIGTERM: how long the process says on /readyz that it leaves while it still accepts, and how long the
  // requests at hand may then take. Proxies need the first to be longer than their check interval.
  std::chrono::milliseconds drain_delay{0};
  std::chrono::milliseconds drain_time_max{15'000};
};

}  // namespace meridian::serve
