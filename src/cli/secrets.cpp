#include "cli/secrets.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "cluster/state.hpp"

namespace meridian::cli {
namespace {

constexpr const char* password_variable = "MERIDIAN_DATABASE_PASSWORD";
constexpr const char* key_variable = "MERIDIAN_DIGEST_KEY";
constexpr const char* bus_variable = "MERIDIAN_BUS_PASSWORD";
constexpr std::size_t key_size_min = 16;
constexpr std::size_t key_size_max = 64;

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, before there are threads
  return value == nullptr ? "" : value;
}

result<service_secrets> secrets_of_state(const topology::topology& world) {
  // As the account that owns them: a secret that is made now is to be read by the next `up`, and root need not serve.
  MERIDIAN_TRY(const auto kept, cluster::state::open(world));
  service_secrets found;
  MERIDIAN_TRY(found.database_password, kept.password_of(cluster::role_service));
  MERIDIAN_TRY(found.digest_key, kept.digest_key());
  if (!world.bus.empty()) {
    MERIDIAN_TRY(found.bus_password, kept.bus_password());
  }
  return found;
}

result<service_secrets> secrets_of_environment(const topology::topology& world, const error& not_in_state) {
  service_secrets found{variable(password_variable), variable(key_variable), variable(bus_variable)};
  if (found.database_password.empty() || found.digest_key.empty()) {
    const auto missing = found.database_password.empty() ? password_variable : key_variable;
    return error{
        errc::not_found, fmt::format("{} is not set, and {}", missing, not_in_state.message),
        fmt::format(
            "Set {} and {} in the environment{}", password_variable, key_variable,
            not_in_state.remedy.empty() ? "." : ", or for a topology on this machine: meridian up"
        )
    };
  }
  if (!world.bus.empty() && found.bus_password.empty()) {
    return error{
        errc::not_found, fmt::format("{} is not set, and the topology {} has a bus", bus_variable, world.name),
        "Set it in the environment to the password of the bus's account."
    };
  }
  if (found.digest_key.size() < key_size_min || found.digest_key.size() > key_size_max) {
    return error{
        errc::invalid_argument,
        fmt::format(
            "{} has {} characters, not {} to {}", key_variable, found.digest_key.size(), key_size_min, key_size_max
        ),
        "Make one, and give it to the processes of all regions: openssl rand -base64 32"
    };
  }
  return found;
}

}  // namespace

result<service_secrets> service_secrets_of(const topology::topology& world) {
  if (world.engine != topology::engine_kind::postgres) {
    const error elsewhere{
        errc::not_found, fmt::format("the topology {} keeps no secrets on this machine", world.name), ""
    };
    return secrets_of_environment(world, elsewhere);
  }
  auto kept = secrets_of_state(world);
  return kept ? kept : secrets_of_environment(world, kept.error());
}

}  // namespace meridian::cli
