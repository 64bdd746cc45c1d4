#include "pg/connection.hpp"

#include <chrono>

#include <boost/asio/this_coro.hpp>
#include <libpq-fe.h>

#include "pg/wire.hpp"

namespace meridian::pg {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds unacknowledged_max(10);

bool is_failure(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

connection::connection(std::unique_ptr<wire> opened) : wire_(std::move(opened)) {}
connection::connection(connection&&) noexcept = default;
connection& connection::operator=(connection&&) noexcept = default;
connection::~connection() = default;

bool connection::is_open() const {
  return wire_->native() != nullptr;
}

task<connection> connection::open(endpoint where, deadline until) {
  const auto lane = co_await asio::this_coro::executor;
  auto opened = std::make_unique<wire>(lane, std::move(where), unacknowledged_max);
  MERIDIAN_CO_CHECK(co_await opened->connect(until));
  co_return connection(std::move(opened));
}

// The results of the statement (or script) that was sent; the first failure wins, the last result is kept.
task<rows> connection::collect(std::string statement, deadline until) {
  if (const auto sent = co_await wire_->flush(until); !sent) {
    co_return sent.error();
  }
  std::optional<error> failure;
  rows last(nullptr);
  while (true) {
    if (const auto ready = co_await wire_->wait_for_result(until); !ready) {
      co_return ready.error();
    }
    PGresult* next = PQgetResult(wire_->native());
    if (next == nullptr) {
      break;
    }
    rows received(next);
    if (is_failure(PQresultStatus(next)) && !failure) {
      failure = error_of(next, statement);
    }
    last = std::move(received);
  }
  if (PQstatus(wire_->native()) == CONNECTION_BAD) {
    co_return wire_->lost();
  }
  if (failure) {
    co_return std::move(*failure);
  }
  co_return std::move(last);
}

task<rows> connection::query(std::string statement, std::vector<parameter> parameters, deadline until) {
  if (!is_open()) {
    co_return error{errc::unavailable, "the connection was lost", ""};
  }
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& value : parameters) {
    values.push_back(value ? value->c_str() : nullptr);
  }
  const int count = static_cast<int>(values.size());
  const int sent =
      PQsendQueryParams(wire_->native(), statement.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0);
  if (sent == 0) {
    co_return wire_->lost();
  }
  co_return co_await collect(std::move(statement), until);
}

task<rows> connection::query(std::string statement, deadline until) {
  std::vector<parameter> none;
  co_return co_await query(std::move(statement), std::move(none), until);
}

task<void> connection::run_script(std::string script, deadline until) {
  if (!is_open()) {
    co_return error{errc::unavailable, "the connection was lost", ""};
  }
  if (PQsendQuery(wire_->native(), script.c_str()) == 0) {
    co_return wire_->lost();
  }
  const auto done = co_await collect(std::move(script), until);
  if (!done) {
    co_return done.error();
  }
  co_return result<void>();
}

}  // namespace meridian::pg
