#include "cluster/postgres/canary.hpp"

#include <array>

#include <fmt/core.h>

#include "pg/quote.hpp"
#include "runtime/crypto.hpp"

namespace meridian::cluster::postgres {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t part_letters = 12;  // of 36 kinds: 62 bits
constexpr auto statement_duration_max = 20s;
constexpr auto analyze_duration_max = 300s;

// What makes a row recognisable as a canary, whichever audit wrote it: names in a reserved domain (RFC 6761) that
// nobody can own.
constexpr std::string_view email_pattern = "^[a-z0-9]{48}-[0-9]+@canary\\.invalid$";
constexpr std::string_view url_pattern = "^https://canary\\.invalid/[a-z0-9]{48}/[0-9]+$";

constexpr std::array tables{"profile", "workspace", "channel", "message", "message_revision"};

// Letters that survive lower(), a log's quoting and a LIKE.
std::string random_letters(std::size_t count) {
  std::string letters;
  while (letters.size() < count) {
    for (const char letter : random_secret(32)) {
      if (((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9')) && letters.size() < count) {
        letters += letter;
      }
    }
  }
  return letters;
}

std::string country_of(const topology::topology& world, const std::string& region) {
  for (const auto& country : world.countries) {
    if (country.region == region) {
      return country.name;
    }
  }
  throw std::logic_error("no country rests in " + region);  // topology_check refuses such a region
}

std::string email_of(const canary& what, int number) {
  return fmt::format("{}-{}@canary.invalid", what.text, number);
}

task<std::string> insert_row(pg::connection& at, std::string statement, std::vector<pg::parameter> values) {
  MERIDIAN_CO_TRY(
      const auto rows, co_await at.query(std::move(statement), std::move(values), deadline::in(statement_duration_max))
  );
  co_return std::string(rows[0].text(0));
}

}  // namespace

search_targets canary_flock::targets() const {
  search_targets wanted{mark, {}};
  for (const auto& one : each) {
    wanted.endings.push_back(one.text.substr(part_letters, part_letters));
    wanted.endings.push_back(one.text.substr(3 * part_letters));
  }
  return wanted;
}

canary_flock make_canaries(const topology::topology& world) {
  canary_flock flock{random_letters(part_letters), {}};
  for (const auto& region : world.regions) {
    auto text = flock.mark + random_letters(part_letters) + flock.mark + random_letters(part_letters);
    flock.each.push_back({region.name, country_of(world, region.name), std::move(text)});
  }
  return flock;
}

task<void> insert_canary(instance door, canary what, int number) {
  MERIDIAN_CO_TRY(auto at, co_await door.connect(role_service, deadline::in(statement_duration_max)));
  std::vector<pg::parameter> person{what.text, email_of(what, number), what.country};
  MERIDIAN_CO_TRY(
      auto profile,
      co_await insert_row(
          at, "INSERT INTO profile (full_name, email, country) VALUES ($1, $2, $3) RETURNING id", std::move(person)
      )
  );
  std::vector<pg::parameter> company{
      what.text, fmt::format("https://canary.invalid/{}/{}", what.text, number), what.country
  };
  MERIDIAN_CO_TRY(
      auto workspace,
      co_await insert_row(
          at, "INSERT INTO workspace (name, url, country) VALUES ($1, $2, $3) RETURNING id", std::move(company)
      )
  );
  std::vector<pg::parameter> room{what.text, std::move(workspace), what.country};
  MERIDIAN_CO_TRY(
      auto channel, co_await insert_row(
                        at,
                        "INSERT INTO channel (name, workspace_id, topic, is_private, country) VALUES ($1, $2, $1, "
                        "true, $3) RETURNING id",
                        std::move(room)
                    )
  );
  std::vector<pg::parameter> post{std::move(channel), std::move(profile), what.text, what.country};
  MERIDIAN_CO_CHECK(co_await insert_row(
      at, "INSERT INTO message (channel_id, sender_id, message, country) VALUES ($1, $2, $3, $4) RETURNING id",
      std::move(post)
  ));
  co_return result<void>();
}

task<void> edit_canary(instance door, canary what) {
  const auto until = deadline::in(statement_duration_max);
  MERIDIAN_CO_TRY(auto at, co_await door.connect(role_service, until));
  // A condition that may be sent to the owner, and one that may not: with random() the rows come here and go back.
  for (const auto* condition : {"", " AND random() >= 0"}) {
    auto edit = fmt::format(
        "UPDATE message SET message = message || ' edited' WHERE country = {} AND message LIKE '{}%'{}",
        pg::literal(what.country), what.text, condition
    );
    MERIDIAN_CO_CHECK(co_await at.query(std::move(edit), until));
  }
  std::vector<pg::parameter> wanted{what.country, what.text + "%"};
  MERIDIAN_CO_CHECK(co_await at.query(
      "SELECT message FROM message WHERE country = $1 AND message LIKE $2 ORDER BY message || random()::text",
      std::move(wanted), until
  ));
  co_return result<void>();
}

task<void> fail_with_canary(instance door, canary what) {
  const auto until = deadline::in(statement_duration_max);
  MERIDIAN_CO_TRY(auto at, co_await door.connect(role_service, until));
  const auto country = pg::literal(what.country);
  const std::array statements{
      fmt::format("SELECT '{}', 1 / 0", what.text),
      fmt::format("SELECT '{}' FROM FROM", what.text),
      // The owner refuses the e-mail address, and shows the whole row.
      fmt::format("INSERT INTO profile (full_name, email, country) VALUES ('{}', 'x', {})", what.text, country),
      // This node refuses the country. Should it not, then the row is known by its e-mail address and will be removed.
      fmt::format(
          "INSERT INTO profile (full_name, email, country) VALUES ('{0}', '{1}', '{0}')", what.text, email_of(what, 0)
      ),
  };
  for (const auto& statement : statements) {
    const auto outcome = co_await at.query(statement, until);
    if (!outcome && !at.is_open()) {
      co_return outcome.error();
    }
  }
  std::vector<pg::parameter> not_a_number{what.text};
  const auto outcome = co_await at.query("SELECT $1::text::bigint", std::move(not_a_number), until);
  if (!outcome && !at.is_open()) {
    co_return outcome.error();
  }
  co_return result<void>();
}

task<void> analyze_canaries(const topology::topology& world, instance node) {
  const auto until = deadline::in(analyze_duration_max);
  MERIDIAN_CO_TRY(auto at, co_await node.connect(role_admin, until));
  for (const auto* table : tables) {
    std::vector<std::string> relations{table};
    for (const auto& region : world.regions) {
      relations.push_back(fmt::format("{}_{}", table, region.name));
    }
    for (const auto& relation : relations) {
      const auto analyzed = co_await at.query("ANALYZE " + relation, until);
      if (!analyzed && !at.is_open()) {
        co_return analyzed.error();
      }
    }
  }
  co_return result<void>();
}

namespace {

// A message's first DELETE leaves a tombstone, its second one removes that.
constexpr std::string_view delete_messages =
    "DELETE FROM public.message_{0} m USING public.channel_{0} c, public.workspace_{0} w "
    "WHERE m.channel_id = c.id AND c.workspace_id = w.id AND w.url ~ $1";
constexpr std::string_view delete_channels =
    "DELETE FROM public.channel_{0} c USING public.workspace_{0} w WHERE c.workspace_id = w.id AND w.url ~ $1";
constexpr std::string_view delete_workspaces = "DELETE FROM public.workspace_{0} WHERE url ~ $1";
constexpr std::string_view delete_profiles = "DELETE FROM public.profile_{0} WHERE email ~ $1";

struct removal {
  std::string_view statement;
  std::string_view pattern;
};

constexpr std::array removals{
    removal{delete_messages, url_pattern},   removal{delete_messages, url_pattern},
    removal{delete_channels, url_pattern},   removal{delete_workspaces, url_pattern},
    removal{delete_profiles, email_pattern},
};

task<int> remove_matching(pg::connection& at, removal what, std::string place) {
  std::vector<pg::parameter> pattern{std::string(what.pattern)};
  auto statement = fmt::format(fmt::runtime(what.statement), place);
  MERIDIAN_CO_TRY(
      const auto done, co_await at.query(std::move(statement), std::move(pattern), deadline::in(statement_duration_max))
  );
  co_return done.affected();
}

}  // namespace

task<int> remove_canaries(const topology::topology& world, instance node) {
  const auto until = deadline::in(statement_duration_max);
  MERIDIAN_CO_TRY(auto at, co_await node.connect(role_admin, until));
  int removed = 0;
  for (const auto& region : world.regions) {
    std::vector<pg::parameter> leaf{"public.profile_" + region.name};
    MERIDIAN_CO_TRY(
        const auto here,
        co_await at.query("SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'r'", std::move(leaf), until)
    );
    if (here.empty()) {
      continue;
    }
    for (const auto& what : removals) {
      MERIDIAN_CO_TRY(const int count, co_await remove_matching(at, what, region.name));
      removed += count;
    }
  }
  MERIDIAN_CO_TRY(
      const auto unplaced, co_await at.query("SELECT to_regclass('public.profile_unplaced') IS NOT NULL", until)
  );
  if (unplaced[0].boolean(0)) {
    const removal what{delete_profiles, email_pattern};
    MERIDIAN_CO_TRY(const int count, co_await remove_matching(at, what, "unplaced"));
    removed += count;
  }
  co_return removed;
}

}  // namespace meridian::cluster::postgres
