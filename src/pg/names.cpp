#include "pg/names.hpp"

#include <memory>
#include <unordered_map>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace meridian::pg {
namespace {

namespace asio = boost::asio;
using clock = deadline::clock;
using resolver = asio::ip::tcp::resolver;

constexpr std::chrono::seconds fresh_max(10);
constexpr std::size_t known_max = 256;  // names

struct known_name {
  std::string addresses;
  clock::time_point fresh_until;
};

// A lane is a thread.
std::unordered_map<std::string, known_name>& known_names() {
  thread_local std::unordered_map<std::string, known_name> known;
  return known;
}

// It outlives the wait: a look-up that is under way can't be called back.
struct lookup {
  explicit lookup(const asio::any_io_executor& lane) : service(lane), over(lane) {}

  resolver service;
  asio::steady_timer over;
  boost::system::error_code failed = asio::error::timed_out;
  std::string addresses;
};

std::string joined(const resolver::results_type& found) {
  std::string all;
  for (const auto& one : found) {
    all += (all.empty() ? "" : ",") + one.endpoint().address().to_string();
  }
  return all;
}

// The look-up itself runs on a thread of Asio's.
task<std::string> look_up(std::string host, deadline until) {
  const auto shared = std::make_shared<lookup>(co_await asio::this_coro::executor);
  shared->over.expires_at(until.at());
  shared->service.async_resolve(
      host, "", resolver::flags(),
      [shared](boost::system::error_code failed, const resolver::results_type& found) {
        shared->failed = failed;
        shared->addresses = joined(found);
        shared->over.cancel();
      }
  );
  boost::system::error_code woken;
  co_await shared->over.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (shared->addresses.empty()) {
    const auto meaning = shared->failed == asio::error::timed_out ? errc::timed_out : errc::unavailable;
    co_return error{meaning, "can't find the address of " + host + ": " + shared->failed.message(), ""};
  }
  co_return shared->addresses;
}

}  // namespace

task<std::string> addresses_of(std::string host, deadline until) {
  boost::system::error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    co_return host;
  }
  const auto known = known_names().find(host);
  if (known != known_names().end() && clock::now() < known->second.fresh_until) {
    co_return known->second.addresses;
  }
  auto found = co_await look_up(host, until);
  auto& all_known = known_names();
  const auto last_known = all_known.find(host);
  if (!found && last_known != all_known.end()) {
    co_return last_known->second.addresses;
  }
  if (found && all_known.size() < known_max) {
    all_known.insert_or_assign(host, known_name{*found, clock::now() + fresh_max});
  }
  co_return found;
}

}  // namespace meridian::pg
