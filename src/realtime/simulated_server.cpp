// What a server does with its board.
#include <algorithm>

#include "realtime/simulation.hpp"

namespace meridian::realtime::sim {

void server::start() {
  ++life_;
  board_ = std::make_unique<board>(*this, world_.rules);
  armed_.reset();
}

void server::die() {
  board_.reset();
  connections_.clear();
  fresh_.clear();
}

void server::open(std::shared_ptr<connection> who) {
  connections_[who->number] = who;
  auto places = std::make_shared<std::vector<place>>();
  world_.read(
      number_,
      [this, places] {
        for (const auto id : world_.channel_ids) {
          const auto& channel = world_.rows.channels[id];
          place one;
          one.channel_id = id;
          one.change_seq = channel.change_seq;
          one.last_seq = channel.last_seq;
          places->push_back(one);
        }
      },
      [this, who, places, life = life_](bool answered) {
        if (board_ && life == life_ && connections_.contains(who->number)) {
          if (answered) {
            greet(who, *places);
          } else {
            auto& reader = *world_.clients[static_cast<std::size_t>(who->client)];
            close(who->number);
            world_.at(milliseconds(100), [&reader] {
              reader.disconnect();
              reader.connect();
            });
          }
        }
      }
  );
}

void server::greet(std::shared_ptr<connection> who, std::vector<place> places) {
  frame hello;
  hello.what = frame::kind::hello;
  for (const auto& one : places) {
    const auto begun = board_->follow(one, *who, world_.now);
    hello.heads[one.channel_id] = world_.planted == bug::hello_tells_the_database ? one.change_seq : begun.change_seq;
  }
  who->is_greeted = true;
  world_.pipes[who->number].push_back(hello);
  arm();
  world_.at(milliseconds(100), [this, life = life_] {
    if (board_ && life == life_ && !fresh_.empty()) {
      compare();
    }
  });
}

void server::close(std::uint64_t connection_number) {
  const auto found = connections_.find(connection_number);
  if (found == connections_.end()) {
    return;
  }
  for (const auto id : world_.channel_ids) {
    board_->unfollow(id, *found->second);
  }
  connections_.erase(found);
}

void server::on_event(const bus::shared_event& what) {
  if (!board_) {
    return;
  }
  if (world_.planted == bug::events_go_out_as_they_come) {
    if (auto* channel = board_->find(what->channel_id)) {
      deliver(*channel, what);
    }
    return;
  }
  board_->on_event(what, world_.now);
  if (world_.planted == bug::repeats_are_delivered && what->change_seq % 7 == 0) {
    if (auto* channel = board_->find(what->channel_id)) {
      deliver(*channel, what);
    }
  }
  arm();
}

void server::compare() {
  if (world_.planted == bug::counters_are_not_compared) {
    return;
  }
  fresh_.clear();
  auto counters = std::make_shared<std::map<std::int64_t, std::int64_t>>();
  world_.read(
      number_,
      [this, counters] {
        for (const auto id : world_.channel_ids) {
          (*counters)[id] = world_.rows.channels[id].change_seq;
        }
      },
      [this, counters, life = life_](bool answered) {
        if (answered && board_ && life == life_) {
          for (const auto& [id, change_seq] : *counters) {
            board_->on_counter(id, change_seq, world_.now);
          }
          arm();
        }
      }
  );
}

void server::arm() {
  const auto due = board_->due();
  if (!due || (armed_ && *armed_ <= *due)) {
    return;
  }
  armed_ = std::max(*due, world_.now);
  world_.at(std::chrono::ceil<milliseconds>(*armed_ - world_.now), [this, life = life_] {
    if (board_ && life == life_) {
      armed_.reset();
      for (const auto& asked : board_->begin_questions(world_.now, 2)) {
        ask(asked);
      }
      arm();
    }
  });
}

void server::ask(const question& asked) {
  auto found = std::make_shared<page>();
  world_.read(
      number_,
      [this, asked, found] {
        *found = world_.rows.list_changes(asked.channel_id, asked.after_change_seq, world_.page_limit);
      },
      [this, asked, found, life = life_](bool answered) {
        if (board_ && life == life_) {
          if (answered) {
            answer(asked, *found);
          } else {
            board_->on_failure(asked, world_.now);
          }
          arm();
        }
      }
  );
}

void server::answer(const question& asked, const page& found) {
  changes told;
  told.change_seq = found.change_seq;
  told.last_seq = found.last_seq;
  told.is_complete = found.is_complete || world_.planted == bug::pages_count_as_whole;
  for (const auto& row : found.rows) {
    told.events.push_back(event_of(asked.channel_id, row));
  }
  board_->on_changes(asked, told, world_.now);
}

void server::write_all(const followed_channel& channel, const frame& what) {
  for (auto* who : channel.followers.members()) {
    world_.pipes[static_cast<connection*>(who)->number].push_back(what);
  }
}

void server::deliver(const followed_channel& channel, const bus::shared_event& what) {
  frame told;
  told.channel_id = what->channel_id;
  told.change_seq = what->change_seq;
  told.event = what;
  write_all(channel, told);
}

void server::give_up(const followed_channel& channel, std::int64_t change_seq) {
  frame told;
  told.what = frame::kind::gap;
  told.channel_id = channel.where.channel_id;
  told.change_seq = change_seq;
  write_all(channel, told);
}

}  // namespace meridian::realtime::sim
