#include "pg/pipeline.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <libpq-fe.h>

#include "base/log.hpp"
#include "pg/connection.hpp"

namespace meridian::pg {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto unacknowledged_max = 3s;
constexpr std::size_t window_max = 1024;  // sent and not answered; more wait where they can still be taken back
constexpr auto cancel_patience = 100ms;   // for an overdue statement to end by itself
constexpr auto cancel_duration_max = 1s;
constexpr auto stall_max = 1s;     // nothing arrives, after the deadline of the statement whose turn it is
constexpr auto overdue_max = 10s;  // the same, although something arrives
constexpr int binary_format = 1;

// The setting is not there on every server; an idle one answers it with no row.
constexpr auto greeting = R"(
SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
       (SELECT set_config(name, '2s', false) FROM pg_settings WHERE name = 'client_connection_check_interval')
)";

constexpr auto cancel_query = R"(
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
 WHERE pid = $1::int AND state = 'active' AND clock_timestamp() - query_start >= $2::interval
)";

constexpr std::string_view sqlstate_unsupported = "0A000";
constexpr std::string_view sqlstate_unknown_statement = "26000";
constexpr std::string_view sqlstate_cancelled = "57014";

error out_of_time() {
  return {errc::timed_out, "the database did not answer in time", ""};
}

}  // namespace

pipeline::pipeline(const asio::any_io_executor& lane, endpoint where, std::shared_ptr<pipeline_counts> counts)
    : wire_(lane, std::move(where), unacknowledged_max), timer_(lane), counts_(std::move(counts)) {}

task<void> pipeline::open(deadline until, bool reads_only) {
  MERIDIAN_CO_CHECK(co_await wire_.connect(until));
  if (PQsendQuery(wire_.native(), greeting) == 0) {
    co_return wire_.lost();
  }
  MERIDIAN_CO_CHECK(co_await wire_.flush(until));
  bool takes_writes = false;
  while (true) {
    MERIDIAN_CO_CHECK(co_await wire_.wait_for_result(until));
    PGresult* next = PQgetResult(wire_.native());
    if (next == nullptr) {
      break;
    }
    const rows greeted(next);
    if (PQresultStatus(next) != PGRES_TUPLES_OK) {
      wire_.close();
      co_return error_of(next, greeting);
    }
    takes_writes = !greeted[0].boolean(0);
  }
  if (!takes_writes && !reads_only) {
    wire_.close();
    co_return error{errc::wrong_region, wire_.where().address() + " takes no writes", ""};
  }
  if (PQenterPipelineMode(wire_.native()) == 0) {
    co_return wire_.lost();
  }
  last_arrival_ = clock::now();
  co_return result<void>();
}

asio::awaitable<error> pipeline::serve() {
  while (wire_.native() != nullptr) {
    boost::system::error_code failed;
    co_await wire_.descriptor().async_wait(
        asio::posix::descriptor_base::wait_read, asio::redirect_error(asio::use_awaitable, failed)
    );
    if (wire_.native() == nullptr) {
      break;
    }
    const bool is_alive = PQconsumeInput(wire_.native()) != 0 && !failed;
    // What came before the end counts.
    take_answers();
    if (wire_.native() != nullptr && (!is_alive || PQstatus(wire_.native()) == CONNECTION_BAD)) {
      close(wire_.lost());
    }
    if (is_retired_ && in_flight() == 0) {
      close({errc::unavailable, "the connection is retired", ""});
    }
  }
  co_return why_closed_;
}

asio::awaitable<void> pipeline::run(const statement& what, const arguments& with, deadline until, answer& out) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this, &what, &with, until, &out](handler waiter) {
        enqueue({&what, &with, &out, std::move(waiter), until.at()});
      },
      asio::use_awaitable
  );
}

void pipeline::enqueue(entry next) {
  if (!is_open()) {
    return fail(next, answer::fate::unsent, why_closed_);
  }
  arm(next.until);
  unsent_.push_back(std::move(next));
  if (!is_flush_posted_) {
    is_flush_posted_ = true;
    asio::post(timer_.get_executor(), [self = shared_from_this()] { self->flush(); });
  }
}

void pipeline::flush() {
  is_flush_posted_ = false;
  if (wire_.native() == nullptr || unsent_.empty() || is_blocked_ || expected_.size() >= window_max) {
    return;
  }
  if (expected_.empty()) {
    head_since_ = clock::now();
  }
  ++counts_->round_trips;
  const bool is_many = unsent_.size() > 1;
  if (is_many) {
    set_cork(true);
  }
  while (wire_.native() != nullptr && !unsent_.empty() && expected_.size() < window_max && !is_blocked_) {
    send_first();
  }
  if (is_many && wire_.native() != nullptr) {
    set_cork(false);
  }
}

void pipeline::send_first() {
  entry next = std::move(unsent_.front());
  unsent_.pop_front();
  if (!next.waiter) {
    return;  // its deadline has passed
  }
  next.known = &prepared_[next.what->name];
  const auto& types = next.known->types;
  const auto is_same = [&](std::size_t i) { return types[i] == next.with->type(i); };
  const auto numbers = std::views::iota(std::size_t{0}, types.size());
  if (next.known->is_current && (types.size() != next.with->size() || !std::ranges::all_of(numbers, is_same))) {
    const error why{errc::internal, next.what->name + " was prepared for arguments of other types", ""};
    return fail(next, answer::fate::answered, why);
  }
  expected_.push_back(std::move(next));
  if (!send(expected_.back())) {
    return close(wire_.lost());
  }
  push_out();
}

// libpq's PQpipelineSync writes to the socket each time; corked, the kernel collects.
void pipeline::set_cork(bool on) {
  const int value = on ? 1 : 0;
  ::setsockopt(PQsocket(wire_.native()), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

// False when the connection is lost.
bool pipeline::send(entry& next) {
  if (!next.known->is_current && !send_prepare(next)) {
    return false;
  }
  next.generation = next.known->generation;
  const auto& with = *next.with;
  const auto count = with.size();
  values_.resize(count);
  lengths_.resize(count);
  formats_.assign(count, binary_format);
  for (std::size_t i = 0; i < count; ++i) {
    const auto octets = with.octets(i);
    // A null pointer is NULL; an empty value needs another.
    values_[i] = !octets ? nullptr : octets->empty() ? "" : octets->data();
    lengths_[i] = octets ? static_cast<int>(octets->size()) : 0;
  }
  ++counts_->statements;
  return PQsendQueryPrepared(
             wire_.native(), next.known->name.c_str(), static_cast<int>(count), values_.data(), lengths_.data(),
             formats_.data(), binary_format
         ) != 0 &&
         PQpipelineSync(wire_.native()) != 0;
}

bool pipeline::send_prepare(entry& next) {
  auto& known = *next.known;
  known.types.clear();
  for (std::size_t i = 0; i < next.with->size(); ++i) {
    known.types.push_back(next.with->type(i));
  }
  // The server keeps a stale plan under its name; the next one gets another.
  known.name = known.generation == 0 ? next.what->name : fmt::format("{}#{}", next.what->name, known.generation);
  known.is_current = true;
  next.is_preparing = true;
  return PQsendPrepare(
             wire_.native(), known.name.c_str(), next.what->text.c_str(), static_cast<int>(known.types.size()),
             known.types.data()
         ) != 0;
}

void pipeline::push_out() {
  const int left = PQflush(wire_.native());
  if (left < 0) {
    close(wire_.lost());
  } else if (left > 0) {
    is_blocked_ = true;
    wire_.descriptor().async_wait(
        asio::posix::descriptor_base::wait_write,
        [self = shared_from_this()](boost::system::error_code) {
          self->is_blocked_ = false;
          if (self->wire_.native() != nullptr) {
            self->push_out();
            self->flush();
          }
        }
    );
  }
}

void pipeline::take_answers() {
  last_arrival_ = clock::now();
  int nothings = 0;
  while (wire_.native() != nullptr && PQisBusy(wire_.native()) == 0 && !expected_.empty()) {
    PGresult* next = PQgetResult(wire_.native());
    if (next != nullptr) {
      nothings = 0;
      take(next);
    } else if (++nothings > 1) {  // one ends each result
      return close(wire_.lost());
    }
  }
  flush();
}

void pipeline::take(PGresult* next) {
  rows received(next);
  auto& head = expected_.front();
  switch (PQresultStatus(next)) {
    case PGRES_PIPELINE_SYNC:
      return finish_head();
    case PGRES_PIPELINE_ABORTED:
      return;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
      head.is_preparing = false;
      if (head.waiter) {
        head.out->rows = std::move(received);
      }
      return;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
      return take_failure(next, head);
    default:
      return close({errc::internal, "a statement may not be a COPY", ""});
  }
}

void pipeline::take_failure(const PGresult* failed, entry& head) {
  const auto state = field_of(failed, PG_DIAG_SQLSTATE);
  const bool is_unknown = state == sqlstate_unknown_statement;  // its preparing failed, as another's answer told
  const bool is_stale =
      state == sqlstate_unsupported && field_of(failed, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
  const bool is_hit = state == sqlstate_cancelled && (is_cancelling_ || last_arrival_ < cancelled_until_);
  if ((is_unknown || is_stale || head.is_preparing) && head.known->generation == head.generation) {
    head.known->is_current = false;
    ++head.known->generation;
  }
  if (!head.waiter || head.out->failure) {
    return;
  }
  head.out->failure = error_of(failed, "");
  head.out->end = is_unknown || is_stale || is_hit ? answer::fate::undone : answer::fate::answered;
  if (state.empty()) {  // libpq's own: it ran out of memory, or lost the connection and its state says so too
    head.out->failure = error{errc::unavailable, PQresultErrorMessage(failed), ""};
  } else if (head.out->end == answer::fate::answered) {
    keep_to_ourselves(state, failed, head);
  }
}

// What only the log is to tell.
void pipeline::keep_to_ourselves(std::string_view state, const PGresult* failed, entry& head) {
  const auto code = head.out->failure->code;
  const bool is_missing = code == errc::unprepared;
  if (code == errc::internal || (is_missing && !std::exchange(head.known->is_missed, true))) {
    log::error("pg", "{}: {} {}", head.known->name, state, field_of(failed, PG_DIAG_MESSAGE_PRIMARY));
  } else {
    // What PostgreSQL says of these holds values.
    log::debug("pg", "{}: {} {}", head.known->name, state, field_of(failed, PG_DIAG_CONSTRAINT_NAME));
  }
  if (is_missing) {
    head.out->failure =
        error{code, "the database has not the schema for this", "meridian apply loads what is missing."};
  }
}

void pipeline::finish_head() {
  resume(expected_.front());
  expected_.pop_front();
  head_since_ = last_arrival_;
  if (!expected_.empty() && !expected_.front().waiter) {
    arm(last_arrival_ + cancel_patience);
  }
}

void pipeline::resume(entry& done) {
  if (done.waiter) {
    asio::post(std::move(*done.waiter));
    done.waiter.reset();
  }
}

void pipeline::fail(entry& failed, answer::fate how, const error& why) {
  if (failed.waiter) {
    failed.out->end = how;
    failed.out->failure = why;
    resume(failed);
  }
}

void pipeline::retire() {
  is_retired_ = true;
  if (in_flight() == 0) {
    close(error{errc::unavailable, "the connection is retired", ""});
  }
}

void pipeline::close(const error& why) {
  wire_.close();
  timer_.cancel();
  why_closed_ = why;
  for (auto& one : expected_) {
    const bool is_told = one.waiter && one.out->failure;  // by the server, before it went
    fail(one, answer::fate::lost, is_told ? error(*one.out->failure) : why);
  }
  for (auto& one : unsent_) {
    fail(one, answer::fate::unsent, why);
  }
  expected_.clear();
  unsent_.clear();
}

// One timer for the earliest deadline; one that is not due any more when it fires does no harm.
void pipeline::arm(clock::time_point at) {
  if (at >= armed_) {
    return;
  }
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
    if (!stopped && self->wire_.native() != nullptr) {
      self->on_timer();
    }
  });
}

void pipeline::on_timer() {
  armed_ = clock::time_point::max();
  const auto now = clock::now();
  auto next = clock::time_point::max();
  for (auto& one : expected_) {
    if (one.until <= now) {
      fail(one, answer::fate::answered, out_of_time());
    }
    next = one.waiter ? std::min(next, one.until) : next;
  }
  for (auto& one : unsent_) {
    if (one.until <= now) {
      fail(one, answer::fate::answered, out_of_time());
    }
    next = std::min(next, one.waiter ? one.until : next);
  }
  while (!unsent_.empty() && !unsent_.front().waiter) {
    unsent_.pop_front();
  }
  if (next != clock::time_point::max()) {
    arm(next);
  }
  look_after_head(now);
}

void pipeline::look_after_head(clock::time_point now) {
  if (expected_.empty() || expected_.front().waiter) {
    return;
  }
  auto& head = expected_.front();
  const auto overdue = now - std::max(head.until, head_since_);
  if ((overdue >= stall_max && now - last_arrival_ >= stall_max) || overdue >= overdue_max) {
    const error why{errc::unavailable, wire_.where().address() + " does not answer", ""};
    log::warning("pg", "{}: closing the connection with {} statements", why.message, expected_.size());
    return close(why);
  }
  if (!head.is_cancel_asked && !is_cancelling_ && now - head_since_ >= cancel_patience) {
    head.is_cancel_asked = true;
    ask_to_cancel(now - head_since_);
  }
  arm(now + cancel_patience);
}

void pipeline::ask_to_cancel(clock::duration running) {
  is_cancelling_ = true;
  const auto least = std::chrono::duration_cast<std::chrono::milliseconds>(running / 2).count();
  asio::co_spawn(
      timer_.get_executor(), cancel(wire_.where(), PQbackendPID(wire_.native()), std::to_string(least) + " ms"),
      [self = shared_from_this()](const std::exception_ptr& thrown, const result<void>& asked) {
        self->is_cancelling_ = false;
        self->cancelled_until_ = clock::now() + stall_max;
        if (thrown || !asked) {
          log::warning("pg", "could not cancel a statement on {}", self->wire_.where().address());
        }
      }
  );
}

// Only a statement that has run for at least that long, so that one that has just begun is spared.
task<void> pipeline::cancel(endpoint where, int backend, std::string running_min) {
  const auto until = deadline::in(cancel_duration_max);
  MERIDIAN_CO_TRY(auto opened, co_await connection::open(std::move(where), until));
  std::vector<parameter> parameters{std::to_string(backend), std::move(running_min)};
  MERIDIAN_CO_TRY(const auto asked, co_await opened.query(cancel_query, std::move(parameters), until));
  co_return result<void>();
}

}  // namespace meridian::pg
