#include "realtime/catch_up.hpp"

#include <boost/asio/co_spawn.hpp>

#include "realtime/live_client.hpp"
#include "realtime/server_frame.hpp"

namespace meridian::realtime {

namespace asio = boost::asio;

catch_up::catch_up(
    asio::any_io_executor lane, board& channels, messaging::message_service& messages, const hub_settings& settings,
    const hub_numbers& numbers, std::function<void(std::int64_t)> doubt
)
    : lane_(lane),
      board_(channels),
      messages_(messages),
      settings_(settings),
      numbers_(numbers),
      doubt_(std::move(doubt)),
      timer_(lane) {}

void catch_up::look() {
  const auto due = board_.due();
  if (is_stopped_ || !due || under_way_ >= settings_.questions_max || (armed_for_ && *armed_for_ <= *due)) {
    return;
  }
  armed_for_ = due;
  timer_.expires_at(*due);
  timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed && !is_stopped_) {
      armed_for_.reset();
      ask_all_due();
    }
  });
}

void catch_up::stop() {
  is_stopped_ = true;
  timer_.cancel();
}

void catch_up::ask_all_due() {
  for (const auto& asked : board_.begin_questions(board::clock::now(), settings_.questions_max - under_way_)) {
    ++under_way_;
    numbers_.questions.add();
    asio::co_spawn(lane_, ask(asked), [](const std::exception_ptr& thrown, const result<void>&) {
      if (thrown) {
        std::rethrow_exception(thrown);
      }
    });
  }
  look();
}

task<void> catch_up::ask(question asked) {
  const auto* channel = board_.find(asked.channel_id);
  if (channel != nullptr) {
    const auto& readers = channel->followers.members();
    const auto* reader = static_cast<const live_client*>(readers[turn_++ % readers.size()]);
    const auto page = co_await messages_.list_changes(
        asked.channel_id, reader->profile_id, asked.after_change_seq, settings_.question_size,
        deadline::in(settings_.question_time_max)
    );
    if (page) {
      board_.on_changes(asked, changes_of(asked, *page), board::clock::now());
    } else {
      board_.on_failure(asked, board::clock::now());
      if (page.error().code == errc::not_found) {
        doubt_(asked.channel_id);
      }
    }
  }
  --under_way_;
  look();
  co_return result<void>();
}

changes catch_up::changes_of(const question& asked, const messaging::message_page& page) {
  changes told;
  told.change_seq = page.channel_change_seq;
  told.last_seq = page.channel_last_seq;
  told.is_complete = page.messages.size() < settings_.question_size;
  const auto new_behind = board_.new_behind_seq(asked).value_or(0);
  for (const auto& one : page.messages) {
    const bool is_new = one.seq > new_behind;
    auto made = std::make_shared<bus::event>();
    made->what = is_new ? bus::event_kind::message : bus::event_kind::change;
    made->channel_id = one.channel_id;
    made->seq = is_new ? one.seq : 0;
    made->change_seq = one.change_seq;
    made->frame = message_json(one, *page.home, is_new);
    told.events.push_back(std::move(made));
  }
  numbers_.recovered.add(static_cast<double>(told.events.size()));
  return told;
}

}  // namespace meridian::realtime
