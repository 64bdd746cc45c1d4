#include "cli/sample_people.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include <boost/asio/this_coro.hpp>

#include "cli/secrets.hpp"
#include "identity/enrollment.hpp"

namespace meridian::cli {
namespace {

using namespace std::chrono_literals;

constexpr const char* password_variable = "MERIDIAN_SAMPLE_PASSWORD";
constexpr std::size_t password_size_max = 256;

task<int> enroll(
    const topology::topology& world, const topology::deployment& part, pg::endpoint sign_in, identity::enrollment wish
) {
  cpu_pool hashing(2, 20);
  residency::regions regions(
      co_await boost::asio::this_coro::executor, world, part, world.region_named(part.nodes.front().region), sign_in
  );
  auto count = co_await identity::enroll_sample_people(regions, hashing, std::move(wish), deadline::in(30s));
  MERIDIAN_CO_CHECK(co_await regions.stop(deadline::in(5s)));
  co_return count;
}

}  // namespace

result<sample_people> enroll_sample_people(const topology::topology& world, const cluster::state& kept) {
  const auto geo =
      std::ranges::find(world.deployments, topology::deployment_kind::geo_partitioned, &topology::deployment::kind);
  if (geo == world.deployments.end()) {
    return sample_people{};
  }
  const char* chosen = std::getenv(password_variable);  // NOLINT(concurrency-mt-unsafe): there are no threads yet
  const bool is_chosen = chosen != nullptr && *chosen != '\0';
  identity::enrollment wish;
  if (is_chosen) {
    wish.password = chosen;
    const auto last = read_file(kept.sample_password_file());
    wish.is_new = !last || *last != wish.password;
    if (wish.password.size() > password_size_max) {
      return error{
          errc::invalid_argument, fmt::format("{} is too long", password_variable),
          fmt::format("Accepted: at most {} characters.", password_size_max)
      };
    }
  } else {
    MERIDIAN_TRY(wish.password, kept.sample_password());
  }
  MERIDIAN_TRY(auto secrets, service_secrets_of(world));
  wish.digest_key = std::move(secrets.digest_key);
  pg::endpoint sign_in;
  sign_in.database = cluster::database_name;
  sign_in.user = cluster::role_service;
  sign_in.password = std::move(secrets.database_password);
  sample_people enrolled;
  const auto password = wish.password;
  const bool is_new = wish.is_new;
  MERIDIAN_TRY(enrolled.count, run(enroll(world, *geo, std::move(sign_in), std::move(wish))));
  if (is_new) {
    MERIDIAN_CHECK(kept.keep_sample_password(password));
  }
  enrolled.password = is_chosen ? "" : password;
  return enrolled;
}

std::string sign_in_hint(const sample_people& enrolled) {
  if (enrolled.count == 0) {
    return "";
  }
  const auto with = enrolled.password.empty() ? std::string("what MERIDIAN_SAMPLE_PASSWORD says") : enrolled.password;
  return fmt::format(
      "\nSample people sign in with their e-mail address, such as msmith@apache.org, and the password\n  {}\n", with
  );
}

}  // namespace meridian::cli
