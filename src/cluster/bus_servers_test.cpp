#include "cluster/bus_servers.hpp"

#include <gmock/gmock.h>

#include "cluster/config_files.hpp"

namespace meridian::cluster {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(bus_servers, each_listens_in_its_place_and_knows_the_others) {
  const auto world = config_topology("local.toml");
  const auto config = bus_server_config(world, world.bus[1], "secret");
  EXPECT_THAT(config, HasSubstr("server_name: \"local-europe\"\nlisten: \"127.0.0.2:4222\"\n"));
  EXPECT_THAT(
      config, HasSubstr("accounts { \"meridian\": { users: [ { user: \"meridian\", password: \"secret\" } ] } }")
  );
  EXPECT_THAT(config, HasSubstr("name: \"europe\"\n  listen: \"127.0.0.2:7222\"\n  reject_unknown: true\n"));
  for (const auto* other :
       {"americas\", url: \"nats://meridian:secret@127.0.0.1:7222\"",
        "asia\", url: \"nats://meridian:secret@127.0.0.3:7222\""}) {
    EXPECT_THAT(config, HasSubstr(other));
  }
}

TEST(bus_servers, keep_and_log_nothing) {
  const auto world = config_topology("local.toml");
  const auto config = bus_server_config(world, world.bus[0], "secret");
  EXPECT_THAT(config, HasSubstr("debug: false\ntrace: false\n"));
  EXPECT_THAT(config, Not(HasSubstr("jetstream")));
  EXPECT_THAT(config, Not(HasSubstr("tls")));
}

TEST(bus_servers, with_certificates_servers_check_each_other) {
  auto world = config_topology("local.toml");
  auto& here = world.bus[0];
  here.tls = topology::tls_files{"/etc/a \"quoted\" name.pem", "/etc/bus.key", "/etc/ca.pem"};
  const auto config = bus_server_config(world, here, "secret");
  const std::string files =
      R"(cert_file: "/etc/a \"quoted\" name.pem", key_file: "/etc/bus.key", ca_file: "/etc/ca.pem")";
  EXPECT_THAT(config, HasSubstr("  tls { " + files + ", verify: false"));
  EXPECT_THAT(config.substr(config.find("gateway {")), HasSubstr("  tls { " + files + ", verify: true"));
  EXPECT_EQ(url_of(here), "tls://127.0.0.1:4222");
}

}  // namespace
}  // namespace meridian::cluster
