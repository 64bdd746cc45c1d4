#include "lab/send_bench.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lab/post_workload.hpp"
#include "messaging/queries.hpp"

namespace meridian::lab {
namespace {

constexpr std::int64_t ids_per_millisecond = 64'000;  // below 2^17, where the region's bits begin
constexpr std::int64_t millisecond_of_id = std::int64_t{1} << 22;

class send_run {
 public:
  send_run(bench_stage& stage, const send_options& options) : stage_(stage), options_(options) {}

  result<std::vector<comparison>> run() {
    MERIDIAN_CHECK(stage_.serve({}));
    std::vector<comparison> found;
    for (const auto channels : options_.channels) {
      MERIDIAN_TRY(auto one, compare(channels));
      found.push_back(std::move(one));
    }
    MERIDIAN_CHECK(check());
    return found;
  }

 private:
  std::string loop_of() const {
    return options_.arrivals_per_second > 0 ? fmt::format("open loop, {} a second", options_.arrivals_per_second)
                                            : "closed loop";
  }

  void set_goals(comparison& one, std::size_t channels) const {
    const bool is_open = options_.arrivals_per_second > 0;
    if (options_.clients == 64) {
      one.rate_goal = is_open ? std::nullopt : std::optional(channels == 1 ? goal{15, 30} : goal{2.5, 5});
      one.p99_goal = goal{5, 10};
    } else if (options_.clients == 16 && channels > 1 && !is_open) {
      one.rate_goal = goal{0.9, 1.5};
    }
  }

  result<comparison> compare(std::size_t channels) {
    comparison one;
    one.name = fmt::format(
        "Durable posts: {} channel{}, {} clients, {}", channels, channels == 1 ? "" : "s", options_.clients, loop_of()
    );
    one.ours = "POST";
    one.peers = "pgbench";
    set_goals(one, channels);
    const auto script = send_script(stage_.data(), stage_.region().name, channels, options_.clients);
    for (int round = 1; round <= options_.rounds; ++round) {
      stage_.told().step(fmt::format("{} channels, round {}: pgbench", channels, round));
      ++turns_;
      MERIDIAN_TRY(
          auto theirs,
          stage_.run_peer(script, {fmt::format("n={}", turns_ * 100'000'000)}, options_.arrivals_per_second)
      );
      stage_.told().step(fmt::format("{} channels, round {}: POST", channels, round));
      MERIDIAN_TRY(auto ours, post(channels));
      stage_.told().finish();
      one.peer_rounds.push_back(std::move(theirs));
      one.our_rounds.push_back(std::move(ours));
    }
    return one;
  }

  result<measurement> post(std::size_t channels) {
    post_workload::plan plan;
    for (std::size_t i = 0; i < stage_.data().tokens.size(); ++i) {
      plan.people.push_back({stage_.data().first_person_id + static_cast<std::int64_t>(i), stage_.data().tokens[i]});
    }
    for (std::size_t i = 0; i < channels; ++i) {
      plan.channel_ids.push_back(stage_.data().first_channel_id + static_cast<std::int64_t>(i));
    }
    plan.clients = options_.clients;
    plan.name = fmt::format("r{}", turns_);
    plan.seed = static_cast<std::uint64_t>(turns_);
    post_workload work(std::move(plan));
    auto settings = stage_.settings();
    settings.arrivals_per_second = options_.arrivals_per_second;
    MERIDIAN_TRY(auto found, stage_.run_http(settings, work));
    posts_.insert(posts_.end(), work.acknowledged().begin(), work.acknowledged().end());
    return found;
  }

  result<void> check() {
    stage_.told().step(fmt::format("Looking for {} acknowledged messages", posts_.size()));
    evidence all;
    all.posts = std::move(posts_);
    for (auto& post : all.posts) {
      post.digest = digest_of(bench_text(post.client_msg_id));
    }
    std::vector<std::int64_t> channel_ids;
    std::vector<std::int64_t> seq_before;
    for (std::size_t i = 0; i < *std::ranges::max_element(options_.channels); ++i) {
      channel_ids.push_back(stage_.data().first_channel_id + static_cast<std::int64_t>(i));
      seq_before.push_back(stage_.data().seq_before(i));
    }
    MERIDIAN_CHECK(read_stored(stage_.owner(), stage_.region().name, channel_ids, seq_before, all));
    const auto found = find_damage(all, 10);
    if (found.empty()) {
      stage_.told().note("each is there once, and no channel has a gap");
      stage_.told().finish();
      return {};
    }
    std::string said;
    for (const auto& one : found) {
      said += fmt::format("\n  {}: {}", to_string(one.kind), one.what);
    }
    return error{errc::internal, "messages are damaged:" + said, ""};
  }

  bench_stage& stage_;
  const send_options& options_;
  std::int64_t turns_ = 0;
  std::vector<acknowledged_post> posts_;
};

}  // namespace

std::string send_script(const bench_data& data, const std::string& region, std::size_t channels, std::size_t clients) {
  const auto per_millisecond = ids_per_millisecond / static_cast<std::int64_t>(clients);
  const auto prelude = fmt::format(
      "\\set n :n + 1\n"
      "\\set id {} + (:n / {}) * {} + :n % {} * {} + :client_id\n"
      "\\set client_msg_id :n * {} + :client_id\n"
      "\\set channel_id {} + random(0, {})\n"
      "\\set sender_id {} + :n % {} * {} + :client_id\n",
      data.first_new_id, per_millisecond, millisecond_of_id, per_millisecond, clients, clients, data.first_channel_id,
      channels - 1, data.first_person_id, std::max<std::size_t>(data.wish.people / clients, 1), clients
  );
  const std::vector<std::string> values{
      ":id", ":channel_id", ":sender_id", ":client_msg_id", "'" + bench_text("pgbench") + "'", "NULL", "'{}'",
  };
  return pgbench_script(messaging::queries::send_message, region, prelude, values);
}

result<std::vector<comparison>> bench_send(const topology::topology& like, const send_options& options) {
  if (options.channels.empty() || options.clients == 0 || options.clients > 190) {
    return error{errc::invalid_argument, "a bench needs 1 to 190 clients and a number of channels", ""};
  }
  data_wish wish;
  wish.people = std::max<std::size_t>(256 / options.clients, 1) * options.clients;
  wish.channels = *std::ranges::max_element(options.channels);
  wish.messages = options.rows;
  MERIDIAN_TRY(const auto stage, bench_stage::set_up(like, options, wish));
  send_run bench(*stage, options);
  auto found = bench.run();
  MERIDIAN_CHECK(stage->tear_down());
  return found;
}

}  // namespace meridian::lab
