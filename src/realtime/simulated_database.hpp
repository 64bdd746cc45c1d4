// The simulation's database: channels, messages and their numbers, as sql/schema/messaging makes them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include <fmt/core.h>

#include "bus/event.hpp"

namespace meridian::realtime::sim {

struct message_row {
  std::int64_t id = 0;
  std::int64_t seq = 0;
  std::int64_t change_seq = 0;
  int version = 0;
};

struct channel_rows {
  std::int64_t change_seq = 0;
  std::int64_t last_seq = 0;
  std::map<std::int64_t, message_row> by_change_seq;
  std::map<std::int64_t, message_row> by_id;
};

struct page {
  std::vector<message_row> rows;
  std::int64_t change_seq = 0;
  std::int64_t last_seq = 0;
  bool is_complete = false;
};

// Commits take no time and are seen by whoever reads behind them.
class database {
 public:
  message_row post(std::int64_t channel_id) {
    auto& channel = channels[channel_id];
    message_row row{++ids_, ++channel.last_seq, ++channel.change_seq, 1};
    return put(channel, row);
  }
  std::optional<message_row> change(std::int64_t channel_id, std::size_t which) {
    auto& channel = channels[channel_id];
    if (channel.by_id.empty()) {
      return std::nullopt;
    }
    auto row = std::next(channel.by_id.begin(), static_cast<std::ptrdiff_t>(which % channel.by_id.size()))->second;
    channel.by_change_seq.erase(row.change_seq);
    row.change_seq = ++channel.change_seq;
    ++row.version;
    return put(channel, row);
  }
  // A number that no message gets.
  void waste(std::int64_t channel_id) { ++channels[channel_id].change_seq; }

  page list_changes(std::int64_t channel_id, std::int64_t after, std::size_t limit) {
    auto& channel = channels[channel_id];
    page told{{}, channel.change_seq, channel.last_seq, true};
    for (auto at = channel.by_change_seq.upper_bound(after); at != channel.by_change_seq.end(); ++at) {
      if (told.rows.size() == limit) {
        told.is_complete = false;
        break;
      }
      told.rows.push_back(at->second);
    }
    return told;
  }

  std::map<std::int64_t, channel_rows> channels;

 private:
  static message_row put(channel_rows& channel, const message_row& row) {
    channel.by_change_seq[row.change_seq] = row;
    channel.by_id[row.id] = row;
    return row;
  }

  std::int64_t ids_ = 0;
};

inline bus::shared_event event_of(std::int64_t channel_id, const message_row& row) {
  auto made = std::make_shared<bus::event>();
  made->what = row.version == 1 ? bus::event_kind::message : bus::event_kind::change;
  made->channel_id = channel_id;
  made->seq = row.version == 1 ? row.seq : 0;
  made->change_seq = row.change_seq;
  made->frame = fmt::format("{} {} {}", row.id, row.seq, row.version);
  return made;
}

inline message_row row_of(const bus::event& what) {
  message_row row;
  row.change_seq = what.change_seq;
  std::istringstream(what.frame) >> row.id >> row.seq >> row.version;
  return row;
}
}  // namespace meridian::realtime::sim
