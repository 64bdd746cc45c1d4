#include "cluster/state.hpp"

#include <algorithm>
#include <cerrno>
#include <sstream>

#include <fmt/core.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/process.hpp"

namespace meridian::cluster {
namespace {

constexpr std::string_view node_account = "postgres";

const char* const choose_another =
    "Choose another with state_directory in the topology file or with the environment variable MERIDIAN_STATE_DIR.";

// A new directory of root's goes to the account that the nodes will run as.
result<void> hand_over(const std::filesystem::path& root) {
  if (::geteuid() != 0) {
    return {};
  }
  const passwd* account = ::getpwnam(std::string(node_account).c_str());
  if (account == nullptr) {
    return error{
        errc::not_found, "there is no system account postgres, as which the nodes would run",
        "Install PostgreSQL: apt-get install postgresql-15"
    };
  }
  if (::chown(root.c_str(), account->pw_uid, account->pw_gid) != 0) {
    return error{errc::forbidden, fmt::format("can't give {} to the account postgres", root.string()), choose_another};
  }
  return {};
}

error with_remedy(error failure) {
  failure.remedy = choose_another;
  return failure;
}

error not_set_up(const topology::topology& world) {
  return {
      errc::not_found,
      fmt::format("the topology {} is not set up: nothing in {}", world.name, world.state_directory.string()),
      "Start it: meridian up"
  };
}

result<void> check_access(const std::filesystem::path& root, int wanted, std::string_view action) {
  if (::access(root.c_str(), wanted) != 0) {
    const passwd* account = ::getpwuid(::geteuid());
    return error{
        errc::forbidden,
        fmt::format(
            "the state directory {} can't be {} by {}", root.string(), action,
            account == nullptr ? "you" : account->pw_name
        ),
        choose_another
    };
  }
  return {};
}

result<void> become_node_account(const std::filesystem::path& root) {
  MERIDIAN_CHECK(drop_privileges(std::string(node_account)));
  return check_access(root, R_OK | W_OK | X_OK, "written");
}

// Two topologies in one directory would overwrite each other's nodes, whose names may be the same.
result<void> check_owner(const topology::topology& world) {
  const auto owner = read_file(world.state_directory / "topology");
  if (owner && *owner != world.name) {
    return error{
        errc::conflict,
        fmt::format("the state directory {} belongs to the topology {}", world.state_directory.string(), *owner),
        choose_another
    };
  }
  return {};
}

std::string new_password() {
  return random_secret(24);
}

}  // namespace

result<state> state::create(const topology::topology& world) {
  const auto& root = world.state_directory;
  std::error_code ignored;
  // An empty one may have been made just before a kill.
  const bool is_new = !std::filesystem::exists(root, ignored) || std::filesystem::is_empty(root, ignored);
  if (auto made = make_directory(root, 0700); !made) {
    return with_remedy(std::move(made).error());
  }
  if (is_new) {
    MERIDIAN_CHECK(hand_over(root));
  }
  MERIDIAN_CHECK(become_node_account(root));
  MERIDIAN_CHECK(check_owner(world));
  MERIDIAN_CHECK(write_file(root / "topology", world.name, mode_private));
  std::filesystem::remove_all(root / "erasing", ignored);
  for (const auto* part : {"secrets", "universes", "nodes"}) {
    MERIDIAN_CHECK(make_directory(root / part, 0700));
  }
  return state(root);
}

result<state> state::look(const topology::topology& world) {
  const auto& root = world.state_directory;
  struct stat facts{};
  const auto is_missing = [&](const char* part) {
    return ::stat((root / part).c_str(), &facts) != 0 && errno == ENOENT;
  };
  if (is_missing("nodes") && is_missing("erasing")) {
    return not_set_up(world);
  }
  MERIDIAN_CHECK(check_access(root, R_OK | X_OK, "read"));
  MERIDIAN_CHECK(check_owner(world));
  return state(root);
}

result<state> state::open(const topology::topology& world) {
  MERIDIAN_TRY(auto found, look(world));
  MERIDIAN_CHECK(become_node_account(found.root_));
  return found;
}

result<file_lock> state::lock() const {
  auto held = file_lock::acquire(root_ / "lock");
  if (!held && held.error().code == errc::conflict) {
    return error{
        errc::conflict, "another meridian command is changing this topology", "Wait until it has ended, then try again."
    };
  }
  return held;
}

result<std::string> state::kept(const std::filesystem::path& path, std::string (*make)()) const {
  auto content = read_file(path);
  if (content || content.error().code != errc::not_found) {
    return content;
  }
  auto made = make();
  MERIDIAN_CHECK(make_directory(path.parent_path(), 0700));
  MERIDIAN_CHECK(write_file(path, made, mode_private));
  return made;
}

result<std::string> state::password_of(std::string_view role) const {
  return kept(secret_file(role), new_password);
}

result<std::string> state::universe_id(std::string_view cluster) const {
  return kept(root_ / "universes" / cluster, random_uuid);
}

result<std::string> state::primary_of(std::string_view deployment) const {
  auto name = read_file(root_ / "primaries" / deployment);
  if (!name && name.error().code == errc::not_found) {
    return std::string();
  }
  return name;
}

result<void> state::keep_primary(std::string_view deployment, std::string_view node) const {
  MERIDIAN_CHECK(make_directory(root_ / "primaries", 0700));
  return write_file(root_ / "primaries" / deployment, node, mode_private);
}

std::optional<topology::restore> state::last_restore_of(std::string_view deployment) const {
  const auto content = read_file(root_ / "restores" / deployment);
  if (!content) {
    return std::nullopt;
  }
  std::istringstream fields(*content);
  topology::restore found;
  std::int64_t took_ms = 0;
  std::int64_t at_us = 0;
  if (!(fields >> found.by >> took_ms >> at_us)) {
    return std::nullopt;
  }
  found.took = std::chrono::milliseconds(took_ms);
  found.at = timestamp(std::chrono::microseconds(at_us));
  return found;
}

result<void> state::keep_restore(std::string_view deployment, const topology::restore& measured) const {
  MERIDIAN_CHECK(make_directory(root_ / "restores", 0700));
  const auto at_us = measured.at.time_since_epoch().count();
  return write_file(
      root_ / "restores" / deployment, fmt::format("{} {} {}\n", measured.by, measured.took.count(), at_us),
      mode_private
  );
}

result<void> follow_failovers(topology::topology& world, const state& kept) {
  for (auto& part : world.deployments) {
    if (part.kind != topology::deployment_kind::read_replicas) {
      continue;
    }
    MERIDIAN_TRY(const auto primary, kept.primary_of(part.name));
    if (std::ranges::find(part.nodes, primary, &topology::node::name) == part.nodes.end()) {
      continue;
    }
    for (auto& node : part.nodes) {
      node.role = node.name == primary ? topology::node_role::primary : topology::node_role::replica;
    }
  }
  return {};
}

result<std::string> state::digest_key() const {
  return kept(root_ / "secrets" / "digest.key", [] { return random_secret(32); });
}

result<std::string> state::bus_password() const {
  return kept(root_ / "secrets" / "bus.password", new_password);
}

result<std::string> state::sample_password() const {
  return kept(sample_password_file(), [] { return random_secret(12); });
}

result<void> state::keep_sample_password(std::string_view password) const {
  return write_file(sample_password_file(), password, mode_private);
}

result<signing_key> state::audit_key() const {
  const auto path = root_ / "secrets" / "audit.key";
  const auto secret = read_file(path);
  if (secret) {
    MERIDIAN_TRY(auto open_half, read_file(root_ / "secrets" / "audit.pub"));
    return signing_key{*secret, std::move(open_half)};
  }
  auto key = make_signing_key();
  // The public half first: a secret half alone would sign what nobody can check.
  MERIDIAN_CHECK(write_file(root_ / "secrets" / "audit.pub", key.open, mode_public));
  MERIDIAN_CHECK(write_file(path, key.secret, mode_private));
  return key;
}

result<std::string> state::audit_public_key() const {
  auto key = read_file(root_ / "secrets" / "audit.pub");
  if (!key && key.error().code == errc::not_found) {
    return error{
        errc::not_found, "this topology has signed no report yet", "Make one: meridian audit residency --report FILE"
    };
  }
  return key;
}

result<void> state::erase() const {
  // All nodes go at once, under another name: a kill in the middle must not leave some of them for the next up. The
  // name goes last, so that the next `down --erase` still finds what is left.
  std::error_code failed;
  if (std::filesystem::exists(root_ / "nodes", failed)) {
    std::filesystem::remove_all(root_ / "erasing", failed);
    std::filesystem::rename(root_ / "nodes", root_ / "erasing", failed);
    if (failed) {
      return error{errc::internal, fmt::format("can't erase {}: {}", root_.string(), failed.message()), ""};
    }
  }
  // By name: somebody may have chosen a directory that holds other things too.
  for (const auto* part :
       {"secrets", "universes", "primaries", "restores", "serve", "bus", "agent.pid", "agent.lock", "agent.log", "lock",
        "topology", "erasing"}) {
    std::filesystem::remove_all(root_ / part, failed);
    if (failed) {
      return error{errc::internal, fmt::format("can't remove {}: {}", (root_ / part).string(), failed.message()), ""};
    }
  }
  std::filesystem::remove(root_, failed);  // stays, empty, when its parent belongs to root
  return {};
}

result<void> state::write_password_file(const topology::topology& world) const {
  std::string lines;
  for (const auto role : {role_admin, role_service, role_adhoc, role_replication}) {
    MERIDIAN_TRY(const auto password, password_of(role));
    for (const auto& deployment : world.deployments) {
      for (const auto& node : deployment.nodes) {
        lines += fmt::format("{}:{}:*:{}:{}\n", node.address, node.sql_port, role, password);
      }
    }
  }
  return write_file(password_file(), lines, mode_private);
}

}  // namespace meridian::cluster
