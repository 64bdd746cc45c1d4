#include "realtime/events_api.hpp"

#include "identity/credentials.hpp"

namespace meridian::realtime {
namespace {

// Ids of 500 profiles to watch, and their brackets.
constexpr std::size_t text_bytes_max = 16 << 10;

}  // namespace

void events_api::add_routes(http::router& routes) {
  http::websocket_limits limits;
  limits.message_bytes_max = text_bytes_max;
  routes.add_websocket("/v1/events", [this](http::request received) { return open(std::move(received)); }, limits);
}

task<std::unique_ptr<http::websocket_listener>> events_api::open(http::request received) {
  // A browser says which page asks, whatever the page wants; others need not.
  MERIDIAN_CO_CHECK(identity::check_origin(received));
  MERIDIAN_CO_TRY(const auto presented, identity::token_of(received));
  std::optional<admission> admitted;
  if (!presented.empty() || received.headers.find("Authorization")) {
    const auto parsed = identity::parse_token(presented);
    admission made;
    MERIDIAN_CO_TRY(made.who, co_await guard_.principal_of(std::string(presented), received.until));
    made.token_hash = parsed->hash;
    admitted = std::move(made);
  }
  auto listener = hub_.make_client(admitted);
  if (!listener) {
    co_return error{
        errc::overloaded, "too many connections wait for somebody to sign in", "Send the session with the handshake."
    };
  }
  co_return listener;
}

}  // namespace meridian::realtime
