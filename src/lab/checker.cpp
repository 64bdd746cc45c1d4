#include "lab/checker.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "runtime/crypto.hpp"

namespace meridian::lab {
namespace {

std::string shown(const stored_message& one) {
  return fmt::format(
      "message {} (seq {}, client_msg_id {})", one.id, one.seq, one.client_msg_id.empty() ? "none" : one.client_msg_id
  );
}

// Collects what is wrong, up to a number.
class findings {
 public:
  explicit findings(std::size_t count_max) : count_max_(count_max) {}

  template <class... Arguments>
  void add(damage_kind kind, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    if (found_.size() < count_max_) {
      found_.push_back({kind, fmt::format(format, std::forward<Arguments>(arguments)...)});
    }
  }

  std::vector<damage> take() { return std::move(found_); }

 private:
  std::size_t count_max_;
  std::vector<damage> found_;
};

// The messages of one channel and what was acknowledged in it.
struct channel_evidence {
  const stored_channel* channel = nullptr;
  std::vector<const stored_message*> messages;
  std::vector<const acknowledged_post*> posts;
};

void check_numbers(const channel_evidence& here, findings& found) {
  auto expected = here.channel->seq_before + 1;
  const stored_message* before = nullptr;
  for (const auto* one : here.messages) {  // by seq
    if (before != nullptr && one->seq == before->seq) {
      found.add(damage_kind::repeat, "channel {}: {} and {}", here.channel->id, shown(*before), shown(*one));
    } else if (one->seq != expected) {
      found.add(
          damage_kind::gap, "channel {}: after seq {} comes {}, seq {} is missing", here.channel->id, expected - 1,
          shown(*one), expected
      );
    }
    if (before != nullptr && one->sent_at_us <= before->sent_at_us) {
      found.add(
          damage_kind::time_backwards, "channel {}: {} was sent {} us before {}", here.channel->id, shown(*one),
          before->sent_at_us - one->sent_at_us, shown(*before)
      );
    }
    expected = one->seq + 1;
    before = one;
  }
  if (here.channel->last_seq != expected - 1) {
    found.add(
        damage_kind::counter_wrong, "channel {}: last_seq is {}, the last message has seq {}", here.channel->id,
        here.channel->last_seq, expected - 1
    );
  }
}

void check_changes(const channel_evidence& here, findings& found) {
  auto by_change = here.messages;
  std::ranges::sort(by_change, {}, &stored_message::change_seq);
  for (std::size_t i = 1; i < by_change.size(); ++i) {
    if (by_change[i]->change_seq == by_change[i - 1]->change_seq) {
      found.add(
          damage_kind::change_repeat, "channel {}: {} and {} have change_seq {}", here.channel->id,
          shown(*by_change[i - 1]), shown(*by_change[i]), by_change[i]->change_seq
      );
    }
  }
  if (!by_change.empty() && by_change.back()->change_seq > here.channel->change_seq) {
    found.add(
        damage_kind::change_beyond, "channel {}: change_seq is {}, {} has {}", here.channel->id,
        here.channel->change_seq, shown(*by_change.back()), by_change.back()->change_seq
    );
  }
}

void check_post(const acknowledged_post& post, const std::vector<const stored_message*>& stored, findings& found) {
  if (stored.empty()) {
    found.add(
        damage_kind::lost, "channel {}: {} of sender {}, acknowledged as message {} (seq {}), is not there",
        post.channel_id, post.client_msg_id, post.sender_id, post.id, post.seq
    );
    return;
  }
  const auto& one = *stored.front();
  if (one.id != post.id || one.seq != post.seq || one.digest != post.digest) {
    found.add(
        damage_kind::altered, "channel {}: {} was acknowledged as message {} (seq {}) and is {}{}", post.channel_id,
        post.client_msg_id, post.id, post.seq, shown(one), one.digest == post.digest ? "" : " with another text"
    );
  }
}

void check_posts(const channel_evidence& here, findings& found) {
  std::map<std::pair<std::int64_t, std::string_view>, std::vector<const stored_message*>> by_client;
  for (const auto* one : here.messages) {
    if (!one->client_msg_id.empty()) {
      by_client[{one->sender_id, one->client_msg_id}].push_back(one);
    }
  }
  for (const auto& [key, stored] : by_client) {
    if (stored.size() > 1) {
      found.add(
          damage_kind::doubled, "channel {}: {} and {} of sender {}", here.channel->id, shown(*stored[0]),
          shown(*stored[1]), key.first
      );
    }
  }
  std::unordered_map<std::int64_t, const acknowledged_post*> by_seq;
  for (const auto* post : here.posts) {
    const auto stored = by_client.find({post->sender_id, post->client_msg_id});
    check_post(*post, stored == by_client.end() ? std::vector<const stored_message*>() : stored->second, found);
    const auto [first, is_new] = by_seq.emplace(post->seq, post);
    if (!is_new) {
      found.add(
          damage_kind::twice_acknowledged, "channel {}: seq {} was told to {} and to {}", here.channel->id, post->seq,
          first->second->client_msg_id, post->client_msg_id
      );
    }
  }
}

}  // namespace

std::int64_t digest_of(std::string_view text) {
  const auto hex = sha256_hex(text);
  std::uint64_t bits = 0;
  std::from_chars(hex.data(), hex.data() + 16, bits, 16);
  return static_cast<std::int64_t>(bits);
}

std::string_view to_string(damage_kind kind) {
  switch (kind) {
    case damage_kind::lost:
      return "lost";
    case damage_kind::doubled:
      return "doubled";
    case damage_kind::altered:
      return "altered";
    case damage_kind::gap:
      return "gap";
    case damage_kind::repeat:
      return "repeat";
    case damage_kind::counter_wrong:
      return "counter_wrong";
    case damage_kind::change_repeat:
      return "change_repeat";
    case damage_kind::change_beyond:
      return "change_beyond";
    case damage_kind::time_backwards:
      return "time_backwards";
    case damage_kind::channel_unknown:
      return "channel_unknown";
    case damage_kind::twice_acknowledged:
      return "twice_acknowledged";
  }
  return "unknown";
}

std::vector<damage> find_damage(const evidence& all, std::size_t count_max) {
  findings found(count_max);
  std::map<std::int64_t, channel_evidence> channels;
  for (const auto& channel : all.channels) {
    channels[channel.id].channel = &channel;
  }
  for (const auto& post : all.posts) {
    const auto here = channels.find(post.channel_id);
    if (here == channels.end()) {
      found.add(damage_kind::channel_unknown, "{} went to channel {}", post.client_msg_id, post.channel_id);
    } else {
      here->second.posts.push_back(&post);
    }
  }
  for (const auto& one : all.messages) {
    const auto here = channels.find(one.channel_id);
    if (here == channels.end()) {
      found.add(damage_kind::channel_unknown, "{} is in channel {}", shown(one), one.channel_id);
    } else {
      here->second.messages.push_back(&one);
    }
  }
  for (auto& [id, here] : channels) {
    std::ranges::sort(here.messages, {}, &stored_message::seq);
    check_numbers(here, found);
    check_changes(here, found);
    check_posts(here, found);
  }
  return found.take();
}

}  // namespace meridian::lab
