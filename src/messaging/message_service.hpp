// The rules about messages: what may be posted, where it goes, what answers mean.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/id_source.hpp"
#include "messaging/announcer.hpp"
#include "messaging/coalescer.hpp"
#include "messaging/message_store.hpp"
#include "residency/homes.hpp"

namespace meridian::messaging {

// In characters.
inline constexpr std::size_t message_size_max = 40'000;
inline constexpr std::size_t client_msg_id_size_max = 100;
inline constexpr std::size_t emoji_size_max = 100;

// Posts that wait for their batch, by the number of the region where they will rest. The lanes of a process share them.
// A region has several rooms, and a channel is in one of them: their batches touch no row in common, so that one is
// computed while another is written to the disk.
class send_rooms {
 public:
  using room = waiting_room<outgoing, send_outcome>;
  static constexpr std::size_t per_region = 2;

  static std::size_t number_for(std::int64_t channel_id);

  // Not from several threads at once.
  std::shared_ptr<room> of(int region_number, std::size_t number);

 private:
  std::map<int, std::array<std::shared_ptr<room>, per_region>> rooms_;
};

struct message_settings {
  int writer_number = 1;  // 1 to 31: this lane's part of the ids

  std::shared_ptr<send_rooms> rooms = nullptr;  // none: rooms of its own; needed by the constructor only

  std::function<void(std::size_t)> on_batch = nullptr;  // told the size of each batch of posts
};

// What of a channel is asked for; at most one place is set.
struct page_wanted {
  std::optional<std::int64_t> before_seq = std::nullopt;
  std::optional<std::int64_t> after_seq = std::nullopt;
  std::size_t limit = 50;
};

struct batch_counters {
  std::uint64_t send_batches = 0;
  std::uint64_t sends = 0;
  std::uint64_t check_batches = 0;
  std::uint64_t checks = 0;
};

// One for each lane; `where` and `events` must outlive it. What it made durable it tells to `events`. Profile ids are
// those of a principal: rights are checked in the statements, and what somebody may not see is not_found.
class message_service {
 public:
  message_service(residency::regions& where, bus::publisher& events, const message_settings& settings = {});

  // Durable when it comes back. A repeat by client_msg_id answers with the first one. forbidden for those who have not
  // joined, conflict in an archived channel, invalid_argument for a thread that is not there.
  task<posted> post(draft what, deadline until);

  task<message_page> list(std::int64_t channel_id, std::int64_t reader_id, page_wanted wanted, deadline until);
  task<message_page> list_changes(
      std::int64_t channel_id, std::int64_t reader_id, std::int64_t after_change_seq, std::size_t limit, deadline until
  );
  task<message_page> list_replies(
      std::int64_t root_id, std::int64_t reader_id, std::int64_t after_seq, std::size_t limit, deadline until
  );
  task<found_message> get(std::int64_t id, std::int64_t reader_id, deadline until);
  task<std::vector<revision>> list_revisions(
      std::int64_t id, std::int64_t reader_id, std::int64_t after_change_seq, std::size_t limit, deadline until
  );

  // The message as it is then. stale when it is not at `expected_change_seq` any more.
  task<found_message> edit(
      std::int64_t id, std::int64_t editor_id, std::string text, std::optional<std::int64_t> expected_change_seq,
      deadline until
  );
  task<void> remove(std::int64_t id, std::int64_t remover_id, deadline until);
  task<changed> react(std::int64_t id, std::int64_t profile_id, std::string emoji, bool adds, deadline until);

  // Never back, unless `may_go_back`.
  task<read_cursor> mark_read(
      std::int64_t channel_id, std::int64_t reader_id, std::int64_t seq, bool may_go_back, deadline until
  );

  // How far a channel of this region has come, for somebody who may see it: a small question, asked together with those
  // of others. None for a channel of another region, where the answer itself costs no more, and for one that can't be
  // seen here.
  task<std::optional<channel_progress>> check_progress(std::int64_t channel_id, std::int64_t reader_id, deadline until);

  const topology::region& here() const { return regions_.here(); }
  batch_counters observe() const;

 private:
  struct progress_question {
    std::int64_t channel_id = 0;
    std::int64_t reader_id = 0;
  };
  using send_coalescer = coalescer<outgoing, send_outcome>;
  using progress_coalescer = coalescer<progress_question, channel_progress>;

  task<posted> post_to(const topology::region& home, const draft& what, deadline until);
  task<found_message> change(std::function<task<change_outcome>()> statement, const topology::region& home);
  task<std::vector<result<send_outcome>>> carry(
      const topology::region& home, std::vector<outgoing> batch, deadline until
  );
  task<void> carry_alone(
      const topology::region& home, const outgoing& one, deadline until, result<send_outcome>& outcome
  );
  void announce(const topology::region& home, std::vector<outgoing> batch, std::vector<result<send_outcome>>& outcomes)
      const;
  task<std::vector<result<channel_progress>>> carry_questions(std::vector<progress_question> batch, deadline until);

  residency::regions& regions_;
  message_store store_;
  residency::homes channels_;
  residency::homes messages_;
  announcer announcer_;
  id_source ids_;
  std::function<void(std::size_t)> on_batch_;
  std::map<int, std::vector<std::unique_ptr<send_coalescer>>> senders_;  // by the region's number, one for each room
  progress_coalescer progress_;
};

}  // namespace meridian::messaging
