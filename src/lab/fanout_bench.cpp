#include "lab/fanout_bench.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <sys/resource.h>

#include "lab/cpu_split.hpp"
#include "lab/meridian_server.hpp"
#include "lab/process_times.hpp"
#include "runtime/cpus.hpp"

namespace meridian::lab {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto warm_up = 500ms;
constexpr auto settling_time = 2s;
constexpr auto idle_time = 10s;
constexpr auto joining_time_max = 180s;
constexpr std::size_t descriptors_beside = 200;  // that are no connections

using servers = std::vector<std::unique_ptr<peer_server>>;

// Ours first, then the floor, then the others.
result<servers> start_all(bench_stage& stage, std::size_t speaking, bool with_floor, bool with_peers) {
  const auto channels = stage.data().wish.channels;
  servers made;
  MERIDIAN_CHECK(stage.serve({}));
  made.push_back(std::make_unique<meridian_server>(stage, speaking));
  if (with_floor) {
    MERIDIAN_TRY(auto floor, start_bare_loop());
    made.push_back(std::move(floor));
  }
  MERIDIAN_TRY(auto room, start_room(speaking));
  made.push_back(std::move(room));
  if (with_peers) {
    for (const auto* which : {"nats", "ejabberd"}) {
      const auto directory = stage.world().directory() / which;
      std::error_code failed;
      fs::create_directory(directory, failed);
      const auto start = std::string_view(which) == "nats" ? start_nats : start_ejabberd;
      MERIDIAN_TRY(auto peer, start(directory, channels));
      made.push_back(std::move(peer));
    }
  }
  return made;
}

result<servers> start_all_on(const cpu_split& split, bench_stage& stage, std::size_t speaking, bool with_peers) {
  MERIDIAN_CHECK(run_on(split.servers));
  auto started = start_all(stage, speaking, true, with_peers);
  MERIDIAN_CHECK(run_on(split.rest));
  return started;
}

crowd_settings settings_of(const peer_server& server, std::size_t members) {
  crowd_settings settings;
  settings.where = server.where();
  settings.members = members;
  settings.script = [&server](std::size_t index) { return server.member_script(index); };
  settings.joining_time_max = joining_time_max;
  settings.still_here = server.still_here();
  return settings;
}

struct cpu_clock {
  pid_t process = 0;
  double seconds = 0;

  static void begin(void* context) {
    auto& self = *static_cast<cpu_clock*>(context);
    self.seconds = -cpu_seconds_of(self.process);
  }
  static void end(void* context) {
    auto& self = *static_cast<cpu_clock*>(context);
    self.seconds += cpu_seconds_of(self.process);
  }
};

result<void> run_round(
    const peer_server& server, crowd& members, const fanout_options& options, std::size_t in_flight, fanout_side& side
) {
  cpu_clock spent{server.pid()};
  const load_marks marks{&cpu_clock::begin, &cpu_clock::end, &spent};
  MERIDIAN_TRY(const auto found, members.listen(server.speakers(), in_flight, warm_up, options.duration, marks));
  side.per_second.push_back(static_cast<double>(found.deliveries) / found.seconds);
  side.per_cpu_second.push_back(static_cast<double>(found.deliveries) / std::max(spent.seconds, 0.01));
  return {};
}

// Each process may have that many descriptors, and children inherit it.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

result<idle_side> measure_idle(const peer_server& server, std::size_t connections, bench_stage& stage) {
  idle_side found;
  found.server = server.name();
  found.connections = connections;
  const auto settings = [&](std::size_t count) {
    auto made = settings_of(server, count);
    made.script = [&server](std::size_t index) { return server.idle_script(index); };
    return made;
  };
  MERIDIAN_TRY(const auto warm, crowd::gather(settings(1), stage.interrupted()));
  MERIDIAN_CHECK(warm->rest(settling_time));
  const auto before = resident_bytes_of(server.pid());
  MERIDIAN_TRY(const auto all, crowd::gather(settings(connections), stage.interrupted()));
  MERIDIAN_CHECK(all->rest(settling_time));
  const auto busy_before = cpu_seconds_of(server.pid());
  MERIDIAN_CHECK(all->rest(idle_time));
  constexpr double percent = 100;
  found.cpu_percent =
      (cpu_seconds_of(server.pid()) - busy_before) * percent / std::chrono::duration<double>(idle_time).count();
  found.bytes_each = static_cast<double>(resident_bytes_of(server.pid()) - before) / static_cast<double>(connections);
  return found;
}

}  // namespace

result<std::vector<fanout_part>> bench_fanout(const topology::topology& like, const fanout_options& options) {
  raise_descriptor_limit();
  const auto split = cpu_split::of(usable_cpus(), options.share_cpus);
  MERIDIAN_CHECK(run_on(split.rest));
  data_wish wish;
  wish.people = options.members;
  wish.channels = options.channels;
  MERIDIAN_TRY(const auto stage, bench_stage::set_up(like, options, wish));
  const auto most = *std::ranges::max_element(options.in_flight);
  MERIDIAN_TRY(const auto all, start_all_on(split, *stage, most, !options.without_peers));
  // The slowest first: nobody of ours is to be thought dead meanwhile.
  std::vector<std::unique_ptr<crowd>> crowds(all.size());
  for (auto which = all.size(); which-- > 0;) {
    stage->told().step(fmt::format("{} connections to {}", options.members, all[which]->name()));
    MERIDIAN_TRY(crowds[which], crowd::gather(settings_of(*all[which], options.members), stage->interrupted()));
    stage->told().finish();
  }
  std::vector<fanout_part> parts;
  for (const auto in_flight : options.in_flight) {
    fanout_part part{options.members, options.channels, in_flight, split.is_shared(), {}};
    for (const auto& server : all) {
      part.sides.push_back({server->name(), {}, {}});
    }
    for (int round = 1; round <= options.rounds; ++round) {
      for (std::size_t which = 0; which < all.size(); ++which) {
        stage->told().step(fmt::format("{} in flight, round {}: {}", in_flight, round, all[which]->name()));
        for (const auto& each : crowds) {
          MERIDIAN_CHECK(each->greet());
        }
        MERIDIAN_CHECK(run_round(*all[which], *crowds[which], options, in_flight, part.sides[which]));
        stage->told().finish();
      }
    }
    parts.push_back(std::move(part));
  }
  crowds.clear();
  MERIDIAN_CHECK(stage->tear_down());
  return parts;
}

result<idle_outcome> bench_idle(const topology::topology& like, const idle_options& options) {
  const auto descriptors = raise_descriptor_limit();
  idle_outcome outcome;
  outcome.connections = std::min(options.connections, descriptors - descriptors_beside);
  if (outcome.connections < options.connections) {
    outcome.limited_by = fmt::format("a process may have {} descriptors here (ulimit -n)", descriptors);
  }
  data_wish wish;
  wish.people = outcome.connections;
  wish.channels = 1;
  MERIDIAN_TRY(const auto stage, bench_stage::set_up(like, options, wish));
  MERIDIAN_TRY(const auto all, start_all(*stage, 1, false, !options.without_peers));
  for (const auto& server : all) {
    stage->told().step(fmt::format("{} connections to {}", outcome.connections, server->name()));
    MERIDIAN_TRY(auto side, measure_idle(*server, outcome.connections, *stage));
    outcome.sides.push_back(std::move(side));
    stage->told().finish();
  }
  MERIDIAN_CHECK(stage->tear_down());
  return outcome;
}

}  // namespace meridian::lab
