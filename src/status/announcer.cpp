#include "status/announcer.hpp"

#include "status/status_codec.hpp"

namespace meridian::status {
namespace {

constexpr std::size_t remembered_max = 4096;  // a megabyte; beyond it everything is forgotten, which costs repeats

}  // namespace

void announcer::announce(const setting& shown) {
  if (!out_.is_heard(bus::topic{bus::audience::watchers, shown.profile_id})) {
    return;
  }
  auto frame = frame_of(shown);
  if (told_.size() >= remembered_max && !told_.contains(shown.profile_id)) {
    told_.clear();
  }
  auto& last = told_[shown.profile_id];
  if (last == frame) {
    return;
  }
  last = frame;
  bus::event what;
  what.what = bus::event_kind::status;
  what.profile_id = shown.profile_id;
  what.frame = std::move(frame);
  out_.publish(std::move(what));
}

}  // namespace meridian::status
