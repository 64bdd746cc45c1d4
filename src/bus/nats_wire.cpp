#include "bus/nats_wire.hpp"

#include <atomic>
#include <charconv>
#include <deque>
#include <random>
#include <thread>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>
#include <nats/nats.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.hpp"
#include "bus/event_codec.hpp"
#include "bus/process_bus.hpp"
#include "runtime/deadline.hpp"

namespace meridian::bus {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view room = "bus";

// Of one subscription, not handed over by the library's thread, which only decodes.
constexpr int pending_events_max = 8192;
constexpr int pending_bytes_max = 16 << 20;

constexpr auto connect_time_max = 2000ms;
constexpr auto write_time_max = 2000ms;
constexpr auto unwinding_time_max = 5s;
constexpr auto again_after_refusal = 2s;  // the server closed the connection for good: another password, perhaps

// Sent in one turn of the wire's thread: subscriptions get their turn between.
constexpr std::size_t events_a_turn_max = 256;

// Of messages about malformed events, so that a log does not fill.
constexpr std::uint64_t refusals_a_line = 1000;

// No topic's.
constexpr std::string_view beat_subject = "beat";

// Processes whose last beat is known; beyond it all are forgotten, which costs a comparison.
constexpr std::size_t beating_max = 10'000;

struct free_options {
  void operator()(natsOptions* owned) const { natsOptions_Destroy(owned); }
};

}  // namespace

// Members without a remark are the wire's thread's.
struct nats_wire::native {
  native(process_bus& its_lanes, nats_settings its_settings)
      : lanes(its_lanes), settings(std::move(its_settings)), outbox(settings.waiting) {}

  struct subscription {
    std::uint32_t lane_count = 0;
    natsSubscription* made = nullptr;  // none without a connection
  };

  void run();
  void stop();
  void connect();
  void connect_later();
  natsStatus set_options(natsOptions* options);
  void subscribe(const std::string& subject, subscription& to);
  void unsubscribe(subscription& from);
  void forget_connection();
  void send_waiting();
  void publish(const event& what);
  void beat_always();
  void beat();
  std::string subject_of(const topic& which) const { return settings.prefix + "." + to_string(which); }

  // On the library's threads.
  void on_connected();
  void on_disconnected();
  void on_closed();
  void on_error(natsStatus what);
  void take(std::string_view subject, std::string_view octets);
  void take_beat(std::string_view octets);
  void refuse(std::string_view why);

  process_bus& lanes;            // constant
  const nats_settings settings;  // constant
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
  asio::steady_timer again{loop};
  natsConnection* connection = nullptr;
  std::unordered_map<topic, subscription, topic_hash> followed;
  std::deque<shared_event> taken;
  std::thread thread;

  const std::uint64_t sender = std::random_device()();  // constant
  asio::steady_timer next_beat{loop};
  subscription beats;
  std::uint64_t beat_number = 0;
  std::uint64_t lost_before = 0;  // as of the last beat

  // The thread's that takes events: the library has one for all of them.
  std::unordered_map<std::uint64_t, std::uint64_t> beats_heard;  // the last number of each sender

  inbox outbox;                        // any thread's, and so all below
  std::atomic<bool> is_woken = false;  // a send_waiting() is posted
  std::atomic<bool> is_connected = false;
  std::atomic<bool> is_stopping = false;
  std::atomic<std::size_t> open_count = 0;  // connections and subscriptions that the library may call back from
  std::atomic<std::uint64_t> published = 0;
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> lost = 0;
  std::atomic<std::uint64_t> connects = 0;
  std::atomic<std::chrono::steady_clock::time_point> connected_at{};
};

namespace {

// What the library calls back with.
template <class Native>
Native& native_of(void* closure) {
  return *static_cast<Native*>(closure);
}

}  // namespace

void nats_wire::native::run() {
  connect();
  beat_always();
  loop.run();
  nats_ReleaseThreadMemory();
}

natsStatus nats_wire::native::set_options(natsOptions* options) {
  const auto url = fmt::format(
      fmt::runtime(settings.address.find(':') == std::string::npos ? "nats://{}:{}" : "nats://[{}]:{}"),
      settings.address, settings.port
  );
  const std::initializer_list<natsStatus> done{
      natsOptions_SetURL(options, url.c_str()),
      natsOptions_SetUserInfo(options, settings.account.c_str(), settings.password.c_str()),
      natsOptions_SetName(options, settings.name.c_str()),
      natsOptions_SetSecure(options, !settings.authority.empty()),
      settings.authority.empty() ? NATS_OK : natsOptions_LoadCATrustedCertificates(options, settings.authority.c_str()),
      natsOptions_SetNoEcho(options, true),
      natsOptions_SetIgnoreDiscoveredServers(options, true),
      natsOptions_UseGlobalMessageDelivery(options, true),
      natsOptions_SetTimeout(options, std::chrono::milliseconds(connect_time_max).count()),
      natsOptions_SetWriteDeadline(options, std::chrono::milliseconds(write_time_max).count()),
      natsOptions_SetPingInterval(options, settings.ping_interval.count()),
      natsOptions_SetMaxPingsOut(options, 2),
      natsOptions_SetMaxReconnect(options, -1),
      natsOptions_SetReconnectWait(options, settings.retry_interval.count()),
      natsOptions_SetReconnectJitter(options, settings.retry_jitter.count(), settings.retry_jitter.count()),
      natsOptions_SetReconnectBufSize(options, 1),
      natsOptions_SetMaxPendingMsgs(options, pending_events_max),
      natsOptions_SetRetryOnFailedConnect(
          options, true, [](natsConnection*, void* self) { native_of<native>(self).on_connected(); }, this
      ),
      natsOptions_SetReconnectedCB(
          options, [](natsConnection*, void* self) { native_of<native>(self).on_connected(); }, this
      ),
      natsOptions_SetDisconnectedCB(
          options, [](natsConnection*, void* self) { native_of<native>(self).on_disconnected(); }, this
      ),
      natsOptions_SetClosedCB(
          options, [](natsConnection*, void* self) { native_of<native>(self).on_closed(); }, this
      ),
      natsOptions_SetErrorHandler(
          options,
          [](natsConnection*, natsSubscription*, natsStatus what, void* self) {
            native_of<native>(self).on_error(what);
          },
          this
      ),
  };
  for (const auto one : done) {
    if (one != NATS_OK) {
      return one;
    }
  }
  return NATS_OK;
}

void nats_wire::native::connect() {
  natsOptions* made = nullptr;
  auto status = natsOptions_Create(&made);
  const std::unique_ptr<natsOptions, free_options> options(made);
  if (status == NATS_OK) {
    status = set_options(options.get());
  }
  if (status == NATS_OK) {
    ++open_count;
    status = natsConnection_Connect(&connection, options.get());
    if (connection == nullptr) {
      --open_count;
    }
  }
  if (connection == nullptr) {
    log::warning(room, "can't reach the bus on {}:{}: {}", settings.address, settings.port, natsStatus_GetText(status));
    connect_later();
    return;
  }
  subscribe(settings.prefix + "." + std::string(beat_subject), beats);
  for (auto& [which, one] : followed) {
    subscribe(subject_of(which), one);
  }
  if (status == NATS_OK) {
    on_connected();
    // It may have been lost already, and that told before.
    is_connected = natsConnection_Status(connection) == NATS_CONN_STATUS_CONNECTED;
  }
}

void nats_wire::native::connect_later() {
  if (is_stopping) {
    return;
  }
  again.expires_after(again_after_refusal);
  again.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped) {
      connect();
    }
  });
}

void nats_wire::native::subscribe(const std::string& subject, subscription& to) {
  if (connection == nullptr) {
    return;
  }
  const auto handle = [](natsConnection*, natsSubscription*, natsMsg* message, void* self) {
    const std::string_view octets(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)));
    native_of<native>(self).take(natsMsg_GetSubject(message), octets);
    natsMsg_Destroy(message);
  };
  const auto status = natsConnection_Subscribe(&to.made, connection, subject.c_str(), handle, this);
  if (status != NATS_OK) {
    to.made = nullptr;  // the connection is closed, and will be made anew with all of these
    return;
  }
  ++open_count;
  natsSubscription_SetPendingLimits(to.made, pending_events_max, pending_bytes_max);
  const auto ended = [](void* self) { --native_of<native>(self).open_count; };
  if (natsSubscription_SetOnCompleteCB(to.made, ended, this) != NATS_OK) {
    --open_count;  // closed already
  }
}

void nats_wire::native::unsubscribe(subscription& from) {
  if (auto* made = std::exchange(from.made, nullptr)) {
    natsSubscription_Unsubscribe(made);
    natsSubscription_Destroy(made);
  }
}

void nats_wire::native::forget_connection() {
  unsubscribe(beats);
  for (auto& [which, one] : followed) {
    unsubscribe(one);
  }
  if (auto* made = std::exchange(connection, nullptr)) {
    natsConnection_Destroy(made);
  }
}

void nats_wire::native::stop() {
  is_stopping = true;
  asio::post(loop, [this] {
    again.cancel();
    next_beat.cancel();
    forget_connection();
    work.reset();
  });
  thread.join();
}

void nats_wire::native::send_waiting() {
  // Before the look, as in lane_bus::drain.
  is_woken = false;
  outbox.take(taken);
  for (std::size_t sent = 0; sent < events_a_turn_max && !taken.empty(); ++sent) {
    const auto next = std::move(taken.front());
    taken.pop_front();
    publish(*next);
    outbox.release(*next);
  }
  if (!taken.empty() && !is_woken.exchange(true)) {
    asio::post(loop, [this] { send_waiting(); });
  }
}

void nats_wire::native::publish(const event& what) {
  const auto octets = is_connected ? encode(what) : std::nullopt;
  const auto status =
      octets ? natsConnection_Publish(
                   connection, subject_of(topic_of(what)).c_str(), octets->data(), static_cast<int>(octets->size())
               )
             : NATS_CONNECTION_DISCONNECTED;
  ++(status == NATS_OK ? published : lost);
}

void nats_wire::native::beat_always() {
  next_beat.expires_after(settings.beat_interval);
  next_beat.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped && !is_stopping) {
      beat();
      beat_always();
    }
  });
}

// A number is left out for what was lost here since the last one.
void nats_wire::native::beat() {
  const auto lost_now = lost.load();
  beat_number += lost_now == lost_before ? 1 : 2;
  lost_before = lost_now;
  if (is_connected) {
    const auto subject = settings.prefix + "." + std::string(beat_subject);
    natsConnection_PublishString(connection, subject.c_str(), fmt::format("{} {}", sender, beat_number).c_str());
  }
}

// The first one of a process that begins is 1; one that is heard with another number was not heard before.
void nats_wire::native::take_beat(std::string_view octets) {
  std::uint64_t from = 0;
  std::uint64_t number = 0;
  const auto* const end = octets.data() + octets.size();
  const auto first = std::from_chars(octets.data(), end, from);
  const bool has_both = first.ec == std::errc() && first.ptr != end && *first.ptr == ' ' &&
                        std::from_chars(first.ptr + 1, end, number).ec == std::errc();
  if (!has_both) {
    refuse("a beat came that is none");
    return;
  }
  if (beats_heard.size() >= beating_max) {
    beats_heard.clear();
  }
  auto& last = beats_heard[from];
  const bool is_next = number == std::exchange(last, number) + 1;
  // Of what was missed before the connection was made, the lanes know.
  const bool is_settled = std::chrono::steady_clock::now() - connected_at.load() > 2 * settings.beat_interval;
  if (!is_next && is_settled) {
    lanes.announce_loss();
  }
}

void nats_wire::native::on_connected() {
  is_connected = true;
  connected_at = std::chrono::steady_clock::now();
  ++connects;
  log::info(room, "connected to the bus on {}:{}", settings.address, settings.port);
  lanes.announce_loss();
}

void nats_wire::native::on_disconnected() {
  if (is_connected.exchange(false) && !is_stopping) {
    log::warning(room, "lost the bus on {}:{}; trying again", settings.address, settings.port);
  }
}

void nats_wire::native::on_closed() {
  is_connected = false;
  --open_count;
  if (is_stopping) {
    return;
  }
  asio::post(loop, [this] {
    forget_connection();
    connect_later();
  });
}

void nats_wire::native::on_error(natsStatus what) {
  if (what == NATS_SLOW_CONSUMER) {
    lanes.announce_loss();
    return;
  }
  log::warning(room, "the bus on {}:{} says: {}", settings.address, settings.port, natsStatus_GetText(what));
}

void nats_wire::native::take(std::string_view subject, std::string_view octets) {
  const auto is_ours = subject.size() > settings.prefix.size() && subject.starts_with(settings.prefix);
  const auto named = subject.substr(is_ours ? settings.prefix.size() + 1 : subject.size());
  if (named == beat_subject) {
    take_beat(octets);
    return;
  }
  const auto via = parse_topic(named);
  if (!via) {
    refuse("an event came on a subject that nobody follows");
    return;
  }
  auto read = decode(octets, *via);
  if (!read) {
    refuse(read.error().message);
    return;
  }
  ++received;
  lanes.deliver(std::make_shared<const event>(std::move(*read)));
}

// It was something, perhaps of a newer version: the lanes find out what.
void nats_wire::native::refuse(std::string_view why) {
  if (refused++ % refusals_a_line == 0) {
    log::warning(room, "{} ({} until now)", why, refused.load());
  }
  lanes.announce_loss();
}

nats_wire::nats_wire(process_bus& lanes, nats_settings set) : native_(std::make_unique<native>(lanes, std::move(set))) {
  nats_Open(-1);
  nats_SetMessageDeliveryPoolSize(1);
  native_->thread = std::thread([wire = native_.get()] { wire->run(); });
}

nats_wire::~nats_wire() {
  native_->stop();
  const auto until = deadline::in(unwinding_time_max);
  while (native_->open_count > 0 && !until.passed()) {
    static_cast<void>(run(pause(1ms)));
  }
  if (native_->open_count > 0) {
    // Better kept for good than gone while a thread of the library is in it.
    log::error(room, "the connection to the bus does not end");
    static_cast<void>(native_.release());
  }
}

void nats_wire::follow(const topic& which) {
  asio::post(native_->loop, [wire = native_.get(), which] {
    auto& one = wire->followed[which];
    if (one.lane_count++ == 0) {
      wire->subscribe(wire->subject_of(which), one);
    }
  });
}

void nats_wire::unfollow(const topic& which) {
  asio::post(native_->loop, [wire = native_.get(), which] {
    const auto found = wire->followed.find(which);
    if (found != wire->followed.end() && --found->second.lane_count == 0) {
      wire->unsubscribe(found->second);
      wire->followed.erase(found);
    }
  });
}

void nats_wire::send(const topic& /*which*/, const shared_event& what) {
  auto& wire = *native_;
  if (!wire.is_connected || !wire.outbox.put(what)) {
    ++wire.lost;
    return;
  }
  if (!wire.is_woken.exchange(true)) {
    asio::post(wire.loop, [&wire] { wire.send_waiting(); });
  }
}

wire_counters nats_wire::observe() const {
  wire_counters now;
  now.is_connected = native_->is_connected;
  now.published = native_->published;
  now.received = native_->received;
  now.refused = native_->refused;
  now.lost = native_->lost;
  now.connects = native_->connects;
  return now;
}

}  // namespace meridian::bus
