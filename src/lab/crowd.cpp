#include "lab/crowd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/interruption.hpp"

namespace meridian::lab {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr auto still_here_interval = 10s;
constexpr auto delivery_time_max = 10s;
constexpr useconds_t look_interval_us = 200;
constexpr std::size_t arrival_bytes = 256 << 10;
constexpr std::size_t words_kept = 4'000;  // of what a member has heard, to find the awaited text and to tell

error system_error(std::string_view doing) {
  return {errc::unavailable, fmt::format("can't {}: {}", doing, std::strerror(errno)), ""};
}

// Who speaks soon after it has heard something is taken for one half of a dialogue: the kernel then puts off its
// acknowledgements (tcp(7), TCP_QUICKACK), and on one machine the server's next send pays for them instead of the
// member's recv.
void answer_at_once(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size())) {
    ++count;
  }
  return count;
}

}  // namespace

struct crowd::member {
  member() = default;
  member(const member&) = delete;
  member& operator=(const member&) = delete;
  ~member() {
    if (socket >= 0) {
      ::close(socket);
    }
  }

  bool has_joined() const { return step == script.size(); }

  int socket = -1;
  crowd_script script;
  std::size_t step = 0;
  std::string heard;  // while joining, and always of a speaker
  bool is_speaker = false;
};

struct crowd::speech {
  const crowd_speakers& speakers;
  std::size_t in_flight;
  std::uint64_t published = 0;
  std::uint64_t delivered_before = 0;  // marks heard when it began
  std::uint64_t accepted_before = 0;
  clock::time_point moved_at = clock::now();
};

crowd::crowd(crowd_settings settings, const std::atomic<bool>& interrupted)
    : settings_(std::move(settings)), interrupted_(interrupted), arrivals_(arrival_bytes) {}

crowd::~crowd() {
  members_.clear();
  speakers_.clear();
  if (poll_ >= 0) {
    ::close(poll_);
  }
}

result<std::unique_ptr<crowd>> crowd::gather(crowd_settings settings, const std::atomic<bool>& interrupted) {
  std::unique_ptr<crowd> made(new crowd(std::move(settings), interrupted));
  made->poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (made->poll_ < 0) {
    return system_error("make an epoll");
  }
  made->said_still_here_at_ = clock::now();
  MERIDIAN_CHECK(made->join_all());
  return made;
}

result<void> crowd::join_all() {
  const auto until = clock::now() + settings_.joining_time_max;
  while (members_.size() < settings_.members || joining_ > 0) {
    while (members_.size() < settings_.members && joining_ < settings_.joining_max) {
      auto& added = members_.emplace_back(std::make_unique<member>());
      MERIDIAN_CHECK(open(*added, settings_.script(members_.size() - 1)));
    }
    MERIDIAN_CHECK(turn());
    if (clock::now() > until) {
      const auto late = std::ranges::find_if(members_, [](const auto& one) { return !one->has_joined(); });
      return error{
          errc::timed_out,
          fmt::format(
              "{} of {} have joined in time; one has heard: {}", members_.size() - joining_, settings_.members,
              late == members_.end() ? "" : (*late)->heard
          ),
          ""
      };
    }
  }
  return {};
}

result<void> crowd::open(member& one, crowd_script script) {
  one.script = std::move(script);
  one.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (one.socket < 0) {
    return system_error("make a socket");
  }
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(settings_.where.port);
  ::inet_pton(AF_INET, settings_.where.address.c_str(), &where.sin_addr);
  if (::connect(one.socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    return system_error(fmt::format("connect to port {}", settings_.where.port));
  }
  const int yes = 1;
  ::setsockopt(one.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.ptr = &one;
  if (::epoll_ctl(poll_, EPOLL_CTL_ADD, one.socket, &interest) != 0) {
    return system_error("watch a socket");
  }
  joining_ += one.has_joined() ? 0 : 1;
  return go_on(one);
}

// As far as what was heard allows.
result<void> crowd::go_on(member& one) {
  while (!one.has_joined()) {
    const auto& next = one.script[one.step];
    const auto at = one.heard.find(next.awaited);
    if (at == std::string::npos) {
      return {};
    }
    one.heard.erase(0, at + next.awaited.size());
    MERIDIAN_CHECK(say(one, next.said));
    if (++one.step == one.script.size()) {
      --joining_;
      one.script = {};
      one.step = 0;
      one.heard = {};
    }
  }
  return {};
}

// A server that does not read would block us: then there is nothing to measure.
result<void> crowd::say(member& one, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto count = ::send(one.socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (count < 0) {
      return system_error("send");
    }
    at += static_cast<std::size_t>(count);
  }
  return {};
}

result<void> crowd::hear(member& one) {
  const auto count = ::recv(one.socket, arrivals_.data(), arrivals_.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    return {};
  }
  if (count <= 0) {
    return error{errc::unavailable, "a connection was cut off; it had heard: " + one.heard, ""};
  }
  const std::string_view bytes(arrivals_.data(), static_cast<std::size_t>(count));
  if (!one.has_joined()) {
    one.heard.append(bytes);
    return go_on(one);
  }
  if (!one.is_speaker) {
    marks_heard_ += static_cast<std::uint64_t>(std::ranges::count(bytes, crowd_mark));
    return {};
  }
  // What belongs to an answer that is not whole stays.
  one.heard.append(bytes);
  if (!accepted_text_.empty()) {
    const auto found = count_of(one.heard, accepted_text_);
    accepted_ += found;
    if (found > 0) {
      one.heard.erase(0, one.heard.rfind(accepted_text_) + accepted_text_.size());
    }
  }
  if (one.heard.size() > words_kept) {
    one.heard.erase(0, one.heard.size() - words_kept);
  }
  return {};
}

// A server in the field wakes no client up: they sleep on machines of their own. Here it would pay for that with every
// delivery, the more often the slower it is. So the crowd is not woken but looks now and then.
result<void> crowd::turn() {
  std::array<epoll_event, 256> ready{};
  if (interrupted_) {
    return check_interruption();
  }
  const int count = ::epoll_wait(poll_, ready.data(), ready.size(), 0);
  if (count <= 0) {
    ::usleep(look_interval_us);
  }
  for (int at = 0; at < count; ++at) {
    MERIDIAN_CHECK(hear(*static_cast<member*>(ready.at(static_cast<std::size_t>(at)).data.ptr)));
  }
  return clock::now() - said_still_here_at_ > still_here_interval ? greet() : result<void>();
}

result<void> crowd::greet() {
  said_still_here_at_ = clock::now();
  for (const auto& one : members_) {
    if (one->has_joined() && !settings_.still_here.empty()) {
      MERIDIAN_CHECK(say(*one, settings_.still_here));
      answer_at_once(one->socket);
    }
  }
  return {};
}

result<void> crowd::rest(std::chrono::milliseconds duration) {
  const auto until = clock::now() + duration;
  while (clock::now() < until) {
    MERIDIAN_CHECK(turn());
  }
  return {};
}

// As many as are to be on their way.
result<void> crowd::speak(speech& held) {
  const auto arrived = (marks_heard_ - held.delivered_before) / members_.size();
  while (held.published - arrived < held.in_flight) {
    auto& speaker = *speakers_[held.published % speakers_.size()];
    MERIDIAN_CHECK(say(speaker, held.speakers.message(held.published)));
    ++held.published;
    held.moved_at = clock::now();
  }
  if (clock::now() - held.moved_at > delivery_time_max) {
    return error{
        errc::internal,
        fmt::format(
            "{} messages are not delivered: {} of {} deliveries; a speaker has heard: {}", held.published,
            marks_heard_ - held.delivered_before, held.published * members_.size(), speakers_.front()->heard
        ),
        ""
    };
  }
  return {};
}

result<crowd_outcome> crowd::listen(
    const crowd_speakers& speakers, std::size_t in_flight, std::chrono::milliseconds warm_up,
    std::chrono::milliseconds duration, const load_marks& marks
) {
  accepted_text_ = speakers.accepted;
  speakers_.clear();
  for (std::size_t count = 0; count < speakers.connections; ++count) {
    auto& added = speakers_.emplace_back(std::make_unique<member>());
    added->is_speaker = true;
    MERIDIAN_CHECK(open(*added, speakers.script));
  }
  const auto joined_until = clock::now() + delivery_time_max;
  while (joining_ > 0 && clock::now() < joined_until) {
    MERIDIAN_CHECK(turn());
  }
  if (joining_ > 0) {
    return error{errc::timed_out, "a speaker can't join; it has heard: " + speakers_.front()->heard, ""};
  }
  speech held{speakers, in_flight};
  held.delivered_before = marks_heard_;
  held.accepted_before = accepted_;
  const auto began_at = clock::now() + warm_up;
  while (clock::now() < began_at) {
    MERIDIAN_CHECK(speak(held));
    MERIDIAN_CHECK(turn());
  }
  crowd_outcome found;
  const auto heard_before = marks_heard_;
  const auto published_before = held.published;
  const auto started_at = clock::now();
  marks.at_begin(marks.context);
  while (clock::now() < started_at + duration) {
    MERIDIAN_CHECK(speak(held));
    MERIDIAN_CHECK(turn());
  }
  marks.at_end(marks.context);
  found.seconds = std::chrono::duration<double>(clock::now() - started_at).count();
  found.deliveries = marks_heard_ - heard_before;
  found.published = held.published - published_before;
  const auto expected = held.delivered_before + held.published * members_.size();
  const auto last_until = clock::now() + delivery_time_max;
  const auto is_whole = [&] {
    return marks_heard_ >= expected && (accepted_text_.empty() || accepted_ - held.accepted_before >= held.published);
  };
  while (!is_whole() && clock::now() < last_until) {
    MERIDIAN_CHECK(turn());
  }
  if (marks_heard_ != expected || !is_whole()) {
    return error{
        errc::internal,
        fmt::format(
            "{} messages to {} members: {} deliveries, {} accepted; a speaker has heard: {}", held.published,
            members_.size(), marks_heard_ - held.delivered_before, accepted_ - held.accepted_before,
            speakers_.front()->heard
        ),
        ""
    };
  }
  return found;
}

}  // namespace meridian::lab
