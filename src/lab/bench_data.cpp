#include "lab/bench_data.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/ids.hpp"
#include "lab/interruption.hpp"
#include "lab/queries.hpp"
#include "runtime/crypto.hpp"
#include "runtime/deadline.hpp"

namespace meridian::lab {
namespace {

using namespace std::chrono_literals;

constexpr auto statement_time_max = 120s;
constexpr std::int64_t messages_per_statement = 100'000;
constexpr std::size_t secret_bytes = 32;

// No statement that can be prepared, so it is no file of sql/query. The other regions' tables are none of its business.
constexpr pg::query vacuum{
    "vacuum",
    "VACUUM (ANALYZE) profile_${region}, identity.account_${region}, identity.session_${region}, workspace_${region}, "
    "workspaceprofile_${region}, channel_${region}, channel_member_${region}, message_${region}"
};

template <class... Values>
std::vector<pg::parameter> parameters(const Values&... values) {
  return {pg::parameter(fmt::to_string(values))...};
}

// Literals of arrays, for texts that need no quotes and for numbers.
template <class Values>
std::string array_of(const Values& values) {
  return fmt::format("{{{}}}", fmt::join(values, ","));
}

// A connection and the region whose partitions it works on.
class writer {
 public:
  writer(pg::connection& connection, const std::string& region) : connection_(connection), region_(region) {}

  task<pg::rows> run(const pg::query& what, std::vector<pg::parameter> with) {
    co_return co_await connection_.query(in_region(what, region_), std::move(with), deadline::in(statement_time_max));
  }

  task<void> script(std::string text) {
    co_return co_await connection_.run_script(std::move(text), deadline::in(statement_time_max * 10));
  }

 private:
  pg::connection& connection_;
  const std::string& region_;
};

task<void> add_messages(writer& node, const bench_data& data, const std::function<void(std::int64_t)>& told) {
  using clock = std::chrono::steady_clock;
  const auto first_id = data.workspace_id;  // of the same age: a counter of 0 in its millisecond
  auto said_at = clock::now();
  for (std::int64_t from = 0; from < data.wish.messages; from += messages_per_statement) {
    MERIDIAN_CO_CHECK(check_interruption());
    const auto to = std::min(from + messages_per_statement, data.wish.messages) - 1;
    auto with = parameters(
        data.first_channel_id, data.wish.channels, data.country, first_id, from, to, data.first_person_id,
        data.wish.people
    );
    MERIDIAN_CO_CHECK(co_await node.run(queries::add_messages, std::move(with)));
    if (clock::now() - said_at >= 1s) {
      told(to + 1);
      said_at = clock::now();
    }
  }
  auto with = parameters(data.first_channel_id, data.wish.channels);
  MERIDIAN_CO_CHECK(co_await node.run(queries::count_messages_in, std::move(with)));
  co_return result<void>();
}

task<void> fill(
    const pg::endpoint& owner, const std::string& region, const bench_data& data,
    const std::function<void(std::int64_t)>& told
) {
  MERIDIAN_CO_TRY(auto connection, co_await pg::connection::open(owner, deadline::in(5s)));
  writer node(connection, region);
  const auto& wish = data.wish;
  auto people = parameters(data.first_person_id, wish.people, data.country);
  MERIDIAN_CO_CHECK(co_await node.run(queries::add_people, std::move(people)));
  auto sessions = parameters(data.first_person_id, array_of(data.tokens), data.country);
  MERIDIAN_CO_CHECK(co_await node.run(queries::add_sessions, std::move(sessions)));
  auto workspace = parameters(data.workspace_id, data.country, data.first_person_id, wish.people);
  MERIDIAN_CO_CHECK(co_await node.run(queries::add_workspace, std::move(workspace)));
  auto channels = parameters(
      data.first_channel_id, wish.channels, data.workspace_id, data.country, data.first_person_id, wish.people
  );
  MERIDIAN_CO_CHECK(co_await node.run(queries::add_channels, std::move(channels)));
  // Foreign keys of rows that are right by construction need not be looked up ten million times.
  MERIDIAN_CO_CHECK(co_await node.script("SET session_replication_role = replica"));
  MERIDIAN_CO_CHECK(co_await add_messages(node, data, told));
  MERIDIAN_CO_CHECK(co_await node.script(in_region(vacuum, region)));
  co_return co_await node.script("CHECKPOINT");
}

task<void> read_channel(writer& node, std::int64_t channel_id, std::int64_t seq_before, evidence& all) {
  constexpr std::int64_t page = 20'000;
  auto after = seq_before;
  while (true) {
    auto with = parameters(channel_id, after, page);
    MERIDIAN_CO_TRY(const auto rows, co_await node.run(queries::list_stored_messages, std::move(with)));
    for (const auto row : rows) {
      all.messages.push_back(
          {row.number<std::int64_t>(0), channel_id, row.number<std::int64_t>(1), std::string(row.text(2)),
           row.number<std::int64_t>(3), row.number<std::int64_t>(4), row.number<std::int64_t>(5),
           row.number<std::int64_t>(6)}
      );
      after = all.messages.back().seq;
    }
    if (rows.size() < page) {
      co_return result<void>();
    }
  }
}

task<void> read_all(
    pg::endpoint owner, std::string region, std::vector<std::int64_t> channel_ids, std::vector<std::int64_t> seq_before,
    evidence& all
) {
  MERIDIAN_CO_TRY(auto connection, co_await pg::connection::open(std::move(owner), deadline::in(5s)));
  writer node(connection, region);
  for (std::size_t i = 0; i < channel_ids.size(); ++i) {
    const auto before = seq_before.empty() ? 0 : seq_before[i];
    MERIDIAN_CO_CHECK(co_await read_channel(node, channel_ids[i], before, all));
  }
  // After the messages: a counter that is read before them would be behind them.
  auto with = parameters(array_of(channel_ids));
  MERIDIAN_CO_TRY(const auto rows, co_await node.run(queries::list_stored_channels, std::move(with)));
  for (const auto row : rows) {
    stored_channel found{row.number<std::int64_t>(0), row.number<std::int64_t>(1), row.number<std::int64_t>(2), 0};
    const auto place = std::ranges::find(channel_ids, found.id) - channel_ids.begin();
    found.seq_before = seq_before.empty() ? 0 : seq_before[static_cast<std::size_t>(place)];
    all.channels.push_back(found);
  }
  co_return result<void>();
}

}  // namespace

std::int64_t bench_data::seq_before(std::size_t channel) const {
  const auto channels = static_cast<std::int64_t>(wish.channels);
  return wish.messages / channels + (static_cast<std::int64_t>(channel) < wish.messages % channels ? 1 : 0);
}

std::string in_region(const pg::query& what, const std::string& region) {
  constexpr std::string_view mark = "${region}";
  std::string out(what.text);
  for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + region.size())) {
    out.replace(at, mark.size(), region);
  }
  return out;
}

std::string make_session_token(int region_number) {
  return fmt::format("m1.{}.{}", region_number, random_secret(secret_bytes));
}

result<bench_data> prepare_data(
    const pg::endpoint& owner, const topology::region& where, const std::string& country, const data_wish& wish,
    const std::function<void(std::int64_t)>& told
) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  const auto made_at = [&](std::chrono::system_clock::duration ago) {
    return id_of({now - std::chrono::floor<milliseconds>(ago), where.number, 0, 0});
  };
  bench_data data;
  data.wish = wish;
  data.country = country;
  data.workspace_id = made_at(1h);
  data.first_person_id = made_at(2h);
  data.first_channel_id = made_at(3h);
  data.first_new_id = made_at(24h);
  for (std::size_t i = 0; i < wish.people; ++i) {
    data.tokens.push_back(make_session_token(where.number));
  }
  MERIDIAN_CHECK(run(fill(owner, where.name, data, told)));
  return data;
}

result<void> read_stored(
    const pg::endpoint& owner, const std::string& region, const std::vector<std::int64_t>& channel_ids,
    const std::vector<std::int64_t>& seq_before, evidence& all
) {
  return run(read_all(owner, region, channel_ids, seq_before, all));
}

}  // namespace meridian::lab
