#include "pg/wire.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include <libpq-fe.h>

#include "base/log.hpp"
#include "pg/names.hpp"
#include "pg/sqlstate.hpp"

namespace meridian::pg {

namespace asio = boost::asio;
using readiness = asio::posix::descriptor_base;

namespace {

std::string trimmed(const char* text) {
  const std::string_view view = text == nullptr ? "" : text;
  const auto end = view.find_last_not_of(" \n");
  return std::string(view.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

// "line 12: " for an error that the server places inside a script of several lines.
std::string line_of(const PGresult* failed, std::string_view statement) {
  const auto position = field_of(failed, PG_DIAG_STATEMENT_POSITION);
  if (position.empty() || std::count(statement.begin(), statement.end(), '\n') < 2) {
    return "";
  }
  // The server counts letters, not bytes; the few letters of our scripts that are not ASCII don't move a line.
  const auto offset = std::min<std::size_t>(std::stoul(position), statement.size());
  return fmt::format("line {}: ", 1 + std::count(statement.begin(), statement.begin() + offset, '\n'));
}

void log_notice(void*, const PGresult* notice) {
  log::debug("pg", "{}", field_of(notice, PG_DIAG_MESSAGE_PRIMARY));
}

}  // namespace

std::string endpoint::address() const {
  return fmt::format("{}:{}", host, port);
}

std::string field_of(const PGresult* from, int which) {
  return trimmed(PQresultErrorField(from, which));
}

error error_of(const PGresult* failed, std::string_view statement) {
  auto message = line_of(failed, statement) + field_of(failed, PG_DIAG_MESSAGE_PRIMARY);
  if (const auto detail = field_of(failed, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    message += " (" + detail + ")";
  }
  return {errc_of_sqlstate(field_of(failed, PG_DIAG_SQLSTATE)), message, field_of(failed, PG_DIAG_MESSAGE_HINT)};
}

wire::wire(const asio::any_io_executor& lane, endpoint where, std::chrono::milliseconds unacknowledged_max)
    : where_(std::move(where)), unacknowledged_max_(unacknowledged_max), descriptor_(lane) {}

task<void> wire::connect(deadline until) {
  MERIDIAN_CO_TRY(auto addresses, co_await addresses_of(where_.host, until));
  co_return co_await connect_to(std::move(addresses), until);
}

task<void> wire::connect_to(std::string addresses, deadline until) {
  start(addresses);
  if (connection_ == nullptr || PQstatus(connection_) == CONNECTION_BAD) {
    co_return lost();
  }
  PQsetNoticeReceiver(connection_, log_notice, nullptr);
  auto polled = PGRES_POLLING_WRITING;
  while (polled != PGRES_POLLING_OK) {
    descriptor_.assign(PQsocket(connection_));
    const auto side = polled == PGRES_POLLING_READING ? readiness::wait_read : readiness::wait_write;
    if (const auto waited = co_await wait_for(descriptor_, side, until); !waited) {
      co_return give_up(waited.error());
    }
    // libpq may close its socket and open one to the next address, under the same number.
    descriptor_.release();
    polled = PQconnectPoll(connection_);
    if (polled == PGRES_POLLING_FAILED) {
      co_return lost();
    }
  }
  descriptor_.assign(PQsocket(connection_));
  PQsetnonblocking(connection_, 1);
  co_return result<void>();
}

error wire::lost() {
  const auto said = connection_ == nullptr ? "no connection" : trimmed(PQerrorMessage(connection_));
  // A refusal at sign-in has no result to read a SQLSTATE from (libpq has no accessor for it).
  const bool refused = said.find("password authentication failed") != std::string::npos ||
                       said.find("no pg_hba.conf entry") != std::string::npos ||
                       said.find("does not exist") != std::string::npos;
  close();
  return {refused ? errc::unauthenticated : errc::unavailable, fmt::format("{}: {}", where_.address(), said), ""};
}

void wire::start(const std::string& addresses) {
  const auto port = std::to_string(where_.port);
  const auto unacknowledged_max = std::to_string(unacknowledged_max_.count());
  // "hostaddr" keeps libpq from looking names up, no GSSAPI keeps it from asking a ticket server: both would block.
  const std::array<std::pair<const char*, const char*>, 14> options{{
      {"hostaddr", addresses.c_str()},
      {"port", port.c_str()},
      {"dbname", where_.database.c_str()},
      {"user", where_.user.c_str()},
      {"password", where_.password.c_str()},
      {"connect_timeout", "10"},
      {"application_name", where_.application_name.c_str()},
      {"client_encoding", "UTF8"},
      {"tcp_user_timeout", unacknowledged_max.c_str()},
      {"keepalives_idle", "5"},
      {"keepalives_interval", "1"},
      {"keepalives_count", "3"},
      {"gssencmode", "disable"},
      {"options", "-c client_min_messages=warning"},
  }};
  std::array<const char*, options.size() + 1> keys{};
  std::array<const char*, options.size() + 1> values{};
  for (std::size_t i = 0; i < options.size(); ++i) {
    keys[i] = options[i].first;
    values[i] = options[i].second;
  }
  connection_ = PQconnectStartParams(keys.data(), values.data(), 0);
}

task<void> wire::flush(deadline until) {
  while (true) {
    const int left = PQflush(connection_);
    if (left == 0) {
      co_return result<void>();
    }
    if (left < 0) {
      co_return lost();
    }
    // The server may wait for us to read before it reads on.
    if (const auto waited = co_await wait_for(descriptor_, readiness::wait_write, until); !waited) {
      co_return give_up(waited.error());
    }
    PQconsumeInput(connection_);
  }
}

task<void> wire::wait_for_result(deadline until) {
  while (PQisBusy(connection_) != 0) {
    if (const auto waited = co_await wait_for(descriptor_, readiness::wait_read, until); !waited) {
      co_return give_up(waited.error());
    }
    if (PQconsumeInput(connection_) == 0) {
      co_return lost();
    }
  }
  co_return result<void>();
}

error wire::give_up(const error& why) {
  close();
  return {why.code, where_.address() + " did not answer in time", ""};
}

// The event loop lets go of the descriptor before libpq closes it: the number may be reused at once.
void wire::close() {
  if (descriptor_.is_open()) {
    descriptor_.release();
  }
  PQfinish(connection_);
  connection_ = nullptr;
}

}  // namespace meridian::pg
