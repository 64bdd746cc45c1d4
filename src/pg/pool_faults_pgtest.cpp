// A pool whose server is frozen, killed, restarted, silent, talks nonsense, or is no primary any more.
#include <array>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "pg/pool.hpp"
#include "pg/wire.hpp"
#include "runtime/deadline.hpp"
#include "support/event_loop.hpp"
#include "support/local_topology.hpp"

namespace meridian::pg {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using clock = deadline::clock;

const statement echo{"echo", "SELECT $1::bigint"};

// A server on a port of its own that treats every connection in one way.
class fake_server {
 public:
  enum class way {
    silent,    // accepts and never answers
    nonsense,  // random octets at once
    honest,    // all goes to a real node and back
    spoilt,    // what comes back is random octets
  };

  fake_server(test::event_loop& lane, way chosen, const endpoint& real = {})
      : way_(chosen), real_(real), acceptor_(lane.executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    lane.begin(accept(this));
  }

  // Of a pool that is to sign in here.
  endpoint where() const {
    auto here = real_;
    here.host = "127.0.0.1";
    here.port = acceptor_.local_endpoint().port();
    return here;
  }

  void set_way(way chosen) { way_ = chosen; }
  std::size_t accepted() const { return clients_.size(); }

 private:
  using socket = std::shared_ptr<tcp::socket>;

  // The lane does not run any more when this is gone.
  static asio::awaitable<void> accept(fake_server* self) {
    while (true) {
      boost::system::error_code failed;
      auto client = std::make_shared<tcp::socket>(self->acceptor_.get_executor());
      co_await self->acceptor_.async_accept(*client, asio::redirect_error(asio::use_awaitable, failed));
      if (failed) {
        co_return;
      }
      self->clients_.push_back(client);
      const auto lane = self->acceptor_.get_executor();
      if (self->way_ == way::nonsense) {
        asio::co_spawn(lane, send(client, noise()), [](const std::exception_ptr&) {});
      } else if (self->way_ != way::silent) {
        auto server = std::make_shared<tcp::socket>(lane);
        const tcp::endpoint target(asio::ip::make_address(self->real_.host), self->real_.port);
        co_await server->async_connect(target, asio::redirect_error(asio::use_awaitable, failed));
        asio::co_spawn(lane, forward(self, client, server, false), [](const std::exception_ptr&) {});
        asio::co_spawn(lane, forward(self, server, client, true), [](const std::exception_ptr&) {});
      }
    }
  }

  static asio::awaitable<void> forward(fake_server* self, socket from, socket to, bool is_back) {
    std::array<char, 16384> buffer;
    while (true) {
      boost::system::error_code failed;
      const auto count =
          co_await from->async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, failed));
      if (failed || self->way_ == way::silent) {
        to->close();
        co_return;
      }
      const auto octets = is_back && self->way_ == way::spoilt ? noise() : std::string(buffer.data(), count);
      co_await asio::async_write(*to, asio::buffer(octets), asio::redirect_error(asio::use_awaitable, failed));
    }
  }

  static asio::awaitable<void> send(socket to, std::string octets) {
    boost::system::error_code ignored;
    co_await asio::async_write(*to, asio::buffer(octets), asio::redirect_error(asio::use_awaitable, ignored));
  }

  static std::string noise() {
    static std::minstd_rand random(17);
    std::string octets(1000, '\0');
    std::ranges::generate(octets, [] { return static_cast<char>(random()); });
    return octets;
  }

  way way_;
  endpoint real_;
  tcp::acceptor acceptor_;
  std::vector<socket> clients_;
};

class pool_faults_pgtest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world = std::make_unique<test::local_topology>(std::vector<std::string>{"reminders"});
    world->up();
  }
  static void TearDownTestSuite() { world.reset(); }

  static endpoint node(const std::string& name) {
    return world->endpoint(name, "meridian_admin", world->password_of("meridian_admin"));
  }

  static pool_settings settings(const endpoint& where) {
    pool_settings chosen;
    chosen.nodes = {where};
    return chosen;
  }

  // How one statement ends, and how long that takes.
  errc ask(pool& all, std::chrono::milliseconds longest, repeat again = repeat::safe) {
    const auto begin = clock::now();
    const auto got = lane.run(all.run(echo, arguments(std::int64_t{1}), deadline::in(longest), again));
    took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
    said = got ? "" : got.error().message;
    return got ? answered : got.error().code;
  }

  // Statements one after the other until the breaker turns them away at once.
  void expect_turned_away(pool& all) {
    const auto end = deadline::in(15s);
    while (!all.observe().is_open && !end.passed()) {
      ask(all, 500ms);
    }
    EXPECT_EQ(ask(all, 5s), errc::unavailable);
    EXPECT_LT(took, 50ms);
    EXPECT_THAT(said, testing::Not(testing::IsEmpty()));
  }

  void expect_healed(pool& all) {
    const auto end = deadline::in(15s);
    while (ask(all, 1s) != answered && !end.passed()) {
      lane.run(pause(20ms)).value();
    }
    EXPECT_EQ(ask(all, 1s), answered) << said;
    EXPECT_FALSE(all.observe().is_open);
  }

  static constexpr auto answered = errc::conflict;  // which no statement here ends in

  static std::unique_ptr<test::local_topology> world;
  test::event_loop lane;
  std::chrono::milliseconds took{};
  std::string said;
};

std::unique_ptr<test::local_topology> pool_faults_pgtest::world;

TEST_F(pool_faults_pgtest, nobody_listens) {
  auto nowhere = node("reminders-americas");
  nowhere.port = 1;
  pool all(lane.executor(), settings(nowhere));
  EXPECT_EQ(ask(all, 5s), errc::unavailable);
  EXPECT_LT(took, 1s);
  EXPECT_THAT(said, testing::HasSubstr("refused"));
  expect_turned_away(all);
}

TEST_F(pool_faults_pgtest, a_host_whose_first_addresses_refuse_is_reached_by_the_next) {
  const auto there = node("reminders-americas");
  wire way(lane.executor(), there, 5s);
  const auto begin = clock::now();
  const auto connected = lane.run(way.connect_to("::1,127.0.0.99," + there.host, deadline::in(5s)));
  EXPECT_TRUE(connected) << to_string(connected.error());
  EXPECT_LT(clock::now() - begin, 2s);
}

TEST_F(pool_faults_pgtest, a_wrong_password_is_told) {
  auto stranger = node("reminders-americas");
  stranger.password = "wrong";
  pool all(lane.executor(), settings(stranger));
  EXPECT_EQ(ask(all, 5s), errc::unavailable);
  EXPECT_THAT(said, testing::HasSubstr("password authentication failed"));
}

TEST_F(pool_faults_pgtest, a_server_that_never_answers) {
  fake_server server(lane, fake_server::way::silent, node("reminders-americas"));
  auto chosen = settings(server.where());
  chosen.connect_time_max = 200ms;
  pool all(lane.executor(), chosen);
  EXPECT_EQ(ask(all, 100ms), errc::timed_out);
  EXPECT_GE(took, 100ms);
  EXPECT_LT(took, 300ms);
  expect_turned_away(all);
}

TEST_F(pool_faults_pgtest, a_server_that_talks_nonsense) {
  fake_server server(lane, fake_server::way::nonsense, node("reminders-americas"));
  pool all(lane.executor(), settings(server.where()));
  EXPECT_EQ(ask(all, 5s), errc::unavailable);
  expect_turned_away(all);
  EXPECT_LT(server.accepted(), 20U) << "it is not asked again and again";
}

TEST_F(pool_faults_pgtest, a_server_that_begins_to_talk_nonsense) {
  fake_server server(lane, fake_server::way::honest, node("reminders-americas"));
  pool all(lane.executor(), settings(server.where()));
  for (int i = 0; i < 10; ++i) {
    server.set_way(fake_server::way::honest);
    expect_healed(all);
    server.set_way(fake_server::way::spoilt);
    EXPECT_EQ(ask(all, 2s, repeat::unsafe), errc::unavailable) << said;
  }
}

TEST_F(pool_faults_pgtest, a_server_that_closes_in_the_midst) {
  fake_server server(lane, fake_server::way::honest, node("reminders-americas"));
  pool all(lane.executor(), settings(server.where()));
  EXPECT_EQ(ask(all, 5s), answered) << said;
  server.set_way(fake_server::way::silent);  // an open connection is closed at its next octet
  EXPECT_EQ(ask(all, 5s, repeat::unsafe), errc::unavailable);
  EXPECT_LT(took, 1s);
}

TEST_F(pool_faults_pgtest, a_restarted_server_is_not_noticed_where_repeating_is_safe) {
  pool all(lane.executor(), settings(node("reminders-americas")));
  EXPECT_EQ(ask(all, 5s), answered) << said;
  const auto restarted = world->pg_ctl("reminders-americas", {"restart", "-m", "fast", "-w"});
  EXPECT_EQ(restarted.exit_code, 0) << restarted.said();
  EXPECT_EQ(ask(all, 5s), answered) << said;
  EXPECT_GE(all.observe().connects, 2U);
}

TEST_F(pool_faults_pgtest, a_frozen_server) {
  pool all(lane.executor(), settings(node("reminders-americas")));
  EXPECT_EQ(ask(all, 5s), answered) << said;
  world->freeze_node("reminders-americas");
  EXPECT_EQ(ask(all, 500ms), errc::timed_out);
  EXPECT_LT(took, 700ms);
  expect_turned_away(all);
  EXPECT_EQ(all.observe().connections_open, 0U);
  EXPECT_EQ(all.observe().in_flight, 0U);
  world->thaw_node("reminders-americas");
  expect_healed(all);
}

TEST_F(pool_faults_pgtest, a_killed_server) {
  pool all(lane.executor(), settings(node("reminders-americas")));
  EXPECT_EQ(ask(all, 5s), answered) << said;
  world->kill_node("reminders-americas");
  EXPECT_EQ(ask(all, 5s), errc::unavailable);
  EXPECT_LT(took, 1s);
  expect_turned_away(all);
  world->up();
  expect_healed(all);
}

// The last: the topology is not what it was afterwards.
TEST_F(pool_faults_pgtest, another_node_takes_over_from_a_primary_that_dies_or_takes_no_writes_any_more) {
  const statement who{"who", "SELECT inet_server_addr()::text"};
  const statement write{"write", "SELECT inet_server_addr()::text, nextval('pool_written')"};
  const auto americas = world->address_of("reminders-americas");
  const auto europe = world->address_of("reminders-europe");
  auto chosen = settings(node("reminders-americas"));
  chosen.nodes.push_back(node("reminders-europe"));
  pool all(lane.executor(), chosen);
  pool writers(lane.executor(), chosen);
  const auto served_by = [&](pool& some, const statement& what) {
    const auto got = lane.run(some.run(what, arguments(), deadline::in(10s), repeat::unsafe));
    return got ? (*got)[0].get<std::string>(0) : got.error().message;
  };
  auto admin = world->connect("reminders-americas");
  admin.text("CREATE SEQUENCE pool_written");
  world->expect_soon("reminders-europe", "SELECT count(*) FROM pg_class WHERE relname = 'pool_written'", "1");
  EXPECT_THAT(served_by(all, who), testing::StartsWith(americas));
  EXPECT_THAT(served_by(writers, write), testing::StartsWith(americas));
  const auto promoted = world->pg_ctl("reminders-europe", {"promote", "-w"});
  ASSERT_EQ(promoted.exit_code, 0) << promoted.said();
  EXPECT_THAT(served_by(all, who), testing::StartsWith(americas)) << "kept until it fails";

  admin.text("ALTER SYSTEM SET default_transaction_read_only = on");
  admin.text("SELECT pg_reload_conf()");
  world->expect_soon("reminders-americas", "SHOW default_transaction_read_only", "on");
  EXPECT_THAT(served_by(writers, write), testing::StartsWith(europe));

  world->kill_node("reminders-americas");
  const auto begin = clock::now();
  const auto end = deadline::in(10s);
  while (!served_by(all, who).starts_with(europe) && !end.passed()) {
  }
  EXPECT_LT(clock::now() - begin, 1s);
}

}  // namespace
}  // namespace meridian::pg
