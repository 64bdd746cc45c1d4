#include "lab/load_client.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <time.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace meridian::lab {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto connect_time_max = 5s;
constexpr auto tick_interval = 20ms;
constexpr auto repeat_pause = 50ms;
constexpr std::size_t backlog_max = 100'000;
constexpr std::size_t input_bytes = 64 << 10;  // a timeline of 50 messages in one piece

double thread_cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

// One connection. `request` is the one at hand; it stays until it is done or has failed.
struct client {
  explicit client(asio::io_context& loop) : socket(loop), input(input_bytes, '\0') {}

  asio::ip::tcp::socket socket;
  int generation = 0;  // of the socket: handlers of an earlier one have nothing to say
  bool is_connected = false;
  bool has_request = false;
  bool was_sent = false;  // over the present socket
  std::string request;
  clock::time_point meant_at;  // to be sent
  clock::time_point attempt_ends_at;
  clock::time_point resume_at = clock::time_point::max();  // when to connect or send again
  std::string input;
  std::size_t received = 0;
};

class load_run {
 public:
  load_run(const load_settings& settings, workload& work, const std::atomic<bool>& interrupted, const load_marks& marks)
      : settings_(settings), work_(work), interrupted_(interrupted), marks_(marks), random_(settings.seed) {}

  result<load_outcome> run() {
    for (const auto& where : settings_.doors) {
      error_code malformed;
      doors_.emplace_back(asio::ip::make_address(where.address, malformed), where.port);
      if (malformed) {
        return error{errc::invalid_argument, where.address + " is no IP address", ""};
      }
    }
    connect_until_ = clock::now() + connect_time_max;
    for (std::size_t index = 0; index < settings_.clients; ++index) {
      clients_.push_back(std::make_unique<client>(loop_));
      connect(index);
    }
    wait_for_tick();
    loop_.run();
    if (!began_) {
      return error{errc::unavailable, "can't connect: " + outcome_.first_failure, ""};
    }
    return std::move(outcome_);
  }

 private:
  bool is_open_loop() const { return settings_.arrivals_per_second > 0; }
  const asio::ip::tcp::endpoint& door_of(std::size_t index) const { return doors_[index % doors_.size()]; }

  void connect(std::size_t index) {
    auto& who = *clients_[index];
    disconnect(who);
    who.resume_at = clock::time_point::max();
    who.attempt_ends_at = clock::now() + settings_.answer_time_max;
    const int generation = who.generation;
    who.socket.async_connect(door_of(index), [this, index, generation](error_code failed) {
      auto& mine = *clients_[index];
      if (generation != mine.generation) {
        return;
      }
      if (failed) {
        lose(index, failed.message());
        return;
      }
      mine.socket.set_option(asio::ip::tcp::no_delay(true));
      mine.socket.non_blocking(true);
      mine.is_connected = true;
      ++connected_;
      receive(index);
      if (!began_) {
        begin_when_all_are_there();
      } else if (mine.has_request) {
        send(index);
      } else {
        next(index);
      }
    });
  }

  void disconnect(client& who) {
    error_code ignored;
    who.socket.close(ignored);
    ++who.generation;
    connected_ -= who.is_connected ? 1 : 0;
    who.is_connected = false;
    who.was_sent = false;
    who.received = 0;
  }

  void begin_when_all_are_there() {
    if (connected_ < clients_.size()) {
      return;
    }
    began_ = true;
    begin_ = clock::now() + settings_.warm_up;
    end_ = begin_ + settings_.duration;
    next_arrival_ = clock::now();
    for (std::size_t index = 0; index < clients_.size(); ++index) {
      next(index);
    }
    if (is_open_loop()) {
      arrive();
    }
  }

  void next(std::size_t index) {
    auto& who = *clients_[index];
    if (is_open_loop()) {
      if (backlog_.empty()) {
        idle_.push_back(index);
        return;
      }
      who.meant_at = backlog_.front();
      backlog_.pop_front();
    } else {
      who.meant_at = clock::now();
      if (who.meant_at >= end_) {
        return;
      }
    }
    who.request.clear();
    work_.write_request(index, who.request);
    who.has_request = true;
    ++at_hand_;
    send(index);
  }

  void send(std::size_t index) {
    auto& who = *clients_[index];
    who.was_sent = true;
    who.attempt_ends_at = clock::now() + settings_.answer_time_max;
    who.resume_at = clock::time_point::max();
    error_code failed;
    const auto count = who.socket.write_some(asio::buffer(who.request), failed);
    if (count == who.request.size()) {
      return;
    }
    // What fails here for good fails the receiver too, which then says so.
    asio::async_write(
        who.socket, asio::buffer(who.request.data() + count, who.request.size() - count), [](error_code, std::size_t) {}
    );
  }

  void receive(std::size_t index) {
    auto& who = *clients_[index];
    if (who.received == who.input.size()) {
      who.input.resize(who.input.size() * 2);
    }
    const int generation = who.generation;
    who.socket.async_receive(
        asio::buffer(who.input.data() + who.received, who.input.size() - who.received),
        [this, index, generation](error_code failed, std::size_t count) {
          if (generation == clients_[index]->generation) {
            take(index, failed, count);
          }
        }
    );
  }

  void take(std::size_t index, error_code failed, std::size_t count) {
    auto& who = *clients_[index];
    if (failed) {
      lose(index, failed.message());
      return;
    }
    who.received += count;
    const auto read = parse_reply(std::string_view(who.input.data(), who.received));
    if (!read || (*read && !who.was_sent)) {
      lose(index, read ? "an answer that nobody asked for" : read.error().message);
      return;
    }
    const int generation = who.generation;
    if (*read) {
      const reply answer = **read;
      who.received = 0;  // one request at a time: nothing follows
      who.was_sent = false;
      judge(index, answer);
    }
    if (generation == who.generation) {
      receive(index);
    }
  }

  void judge(std::size_t index, const reply& answer) {
    auto& who = *clients_[index];
    const auto now = clock::now();
    const auto verdict = work_.take_answer(index, answer, now - who.meant_at);
    if (verdict == workload::verdict::again && now - who.meant_at < settings_.patience) {
      ++outcome_.repeats;
      who.resume_at = now + repeat_pause;
    } else {
      if (verdict == workload::verdict::done) {
        if (who.meant_at >= begin_) {
          outcome_.latencies.record(now - who.meant_at);
        }
        outcome_.answers += now >= begin_ && now < end_ ? 1 : 0;
      } else {
        fail(fmt::format("status {}: {}", answer.status, answer.body.substr(0, 500)));
      }
      drop(index);
    }
    if (answer.closes) {
      connect(index);
    } else if (!who.has_request) {
      next(index);
    }
  }

  // The connection is gone. The request at hand goes out again over the next one, while there is patience.
  void lose(std::size_t index, const std::string& why) {
    auto& who = *clients_[index];
    const auto now = clock::now();
    if (outcome_.first_failure.empty() && !began_) {
      outcome_.first_failure = why;
    }
    if (who.has_request && now - who.meant_at >= settings_.patience) {
      fail(why);
      drop(index);
    } else if (who.has_request) {
      ++outcome_.repeats;
    }
    disconnect(who);
    std::erase(idle_, index);
    who.resume_at = now + repeat_pause;
  }

  void fail(std::string why) {
    ++outcome_.failures;
    if (outcome_.first_failure.empty()) {
      outcome_.first_failure = std::move(why);
    }
  }

  void drop(std::size_t index) {
    clients_[index]->has_request = false;
    --at_hand_;
  }

  void arrive() {
    const auto now = clock::now();
    std::exponential_distribution<double> gap_seconds(settings_.arrivals_per_second);
    while (next_arrival_ <= now && next_arrival_ < end_) {
      if (backlog_.size() >= backlog_max) {
        ++outcome_.unanswered;
      } else {
        backlog_.push_back(next_arrival_);
      }
      next_arrival_ += std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(gap_seconds(random_)));
    }
    while (!idle_.empty() && !backlog_.empty()) {
      const auto index = idle_.back();
      idle_.pop_back();
      next(index);
    }
    if (next_arrival_ < end_) {
      arrival_timer_.expires_at(next_arrival_);
      arrival_timer_.async_wait([this](error_code failed) {
        if (!failed) {
          arrive();
        }
      });
    }
  }

  void wait_for_tick() {
    auto at = clock::now() + tick_interval;
    if (began_ && !measured_) {
      at = std::min(at, measuring_ ? end_ : begin_);  // the marks are to be exact
    }
    tick_timer_.expires_at(at);
    tick_timer_.async_wait([this](error_code failed) {
      if (!failed) {
        tick();
      }
    });
  }

  // Everything that happens by the clock: deadlines, second tries, the marks, the end.
  void tick() {
    const auto now = clock::now();
    if (!began_ && (now >= connect_until_ || interrupted_)) {
      loop_.stop();
      return;
    }
    for (std::size_t index = 0; index < clients_.size(); ++index) {
      look_after(index, now);
    }
    if (began_) {
      if (interrupted_) {
        end_ = std::min(end_, now);
        backlog_.clear();
      }
      mark(now);
      const bool nothing_waits = at_hand_ == 0 && backlog_.empty();
      if (now >= end_ + settings_.answer_time_max + settings_.patience || (now >= end_ && nothing_waits)) {
        outcome_.unanswered += at_hand_ + backlog_.size();
        loop_.stop();
        return;
      }
    }
    wait_for_tick();
  }

  void look_after(std::size_t index, clock::time_point now) {
    auto& who = *clients_[index];
    const bool waits = who.was_sent || (!who.is_connected && who.resume_at == clock::time_point::max());
    if (waits && now >= who.attempt_ends_at) {
      lose(index, "no answer in time");
    } else if (now >= who.resume_at) {
      if (!who.is_connected) {
        connect(index);
      } else {
        send(index);
      }
    }
  }

  void mark(clock::time_point now) {
    if (!measuring_ && !measured_ && now >= begin_) {
      measuring_ = true;
      cpu_at_begin_ = thread_cpu_seconds();
      call(marks_.at_begin);
    }
    if (measuring_ && now >= end_) {
      measuring_ = false;
      measured_ = true;
      outcome_.seconds = std::chrono::duration<double>(end_ - begin_).count();
      outcome_.cpu_seconds = thread_cpu_seconds() - cpu_at_begin_;
      call(marks_.at_end);
    }
  }

  void call(void (*what)(void*)) const {
    if (what != nullptr) {
      what(marks_.context);
    }
  }

  const load_settings& settings_;
  workload& work_;
  const std::atomic<bool>& interrupted_;
  const load_marks& marks_;
  std::mt19937_64 random_;

  asio::io_context loop_{1};
  asio::steady_timer tick_timer_{loop_};
  asio::steady_timer arrival_timer_{loop_};
  std::vector<asio::ip::tcp::endpoint> doors_;
  std::vector<std::unique_ptr<client>> clients_;
  std::size_t connected_ = 0;
  std::size_t at_hand_ = 0;
  std::vector<std::size_t> idle_;          // open loop: connected, without a request
  std::deque<clock::time_point> backlog_;  // open loop: arrived, and no client was idle

  bool began_ = false;
  bool measuring_ = false;
  bool measured_ = false;
  clock::time_point connect_until_;
  clock::time_point begin_;
  clock::time_point end_;
  clock::time_point next_arrival_;
  double cpu_at_begin_ = 0;
  load_outcome outcome_;
};

}  // namespace

void append_request(
    std::string& out, std::string_view method, std::string_view target, std::string_view token, std::string_view body
) {
  fmt::format_to(
      std::back_inserter(out), "{} {} HTTP/1.1\r\nHost: meridian\r\nAuthorization: Bearer {}\r\n", method, target, token
  );
  if (!body.empty()) {
    fmt::format_to(
        std::back_inserter(out), "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", body.size(), body
    );
    return;
  }
  out += method == "GET" ? "\r\n" : "Content-Length: 0\r\n\r\n";
}

result<load_outcome> run_load(
    const load_settings& settings, workload& work, const std::atomic<bool>& interrupted, const load_marks& marks
) {
  if (settings.doors.empty() || settings.clients == 0 || settings.clients > 10'000) {
    return error{errc::invalid_argument, "a load needs a door and 1 to 10,000 clients", ""};
  }
  load_run load(settings, work, interrupted, marks);
  return load.run();
}

}  // namespace meridian::lab
