// The ends of busy timelines, encoded. Each is exact, or it is not used: it belongs to one change_seq of its channel,
// which every commit moves.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace meridian::messaging {

// One for each lane. The pages that were not used for longest make room.
class tail_cache {
 public:
  // 0: nothing is kept.
  explicit tail_cache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // nullptr when the channel has moved on since, or nothing is known of it.
  std::shared_ptr<const std::string> find(std::int64_t channel_id, std::int64_t change_seq);

  // An older page than the one that is there is dropped.
  void keep(std::int64_t channel_id, std::int64_t change_seq, std::shared_ptr<const std::string> page);

  bool is_on() const { return bytes_max_ > 0; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct entry {
    std::int64_t channel_id;
    std::int64_t change_seq;
    std::shared_ptr<const std::string> page;
  };

  void drop(std::list<entry>::iterator which);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::list<entry> by_use_;  // the newest first
  std::unordered_map<std::int64_t, std::list<entry>::iterator> places_;
};

}  // namespace meridian::messaging
