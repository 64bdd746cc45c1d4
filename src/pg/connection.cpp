#include "pg/connection.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include <boost/asio/this_coro.hpp>
#include <libpq-fe.h>

#include "base/log.hpp"
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

std::string field(const PGresult* from, int which) {
  return trimmed(PQresultErrorField(from, which));
}

// "line 12: " for an error that the server places inside a script of several lines.
std::string line_of(const PGresult* failed, std::string_view statement) {
  const auto position = field(failed, PG_DIAG_STATEMENT_POSITION);
  if (position.empty() || std::count(statement.begin(), statement.end(), '\n') < 2) {
    return "";
  }
  // The server counts letters, not bytes; the few letters of our scripts that are not ASCII don't move a line.
  const auto offset = std::min<std::size_t>(std::stoul(position), statement.size());
  return fmt::format("line {}: ", 1 + std::count(statement.begin(), statement.begin() + offset, '\n'));
}

error error_of(const PGresult* failed, std::string_view statement) {
  auto message = line_of(failed, statement) + field(failed, PG_DIAG_MESSAGE_PRIMARY);
  if (const auto detail = field(failed, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    message += " (" + detail + ")";
  }
  return {errc_of_sqlstate(field(failed, PG_DIAG_SQLSTATE)), message, field(failed, PG_DIAG_MESSAGE_HINT)};
}

bool is_failure(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

void log_notice(void*, const PGresult* notice) {
  log::debug("pg", "{}", field(notice, PG_DIAG_MESSAGE_PRIMARY));
}

}  // namespace

std::string endpoint::address() const {
  return fmt::format("{}:{}", host, port);
}

// libpq's connection and its descriptor on the event loop.
class connection::wire {
 public:
  wire(const asio::any_io_executor& executor, endpoint where) : where_(std::move(where)), descriptor_(executor) {}
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;
  ~wire() { close(); }

  task<void> connect(deadline until) {
    start();
    if (connection_ == nullptr || PQstatus(connection_) == CONNECTION_BAD) {
      co_return lost();
    }
    PQsetNoticeReceiver(connection_, log_notice, nullptr);
    auto polled = PGRES_POLLING_WRITING;
    while (polled != PGRES_POLLING_OK) {
      watch_socket();
      const auto side = polled == PGRES_POLLING_READING ? readiness::wait_read : readiness::wait_write;
      if (const auto waited = co_await wait_for(descriptor_, side, until); !waited) {
        close();
        co_return error{errc::timed_out, where_.address() + " did not answer in time", ""};
      }
      polled = PQconnectPoll(connection_);
      if (polled == PGRES_POLLING_FAILED) {
        co_return lost();
      }
    }
    watch_socket();
    PQsetnonblocking(connection_, 1);
    co_return result<void>();
  }

  // The results of the statement (or script) that was sent; the first failure wins, the last result is kept.
  task<rows> collect(std::string statement, deadline until) {
    if (const auto sent = co_await flush(until); !sent) {
      co_return sent.error();
    }
    std::optional<error> failure;
    rows last(nullptr);
    while (true) {
      if (const auto ready = co_await wait_for_result(until); !ready) {
        co_return ready.error();
      }
      PGresult* next = PQgetResult(connection_);
      if (next == nullptr) {
        break;
      }
      rows received(next);
      if (is_failure(PQresultStatus(next)) && !failure) {
        failure = error_of(next, statement);
      }
      last = std::move(received);
    }
    if (PQstatus(connection_) == CONNECTION_BAD) {
      co_return lost();
    }
    if (failure) {
      co_return std::move(*failure);
    }
    co_return std::move(last);
  }

  PGconn* native() const { return connection_; }

  error lost() {
    const auto said = connection_ == nullptr ? "out of memory" : trimmed(PQerrorMessage(connection_));
    // A refusal at sign-in has no result to read a SQLSTATE from (libpq has no accessor for it).
    const bool refused = said.find("password authentication failed") != std::string::npos ||
                         said.find("no pg_hba.conf entry") != std::string::npos ||
                         said.find("does not exist") != std::string::npos;
    close();
    return {refused ? errc::unauthenticated : errc::unavailable, fmt::format("{}: {}", where_.address(), said), ""};
  }

 private:
  void start() {
    const auto port = std::to_string(where_.port);
    const std::array keys{
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "connect_timeout",
        "application_name",
        "client_encoding",
        "tcp_user_timeout",
        "options",
        static_cast<const char*>(nullptr)
    };
    const std::array values{
        where_.host.c_str(),
        port.c_str(),
        where_.database.c_str(),
        where_.user.c_str(),
        where_.password.c_str(),
        "10",
        where_.application_name.c_str(),
        "UTF8",
        "10000",
        "-c client_min_messages=warning",
        static_cast<const char*>(nullptr)
    };
    connection_ = PQconnectStartParams(keys.data(), values.data(), 0);
  }

  // libpq may change its socket while it connects.
  void watch_socket() {
    const int socket = PQsocket(connection_);
    if (!descriptor_.is_open() || descriptor_.native_handle() != socket) {
      if (descriptor_.is_open()) {
        descriptor_.release();
      }
      descriptor_.assign(socket);
    }
  }

  task<void> flush(deadline until) {
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

  task<void> wait_for_result(deadline until) {
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

  error give_up(const error& why) {
    close();
    return {why.code, where_.address() + " did not answer in time", ""};
  }

  // The event loop lets go of the descriptor before libpq closes it: the number may be reused at once.
  void close() {
    if (descriptor_.is_open()) {
      descriptor_.release();
    }
    PQfinish(connection_);
    connection_ = nullptr;
  }

  endpoint where_;
  asio::posix::stream_descriptor descriptor_;
  PGconn* connection_ = nullptr;
};

connection::connection(std::unique_ptr<wire> opened) : wire_(std::move(opened)) {}
connection::connection(connection&&) noexcept = default;
connection& connection::operator=(connection&&) noexcept = default;
connection::~connection() = default;

bool connection::is_open() const {
  return wire_->native() != nullptr;
}

task<connection> connection::open(endpoint where, deadline until) {
  auto opened = std::make_unique<wire>(co_await asio::this_coro::executor, std::move(where));
  MERIDIAN_CO_CHECK(co_await opened->connect(until));
  co_return connection(std::move(opened));
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
  co_return co_await wire_->collect(std::move(statement), until);
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
  const auto done = co_await wire_->collect(std::move(script), until);
  if (!done) {
    co_return done.error();
  }
  co_return result<void>();
}

}  // namespace meridian::pg
