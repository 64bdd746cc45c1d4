// Asks the database for what no event told.
#pragma once

#include <functional>

#include <boost/asio/steady_timer.hpp>

#include "messaging/message_service.hpp"
#include "realtime/board.hpp"
#include "realtime/hub_settings.hpp"

namespace meridian::realtime {

// Of one hub, on its lane; all that is given outlives it. One question a channel at a time, a bounded number in all;
// each has the rights of one of the channel's followers.
class catch_up {
 public:
  // `doubt` is called for a channel that its follower may not see.
  catch_up(
      boost::asio::any_io_executor lane, board& channels, messaging::message_service& messages,
      const hub_settings& settings, const hub_numbers& numbers, std::function<void(std::int64_t)> doubt
  );

  // To be called after anything that may have left a gap.
  void look();
  void stop();

 private:
  void ask_all_due();
  task<void> ask(question asked);
  changes changes_of(const question& asked, const messaging::message_page& page);

  boost::asio::any_io_executor lane_;
  board& board_;
  messaging::message_service& messages_;
  const hub_settings& settings_;
  const hub_numbers& numbers_;
  std::function<void(std::int64_t)> doubt_;
  boost::asio::steady_timer timer_;
  std::optional<board::clock::time_point> armed_for_;
  std::size_t under_way_ = 0;
  std::size_t turn_ = 0;  // whose rights are used next
  bool is_stopped_ = false;
};

}  // namespace meridian::realtime
