// What a client does with its frames.
#include <algorithm>

#include <fmt/core.h>

#include "realtime/simulation.hpp"

namespace meridian::realtime::sim {

void client::connect() {
  server_ = static_cast<int>(world_.below(world_.servers.size()));
  auto& chosen = *world_.servers[static_cast<std::size_t>(server_)];
  if (!chosen.is_alive()) {
    server_ = -1;
    world_.at(world_.between(20, 300), [this] {
      if (server_ < 0) {
        connect();
      }
    });
    return;
  }
  auto opened = std::make_shared<connection>();
  opened->client = number_;
  opened->number = ++world_.connection_numbers;
  connection_number_ = opened->number;
  for (auto& [id, state] : channels_) {
    state.later.clear();
    state.is_asking = false;
    state.framed = 0;
  }
  chosen.open(opened);
}

void client::disconnect() {
  if (server_ >= 0) {
    world_.servers[static_cast<std::size_t>(server_)]->close(connection_number_);
    world_.pipes.erase(connection_number_);
  }
  server_ = -1;
  connection_number_ = 0;
}

void client::restart() {
  disconnect();
  channels_.clear();
}

void client::on_frame(std::uint64_t connection_number, const frame& what) {
  if (connection_number != connection_number_) {
    return;
  }
  if (what.what == frame::kind::hello) {
    for (const auto& [id, head] : what.heads) {
      auto& state = channels_[id];
      state.framed = head;
      state.missed_to = head;
      catch_up(id);
    }
    return;
  }
  auto& state = channels_[what.channel_id];
  if (what.what == frame::kind::gap) {
    state.framed = std::max(state.framed, what.change_seq);
    state.missed_to = std::max(state.missed_to, what.change_seq);
    catch_up(what.channel_id);
    return;
  }
  if (what.change_seq <= state.framed) {
    world_.fail(fmt::format("channel {}: {} came behind {}", what.channel_id, what.change_seq, state.framed));
  }
  state.framed = what.change_seq;
  if (state.mine < state.missed_to) {
    state.later.push_back(row_of(*what.event));
  } else {
    apply(what.channel_id, state, row_of(*what.event));
  }
}

void client::catch_up(std::int64_t channel_id) {
  auto& state = channels_[channel_id];
  if (state.is_asking || state.mine >= state.missed_to) {
    return;
  }
  state.is_asking = true;
  auto found = std::make_shared<page>();
  const auto number = connection_number_;
  world_.read(
      server_,
      [this, channel_id, found, after = state.mine] {
        *found = world_.rows.list_changes(channel_id, after, world_.page_limit);
      },
      [this, channel_id, found, number](bool answered) {
        if (number == connection_number_) {
          channels_[channel_id].is_asking = false;
          if (answered) {
            on_page(channel_id, number, *found);
          }
          world_.at(milliseconds(answered ? 0 : 100), [this, channel_id, number] {
            if (number == connection_number_) {
              catch_up(channel_id);
            }
          });
        }
      }
  );
}

void client::on_page(std::int64_t channel_id, std::uint64_t, const page& found) {
  auto& state = channels_[channel_id];
  for (const auto& row : found.rows) {
    apply(channel_id, state, row);
  }
  if (found.is_complete) {
    state.mine = std::max(state.mine, found.change_seq);
  }
  while (state.mine >= state.missed_to && !state.later.empty()) {
    apply(channel_id, state, state.later.front());
    state.later.pop_front();
  }
}

void client::apply(std::int64_t channel_id, channel_state& state, const message_row& row) {
  if (row.change_seq <= state.mine) {
    return;
  }
  state.messages[row.id] = row;
  state.mine = row.change_seq;
  check_complete(channel_id, state);
}

// Whoever is at n has every message that did not change behind n.
void client::check_complete(std::int64_t channel_id, const channel_state& state) {
  for (const auto& [id, row] : world_.rows.channels[channel_id].by_id) {
    if (row.change_seq > state.mine) {
      continue;
    }
    const auto held = state.messages.find(id);
    if (held == state.messages.end() || held->second.change_seq != row.change_seq ||
        held->second.version != row.version) {
      world_.fail(fmt::format(
          "client {} is at {} of channel {} without message {} of {}", number_, state.mine, channel_id, id,
          row.change_seq
      ));
    }
  }
}

void client::check_end() {
  for (const auto& [channel_id, channel] : world_.rows.channels) {
    auto& state = channels_[channel_id];
    if (state.messages.size() != channel.by_id.size()) {
      world_.fail(fmt::format(
          "client {} ends with {} messages of channel {} instead of {}", number_, state.messages.size(), channel_id,
          channel.by_id.size()
      ));
    }
    state.mine = channel.change_seq;
    check_complete(channel_id, state);
  }
}

}  // namespace meridian::realtime::sim
