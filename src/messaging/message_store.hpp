// The statements about messages. Rights are inside them; each is one round trip to the region that is given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messaging/message.hpp"
#include "residency/regions.hpp"

namespace meridian::messaging {

// A message with its id, on its way to the region where its channel rests.
struct outgoing {
  std::int64_t id = 0;
  draft what;
  std::vector<std::int64_t> called_profile_ids;  // 0 for everybody
};

// What became of a statement about a message, as the statement says.
enum class verdict {
  done,
  repeat,
  not_found,
  not_member,
  not_sender,
  deleted,
  archived,
  no_thread,
  stale,
  full,
  again
};

struct send_outcome {
  verdict is = verdict::again;
  std::int64_t id = 0;  // that the message got
  std::int64_t seq = 0;
  std::int64_t change_seq = 0;
  timestamp sent_at;
  std::string json;  // the message as append_json writes it, where it was written already
};

struct change_outcome {
  verdict is = verdict::again;
  message it;  // as it is then, when it is done or the channel was moved

  // The channel's change_seq when the statement moved it, also in vain: somebody else just did the same. 0 else.
  std::int64_t moved_to = 0;
};

// How far a channel has come, for somebody who may or may not see it.
struct channel_progress {
  bool is_visible = false;
  std::int64_t change_seq = 0;
  std::int64_t last_seq = 0;
};

// One for each lane; `where` must outlive it.
class message_store {
 public:
  explicit message_store(residency::regions& where) : regions_(where) {}

  // All in one transaction, an outcome for each in its place. conflict when an id or a client_msg_id is taken by a row
  // that came while it ran, or twice in the batch: try them one by one.
  task<std::vector<send_outcome>> send(
      const topology::region& home, const std::vector<outgoing>& batch, deadline until
  );

  // The newest before `before_seq` (none: at the end). not_found where the reader may not look.
  task<message_page> list_before(
      const topology::region& home, std::int64_t channel_id, std::int64_t reader_id,
      std::optional<std::int64_t> before_seq, std::size_t limit, deadline until
  );
  task<message_page> list_after(
      const topology::region& home, std::int64_t channel_id, std::int64_t reader_id, std::int64_t after_seq,
      std::size_t limit, deadline until
  );
  task<message_page> list_changes(
      const topology::region& home, std::int64_t channel_id, std::int64_t reader_id, std::int64_t after_change_seq,
      std::size_t limit, deadline until
  );
  task<message_page> list_replies(
      const topology::region& home, std::int64_t root_id, std::int64_t reader_id, std::int64_t after_seq,
      std::size_t limit, deadline until
  );
  task<found_message> get(const topology::region& home, std::int64_t id, std::int64_t reader_id, deadline until);
  // What was posted before under the draft's client_msg_id, or under the id.
  task<found_message> get_repeat(const topology::region& home, const draft& again, std::int64_t id, deadline until);
  task<std::vector<revision>> list_revisions(
      const topology::region& home, std::int64_t id, std::int64_t reader_id, std::int64_t after_change_seq,
      std::size_t limit, deadline until
  );

  task<change_outcome> edit(
      const topology::region& home, std::int64_t id, std::int64_t editor_id, std::string text,
      std::vector<std::int64_t> called_profile_ids, std::optional<std::int64_t> expected_change_seq, deadline until
  );
  task<change_outcome> remove(const topology::region& home, std::int64_t id, std::int64_t remover_id, deadline until);
  task<change_outcome> react(
      const topology::region& home, std::int64_t id, std::int64_t profile_id, std::string emoji, bool adds,
      deadline until
  );
  task<read_cursor> mark_read(
      const topology::region& home, std::int64_t channel_id, std::int64_t reader_id, std::int64_t seq, bool may_go_back,
      deadline until
  );

  // In the order of the pairs.
  task<std::vector<channel_progress>> check_channels(
      const topology::region& home, std::vector<std::int64_t> channel_ids, std::vector<std::int64_t> reader_ids,
      deadline until
  );

 private:
  task<message_page> list(const topology::region& home, const pg::query& what, pg::arguments with, deadline until);
  task<std::vector<send_outcome>> send_one(const topology::region& home, const outgoing& one, deadline until);

  residency::regions& regions_;
};

}  // namespace meridian::messaging
