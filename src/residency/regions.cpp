#include "residency/regions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace meridian::residency {

namespace asio = boost::asio;

namespace {

// Of a question to several regions: one that is frozen must not take the whole time of the others' answers.
constexpr auto patience_for_one = std::chrono::seconds(2);

std::string with_region(std::string_view text, const std::string& region) {
  constexpr std::string_view mark = "${region}";
  std::string out;
  while (true) {
    const auto found = text.find(mark);
    out += text.substr(0, found);
    if (found == std::string_view::npos) {
      return out;
    }
    out += region;
    text.remove_prefix(found + mark.size());
  }
}

// PostgreSQL's own words name constraints, and values of rows: they are not for whoever asked.
std::string_view words_of(errc refused) {
  switch (refused) {
    case errc::conflict:
      return "it is in conflict with what is there";
    case errc::not_found:
      return "what it belongs to is not there";
    case errc::invalid_argument:
      return "a value is not accepted";
    case errc::forbidden:
    case errc::unauthenticated:
    case errc::wrong_region:
      return "the database does not allow it";
    case errc::retry:
      return "somebody else changed the same at the same time";
    default:
      return "";
  }
}

error named(const topology::region& where, error why) {
  if (const auto words = words_of(why.code); !words.empty()) {
    return {why.code, std::string(words), why.code == errc::retry ? "Try again." : ""};
  }
  if (why.code == errc::unavailable || why.code == errc::timed_out) {
    return {
        why.code, fmt::format("the region {} does not answer", where.name),
        "Rows that rest elsewhere are not concerned."
    };
  }
  return why;
}

}  // namespace

std::string names_of(const std::vector<missing_region>& missing) {
  std::vector<std::string_view> names;
  for (const auto& one : missing) {
    names.push_back(one.where->name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

regions::regions(
    boost::asio::any_io_executor lane, const topology::topology& world, const topology::deployment& part,
    const topology::region& here, const pg::endpoint& sign_in, pg::pool_settings settings
)
    : world_(world), here_(here) {
  for (const auto& place : world.regions) {
    settings.nodes.clear();
    for (const auto& node : part.nodes) {
      if (node.region == place.name) {
        auto where = sign_in;
        where.host = node.address;
        where.port = node.sql_port;
        settings.nodes.push_back(std::move(where));
      }
    }
    if (!settings.nodes.empty()) {
      all_.push_back(&place);
      pools_.emplace(place.number, std::make_unique<pg::pool>(lane, settings));
    }
  }
}

const topology::region* regions::find(int number) const {
  const auto found = std::ranges::find(all_, number, &topology::region::number);
  return found == all_.end() ? nullptr : *found;
}

const topology::region* regions::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &topology::region::name);
  return found == all_.end() ? nullptr : *found;
}

const topology::region* regions::find_of_country(std::string_view country) const {
  const auto* known = world_.find_country(country);
  return known == nullptr ? nullptr : find(known->region);
}

task<pg::rows> regions::run(
    const topology::region& where, const pg::query& what, pg::arguments with, deadline until, pg::repeat again
) {
  auto answer = co_await pools_.at(where.number)->run(rendered(where, what), std::move(with), until, again);
  if (!answer) {
    co_return named(where, std::move(answer).error());
  }
  co_return answer;
}

task<void> regions::ask(
    const topology::region& where, const pg::query& what, pg::arguments with, deadline until, gathered& so_far
) {
  auto answer = co_await run(where, what, std::move(with), until.sooner(patience_for_one));
  if (answer) {
    so_far.answers.push_back(region_answer{&where, std::move(*answer)});
  } else {
    so_far.missing.push_back(missing_region{&where, std::move(answer).error()});
  }
  co_return result<void>();
}

task<gathered> regions::ask_all(const pg::query& what, pg::arguments with, deadline until) {
  gathered found;
  std::vector<task<void>> questions;
  for (const auto* place : all_) {
    questions.push_back(ask(*place, what, with, until, found));
  }
  MERIDIAN_CO_CHECK(co_await meridian::all(std::move(questions)));
  const auto by_number = [](const auto& left, const auto& right) { return left.where->number < right.where->number; };
  std::ranges::sort(found.answers, by_number);
  std::ranges::sort(found.missing, by_number);
  co_return found;
}

// One look into several regions; also theirs who answer when nobody waits any more.
struct regions::search {
  explicit search(const boost::asio::any_io_executor& lane) : ended(lane, asio::steady_timer::time_point::max()) {}

  static task<void> answer(std::shared_ptr<search> shared, const topology::region& where, task<pg::rows> question) {
    auto told = co_await std::move(question);
    if (!told) {
      shared->missing = std::move(told).error();
    } else if (!told->empty() && !shared->found) {
      shared->found = region_answer{&where, std::move(*told)};
    }
    co_return result<void>();
  }

  asio::steady_timer ended;
  std::size_t running = 0;
  std::optional<region_answer> found;
  std::optional<error> missing;
  std::exception_ptr thrown;
};

void regions::look_elsewhere(
    const std::shared_ptr<search>& shared, const pg::query& what, const pg::arguments& with, deadline until
) {
  for (const auto* place : all_) {
    if (place == &here_) {
      continue;
    }
    ++shared->running;
    asio::co_spawn(
        shared->ended.get_executor(),
        search::answer(shared, *place, run(*place, what, with, until.sooner(patience_for_one))),
        [shared](std::exception_ptr thrown, result<void>) {
          if (thrown) {
            shared->thrown = thrown;
          }
          --shared->running;
          shared->ended.cancel();
        }
    );
  }
}

task<std::optional<region_answer>> regions::find_first(const pg::query& what, pg::arguments with, deadline until) {
  // A node here that is frozen must not take the others' time.
  constexpr auto patience_here = std::chrono::seconds(1);
  const auto shared = std::make_shared<search>(co_await asio::this_coro::executor);
  auto near = co_await run(here_, what, with, until.sooner(patience_here));
  if (near && !near->empty()) {
    co_return region_answer{&here_, std::move(*near)};
  }
  if (!near) {
    shared->missing = std::move(near).error();
  }
  look_elsewhere(shared, what, with, until);
  while (shared->running > 0 && !shared->found) {
    boost::system::error_code woken;
    co_await shared->ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  if (shared->found) {
    co_return std::move(shared->found);
  }
  if (shared->thrown) {
    std::rethrow_exception(shared->thrown);
  }
  if (shared->missing) {
    co_return std::move(*shared->missing);
  }
  co_return std::optional<region_answer>();
}

const pg::statement& regions::rendered(const topology::region& where, const pg::query& what) {
  const std::pair key(what.name.data(), where.number);
  const auto found = statements_.find(key);
  if (found != statements_.end()) {
    return found->second;
  }
  pg::statement made{fmt::format("{}_{}", what.name, where.name), with_region(what.text, where.name)};
  return statements_.emplace(key, std::move(made)).first->second;
}

task<void> regions::stop(deadline until) {
  std::vector<task<void>> stops;
  for (const auto& [number, pool] : pools_) {
    stops.push_back(pool->stop(until));
  }
  co_return co_await meridian::all(std::move(stops));
}

}  // namespace meridian::residency
