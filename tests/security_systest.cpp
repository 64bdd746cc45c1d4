// Who may come in, what they may do, and where secrets are (and are not).
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/complete.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

const std::string roles[] = {"meridian_admin", "meridian_service", "meridian_adhoc", "meridian_replication"};

class security_systest : public testing::Test {
 protected:
  // What every process of the topology had on its command line and in its environment while it came up.
  static void SetUpTestSuite() {
    world = std::make_unique<local_topology>();
    child up(world->command({"up"}));
    EXPECT_TRUE(wait_until(
        [&] {
          look_at_processes();
          return !up.is_running();
        },
        std::chrono::seconds(90)
    ));
    const auto ended = up.wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.said();
    seen += ended.said();
    for (const auto& role : roles) {
      passwords[role] = world->password_of(role);
      EXPECT_GE(passwords[role].size(), 24U) << role;
    }
  }
  static void TearDownTestSuite() { world.reset(); }

  static void look_at_processes() {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      if (entry.path().filename().string().find_first_not_of("0123456789") == std::string::npos) {
        const auto words = read_text(entry.path() / "cmdline");
        if (words.find("meridian") != std::string::npos || words.find("postgres") != std::string::npos) {
          seen += words + "\n" + read_text(entry.path() / "environ") + "\n";
        }
      }
    }
  }

  static std::unique_ptr<local_topology> world;
  static std::map<std::string, std::string> passwords;
  static std::string seen;
};

std::unique_ptr<local_topology> security_systest::world;
std::map<std::string, std::string> security_systest::passwords;
std::string security_systest::seen;

TEST_F(security_systest, nobody_comes_in_without_the_password) {
  for (const auto& node : world->nodes()) {
    for (const auto& role : roles) {
      for (const std::string database : {"meridian", "postgres", "template1"}) {
        for (const std::string password : {"", "wrong", "postgres", "meridian"}) {
          auto where = world->endpoint(node, role, password);
          where.database = database;
          const auto opened = session::open(where);
          ASSERT_FALSE(opened) << node << " lets " << role << " in with the password '" << password << "'";
          EXPECT_THAT(
              opened.error().message,
              AnyOf(HasSubstr("no password supplied"), HasSubstr("password authentication failed"))
          );
        }
      }
    }
    const auto owner = session::open(world->endpoint(node, "meridian_owner", ""));
    EXPECT_FALSE(owner) << node;
  }
}

TEST_F(security_systest, every_rule_asks_for_scram_and_names_loopback) {
  for (const auto& node : world->nodes()) {
    auto admin = world->connect(node);
    EXPECT_EQ(
        admin.text(
            "SELECT line_number, type, address, auth_method, error FROM pg_hba_file_rules WHERE error IS NOT NULL "
            "OR auth_method IS DISTINCT FROM 'scram-sha-256' OR address IS NULL OR address NOT IN ('127.0.0.0', '::1')"
        ),
        ""
    ) << node;
    EXPECT_EQ(
        admin.text(
            "SELECT rolname FROM pg_authid WHERE rolpassword IS NOT NULL AND rolpassword NOT LIKE 'SCRAM-SHA-256$%'"
        ),
        ""
    ) << node;
    EXPECT_EQ(admin.text("SHOW unix_socket_directories"), "");
    EXPECT_EQ(admin.text("SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname NOT LIKE 'meridian%'"), "")
        << node;
  }
}

// The listening TCP sockets of a process: "127.0.0.3:5433". Needs the right to look at it.
std::set<std::string> listeners_of(pid_t process) {
  std::set<std::string> inodes;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/fd", process), gone)) {
    const auto target = fs::read_symlink(entry.path(), gone).string();
    if (target.starts_with("socket:[")) {
      inodes.insert(target.substr(8, target.size() - 9));
    }
  }
  std::set<std::string> found;
  for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::istringstream lines(read_text(table));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
      if (state == "0A" && inodes.contains(inode)) {
        in_addr address{};
        address.s_addr = static_cast<in_addr_t>(std::stoul(local.substr(0, local.find(':')), nullptr, 16));
        const auto port = std::stoul(local.substr(local.find(':') + 1), nullptr, 16);
        const bool four = std::string_view(table) == "/proc/net/tcp";
        found.insert(fmt::format("{}:{}", four ? ::inet_ntoa(address) : local, port));
      }
    }
  }
  return found;
}

TEST_F(security_systest, each_process_listens_on_its_loopback_addresses_only) {
  for (const auto& node : world->nodes()) {
    const auto postmaster = world->postmaster_of(node);
    ASSERT_TRUE(postmaster);
    const std::set<std::string> expected{fmt::format("{}:{}", world->address_of(node), world->sql_port())};
    for (const auto process : family_of(*postmaster)) {
      const auto found = listeners_of(process);
      if (process == *postmaster) {
        EXPECT_EQ(found, expected) << node;
      } else {
        EXPECT_TRUE(std::ranges::includes(expected, found)) << node;
      }
    }
  }
  std::set<std::string> expected;
  for (const auto* speaker : {"127.0.0.1", "127.0.0.4", "127.0.0.7", "127.0.0.8"}) {
    expected.insert(fmt::format("{}:{}", speaker, world->http_port()));
  }
  EXPECT_EQ(listeners_of(std::stoi(read_text(world->state_directory() / "agent.pid"))), expected);
}

TEST_F(security_systest, nobody_else_can_read_what_it_keeps) {
  std::vector<fs::path> all{world->state_directory()};
  for (const auto& entry : fs::recursive_directory_iterator(world->state_directory())) {
    all.push_back(entry.path());
  }
  EXPECT_GT(all.size(), 1'000U);
  for (const auto& path : all) {
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) != 0 || path.filename() == "audit.pub") {
      continue;  // a temporary file of a server, or the public key
    }
    EXPECT_EQ(facts.st_mode & 0077, 0U) << path;
  }
  for (const auto& role : roles) {
    struct stat facts{};
    ASSERT_EQ(::stat((world->state_directory() / "secrets" / role).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777, 0600U) << role;
  }
}

TEST_F(security_systest, the_adhoc_role_cannot_see_credentials) {
  const std::string tables[] = {"account", "session", "claim", "audit_entry"};
  for (const auto* node : {"geo-americas", "geo-europe", "geo-asia"}) {
    auto here = world->connect(node, "meridian_adhoc");
    for (const auto& table : tables) {
      for (const auto* leaf : {"", "_americas", "_europe", "_asia"}) {
        EXPECT_THAT(
            here.refusal(fmt::format("SELECT * FROM identity.{}{}", table, leaf)),
            HasSubstr("permission denied for schema identity")
        );
      }
    }
    EXPECT_THAT(here.refusal("SELECT * FROM pg_authid"), HasSubstr("permission denied"));
    EXPECT_THAT(here.refusal("SELECT * FROM pg_user_mapping"), HasSubstr("permission denied"));
    EXPECT_THAT(here.refusal("SELECT pg_read_file('pg_hba.conf')"), HasSubstr("permission denied"));
    EXPECT_THAT(here.refusal("COPY profile TO PROGRAM 'cat'"), Not(HasSubstr("denied to nobody")));
    EXPECT_THAT(here.refusal("SET ROLE meridian_owner"), HasSubstr("permission denied"));
    EXPECT_EQ(here.text("SELECT count(*) FROM pg_user_mappings WHERE umoptions IS NOT NULL"), "0") << node;
  }
}

TEST_F(security_systest, neither_role_can_make_or_alter_things) {
  const std::string statements[] = {
      "CREATE TABLE mine (n int)",
      "CREATE TABLE meridian.mine (n int)",
      "CREATE SCHEMA mine",
      "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw",
      "CREATE USER MAPPING FOR PUBLIC SERVER asia",
      "CREATE FOREIGN TABLE mine (n int) SERVER europe",
      "CREATE EXTENSION dblink",
      "CREATE ROLE mine",
      "ALTER TABLE message ADD COLUMN mine int",
      "ALTER TABLE message_americas DISABLE TRIGGER ALL",
      "DROP TABLE message",
      "TRUNCATE message",
      "DROP INDEX message_americas_seq",
      "CREATE TRIGGER mine BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION meridian.refuse_row('x')",
      "UPDATE meridian.migration SET checksum = ''",
      "UPDATE meridian.country SET region = 'asia'",
      "SET session_replication_role = replica",
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'meridian_admin'",
      "ALTER SYSTEM SET log_statement = 'all'",
      "COPY profile TO '/tmp/stolen'",
      "COPY profile TO PROGRAM 'cat'",
  };
  for (const auto* role : {"meridian_adhoc", "meridian_service"}) {
    auto here = world->connect("geo-americas", role);
    for (const auto& statement : statements) {
      EXPECT_THAT(
          here.refusal(statement),
          AnyOf(
              HasSubstr("permission denied"), HasSubstr("must be owner"), HasSubstr("must be a member"),
              HasSubstr("no privileges"), HasSubstr("does not exist"), HasSubstr("must be superuser"),
              HasSubstr("must be a superuser")
          )
      ) << role
        << ": " << statement;
    }
    here.query("GRANT ALL ON message TO PUBLIC");  // warns that nothing is granted
    EXPECT_EQ(
        here.text(
            "SELECT count(*) FROM pg_class, aclexplode(relacl) AS a WHERE relname LIKE 'message%' AND a.grantee = 0"
        ),
        "0"
    );
  }
}

TEST_F(security_systest, the_services_can_read_and_write_what_they_own) {
  auto here = world->connect("geo-europe", "meridian_service");
  EXPECT_EQ(here.text("SELECT count(*) FROM identity.account"), "10");
  EXPECT_EQ(here.text("UPDATE identity.account_europe SET failed_attempts = 1 WHERE profile_id = 4 RETURNING 1"), "1");
  EXPECT_THAT(here.refusal("DELETE FROM identity.audit_entry"), HasSubstr("permission denied")) << "it only grows";
  EXPECT_THAT(here.refusal("UPDATE identity.audit_entry_europe SET action = ''"), HasSubstr("permission denied"));
}

TEST_F(security_systest, no_password_is_on_a_command_line_or_in_a_log) {
  world->run({"status"});
  look_at_processes();
  EXPECT_THAT(seen, HasSubstr("pg_basebackup"));  // it looked in time
  for (const auto& entry : fs::recursive_directory_iterator(world->state_directory())) {
    if (entry.path().extension() == ".log") {
      seen += read_text(entry.path());
    }
  }
  for (const auto& [role, password] : passwords) {
    EXPECT_EQ(seen.find(password), std::string::npos) << role;
  }
}

// The files below a directory that hold the text.
std::string files_with(const fs::path& directory, const std::string& text) {
  launch grep;
  grep.arguments = {"grep", "-rlaF", "--", text, directory.string()};
  return run_child(grep).output;
}

TEST_F(security_systest, no_password_rests_in_a_database) {
  for (const auto& node : world->nodes()) {
    world->connect(node).text("CHECKPOINT");
    const auto place = world->state_directory() / "nodes" / node;
    EXPECT_EQ(files_with(place, passwords["meridian_admin"]), "");
    EXPECT_EQ(files_with(place, passwords["meridian_replication"]), "");
    if (!node.starts_with("geo-")) {  // there, postgres_fdw's user mappings need them
      EXPECT_EQ(files_with(place, passwords["meridian_service"]), "");
      EXPECT_EQ(files_with(place, passwords["meridian_adhoc"]), "");
    }
  }
  for (const auto* node : {"status-americas", "status-europe"}) {
    EXPECT_THAT(world->connect(node).text("SELECT if_dsn FROM pglogical.node_interface"), Not(HasSubstr("password=")));
  }
}

}  // namespace
}  // namespace meridian::test
