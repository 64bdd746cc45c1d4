#include "lab/read_bench.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "lab/timeline_workload.hpp"
#include "messaging/queries.hpp"

namespace meridian::lab {
namespace {

constexpr int messages_per_timeline = 50;
constexpr std::int64_t messages_per_channel_min = 200;
constexpr std::size_t writers = 4;

std::string list_script(const bench_data& data, const std::string& region, std::size_t channels, std::size_t clients) {
  const auto prelude = fmt::format(
      "\\set channel_id {} + random(0, {})\n\\set reader_id {} + :client_id % {}\n", data.first_channel_id,
      channels - 1, data.first_person_id, std::min(clients, data.wish.people)
  );
  const auto limit = std::to_string(messages_per_timeline);
  return pgbench_script(
      messaging::queries::list_messages, region, prelude, {":channel_id", ":reader_id", "NULL", limit}
  );
}

// Posts at a low rate on a thread of its own, until it is destroyed.
class background_writers {
 public:
  background_writers(const load_settings& settings, post_workload::plan plan, known_seqs& known)
      : settings_(settings), work_(std::move(plan), known) {
    thread_ = std::thread([this] { outcome_ = run_load(settings_, work_, is_over_); });
  }
  background_writers(const background_writers&) = delete;
  background_writers& operator=(const background_writers&) = delete;
  ~background_writers() {
    if (thread_.joinable()) {
      stop();
    }
  }

  const result<load_outcome>& stop() {
    is_over_ = true;
    thread_.join();
    return outcome_;
  }

 private:
  const load_settings settings_;
  telling_workload work_;
  std::atomic<bool> is_over_ = false;
  result<load_outcome> outcome_ = load_outcome();
  std::thread thread_;
};

class read_run {
 public:
  read_run(bench_stage& stage, const read_options& options)
      : stage_(stage),
        options_(options),
        known_(stage.data().first_channel_id, seqs_of(stage.data(), options.channels)),
        script_(list_script(stage.data(), stage.region().name, options.channels, options.clients)) {}

  result<std::vector<comparison>> run() {
    std::vector<comparison> found{
        named("from the database", goal{0.6, 0.8}), named("from the tail in memory", goal{2, 4}),
        named(fmt::format("from the tail, {:g} writes a second", options_.writes_per_second), goal{2, 4})
    };
    for (int round = 1; round <= options_.rounds; ++round) {
      MERIDIAN_TRY(auto theirs, read_as_peer("pgbench", round));
      found[0].peer_rounds.push_back(theirs);
      found[1].peer_rounds.push_back(std::move(theirs));
      MERIDIAN_CHECK(stage_.serve({"--tail-cache", "0"}));
      MERIDIAN_TRY(auto plain, read("GET from the database", round));
      found[0].our_rounds.push_back(std::move(plain));
      MERIDIAN_CHECK(stage_.serve({}));
      MERIDIAN_TRY(auto cached, read("GET from the tail", round));
      found[1].our_rounds.push_back(std::move(cached));
      MERIDIAN_CHECK(read_with_writers(round, found[2]));
    }
    return found;
  }

 private:
  static std::vector<std::int64_t> seqs_of(const bench_data& data, std::size_t channels) {
    std::vector<std::int64_t> seqs;
    for (std::size_t i = 0; i < channels; ++i) {
      seqs.push_back(data.seq_before(i));
    }
    return seqs;
  }

  comparison named(const std::string& how, goal wanted) const {
    comparison one;
    one.name = fmt::format(
        "Timelines of {} messages: {}, {} channels, {} clients", messages_per_timeline, how, options_.channels,
        options_.clients
    );
    one.ours = "GET";
    one.peers = "pgbench";
    one.rate_goal = wanted;
    return one;
  }

  result<measurement> read_as_peer(std::string_view what, int round) {
    stage_.told().step(fmt::format("Round {}: {}", round, what));
    auto found = stage_.run_peer(script_, {}, 0);
    stage_.told().finish();
    return found;
  }

  result<measurement> read(std::string_view what, int round) {
    stage_.told().step(fmt::format("Round {}: {}", round, what));
    timeline_workload work(stage_.data().tokens, known_, options_.clients, static_cast<std::uint64_t>(round));
    auto found = stage_.run_http(stage_.settings(), work);
    stage_.told().finish();
    return found;
  }

  result<void> read_with_writers(int round, comparison& into) {
    if (options_.writes_per_second <= 0) {
      return {};
    }
    post_workload::plan plan;
    for (std::size_t i = 0; i < stage_.data().tokens.size(); ++i) {
      plan.people.push_back({stage_.data().first_person_id + static_cast<std::int64_t>(i), stage_.data().tokens[i]});
    }
    for (std::size_t i = 0; i < options_.channels; ++i) {
      plan.channel_ids.push_back(stage_.data().first_channel_id + static_cast<std::int64_t>(i));
    }
    plan.clients = writers;
    plan.name = fmt::format("w{}", round);
    auto settings = stage_.settings();
    settings.clients = writers;
    settings.arrivals_per_second = options_.writes_per_second;
    settings.duration = std::chrono::hours(1);
    background_writers writing(settings, std::move(plan), known_);
    MERIDIAN_TRY(auto theirs, read_as_peer("pgbench, with writers", round));
    MERIDIAN_TRY(auto ours, read("GET from the tail, with writers", round));
    into.peer_rounds.push_back(std::move(theirs));
    into.our_rounds.push_back(std::move(ours));
    const auto& written = writing.stop();
    if (!written || written->failures > 0) {
      return error{
          errc::internal, "writing failed: " + (written ? written->first_failure : written.error().message), ""
      };
    }
    return {};
  }

  bench_stage& stage_;
  const read_options& options_;
  known_seqs known_;
  const std::string script_;
};

}  // namespace

result<std::vector<comparison>> bench_read(const topology::topology& like, const read_options& options) {
  if (options.channels == 0 || options.clients == 0 || options.clients > 190) {
    return error{errc::invalid_argument, "a bench needs 1 to 190 clients and a channel", ""};
  }
  data_wish wish;
  wish.channels = options.channels;
  wish.messages = std::max(options.rows, static_cast<std::int64_t>(options.channels) * messages_per_channel_min);
  MERIDIAN_TRY(const auto stage, bench_stage::set_up(like, options, wish));
  auto found = read_run(*stage, options).run();
  MERIDIAN_CHECK(stage->tear_down());
  return found;
}

}  // namespace meridian::lab
