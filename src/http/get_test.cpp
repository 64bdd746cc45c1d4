#include "http/get.hpp"

#include <gtest/gtest.h>

#include "http/live_server.hpp"

namespace meridian::http {
namespace {

using namespace std::chrono_literals;

task<response> tell(request received) {
  response answer;
  answer.status = 503;
  answer.content_type = "text/plain";
  answer.body = "from " + received.path;
  co_return answer;
}

void fill(router& routes, turnstile& gate) {
  routes.add(verb::get, "/{what}", tell).add(verb::get, "/wait", [&gate](request received) {
    return gate.answer(std::move(received));
  });
}

TEST(get, hears_status_type_and_body) {
  live_server server(fill);
  const auto answer = run(get("127.0.0.1", server.port(), "/readyz", deadline::in(10s)));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->content_type, "text/plain");
  EXPECT_EQ(answer->body, "from /readyz");
}

TEST(get, ends_at_its_deadline) {
  live_server server(fill);
  const auto answer = run(get("127.0.0.1", server.port(), "/wait", deadline::in(50ms)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::timed_out);
}

TEST(get, says_that_nobody_listens) {
  std::uint16_t port = 0;
  {
    const live_server server(fill);
    port = server.port();
  }
  const auto answer = run(get("127.0.0.1", port, "/", deadline::in(10s)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_FALSE(run(get("localhost", port, "/", deadline::in(10s)))) << "names are not looked up";
}

}  // namespace
}  // namespace meridian::http
