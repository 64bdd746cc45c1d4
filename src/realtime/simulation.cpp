#include "realtime/simulation.hpp"

#include <algorithm>

namespace meridian::realtime::sim {

simulation::simulation(std::uint64_t seed, bug to_plant) : planted(to_plant), random_(seed) {
  now = clock::time_point() + std::chrono::hours(1);
  const auto channel_count = 1 + below(3);
  for (std::size_t number = 1; number <= channel_count; ++number) {
    channel_ids.push_back(static_cast<std::int64_t>(number));
    rows.channels[static_cast<std::int64_t>(number)];
  }
  page_limit = 1 + below(8);
  rules.behind_max = happens(0.3) ? 6 : 1000;
  rules.kept_max = happens(0.3) ? 2 : 256;
  rules.tries_max = 2 + static_cast<int>(below(3));
  loss_ = happens(0.5) ? 0.15 : 0.01;
  repeat_ = happens(0.5) ? 0.1 : 0;
  delay_max_ = happens(0.3) ? 400 : 30;
  const auto server_count = 1 + below(3);
  is_cut_.resize(server_count);
  is_blind_.resize(server_count);
  for (std::size_t number = 0; number < server_count; ++number) {
    servers.push_back(std::make_unique<server>(*this, static_cast<int>(number)));
    at(between(0, 2000), [this, number] { compare_all(static_cast<int>(number)); });
  }
  const auto client_count = 1 + below(4);
  for (std::size_t number = 0; number < client_count; ++number) {
    clients.push_back(std::make_unique<client>(*this, static_cast<int>(number)));
    at(between(0, 500), [this, number] { clients[number]->connect(); });
  }
  at(milliseconds(1), [this] { work(); });
  at(between(200, 1000), [this] { break_something(); });
}

void simulation::read(int from, std::function<void()> look, std::function<void(bool)> told) {
  const bool is_blind = from >= 0 && is_blind_[static_cast<std::size_t>(from)];
  const bool is_lost = !is_over_ && happens(0.02);
  at(between(1, 40), [this, is_blind, is_lost, look = std::move(look), told = std::move(told)] {
    if (is_blind) {
      told(false);
      return;
    }
    look();
    at(between(1, 40), [told, is_lost] { told(!is_lost); });
  });
}

void simulation::compare_all(int number) {
  auto& one = *servers[static_cast<std::size_t>(number)];
  if (one.is_alive()) {
    one.compare();
  }
  at(milliseconds(2000), [this, number] { compare_all(number); });
}

void simulation::work() {
  if (is_over_) {
    return;
  }
  const auto channel_id = channel_ids[below(channel_ids.size())];
  std::vector<bus::shared_event> events;
  const auto dice = below(20);
  if (dice == 0) {
    rows.waste(channel_id);
  } else if (dice < 7) {
    if (const auto row = rows.change(channel_id, below(100))) {
      events.push_back(event_of(channel_id, *row));
    }
  } else {
    const auto batch = dice == 19 ? 1 + below(12) : 1 + below(2);
    for (std::size_t count = 0; count < batch; ++count) {
      events.push_back(event_of(channel_id, rows.post(channel_id)));
    }
  }
  if (!happens(0.03)) {  // else by plain SQL: nobody says anything
    const auto from = static_cast<int>(below(servers.size()));
    at(between(0, 5), [this, from, events] { publish(from, events); });
  }
  at(between(1, 60), [this] { work(); });
}

void simulation::publish(int from, const std::vector<bus::shared_event>& events) {
  for (std::size_t to = 0; to < servers.size(); ++to) {
    const bool is_own = static_cast<int>(to) == from;
    for (const auto& one : events) {
      const bool is_lost = !is_own && (is_cut_[to] || is_cut_[static_cast<std::size_t>(from)] || happens(loss_));
      const auto copies = is_lost ? 0 : happens(repeat_) ? 2 : 1;
      for (int count = 0; count < copies; ++count) {
        at(is_own ? milliseconds(0) : between(0, delay_max_), [this, to, one] { servers[to]->on_event(one); });
      }
    }
  }
}

void simulation::break_something() {
  if (is_over_) {
    return;
  }
  const auto which = below(servers.size());
  switch (below(6)) {
    case 0:
      if (servers[which]->is_alive()) {
        servers[which]->die();
        at(between(50, 1500), [this, which] { servers[which]->start(); });
        for (auto& one : clients) {
          at(between(0, 100), [&one] {
            one->disconnect();
            one->connect();
          });
        }
      }
      break;
    case 1:
      is_cut_[which] = true;
      at(between(100, 3000), [this, which] {
        is_cut_[which] = false;
        if (servers[which]->is_alive()) {
          servers[which]->compare();
        }
      });
      break;
    case 2:
      is_blind_[which] = true;
      at(between(100, 3000), [this, which] { is_blind_[which] = false; });
      break;
    case 3: {
      auto& one = *clients[below(clients.size())];
      one.restart();
      at(between(0, 200), [&one] {
        one.disconnect();
        one.connect();
      });
      break;
    }
    default: {
      auto& one = *clients[below(clients.size())];
      one.disconnect();
      at(between(0, 1000), [&one] {
        one.disconnect();
        one.connect();
      });
    }
  }
  at(between(50, 1500), [this] { break_something(); });
}

std::string simulation::run() {
  const auto works_until = now + std::chrono::seconds(6);
  const auto ends_at = works_until + std::chrono::seconds(60);
  bool is_healed = false;
  while (!queue_.empty() && trouble.empty()) {
    auto next = queue_.top();
    queue_.pop();
    now = next.when;
    if (now >= ends_at) {
      break;
    }
    if (now >= works_until && !is_healed) {
      is_healed = is_over_ = true;
      loss_ = 0;
    }
    next.what();
    // What was written arrives in its order.
    for (auto& pipe : pipes) {
      for (auto& arriving : pipe.second) {
        at(milliseconds(3), [this, to = pipe.first, arriving] {
          for (auto& one : clients) {
            one->on_frame(to, arriving);
          }
        });
      }
      pipe.second.clear();
    }
  }
  if (trouble.empty()) {
    for (auto& one : clients) {
      one->check_end();
    }
  }
  return trouble;
}

}  // namespace meridian::realtime::sim
